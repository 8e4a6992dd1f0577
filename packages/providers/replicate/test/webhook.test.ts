import { assert, describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Effect from "effect/Effect"
import { emulated, inMemory } from "./support.ts"

describe("replicate.webhook", () => {
  it.effect("tells the same of a prediction as get does", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const replicate = yield* emulated()
      for (const state of ["running", "succeeded", "failed", "canceled", "aborted"] as const) {
        const { id } = yield* emulator.services.replicate.add({ state })
        const { body } = yield* emulator.services.replicate.webhook(id)
        const [job, ...rest] = yield* replicate.webhook(JSON.parse(body))
        assert.deepStrictEqual(rest, [])
        assert.deepStrictEqual(job, yield* replicate.get(job!.id))
      }
    }).pipe(inMemory()))
})
