import { assert, describe, it } from "@effect/vitest"
import * as Wakes from "@media-jobs/core/Wakes"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { a, b, handle, instance, make, provider, submission } from "./service.ts"

const pace = Pace.steady("10 minutes")
const wake = Effect.flatMap(Wakes.Wakes, (wakes) => wakes.wake({ provider, instance, id: a }))

describe("a wake", () => {
  it.effect("reaches every engine of its provider and instance, shared and one's own", () =>
    Effect.gen(function*() {
      const services = [make(), make()] as const
      for (const service of services) service.run(a, 60)
      const [one, two] = services
      const fibers = [
        yield* Effect.forkChild(Poller.await(one.getOnly, a)),
        yield* Effect.forkChild((yield* Poller.make(two.getOnly, { pace: yield* Pace.learned() })).await(a))
      ]
      yield* TestClock.adjust("1 minute")
      yield* wake
      yield* TestClock.adjust("1 millis")
      for (const fiber of fibers) assert.isTrue((yield* Fiber.join(fiber)).is("Succeeded"))
    }).pipe(Effect.provide(Pollers.layer({ pace }))))

  for (const kind of ["both", "getOnly", "listOnly"] as const) {
    it.effect(`that comes before its watch makes the first look one of now (${kind})`, () =>
      Effect.gen(function*() {
        const service = make()
        service.run(a, 60)
        yield* wake
        yield* TestClock.adjust("4 minutes")
        const poller = yield* Poller.make(service[kind], { pace })
        const fiber = yield* Effect.forkChild(poller.await(submission([a])))
        yield* TestClock.adjust("1 millis")
        if (kind === "listOnly") assert.strictEqual(service.lists(), 1)
        else assert.isTrue((yield* Fiber.join(fiber))[0].is("Succeeded"))
      }))
  }

  it.effect("of an engine's own comes before its watch as well, and is forgotten after five minutes", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 1e6)
      const poller = yield* Poller.make(service.getOnly, { pace })
      const watch = Effect.forkScoped(poller.await(handle(a)))
      yield* poller.wake(a)
      yield* Effect.scoped(Effect.andThen(watch, TestClock.adjust("1 second")))
      assert.strictEqual(service.gets(), 1)
      yield* poller.wake(a)
      yield* TestClock.adjust("6 minutes")
      yield* Effect.scoped(Effect.andThen(watch, TestClock.adjust("1 second")))
      assert.strictEqual(service.gets(), 1)
    }))

  it.effect("wakes nothing once its watch has ended", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 5)
      const fiber = yield* Effect.forkChild(Poller.await(service.getOnly, handle(a)))
      yield* TestClock.adjust("5 seconds")
      yield* wake
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      const calls = service.calls.length
      yield* wake
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(service.calls.length, calls)
    }))

  describe("by the address of a submit", () => {
    const replyUrl = "https://app.example/webhooks/1"
    const called = (url: string) =>
      Effect.flatMap(Wakes.Wakes, (wakes) => wakes.wake({ provider, instance, replyUrl: url }))
    const watched = Effect.fnUntraced(function*(kind: "both" | "getOnly" | "listOnly") {
      const service = make()
      for (const id of [a, b]) service.run(id, 60)
      const poller = yield* Poller.make(service[kind], { pace })
      yield* Effect.forkScoped(poller.await(submission([a], { replyUrl })))
      yield* Effect.forkScoped(poller.await(handle(b)))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(service.calls, [])
      return service
    })

    it.effect("asks for its jobs alone", () =>
      Effect.gen(function*() {
        const service = yield* watched("getOnly")
        yield* called(replyUrl)
        yield* TestClock.adjust("1 millis")
        assert.deepStrictEqual([service.gets(a), service.gets(b)], [1, 0])
      }))

    for (const [kind, lists] of [["both", 1], ["listOnly", 1], ["getOnly", 0]] as const) {
      it.effect(`that no watch knows makes ${lists} list now (${kind})`, () =>
        Effect.gen(function*() {
          const service = yield* watched(kind)
          yield* called(`${replyUrl}0`)
          yield* TestClock.adjust("1 millis")
          assert.strictEqual(service.lists(), lists)
          if (kind === "getOnly") assert.strictEqual(service.gets(), 0)
        }))
    }

    it.effect("before its watches makes the first look of each one of now", () =>
      Effect.gen(function*() {
        const service = make()
        for (const id of [a, b]) service.run(id, 60)
        yield* called(replyUrl)
        yield* TestClock.adjust("2 minutes")
        const poller = yield* Poller.make(service.getOnly, { pace })
        const fiber = yield* Effect.forkChild(poller.succeed(submission([a, b], { replyUrl })))
        yield* TestClock.adjust("1 millis")
        assert.deepStrictEqual((yield* Fiber.join(fiber)).map(({ id }) => id), [a, b])
      }))
  })
})
