import { assert, describe, it } from "@effect/vitest"
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Removal from "@media-jobs/adapter/Removal"
import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import type * as JobState from "@media-jobs/core/JobState"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { acme } from "./service.ts"

const about = { provider: acme, instance: ProviderId.defaultInstance }
const id = JobId.make("j1")
const missing = new JobError.NotFound({ ...about, operation: "get", id })

describe("Removal.onceEnded", () => {
  const removed = (look: Effect.Effect<Adapter.Report["state"], JobError.Of<"get">>) =>
    Effect.gen(function*() {
      let count = 0
      const remove = Removal.onceEnded(
        about,
        () => Effect.sync(() => void count++),
        () => Effect.map(look, (state) => ({ state, providerStatus: "made" }))
      )
      const result = yield* Effect.result(remove(id))
      return [Result.isFailure(result) ? result.failure : undefined, count] as const
    })

  it.effect("removes what a look shows as ended, and nothing else", () =>
    Effect.gen(function*() {
      for (const state of [{ _tag: "Cancelled" }, { _tag: "Unknown", ended: true }] as const) {
        assert.deepStrictEqual(yield* removed(Effect.succeed(state)), [undefined, 1])
      }
      for (const _tag of ["Queued", "Running", "Unknown"] as const) {
        const [running, none] = yield* removed(Effect.succeed({ _tag }))
        assert.deepInclude(running, { _tag: "NotTerminal", operation: "remove", providerStatus: "made" })
        assert.strictEqual(none, 0)
      }
      const [gone, never] = yield* removed(Effect.fail(missing))
      assert.propertyVal(gone, "_tag", "NotFound")
      assert.strictEqual(never, 0)
    }))
})

describe("Removal.explained", () => {
  const explained = (look: Effect.Effect<JobState.JobState, JobError.Of<"get">>) =>
    Effect.flip(
      Removal.explained(
        () => Effect.fail(new JobError.NotFound({ ...about, operation: "remove", id })),
        () => Effect.map(look, (state) => Job.fromValid({ ...about, id, state, observedAt: DateTime.makeUnsafe(0) }))
      )(id)
    )

  it.effect("tells a job that runs from one that is not there", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* explained(Effect.succeed({ _tag: "Running" })))._tag, "NotTerminal")
      for (const look of [Effect.succeed({ _tag: "Cancelled" } as const), Effect.fail(missing)]) {
        assert.deepInclude(yield* explained(look), { _tag: "NotFound", operation: "remove" })
      }
    }))
})
