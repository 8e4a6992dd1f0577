import { assert, describe, it } from "@effect/vitest"
import * as Lists from "@media-jobs/adapter/Lists"
import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { acme } from "./service.ts"

const about = { provider: acme, instance: ProviderId.defaultInstance }
const jobOf = (id: string) =>
  Job.fromValid({
    ...about,
    id: JobId.make(id),
    state: { _tag: "Running" },
    observedAt: DateTime.makeUnsafe(0)
  })
const listOf = (id: string, complete = true): Lists.List<string> => ({
  list: Effect.succeed({ jobs: [jobOf(id)], complete }),
  whole: Effect.succeed([{ job: jobOf(id), record: id }])
})

describe("Lists.both", () => {
  it.effect("has the jobs of both, and is complete where both are", () =>
    Effect.gen(function*() {
      for (const [one, other] of [[true, true], [true, false], [false, true]] as const) {
        const { complete, jobs } = yield* Lists.both(listOf("j1", one), listOf("j2", other)).list
        assert.deepStrictEqual([jobs.map(({ id }) => String(id)), complete], [["j1", "j2"], one && other])
      }
      const whole = yield* Lists.both(listOf("j1"), listOf("j2")).whole
      assert.deepStrictEqual(whole.map(({ record }) => record), ["j1", "j2"])
    }))

  it.effect("fails where one does", () =>
    Effect.gen(function*() {
      const away = <const Op extends "list" | "recover">(operation: Op) =>
        Effect.fail(new JobError.Unavailable({ ...about, operation }))
      const broken: Lists.List<string> = { list: away("list"), whole: away("recover") }
      for (const both of [Lists.both(listOf("j1"), broken), Lists.both(broken, listOf("j1"))]) {
        assert.strictEqual((yield* Effect.flip(both.list)).operation, "list")
        assert.strictEqual((yield* Effect.flip(both.whole)).operation, "recover")
      }
    }))
})
