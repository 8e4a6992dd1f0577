import { assert, describe, it } from "@effect/vitest"
import type * as Job from "@media-jobs/core/Job"
import * as Answers from "@media-jobs/testing/Answers"
import { fixtures } from "@media-jobs/testing/useapi-runway"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as Schema from "effect/Schema"
import { account, got, heard, id, runway } from "./support.ts"

const { assembled } = fixtures
const record: Schema.JsonObject = Object(assembled.succeeded.json)
const [artifact]: ReadonlyArray<Schema.JsonObject> = Object(record["artifacts"])
const withArtifacts = (...changes: ReadonlyArray<Schema.JsonObject>) => ({
  ...record,
  artifacts: changes.map((change) => ({ ...artifact, ...change }))
})
const files = ({ state }: Job.Job) =>
  state._tag === "Succeeded" ? state.artifacts.map(({ kind, label }) => `${kind} ${label}`) : [state._tag]

describe("A task", () => {
  it.effect("that is done is all that its record says", () =>
    Effect.gen(function*() {
      const job = yield* got(record)
      assert.deepStrictEqual([job.id, job.provider, job.account, job.kind], [id, "useapi-runway", account, "video"])
      assert.deepStrictEqual([job.providerStatus, job.reference, job.model], ["SUCCEEDED", undefined, undefined])
      assert.deepStrictEqual(job.createdAt, DateTime.makeUnsafe("2026-07-16T01:02:03.456Z"))
      assert.deepStrictEqual(job.updatedAt, DateTime.makeUnsafe("2026-07-16T01:02:53.456Z"))
      assert.deepStrictEqual(files(job), ["video primary", "image thumbnail"])
      const [video] = job.state._tag === "Succeeded" ? job.state.artifacts : []
      assert.deepStrictEqual([video?.width, video?.height, video?.duration], [1280, 720, Duration.millis(5200)])
      assert.isFalse(job.state._tag === "Succeeded" && "missing" in job.state)
      assert.strictEqual((yield* got({ ...record, options: { model: "gen4" } })).model, "gen4")
    }))

  for (
    const [status, more, expected] of [
      ["PENDING", {}, "Queued"],
      ["THROTTLED", { progressRatio: "0.5" }, "Queued"],
      ["RUNNING", { progressRatio: "0.42" }, "Running 0.42"],
      ["RUNNING", { progressRatio: null }, "Running undefined"],
      ["RUNNING", { progressRatio: "42" }, "Running undefined"],
      ["RUNNING", { progressRatio: "soon" }, "Running undefined"],
      ["SUCCEEDED", {}, "Succeeded"],
      ["FAILED", { error: "Generation failed" }, "Generation failed unknown"],
      ["FAILED", { error: { reason: "The prompt was moderated" } }, "The prompt was moderated content"],
      ["FAILED", { error: "Not enough credits" }, "Not enough credits credits"],
      ["FAILED", { error: null }, "undefined unknown"],
      ["CANCELLED", {}, "Cancelled"],
      ["PONDERING", {}, "Unknown"]
    ] as ReadonlyArray<readonly [string, Schema.JsonObject, string]>
  ) {
    it.effect(`that is ${status} with ${JSON.stringify(more)} is ${expected}`, () =>
      Effect.gen(function*() {
        const { state } = yield* got({ ...record, status, ...more })
        const word = Metric.counter("media_jobs_unknown_status", {
          description: "Status words that an adapter does not know, read as Running",
          incremental: true,
          attributes: { provider: "useapi-runway", status }
        })
        assert.strictEqual(Number((yield* Metric.value(word)).count) > 0, expected === "Unknown")
        const seen = state._tag === "Failed"
          ? `${state.reason} ${state.cause}`
          : state._tag === "Running" && expected !== "Unknown"
          ? `Running ${state.progress}`
          : state._tag
        assert.strictEqual(seen, expected === "Unknown" ? "Running" : expected)
      }))
  }

  it.effect("of several artifacts has succeeded with those that have a link, and says which are missing", () =>
    Effect.gen(function*() {
      const url = "https://a.test/1.png?x=1.mp4"
      const job = yield* got(withArtifacts({ url }, { url: null }, { url }, { url: "soon" }))
      assert.deepStrictEqual(files(job), ["image primary", "image thumbnail", "image primary-3", "image thumbnail-3"])
      assert.deepStrictEqual(job.state._tag === "Succeeded" && job.state.missing, [
        { label: "primary-2", cause: "unknown" },
        { label: "primary-4", cause: "unknown" }
      ])
    }))

  for (
    const [change, kind] of [
      [{ url: "https://a.test/a.mp4" }, "video"],
      [{ url: "https://a.test/a", filename: "a.png" }, "image"],
      [{ url: "https://a.test/a", filename: "a", metadata: { duration: 5 } }, "video"],
      [{ url: "https://a.test/a", filename: 7, metadata: { duration: 0 } }, "other"],
      [{ url: "https://a.test/a", metadata: null }, "other"]
    ] as const
  ) {
    it.effect(`with ${JSON.stringify(change)} made a file that is ${kind}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(files(yield* got(withArtifacts(change)))[0], `${kind} primary`)
      }))
  }

  it.effect("that is done without a file has failed", () =>
    Effect.gen(function*() {
      for (const none of [withArtifacts(), withArtifacts({ url: "" }), { ...record, artifacts: null }]) {
        const { state } = yield* got(none)
        assert.deepStrictEqual(state, { _tag: "Failed", reason: "Completed without a file", cause: "service" })
      }
    }))

  it.effect("that does not name itself whole is the one that was asked for, and what is odd is absent", () =>
    Effect.gen(function*() {
      const { taskId: _, ...nameless } = record
      assert.strictEqual((yield* got(nameless)).id, id)
      const odd = { createdAt: 7, updatedAt: "soon", options: [], artifacts: [null, { ...artifact, previewUrls: 7 }] }
      const job = yield* got({ ...record, ...odd })
      assert.deepStrictEqual([job.createdAt, job.updatedAt, job.model], [undefined, undefined, undefined])
      assert.deepStrictEqual(files(job), ["video primary-2"])
    }))
})

describe("A webhook", () => {
  it.effect("names its task where it does so whole, and else none, so that its address wakes", () =>
    Effect.gen(function*() {
      const [job] = yield* heard({ ...record, replyRef: "order-7" })
      assert.deepStrictEqual([job?.id, job?.reference, job?.state._tag], [id, "order-7", "Succeeded"])
      const { taskId: _, ...nameless } = record
      assert.deepStrictEqual(yield* heard(nameless), [])
    }))
})

describe("A list", () => {
  const listed = (body: Schema.Json) =>
    Effect.flatMap(runway(), ({ list }) => Answers.timely(list)).pipe(Effect.provide(Answers.layer(200, body)))

  it.effect("is of what is tracked, by account, and an odd row costs no other", () =>
    Effect.gen(function*() {
      const { complete, jobs } = yield* listed(assembled.list.json)
      assert.isTrue(complete)
      assert.deepStrictEqual(
        jobs.map(({ account, createdAt, id, reference, state }) => [id, account, createdAt, reference, state._tag]),
        [[id, account, undefined, "order-7", "Running"]]
      )
      const odd = yield* listed([null, { taskId: 7 }, { taskId: id }])
      assert.deepStrictEqual([odd.jobs.length, odd.complete], [1, false])
      assert.isTrue((yield* listed([])).complete)
    }))
})
