import { assert, describe, it } from "@effect/vitest"
import * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { a, down, handle, instance, job, make, provider, submission } from "./service.ts"

const pace = Pace.steady("10 seconds")
const notFound = (status?: number) =>
  Effect.fail(
    new JobError.NotFound({ provider, instance, operation: "get", id: a, ...(status === undefined ? {} : { status }) })
  )

const tagsOf = (watching: Poller.Poller<Poller.Watchable>, target: Poller.Target) =>
  Effect.forkChild(
    Effect.map(Stream.runCollect(watching.watch(target)), (jobs) => jobs.map(({ state }) => state._tag)),
    { startImmediately: true }
  )

describe("a job that the service does not find", () => {
  for (const kind of ["both", "getOnly"] as const) {
    it.effect(`is waited for where it was just submitted, and shows ten seconds late (${kind})`, () =>
      Effect.gen(function*() {
        const service = make()
        const poller = yield* Poller.make(service[kind], { pace: Pace.steady("3 seconds") })
        const fiber = yield* tagsOf(poller, submission([a]))
        yield* TestClock.adjust("10 seconds")
        assert.isAbove(service.gets(a), 0)
        service.run(a, 40)
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(yield* Fiber.join(fiber), ["Queued", "Running", "Succeeded"])
      }))

    it.effect(`once, among good looks, goes on (${kind})`, () =>
      Effect.gen(function*() {
        const service = make()
        service.run(a, 45, { listed: false })
        service.script.get = (_, at) => at === 20_000 ? notFound() : undefined
        const fiber = yield* tagsOf(yield* Poller.make(service[kind], { pace }), a)
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(yield* Fiber.join(fiber), ["Running", "Succeeded"])
      }))

    it.effect(`for less than a minute, however often it is asked for, goes on (${kind})`, () =>
      Effect.gen(function*() {
        const service = make()
        service.run(a, 120, { listed: false })
        service.script.get = (_, at) => at >= 20_000 && at < 79_000 ? notFound() : undefined
        const fiber = yield* tagsOf(yield* Poller.make(service[kind], { pace: Pace.steady("2 seconds") }), a)
        yield* TestClock.adjust("3 minutes")
        assert.deepStrictEqual(yield* Fiber.join(fiber), ["Running", "Succeeded"])
        assert.isAbove(service.calls.filter(({ at, what }) => what === a && at >= 20_000 && at < 79_000).length, 20)
      }))
  }

  it.effect("twice over more than a minute goes on", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 120)
      let again = 0
      service.script.get = (_, at) => {
        if (at === 20_000) return notFound()
        if (at > 20_000 && at < 85_000) return Effect.fail(down("get"))
        return at >= 85_000 && again++ === 0 ? notFound() : undefined
      }
      const fiber = yield* tagsOf(yield* Poller.make(service.getOnly, { pace }), a)
      yield* TestClock.adjust("5 minutes")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["Running", "Succeeded"])
      assert.isAbove(again, 1)
    }))

  it.effect("three times over a minute has expired, however slow the pace", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 1e6)
      const fiber = yield* tagsOf(yield* Poller.make(service.getOnly, { pace: Pace.steady("5 minutes") }), a)
      yield* TestClock.adjust("1 minute")
      service.end(a)
      yield* TestClock.adjust("4 minutes")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["Running", "Expired"])
      assert.strictEqual(service.gets(a), 4)
    }))

  it.effect("as the service says that it is gone has expired at once", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 1e6)
      service.script.get = (_, at) => at >= 20_000 ? notFound(410) : undefined
      const fiber = yield* tagsOf(yield* Poller.make(service.getOnly, { pace }), a)
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["Running", "Expired"])
    }))

  it.effect("by itself, and lists, is there", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 300)
      service.script.get = (_, at) => at < 300_000 ? notFound() : undefined
      const poller = yield* Poller.make(service.both, { pace })
      const fiber = yield* tagsOf(poller, a)
      for (let i = 0; i < 28; i++) {
        yield* TestClock.adjust("10 seconds")
        yield* poller.wake(a)
      }
      assert.isAbove(service.gets(a), 20)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["Running", "Succeeded"])
    }))
})

describe("a list that lags five seconds behind get", () => {
  it.effect("neither hides a new job nor keeps an ended one", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 60)
      const lagging = (at: number): Provider.Listing => ({
        jobs: at >= 5_000 && at < 65_000 ? [job(a, { _tag: "Running" })] : [],
        complete: true
      })
      service.script.list = (at) => Effect.succeed(lagging(at))
      const fiber = yield* tagsOf(yield* Poller.make(service.both, { pace: Pace.steady("3 seconds") }), submission([a]))
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["Queued", "Running", "Succeeded"])
    }))
})

describe("of a provider that only lists", () => {
  it.effect("a job just submitted may not be there yet", () =>
    Effect.gen(function*() {
      const service = make()
      const fiber = yield* tagsOf(yield* Poller.make(service.listOnly, { pace: Pace.steady("5 seconds") }), handle(a))
      yield* TestClock.adjust("50 seconds")
      service.run(a, 75)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["Queued", "Running", "Untracked"])
    }))

  it.effect("a submitted job that never shows is Untracked after a minute", () =>
    Effect.gen(function*() {
      const fiber = yield* tagsOf(yield* Poller.make(make().listOnly, { pace }), handle(a))
      yield* TestClock.adjust("1 minute")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["Queued", "Untracked"])
    }))
})
