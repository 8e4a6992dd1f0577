/** The emulator's refusals are in Replicate's own words, so that a fault means to the adapter what it is named after. */
import { assert, describe, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import { sentences } from "@media-jobs/testing/replicate"
import * as Effect from "effect/Effect"
import { emulated, inMemory, rain } from "./support.ts"

const required = [{ type: "required", field: "input", description: "prompt is required" }]

describe("a fault in the emulator's own sentences", () => {
  const looks = [
    ["notFound", sentences.notFound, "NotFound"],
    ["unauthenticated", sentences.unauthenticated, "Unauthorized"],
    ["throttled", sentences.throttled(7), "RateLimited"]
  ] as const
  it.effect.each(looks)("%s means to get: %s", ([, reply, tag]) =>
    Effect.gen(function*() {
      const { inject, services: { replicate } } = yield* Emulator.Emulator
      const { id } = yield* replicate.add({ state: "succeeded" })
      yield* inject({ fault: Faults.answer(reply), operation: "replicate.get" })
      const error = yield* Effect.flip((yield* emulated({ retries: 0 })).get(JobId.make(id)))
      assert.strictEqual(error._tag, tag)
    }).pipe(inMemory()))

  const submits = [
    ["invalid", sentences.invalid(required), "InvalidRequest"],
    [
      "insufficient credit",
      sentences.problem(402, "You have insufficient credit to run this model."),
      "PaymentRequired"
    ],
    ["unauthenticated", sentences.unauthenticated, "Unauthorized"]
  ] as const
  it.effect.each(submits)("%s means to submit: %s", ([, reply, tag]) =>
    Effect.gen(function*() {
      const { inject } = yield* Emulator.Emulator
      yield* inject({ fault: Faults.answer(reply), operation: "replicate.model" })
      const error = yield* Effect.flip((yield* emulated({ retries: 0 })).submit(rain))
      assert.strictEqual(error._tag, tag)
    }).pipe(inMemory()))

  it.effect("is what the emulator says by itself", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip((yield* emulated()).get(JobId.make("gm3qorzdhgbfurvjtvhg6dckhu")))
      assert.strictEqual(error._tag, "NotFound")
    }).pipe(inMemory()))
})
