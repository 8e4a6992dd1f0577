import { assert, describe, it } from "@effect/vitest"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Capacity from "@media-jobs/useapi/Capacity"
import * as UseApi from "@media-jobs/useapi/UseApi"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Fake from "./fake.ts"

const start = (status: number, body: unknown) => {
  const luma = { id: ProviderId.make("useapi-luma"), owns: () => true }
  return UseApi.make(luma, { token: Redacted.make("user:1-a"), retries: 0 }).pipe(Fake.make([status, body]).provide)
}

describe("Capacity.slots", () => {
  const slots = (status: number, body: unknown) =>
    Effect.flatMap(start(status, body), (api) => Capacity.slots(api, "/v1/luma/scheduler/available", "email"))

  it.effect("are what the scheduler says of each account, as far as it can be read", () =>
    Effect.gen(function*() {
      const email = "user@example.com"
      const available = [
        { email, maxJobs: 8, executing: 3, available: 2 },
        { email: "b@example.com", maxJobs: "5" },
        { email: "c@example.com" },
        { maxJobs: 5 },
        null
      ]
      assert.deepStrictEqual(yield* slots(200, { executing: [], available }), [
        { account: email, limit: 8, executing: 3 },
        { account: "b@example.com", limit: 5, executing: undefined }
      ])
      assert.deepStrictEqual(yield* slots(404, ""), [])
      assert.strictEqual((yield* Effect.flip(slots(200, { available: 3 })))._tag, "UnexpectedResponse")
      assert.strictEqual((yield* Effect.flip(slots(404, { error: "Not found" })))._tag, "UnexpectedResponse")
    }))
})

it.effect("Capacity.limits are those of each account: none where it is not told, no room where one is broken", () =>
  Effect.gen(function*() {
    const api = yield* start(200, { a: { maxJobs: 3 }, b: { maxJobs: 3, error: "signed out" }, c: {} })
    assert.deepStrictEqual(yield* Capacity.limits(api, "/accounts"), [
      { account: "a", limit: 3 },
      { account: "b", limit: 0 }
    ])
  }))
