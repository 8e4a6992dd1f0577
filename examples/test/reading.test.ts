import { assert, describe, it } from "@effect/vitest"
import { type Job, type JobError, JobId, type Provider, type Submission } from "@media-jobs/core"
import { Fixtures } from "@media-jobs/testing"
import { DateTime, Effect, Result, type Schema } from "effect"
import { adapters, answering } from "./answering.ts"

const names = Object.keys(adapters)
const fixtureOf = (name: string, pattern: RegExp) => {
  const found = Fixtures.of(name).find(({ operation, status, text }) =>
    /\.get/.test(operation) && status === 200 && pattern.test(text)
  )
  if (found === undefined) throw new Error(`${name} has no such fixture`)
  return found
}

/** Each service's record of a job that is done, and the same before its files were there. */
const done: Readonly<Record<string, readonly [record: Schema.JsonObject, empty: ReadonlyArray<Schema.JsonObject>]>> =
  Object.fromEntries(
    names.map((name) => {
      const record = fixtureOf(name, /"(?:completed|succeeded)"/).json as Schema.JsonObject // it is a record
      const empty = name === "replicate"
        ? [null, [], {}, "", [null, ""], { video: null }].map((output) => ({ ...record, output }))
        : [null, {}, "x", { images: [{ imageUrl: "" }], imageUx: [{ url: " " }], video: { url: "null" } }].map((
          response
        ) => ({ ...record, response }))
      return [name, [name === "replicate" ? { ...record, output: "https://x.test/o.png" } : record, empty]]
    })
  )

describe.each(names)("%s", (name) => {
  const [record, empty] = done[name] ?? assert.fail()
  const id = JobId.make(String(record["jobid"] ?? record["id"]))
  const get = ({ provider }: { readonly provider: Provider.Any }) => (provider as Provider.Provider<"get">).get(id) // each has it

  it.effect("hands out no other job than the one asked for", () =>
    answering(name, (made, tell) =>
      Effect.gen(function*() {
        for (const other of ["another-job", `${id}x`, id.toUpperCase()]) {
          tell(200, JSON.stringify({ ...record, [name === "replicate" ? "id" : "jobid"]: other }))
          const error = yield* Effect.flip(get(made))
          assert.strictEqual(error._tag, "UnexpectedResponse")
          assert.strictEqual(error.id, id)
          assert.notInclude(error.message, other)
        }
      })))

  it.effect("asks once more for the files of a job that is done", () =>
    answering(name, (made, tell) =>
      Effect.gen(function*() {
        for (const before of empty) {
          tell(200, JSON.stringify(before), JSON.stringify(record))
          assert.isTrue((yield* get(made)).is("Succeeded"), JSON.stringify(before))
        }
      })))

  it.effect("takes one that is done without a file, at a second look or none, for failed", () =>
    answering(name, (made, tell) =>
      Effect.gen(function*() {
        for (const before of empty) {
          const text = JSON.stringify(before)
          for (const second of [text, "<html>", "{}"]) {
            // A third look would find the files.
            tell(200, text, second, JSON.stringify(record))
            const { state } = yield* get(made)
            assert.deepStrictEqual(state, { _tag: "Failed", reason: "Completed without a file", cause: "service" })
          }
        }
      })))
})

describe("a submit of Replicate is known by its id, whatever else of the reply is odd", () => {
  const { json } = fixtureOf("replicate", /"starting"/)
  for (
    const odd of [
      { metrics: [] },
      { version: 12 },
      { status: null },
      { status: 7, metrics: "3.2", model: {} },
      { created_at: 0, urls: null, output: { a: 1 } }
    ]
  ) {
    it.effect(JSON.stringify(odd), () =>
      answering("replicate", ({ submit }, tell) =>
        Effect.gen(function*() {
          tell(201, JSON.stringify({ ...json as object, ...odd })) // it is a record
          const { ids } = (yield* submit) as Submission.Submission // it is one
          assert.deepStrictEqual(ids.map(String), [(json as { readonly id: string }).id])
        })))
  }

  it.effect("and tells of no end that has nothing to show", () =>
    answering("replicate", ({ submit }, tell) =>
      Effect.gen(function*() {
        tell(201, JSON.stringify(done["replicate"]?.[1][0]))
        const { ids, snapshots } = (yield* submit) as Submission.Submission // it is one
        assert.deepStrictEqual([ids.length, snapshots], [1, []])
      })))
})

describe("a list that counts more than it holds is not complete", () => {
  const luma = (more: object) => ["useapi-luma", { jobs: [], ...more }] as const
  const dreamina = (more: object) => ["useapi-dreamina", { executing: {}, ...more }] as const
  const midjourney = (more: object) => ["useapi-midjourney", { channels: {}, ...more }] as const
  const channel = { "1234567890123456789": { jobs: [], total: 0 } }
  for (
    const [[name, body], complete] of [
      [luma({ executing: 1 }), false],
      [luma({ executing: "2" }), false],
      [luma({ executing: 2, jobs: [{ jobid: "j1-bot:luma" }] }), false],
      [luma({ executing: 1, jobs: [{ jobid: "" }] }), false],
      [luma({ executing: 1, jobs: [{ jobid: "j1-bot:luma" }] }), true],
      [luma({ executing: 0 }), true],
      [dreamina({ total: 1 }), false],
      [dreamina({ total: "3", executing: { "US:a": [] } }), false],
      [dreamina({ total: 1, executing: { "US:a": [{ jobid: "j1:dreamina" }], "CA:b": null } }), false],
      [dreamina({ total: 0 }), true],
      [midjourney({ total: 1 }), false],
      [midjourney({ total: 0, channels: { ...channel, other: { jobs: [], total: 1 } } }), false],
      [midjourney({ channels: { ...channel, other: { total: 0 } } }), false],
      [midjourney({ total: 0, channels: channel }), true]
    ] as const
  ) {
    it.effect(`${name} ${JSON.stringify(body)}: ${complete}`, () =>
      answering(name, (made, tell) =>
        Effect.gen(function*() {
          tell(200, JSON.stringify(body))
          const provider = made.provider as Provider.Provider<"list" | "recover"> // each of them has both
          assert.strictEqual((yield* provider.list).complete, complete)
          const lost: Submission.LostSubmission = { submittedAt: yield* DateTime.now }
          const recovered: Result.Result<ReadonlyArray<Job.Job>, JobError.JobError> = yield* Effect.result(
            provider.recover(lost)
          )
          assert.strictEqual(Result.isSuccess(recovered), complete)
          if (Result.isFailure(recovered)) assert.strictEqual(recovered.failure._tag, "UnexpectedResponse")
        })))
  }
})
