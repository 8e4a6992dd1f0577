import { assert, describe, it } from "@effect/vitest"
import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Answers from "@media-jobs/testing/Answers"
import { fixtures } from "@media-jobs/testing/useapi-kling"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as Schema from "effect/Schema"
import { account, got, id, kling, world } from "./support.ts"

const record: Schema.JsonObject = Object(fixtures.assembled.succeeded.json)
const [work]: ReadonlyArray<Schema.JsonObject> = Object(record["works"])
const works = (...changes: ReadonlyArray<Schema.JsonObject>) => changes.map((change) => ({ ...work, ...change }))

const files = ({ state }: Job.Job) =>
  state._tag === "Succeeded" ? state.artifacts.map(({ kind, label }) => `${kind} ${label}`) : [state._tag]

describe("A task", () => {
  it.effect("that is done is all that its record says", () =>
    Effect.gen(function*() {
      const job = yield* got(record)
      assert.deepStrictEqual([job.id, job.provider, job.account, job.kind], [id, "useapi-kling", account, "video"])
      assert.deepStrictEqual(job.providerStatus, "succeed")
      assert.deepStrictEqual(job.createdAt, DateTime.makeUnsafe(1744970730123))
      assert.deepStrictEqual(job.updatedAt, DateTime.makeUnsafe(1744970845678))
      assert.deepStrictEqual(files(job), ["video primary", "image thumbnail"])
      const [video, cover] = job.state._tag === "Succeeded" ? job.state.artifacts : []
      assert.deepStrictEqual([video?.width, video?.height, video?.duration], [1280, 720, Duration.millis(5041)])
      assert.deepStrictEqual([video?.isProvisional, cover?.isProvisional, cover?.duration], [
        true,
        undefined,
        undefined
      ])
      assert.isFalse(job.state._tag === "Succeeded" && "missing" in job.state)
    }))

  for (
    const [status, name, final, said, expected] of [
      [99, "succeed", true, {}, "Succeeded"],
      [99, undefined, true, {}, "Succeeded"],
      [99, undefined, undefined, {}, "Succeeded"],
      [99, "succeed", false, {}, "Unknown"],
      [5, undefined, false, {}, "Running"],
      [5, undefined, undefined, {}, "Running"],
      [10, undefined, false, {}, "Running"],
      ["10", "whatever", false, {}, "Running"],
      [7, "pondering", false, {}, "Unknown"],
      [7, "pondering", undefined, {}, "Unknown"],
      [50, "failed", true, { error: "Generation failed" }, "Generation failed"],
      [50, "failed", true, { message: "Not enough credits" }, "Not enough credits"],
      [50, "failed", true, {}, "failed"],
      [50, "failed", true, { error: null, message: "" }, "failed"],
      [50, undefined, true, {}, "50"]
    ] as const
  ) {
    it.effect(`with ${status} ${name} ${final} and ${JSON.stringify(said)} is ${expected}`, () =>
      Effect.gen(function*() {
        const words = { ...(name && { status_name: name }), ...(final === undefined ? {} : { status_final: final }) }
        const { status_final: _, status_name: __, ...rest } = record
        const made = expected === "Succeeded" || status === 99 ? {} : { works: [] }
        const { state } = yield* got({ ...rest, ...made, ...said, status, ...words })
        const seen = state._tag === "Failed" ? state.reason : state._tag
        const word = Metric.counter("media_jobs_unknown_status", {
          description: "Status words that an adapter does not know, read as Running",
          incremental: true,
          attributes: { provider: "useapi-kling", status: name ?? String(status) }
        })
        const isCounted = expected === "Unknown" || expected === name || expected === String(status)
        assert.strictEqual(Number((yield* Metric.value(word)).count) > 0, isCounted)
        assert.strictEqual(seen, expected === "Unknown" ? "Running" : expected)
      }))
  }

  it.effect("of several works has succeeded with those that did, and says which are missing and why", () =>
    Effect.gen(function*() {
      const lost = { status: 50, status_name: "failed", contentType: "image", resource: null }
      const image = { contentType: "image" }
      const all = works(image, { ...lost, error: "Prompt was moderated" }, image, { ...lost, message: "" })
      for (const [status, status_name] of [[99, "succeed"], [50, "failed"]]) {
        const job = yield* got({ ...record, status: status ?? 0, status_name: status_name ?? "", works: all })
        assert.deepStrictEqual(files(job), [
          "image primary",
          "image thumbnail",
          "image primary-3",
          "image thumbnail-3"
        ])
        assert.deepStrictEqual(job.state._tag === "Succeeded" && job.state.missing, [
          { label: "primary-2", reason: "Prompt was moderated", cause: "content" },
          { label: "primary-4", cause: "unknown" }
        ])
      }
    }))

  it.effect("keeps the file of a work that is done by its number, whatever it is called", () =>
    Effect.gen(function*() {
      for (const status_name of ["x", "", 7, null]) {
        assert.isTrue((yield* got({ ...record, works: works({ status_name }) })).is("Succeeded"))
      }
    }))

  it.effect("that is done without a file has failed", () =>
    Effect.gen(function*() {
      for (const none of [[], null, works({ resource: { resource: "" } }), works({ status_name: "failed" }), "x"]) {
        const { state } = yield* got({ ...record, works: none })
        assert.deepStrictEqual(state, { _tag: "Failed", reason: "Completed without a file", cause: "service" })
      }
    }))

  it.effect("that names no number is the one that was asked for, and one of another number is no answer", () =>
    Effect.gen(function*() {
      for (const task of [null, {}, { id: null }, 7]) assert.strictEqual((yield* got({ ...record, task })).id, id)
      const error = yield* Effect.flip(got({ ...record, task: { id: 7 } }))
      assert.strictEqual(error._tag, "UnexpectedResponse")
      const silent = yield* Effect.flip(got({ ...record, status: null }))
      assert.strictEqual(silent.detail, `Expected string | number at ["status"]`)
    }))

  it.effect("has what is odd beside it as absent", () =>
    Effect.gen(function*() {
      const odd = { createTime: "x", updateTime: {}, taskInfo: [] }
      const resource = { resource: "https://x.test/v.mp4", width: "wide", height: null, duration: -1 }
      const job = yield* got({
        ...record,
        task: { id: 123456789, ...odd },
        works: [null, { ...work, resource, cover: 7 }]
      })
      assert.deepStrictEqual([job.createdAt, job.updatedAt, job.model], [undefined, undefined, undefined])
      assert.deepStrictEqual(files(job), ["video primary-2"])
    }))

  it.effect("has the model that its arguments name", () =>
    Effect.gen(function*() {
      const taskInfo = { arguments: [null, { name: "model_name", value: "kling-v2-6" }] }
      assert.strictEqual((yield* got({ ...record, task: { id: 123456789, taskInfo } })).model, "kling-v2-6")
    }))
})

