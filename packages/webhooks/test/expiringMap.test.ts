import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as ExpiringMap from "../src/internal/expiringMap.ts"

describe("entries that come of age", () => {
  it.effect("do so one to two periods after they were set, and not once they were deleted", () =>
    Effect.gen(function*() {
      const expired: Array<string> = []
      const entries = yield* ExpiringMap.make<string, number>(
        Duration.seconds(10),
        (key, value) => void expired.push(`${key}${value}`)
      )
      entries.set("a", 1)
      yield* TestClock.adjust("9 seconds")
      entries.set("b", 2)
      entries.set("c", 3)
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual([entries.get("a"), entries.get("b"), entries.size()], [1, 2, 3])
      entries.delete("c")
      assert.deepStrictEqual([entries.get("c"), entries.size()], [undefined, 2])
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(expired, ["a1", "b2"])
      assert.strictEqual(entries.size(), 0)
      entries.set("d", 4)
      entries.delete("d")
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(expired, ["a1", "b2"])
    }))

  it.effect("may be set anew as they do", () =>
    Effect.gen(function*() {
      const expired: Array<number> = []
      const entries = yield* ExpiringMap.make<string, number>(Duration.seconds(10), (key, value, self) => {
        expired.push(value)
        if (value > 1) self.set(key, value - 1)
      })
      entries.set("a", 3)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(expired, [3, 2, 1])
    }))
})
