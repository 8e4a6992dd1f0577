import { assert, describe, it } from "@effect/vitest"
import type * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as TestClock from "effect/testing/TestClock"
import { a, b, down, ids, instance, job, limited, make, provider, refused, strange, succeeded } from "./service.ts"

const pace = Pace.steady("10 seconds")
const paid = new JobError.PaymentRequired({ provider, instance, operation: "list" })

describe("a list in trouble for ten minutes ends no watch that get can serve", () => {
  const troubles: Record<string, Effect.Effect<Provider.Listing, JobError.Of<"list">>> = {
    "is out of reach": Effect.fail(down()),
    "is strange": Effect.fail(strange()),
    "is limited": Effect.fail(limited(undefined)),
    "wants to be paid": Effect.fail(paid),
    "lacks something": Effect.succeed({ jobs: [], complete: false }),
    "hangs": Effect.never
  }
  for (const [trouble, answer] of Object.entries(troubles)) {
    it.effect(`one that ${trouble}`, () =>
      Effect.gen(function*() {
        const service = make()
        const all = ids(20)
        all.forEach((id) => service.run(id, 300))
        service.script.list = (at) => at >= 20_000 && at < 620_000 ? answer : undefined
        const poller = yield* Poller.make(service.both, { pace })
        const fibers = yield* Effect.forEach(all, (id) => Effect.forkChild(poller.succeed(id)))
        yield* TestClock.adjust("330 seconds")
        for (const fiber of fibers) assert.isDefined(fiber.pollUnsafe())
        yield* Effect.forEach(fibers, Fiber.join)
      }))
  }

  it.effect("a token that neither takes ends all watches after one look", () =>
    Effect.gen(function*() {
      const service = make()
      const all = ids(100)
      all.forEach((id) => service.run(id, 300))
      service.script.list = () => Effect.fail(refused())
      service.script.get = () => Effect.fail(refused("get"))
      const poller = yield* Poller.make(service.both, { pace })
      const fibers = yield* Effect.forEach(all, (id) => Effect.forkChild(Effect.flip(poller.await(id))))
      yield* TestClock.adjust("1 second")
      const errors = yield* Effect.forEach(fibers, Fiber.join)
      // Each wait knows its own job.
      assert.deepStrictEqual(errors.map(({ _tag, id }) => [_tag, id]), all.map((id) => ["Unauthorized", id]))
      assert.include(errors[99]?.message, JobId.fingerprint(all[99]!))
      assert.strictEqual(service.calls.length, 2)
    }))

  it.effect("a token that may not list, but get", () =>
    Effect.gen(function*() {
      const service = make()
      const all = ids(20)
      all.forEach((id) => service.run(id, 300))
      service.script.list = () => Effect.fail(refused())
      const poller = yield* Poller.make(service.both, { pace })
      const fibers = yield* Effect.forEach(all, (id) => Effect.forkChild(poller.succeed(id)))
      yield* TestClock.adjust("310 seconds")
      for (const fiber of fibers) assert.isDefined(fiber.pollUnsafe())
      yield* Effect.forEach(fibers, Fiber.join)
      assert.isAtMost(service.lists(), 10)
    }))

  it.effect("a job that is forbidden for a moment to the token that made it, and no longer", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 100)
      service.run(b, 100)
      const forbidden = (id: JobId.JobId) =>
        Effect.fail(new JobError.Forbidden({ provider, instance, operation: "get", id }))
      let times = 0
      service.script.get = (id) => id === b || ++times <= 2 ? forbidden(id) : undefined
      const poller = yield* Poller.make(service.getOnly, { pace })
      const passing = yield* Effect.forkChild(poller.succeed(a))
      const lasting = yield* Effect.forkChild(Effect.flip(poller.succeed(b)))
      yield* TestClock.adjust("10 minutes")
      assert.isTrue((yield* Fiber.join(passing)).is("Succeeded"))
      assert.strictEqual((yield* Fiber.join(lasting))._tag, "Forbidden")
    }))

  for (
    const [trouble, answer] of Object.entries<Effect.Effect<never, JobError.Of<"list">>>({
      "has hung for ever": Effect.never,
      "asks to be left alone for decades": Effect.fail(
        new JobError.Unavailable({ provider, instance, operation: "list", retryAfter: Duration.days(20_000) })
      ),
      "is out of reach": Effect.fail(down())
    })
  ) {
    it.effect(`nor of one that opens while the list ${trouble}`, () =>
      Effect.gen(function*() {
        const service = make()
        service.run(a, 1e6)
        service.run(b, 0)
        service.script.list = () => answer
        const poller = yield* Poller.make(service.both, { pace })
        yield* Effect.forkChild(poller.await(a))
        yield* TestClock.adjust("131 seconds")
        const fiber = yield* Effect.forkChild(poller.succeed(b))
        yield* TestClock.adjust("1 minute")
        assert.isDefined(fiber.pollUnsafe())
      }))
  }

  it.effect("what helps neither the list nor its jobs is told at once", () =>
    Effect.gen(function*() {
      const service = make()
      service.script.list = () => Effect.fail(paid)
      service.script.get = () => Effect.fail(paid)
      const poller = yield* Poller.make(service.both, { pace })
      const fiber = yield* Effect.forkChild(Effect.flip(poller.await(a)))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "PaymentRequired")
    }))

  it.effect("a service that is down altogether is probed about once a minute, however many watches there are", () =>
    Effect.gen(function*() {
      const service = make()
      const all = ids(500)
      all.forEach((id) => service.run(id, 1e6))
      const dead = (at: number) => at >= 20_000 && at < 1_220_000
      service.script.list = (at) => dead(at) ? Effect.fail(down()) : undefined
      service.script.get = (_, at) => dead(at) ? Effect.fail(down("get")) : undefined
      const poller = yield* Poller.make(service.both, { pace })
      yield* Effect.forEach(all, (id) => Effect.forkChild(poller.await(id)))
      yield* TestClock.adjust("20 minutes")
      assert.isAtMost(service.calls.length, 40)
    }))
})

