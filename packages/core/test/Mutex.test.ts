import { assert, describe, it, vi } from "@effect/vitest"
import * as Mutex from "@media-jobs/core/Mutex"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"

const begin = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkChild(effect, { startImmediately: true })

const here = Mutex.make
const isolated = Effect.andThen(
  Effect.acquireRelease(
    Effect.sync(() => vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" })),
    () => Effect.sync(() => vi.unstubAllGlobals())
  ),
  Mutex.make
)

const laws = (make: Effect.Effect<Mutex.Mutex, never, Scope.Scope>) => {
  it.effect("runs one at a time, each in the end", () =>
    Effect.gen(function*() {
      const exclusively = yield* make
      let running = 0
      let most = 0
      const work = Effect.acquireUseRelease(
        Effect.sync(() => most = Math.max(most, ++running)),
        () => Effect.sleep("3 seconds"),
        () => Effect.sync(() => running--)
      )
      const all = yield* begin(Effect.replicateEffect(exclusively(work), 5, { concurrency: "unbounded" }))
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual((yield* Fiber.join(all)).length, 5)
      assert.strictEqual(most, 1)
    }))

  it.effect("is free after a failure, a defect and an interruption, of what runs and of what waits", () =>
    Effect.gen(function*() {
      const exclusively = yield* make
      assert.strictEqual(yield* Effect.flip(exclusively(Effect.fail("no"))), "no")
      assert.strictEqual((yield* Effect.exit(exclusively(Effect.die("bug"))))._tag, "Failure")
      const holder = yield* begin(exclusively(Effect.never))
      const waiter = yield* begin(exclusively(Effect.void))
      yield* TestClock.adjust("10 seconds")
      assert.isUndefined(waiter.pollUnsafe())
      yield* Fiber.interrupt(waiter)
      yield* Fiber.interrupt(holder)
      assert.strictEqual(yield* exclusively(Effect.succeed(1)), 1)
    }))
}

describe("a mutex", () => {
  laws(here)
})

describe("a mutex where requests are isolated", () => {
  laws(isolated)

  /** A clock whose timers never ring again, once its request has ended. */
  const mortal = Effect.map(Clock.Clock, (clock) => {
    let ended = false
    const sleep: Clock.Clock["sleep"] = (duration) =>
      Effect.andThen(clock.sleep(duration), Effect.suspend(() => ended ? Effect.never : Effect.void))
    return { clock: { ...clock, sleep }, end: () => void (ended = true) }
  })

  it.effect("is taken within about a second from what has died with its request, and from nothing else", () =>
    Effect.gen(function*() {
      const exclusively = yield* isolated
      const { clock, end } = yield* mortal
      yield* begin(Effect.provideService(exclusively(Effect.never), Clock.Clock, clock))
      const next = yield* begin(exclusively(Effect.sleep("1 minute")))
      const last = yield* begin(exclusively(Effect.succeed("last")))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual([next.pollUnsafe(), last.pollUnsafe()], [undefined, undefined])
      end()
      const until = yield* Clock.currentTimeMillis
      yield* TestClock.adjust("61.5 seconds")
      assert.strictEqual(yield* Fiber.join(last), "last")
      assert.strictEqual((yield* Clock.currentTimeMillis) - until, 61_500)
    }))

  it.effect("is not given up for another by what was taken for dead", () =>
    Effect.gen(function*() {
      const exclusively = yield* isolated
      const { clock, end } = yield* mortal
      const late = yield* begin(Effect.provideService(exclusively(Effect.never), Clock.Clock, clock))
      end()
      const holder = yield* begin(exclusively(Effect.sleep("1 minute")))
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.interrupt(late)
      const waiter = yield* begin(exclusively(Effect.void))
      yield* TestClock.adjust("50 seconds")
      assert.deepStrictEqual([holder.pollUnsafe(), waiter.pollUnsafe()], [undefined, undefined])
      yield* TestClock.adjust("20 seconds")
      yield* Fiber.join(waiter)
    }))
})
