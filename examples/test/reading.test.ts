import { assert, describe, it } from "@effect/vitest"
import { type Job, type JobError, type Provider, type Submission } from "@media-jobs/core"
import { Fixtures } from "@media-jobs/testing"
import { DateTime, Effect, Exit, Result } from "effect"
import { type Answered, answering, providers, submitOf, wayOf } from "./answering.ts"
import { placesIn, replaced } from "./places.ts"

/** The answers to a look that is one call, each with the job that it tells of. */
const looksOf = Effect.fnUntraced(function*(answered: Answered) {
  const fixtures = Fixtures.of(answered.descriptor.id).filter(({ status }) => status === 200)
  const looks = yield* Effect.forEach(fixtures, (fixture) =>
    Effect.gen(function*() {
      const way = yield* wayOf(answered, fixture)
      if (way?.operation !== "get" || way.texts("").length > 1) return []
      const call = way.call as Effect.Effect<Job.Job, JobError.JobError> // it is a `get`
      answered.tell(200, fixture.text)
      return [{ call, fixture, job: yield* call }]
    }))
  return looks.flat()
})

describe.each([...providers.keys()])("%s", { timeout: 60_000 }, (name) => {
  it.effect("hands out no other job than the one asked for", () =>
    answering(name, (answered) =>
      Effect.gen(function*() {
        let named = 0
        for (const { call, fixture, job } of yield* looksOf(answered)) {
          // An id of several parts is not whole in its record, and there are records that name no job.
          const own = [job.id, ...job.id.split("/")].find((part) => fixture.text.includes(part) && /\d/.test(part))
          if (own === undefined) continue
          named++
          for (const other of [`${own}7`, own.replace(/\d(?=\D*$)/, (digit) => `${9 - Number(digit)}`)]) {
            answered.tell(200, fixture.text.replaceAll(own, other))
            const error = yield* Effect.flip(call)
            assert.strictEqual(error._tag, "UnexpectedResponse")
            assert.strictEqual("id" in error && error.id, job.id)
            assert.notInclude(error.message, other)
          }
        }
        assert.isAbove(named, 0)
      })))

  it.effect("asks once more for the files of a job that is done, and takes one without any for failed", () =>
    answering(name, (answered) =>
      Effect.gen(function*() {
        let emptied = 0
        for (const { call, fixture: { json, text }, job } of yield* looksOf(answered)) {
          if (!job.is("Succeeded") || job.state.artifacts.length === 0) continue
          for (const path of placesIn(json)) {
            const before = JSON.stringify(replaced(json, path, undefined))
            answered.tell(200, before)
            const empty = yield* Effect.exit(call)
            // The places without which no file is left.
            if (Exit.isFailure(empty) || !empty.value.is("Failed")) continue
            if (empty.value.state.reason !== "Completed without a file") continue
            emptied++
            answered.tell(200, before, text)
            assert.isTrue((yield* call).is("Succeeded"), path.join())
            for (const second of [before, "<html>", "[]"]) {
              // A third look would find the files.
              answered.tell(200, before, second, text)
              const { state } = yield* call
              assert.deepStrictEqual(state, { _tag: "Failed", reason: "Completed without a file", cause: "service" })
            }
            // A submit's reply tells of no end that has nothing to show.
            const reply = yield* submitOf(answered, before)
            if (reply === undefined) continue
            answered.tell(201, before)
            const { snapshots = [] } = (yield* reply.call) as Submission.Submission // it is a submit
            for (const { state } of snapshots) assert.notStrictEqual(state._tag, "Failed")
          }
        }
        // What some make need not be a file, or comes in an answer of its own.
        if (emptied === 0) assert.include(["fal", "replicate", "useapi-tempolor"], name)
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
      answering(name, ({ provider: made, tell }) =>
        Effect.gen(function*() {
          tell(200, JSON.stringify(body))
          const provider = made as Provider.Provider<"list" | "recover"> // each of them has both
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