describe("a service that asks to be left alone", () => {
  const forever = Duration.days(20_000)
  for (const kind of ["both", "getOnly"] as const) {
    it.effect(`for decades is asked again after minutes, which is said once (${kind})`, () =>
      Effect.gen(function*() {
        const said: Array<unknown> = []
        const logger = Logger.make(({ logLevel, message }) => {
          if (logLevel === "Warn") said.push(message)
        })
        const service = make()
        service.run(a, 700)
        service.run(b, 700)
        const busy = (at: number) => at >= 20_000 && at < 600_000
        service.script.list = (at) => busy(at) ? Effect.fail(limited(forever)) : undefined
        service.script.get = (_, at) => busy(at) ? Effect.fail(limited(forever, "get")) : undefined
        yield* Effect.gen(function*() {
          const poller = yield* Poller.make(service[kind], { pace })
          const fibers = yield* Effect.forEach([a, b], (id) => Effect.forkChild(poller.succeed(id)))
          yield* TestClock.adjust("15 minutes")
          yield* Effect.forEach(fibers, Fiber.join)
        }).pipe(Effect.provide(Logger.layer([logger])))
        assert.isAtMost(service.calls.filter(({ at }) => busy(at)).length, 4)
        assert.strictEqual(said.length, 1)
        assert.match(String(said[0]), /5 minutes/)
      }))
  }

  it.effect("serves a watch that is opened meanwhile, within minutes", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 1e6)
      service.run(b, 60)
      service.script.list = (at) => at === 0 ? Effect.fail(limited(forever)) : undefined
      const poller = yield* Poller.make(service.both, { pace })
      yield* Effect.forkChild(poller.await(a))
      yield* TestClock.adjust("1 second")
      const fiber = yield* Effect.forkChild(poller.succeed(b))
      yield* TestClock.adjust("6 minutes")
      yield* Fiber.join(fiber)
    }))
})

it.effect("a record of another job is no answer: five pass, and neither job is handed out as the other", () =>
  Effect.gen(function*() {
    const service = make()
    service.script.get = () => Effect.succeed(job(b, succeeded))
    const poller = yield* Poller.make(service.getOnly, { pace })
    const fiber = yield* Effect.forkChild(Effect.flip(poller.await(a)))
    yield* TestClock.adjust("30 seconds")
    assert.isUndefined(fiber.pollUnsafe())
    yield* TestClock.adjust("5 minutes")
    assert.strictEqual((yield* Fiber.join(fiber))._tag, "UnexpectedResponse")
  }))

describe("a job's age rests on no clock that can't be right", () => {
  /** Requests in half an hour for a job that the service dates so many hours off, and the greatest age that the pace is told. */
  const watched = Effect.fnUntraced(function*(hours: number) {
    const service = make()
    yield* TestClock.adjust("30 days")
    const now = yield* DateTime.now
    const dated = (id: JobId.JobId): Job.Job =>
      job(id, { _tag: "Running" }, { createdAt: DateTime.add(now, { hours }) })
    service.script.get = (id) => Effect.succeed(dated(id))
    const adaptive = Pace.adaptive()
    let oldest = 0
    const pace: Pace.Pace = {
      delay: (look) => {
        oldest = Math.max(oldest, look.age)
        return adaptive.delay(look)
      }
    }
    yield* Effect.forkChild((yield* Poller.make(service.getOnly, { pace })).await(a))
    yield* TestClock.adjust("30 minutes")
    return { requests: service.calls.length, oldest }
  })

  it.effect.each([0, 2, 1e6, -1e6])("%d hours off", (hours) =>
    Effect.gen(function*() {
      const { oldest, requests } = yield* watched(hours)
      assert.isTrue(requests > 170 && requests < 210, `${requests}`)
      assert.isAtMost(oldest, 1_800_000)
    }))
})