describe("An id", () => {
  it.effect("of digits alone is one, read without an account", () =>
    Effect.gen(function*() {
      const job = yield* got(record, JobId.make("123456789"))
      assert.deepStrictEqual([job.id, job.account], ["123456789", undefined])
    }))

  it.effect("of another form is refused unsent", () =>
    Effect.gen(function*() {
      const service = yield* kling()
      for (const odd of ["a", "user@example.com/", "a@b/c/7", "user/7", "7 ", "user@example.com/7x"]) {
        assert.isFalse(service.owns(JobId.make(odd)), odd)
        assert.strictEqual((yield* Effect.flip(service.get(JobId.make(odd))))._tag, "InvalidJobId")
      }
      assert.isTrue(service.owns(id))
    }).pipe(Effect.provide(Answers.layer(500, ""))))
})

describe("A webhook", () => {
  const heard = (body: unknown) => Effect.flatMap(kling(), ({ webhook }) => webhook(body)).pipe(Effect.provide(world()))

  it.effect("names its task where it holds the account, and else none, so that its address wakes", () =>
    Effect.gen(function*() {
      const [job] = yield* heard({ ...record, email: account, replyRef: "order-7" })
      assert.deepStrictEqual([job?.id, job?.reference, job?.state._tag], [id, "order-7", "Succeeded"])
      assert.deepStrictEqual(yield* heard({ ...record, replyRef: "order-7" }), [])
      const created: Schema.JsonObject = { status: 5, task: { id: 7 } }
      assert.deepStrictEqual(yield* heard(created), [])
      assert.isTrue((yield* heard({ ...created, email: account }))[0]?.is("Running"))
      for (const task of [null, {}, { id: "" }]) {
        for (const body of [{ status: 5, task }, { status: 5, task, email: account }]) {
          assert.strictEqual((yield* Effect.flip(heard(body)))._tag, "UnexpectedResponse")
        }
      }
    }))
})

describe("A list", () => {
  it.effect("is by account and number, and an odd row costs no other", () =>
    Effect.gen(function*() {
      const service = yield* kling()
      const { complete, jobs } = yield* Answers.timely(service.list)
      assert.isFalse(complete)
      assert.deepStrictEqual(jobs.map(({ id, reference, state }) => [id, reference, state._tag]), [
        [id, "order-7", "Running"],
        ["user@example.com/923847293472394001", undefined, "Running"]
      ])
      assert.deepStrictEqual(jobs[0]?.createdAt, DateTime.makeUnsafe("2025-04-18T10:05:30Z"))
    }).pipe(Effect.provide(Answers.layer(
      200,
      `[{"id":123456789,"email":"user@example.com","started":"2025-04-18T10:05:30Z","elapsed":"01:02","replyRef":"order-7"},
        {"id":923847293472394001,"email":"user@example.com","started":"soon"},{"id":7},null]`
    ))))
})
