import { assert, describe, it, vi } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as Deadlines from "../src/internal/deadlines.ts"

const Calls = Schema.Array(Schema.Struct({
  begins: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 })),
  takes: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 })),
  limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 }))
}))

describe("a deadline", () => {
  it.effect.prop(
    "ends each call at its own limit, whatever else is under way",
    [Calls],
    ([calls]) =>
      Effect.gen(function*() {
        const within = Deadlines.make()
        const fiber = yield* Effect.forkChild(Effect.forEach(calls, ({ begins, limit, takes }) =>
          Effect.gen(function*() {
            yield* Effect.sleep(begins * 1000)
            const began = yield* Clock.currentTimeMillis
            const outcome = yield* Effect.result(
              within(Effect.sleep(takes * 1000), Duration.seconds(limit), Effect.fail("late" as const))
            )
            return [outcome._tag, ((yield* Clock.currentTimeMillis) - began) / 1000] as const
          }), { concurrency: "unbounded" }))
        yield* TestClock.adjust("2 minutes")
        for (const [i, [tag, seconds]] of (yield* Fiber.join(fiber)).entries()) {
          const { limit = NaN, takes = NaN } = calls[i] ?? {}
          // Which of two that fall together is first is not defined.
          if (takes !== limit) assert.strictEqual(tag, takes < limit ? "Success" : "Failure")
          assert.strictEqual(seconds, Math.min(takes, limit))
        }
      })
  )

  it.effect("ends calls that began between two milliseconds", () =>
    Effect.gen(function*() {
      const within = Deadlines.make()
      // Sums of such fractions are no longer exact.
      const fiber = yield* Effect.forkChild(
        Effect.forEach(Array.from({ length: 100 }, (_, i) => 1000 * Math.sqrt(i)), (begins) =>
          Effect.andThen(
            Effect.sleep(begins),
            Effect.flip(within(Effect.never, Duration.seconds(30), Effect.fail("late")))
          ), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(fiber)).length, 100)
    }))

  it.effect("interrupts what is late, and what is interrupted, and waits for either", () =>
    Effect.gen(function*() {
      const within = Deadlines.make()
      let ended = 0
      const work = Effect.onInterrupt(Effect.never, () =>
        Effect.andThen(Effect.sleep("1 second"), Effect.sync(() => ended++)))
      const late = yield* Effect.forkChild(Effect.flip(within(work, Duration.seconds(5), Effect.fail("late"))))
      const stopped = yield* Effect.forkChild(within(work, Duration.seconds(5), Effect.fail("late")))
      yield* TestClock.adjust("3 seconds")
      const stopping = yield* Effect.forkChild(Fiber.interrupt(stopped))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(stopping)
      assert.strictEqual(ended, 1)
      assert.isUndefined(late.pollUnsafe())
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* Fiber.join(late), "late")
      assert.strictEqual(ended, 2)
    }))

  it.effect("hands on what it limits, defects and services too, and leaves no alarm behind", () =>
    Effect.gen(function*() {
      const within = Deadlines.make()
      let sleeping = 0
      const clock = yield* Clock.Clock
      const counted: Clock.Clock = {
        ...clock,
        sleep: (duration) =>
          Effect.acquireUseRelease(
            Effect.sync(() => sleeping++),
            () => clock.sleep(duration),
            () => Effect.sync(() => sleeping--)
          )
      }
      const limited = <A, E>(effect: Effect.Effect<A, E>) =>
        Effect.provideService(within(effect, Duration.minutes(1), Effect.fail("late")), Clock.Clock, counted)
      assert.strictEqual(yield* limited(Effect.succeed(1)), 1)
      assert.deepStrictEqual(yield* Effect.exit(limited(Effect.die("bug"))), Exit.die("bug"))
      const fiber = yield* Effect.forkChild(Effect.all([limited(Effect.yieldNow), limited(Effect.sleep("1 second"))], {
        concurrency: 2
      }))
      yield* TestClock.adjust("500 millis")
      assert.strictEqual(sleeping, 2)
      yield* TestClock.adjust("500 millis")
      yield* Fiber.join(fiber)
      assert.strictEqual(sleeping, 0)
    }))

  it.effect("rings for its own call alone where requests are isolated: the others' alarms may never ring", () =>
    Effect.gen(function*() {
      yield* Effect.acquireRelease(
        Effect.sync(() => vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" })),
        () => Effect.sync(() => vi.unstubAllGlobals())
      )
      const within = Deadlines.make()
      const clock = yield* Clock.Clock
      let sleeps = 0
      // The timers of the first request are dead.
      const partial: Clock.Clock = {
        ...clock,
        sleep: (duration) => sleeps++ === 0 ? Effect.never : clock.sleep(duration)
      }
      const call = Effect.flip(within(Effect.never, Duration.seconds(30), Effect.fail("late")))
      yield* Effect.forkChild(Effect.provideService(call, Clock.Clock, partial), { startImmediately: true })
      const second = yield* Effect.forkChild(Effect.provideService(call, Clock.Clock, partial))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* Fiber.join(second), "late")
    }))
})
