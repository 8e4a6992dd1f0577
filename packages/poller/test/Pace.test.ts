import { assert, describe, it } from "@effect/vitest"
import type * as JobId from "@media-jobs/core/JobId"
import * as Pace from "@media-jobs/poller/Pace"
import { PaceStore } from "@media-jobs/poller/PaceStore"
import * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { ids, job, make, provider, submission, succeeded } from "./service.ts"

const sort = { provider, kind: "video", model: "ray" } as const
const other = { provider, kind: "video", model: "another" } as const

/** Seconds that jobs take: lognormal, cut at 5 and 300. */
const lognormal = (median: number, n: number, seed: string) =>
  Effect.gen(function*() {
    const random = yield* Random.withSeed(Effect.service(Random.Random), seed)
    const uniform = () => 1 - random.nextDoubleUnsafe()
    return Array.from({ length: n }, () => {
      const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
      return Math.min(300, Math.max(5, median * Math.exp(0.6 * normal)))
    })
  })

const teach = (pace: Pace.Pace, seconds: ReadonlyArray<number>, job: typeof sort | typeof other = sort) =>
  seconds.forEach((one) => {
    pace.observe?.({ ...job, from: 0, to: one * 1000, ended: false })
    pace.observe?.({ ...job, from: one * 1000, to: one * 1000, ended: true })
  })

/** What finding the ends of these jobs costs: looks for each, and the mean seconds from an end to the look that finds it. */
const cost = (pace: Pace.Pace, seconds: ReadonlyArray<number>) => {
  let [looks, lag] = [0, 0]
  for (const end of seconds) {
    let age = 0
    while (age < end * 1000) {
      age += pace.delay({ ...sort, age, random: 0.5 })
      looks++
    }
    lag += age / 1000 - end
  }
  return { looks: looks / seconds.length, lag: lag / seconds.length }
}

describe("Pace.learned", () => {
  it.effect("begins with what is published of a kind; a model goes by its kind until eight of its own have ended", () =>
    Effect.gen(function*() {
      const pace = yield* Pace.learned()
      const first = (job: Omit<Pace.Query, "age" | "random">) => pace.delay({ ...job, age: 0, random: 0 })
      const [untaught, image] = [first(sort), first({ ...sort, kind: "image" })]
      assert.isBelow(image, untaught / 2)
      assert.strictEqual(first({ ...sort, kind: undefined }), untaught)
      teach(pace, [200, 210, 220, 230, 240, 250, 260])
      assert.deepStrictEqual([first(sort), first(other)], [untaught, untaught])
      teach(pace, [270])
      assert.isAbove(first(sort), untaught * 1.5)
      assert.strictEqual(first(other), first({ ...sort, model: undefined }))
      assert.isAbove(first(other), untaught * 1.25)
      assert.strictEqual(first({ ...sort, kind: "image" }), image)
      teach(pace, Array.from({ length: 8 }, () => 20), other)
      assert.isBelow(first(other), untaught)
      assert.isAbove(first(sort), untaught * 1.5)
    }))

  it.effect("costs a job of which nothing is known less than a loop does, be it of twenty seconds or of two minutes", () =>
    Effect.gen(function*() {
      for (const median of [20, 40, 60, 90, 120]) {
        const jobs = yield* lognormal(median, 1000, "jobs")
        const mean = jobs.reduce((sum, one) => sum + one, 0) / jobs.length
        const { lag, looks } = cost(yield* Pace.learned(), jobs)
        // A loop is late by half of its interval, and looks as often as that fits into a job and its lag.
        assert.isBelow(looks, (mean + lag) / (2 * lag), `${median} s: ${looks} looks, ${lag} s late`)
      }
    }))

  it.effect("a list comes sooner the more jobs it serves, and a higher price buys less lag", () =>
    Effect.gen(function*() {
      const pace = yield* Pace.learned()
      const jobs = (n: number) => Array.from({ length: n }, (_, i) => ({ ...sort, age: 40_000 + i, random: 0 }))
      const delays = [2, 4, 8, 16, 32].map((n) => pace.listDelay?.(jobs(n)) ?? NaN)
      assert.deepStrictEqual(delays, delays.toSorted((a, b) => b - a))
      assert.closeTo(pace.listDelay?.(jobs(100_000)) ?? NaN, 1_000, 10)
      const dear = yield* Pace.learned({ price: 4 })
      const [seconds, [one]] = [yield* lognormal(60, 500, "a"), jobs(1)]
      assert.isBelow(dear.listDelay?.(jobs(8)) ?? NaN, pace.listDelay?.(jobs(8)) ?? NaN)
      assert.isBelow(cost(dear, seconds).lag, cost(pace, seconds).lag)
      assert.isAbove(cost(dear, seconds).looks, cost(pace, seconds).looks)
      assert.isTrue(one !== undefined && pace.delay(one) < (pace.listDelay?.([one]) ?? NaN))
    }))

  it.effect("finds ends sooner than any fixed interval that looks as often", () =>
    Effect.gen(function*() {
      const jobs = yield* lognormal(60, 2000, "jobs")
      const fixed = cost(Pace.steady("9 seconds"), jobs)
      const pupils = yield* Effect.forEach(["a", "b", "c", "d", "e"], (seed) =>
        Effect.gen(function*() {
          const pace = yield* Pace.learned()
          teach(pace, yield* lognormal(60, 200, seed))
          return cost(pace, jobs)
        }))
      const mean = (f: (pupil: { looks: number; lag: number }) => number) =>
        pupils.reduce((sum, pupil) => sum + f(pupil) / pupils.length, 0)
      const [looks, lag] = [mean(({ looks }) => looks), mean(({ lag }) => lag)]
      assert.isBelow(looks, 7.6)
      assert.isBelow(lag, 4.4)
      assert.isBelow(looks * lag, fixed.looks * fixed.lag * 0.85)
    }))

  it.effect("notices that jobs take longer now", () =>
    Effect.gen(function*() {
      const jobs = yield* lognormal(150, 2000, "b")
      const learn = Effect.fnUntraced(function*(...lessons: ReadonlyArray<ReadonlyArray<number>>) {
        const pace = yield* Pace.learned()
        for (const seconds of lessons) teach(pace, seconds)
        const { lag, looks } = cost(pace, jobs)
        return lag * looks
      })
      const [old, recent] = [yield* lognormal(60, 1000, "a"), yield* lognormal(150, 100, "c")]
      const never = yield* learn(old)
      const late = yield* learn(old, recent)
      const only = yield* learn(recent)
      assert.isBelow(late, (never + only) / 2)
      assert.isBelow(late, only * 1.1)
    }))

  it.effect.prop(
    "never hurries past the floor nor waits past the ceiling, whatever it was taught",
    [Schema.Array(Schema.Finite.check(Schema.isBetween({ minimum: 0.001, maximum: 50_000 })))],
    ([taught]) =>
      Effect.gen(function*() {
        const pace = yield* Pace.learned({ floor: "2 seconds", ceiling: "30 seconds" })
        teach(pace, Array.from({ length: 25 }, () => taught).flat())
        for (const age of [0, 1, 499, 5_000, 60_000, 3_600_000, 1e9]) {
          const delay = pace.delay({ ...sort, age, random: 0.5 })
          assert.isAtLeast(delay, 2_000)
          assert.isAtMost(delay, 30_000)
          const listDelay = pace.listDelay?.([{ ...sort, age, random: 0.5 }, { ...other, age, random: 0.5 }]) ?? NaN
          assert.isAtLeast(listDelay, 2_000)
          assert.isAtMost(listDelay, 30_000)
        }
      }).pipe(Effect.scoped)
  )

  it.effect("says how much longer, once it knows, and only then", () =>
    Effect.gen(function*() {
      const pace = yield* Pace.learned()
      assert.isUndefined(pace.eta?.({ ...sort, age: 0 }))
      teach(pace, yield* lognormal(60, 500, "a"))
      const eta = pace.eta?.({ ...sort, age: 0 })
      assert.isDefined(eta)
      assert.isTrue(
        Duration.between(eta?.p50 ?? 0, { minimum: Duration.seconds(50), maximum: Duration.seconds(70) })
      )
      assert.isTrue(
        Duration.between(eta?.p90 ?? 0, { minimum: Duration.seconds(100), maximum: Duration.seconds(160) })
      )
      const later = pace.eta?.({ ...sort, age: 100_000 })
      assert.isTrue(Duration.isLessThan(later?.p50 ?? Duration.infinity, Duration.seconds(60)))
      assert.isUndefined(pace.eta?.({ ...sort, age: 86_400_000 }))
      assert.isUndefined(pace.eta?.({ ...other, age: 0 }))
    }))

  it.effect("keeps what it learned where the application gives it a place, and makes do with a spoilt one", () =>
    Effect.gen(function*() {
      let [text, saves] = ["{ spoilt", 0]
      const store: PaceStore = {
        load: Effect.sync(() => text),
        save: (kept) =>
          Effect.sync(() => {
            text = kept
            saves++
          })
      }
      const jobs = yield* lognormal(60, 500, "b")
      const first = yield* Effect.scoped(Effect.gen(function*() {
        const pace = yield* Pace.learned()
        teach(pace, yield* lognormal(60, 200, "a"))
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(saves, 1)
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(saves, 1)
        teach(pace, [60])
        return cost(pace, jobs)
      })).pipe(Effect.provideService(PaceStore, store))
      assert.strictEqual(saves, 2)
      const second = yield* Effect.scoped(Effect.map(Pace.learned(), (pace) => cost(pace, jobs))).pipe(
        Effect.provideService(PaceStore, store)
      )
      assert.closeTo(second.looks, first.looks, 0.3)
      assert.closeTo(second.lag, first.lag, 0.3)
    }))

  it.effect("knows a hundred cohorts, those of late", () =>
    Effect.gen(function*() {
      let text: string | undefined
      const store: PaceStore = {
        load: Effect.undefined,
        save: (kept) =>
          Effect.sync(() => {
            text = kept
          })
      }
      yield* Effect.scoped(Effect.map(Pace.learned(), (pace) => {
        for (let i = 0; i < 300; i++) {
          pace.observe?.({ ...sort, model: `model ${i}`, from: 0, to: 60_000, ended: true })
        }
      })).pipe(Effect.provideService(PaceStore, store))
      const kept = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Array(Schema.Struct({
        cohort: Schema.Tuple([Schema.String, Schema.NullOr(Schema.String), Schema.NullOr(Schema.String)]),
        seen: Schema.Int
      }))))(text)
      assert.strictEqual(kept.length, 100)
      assert.isTrue(kept.some(({ cohort: [, , model] }) => model === "model 299"))
      assert.strictEqual(kept.find(({ cohort: [, kind] }) => kind === null)?.seen, 300)
    }))
})

describe("the engine and a pace that learns", () => {
  it.effect("learns from a batch as it runs: that the short jobs end first does not mislead it", () =>
    Effect.gen(function*() {
      const service = make()
      const seconds = yield* lognormal(60, 600, "a")
      const all = ids(600)
      all.forEach((id, i) => service.run(id, seconds[i] ?? 0))
      const pace = yield* Pace.learned()
      const poller = yield* Poller.make(service.getOnly, { pace, concurrency: 600 })
      const submitted = (id: JobId.JobId) => submission([id], { kind: "video", model: "ray" })
      yield* Effect.forkChild(
        Effect.forEach(all, (id) => poller.await(submitted(id)), { concurrency: "unbounded", discard: true })
      )
      const fresh = yield* lognormal(60, 2000, "b")
      const taught = yield* Pace.learned()
      teach(taught, seconds)
      yield* TestClock.adjust("45 seconds")
      // A third of them has ended, and nothing that took longer than forty-five seconds was ever seen to end.
      assert.isBelow(service.gets(), 600 * 25)
      const eta = pace.eta?.({ ...sort, age: 0 })
      assert.isTrue(eta === undefined || Duration.toSeconds(eta.p50) >= 45, "an end not seen yet is not foretold")
      yield* TestClock.adjust("5 minutes")
      const [live, whole] = [cost(pace, fresh), cost(taught, fresh)]
      assert.isBelow(live.looks * live.lag, whole.looks * whole.lag * 1.1)
    }))

  it.effect("tells it how long jobs took, by the service's clock or between two looks, and gives its estimate", () =>
    Effect.gen(function*() {
      const told: Array<Pace.Observation> = []
      const pace: Pace.Pace = {
        ...Pace.steady("10 seconds"),
        observe: (observation) => told.push(observation),
        eta: ({ age }) => ({ p50: Duration.millis(age), p90: Duration.millis(2 * age) })
      }
      const service = make()
      const [a, b, c] = ids(3).map((id) => {
        service.run(id, 25)
        return id
      })
      assert.isTrue(a !== undefined && b !== undefined && c !== undefined)
      if (a === undefined || b === undefined || c === undefined) return
      service.script.get = (id, at) =>
        id === a && at >= 25_000
          ? Effect.succeed(
            job(a, succeeded, { createdAt: DateTime.makeUnsafe(1_000), updatedAt: DateTime.makeUnsafe(24_000) })
          )
          : undefined
      const poller = yield* Poller.make(service.getOnly, { pace })
      const submitted = (id: JobId.JobId) => submission([id], { kind: "video", model: "ray" })
      const fiber = yield* Effect.forkChild(Effect.all([
        poller.await(a),
        poller.await(submitted(b)),
        poller.await(c)
      ], { concurrency: "unbounded" }))
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(service.calls.map((call) => call.what), [a, c])
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* poller.eta(b), { p50: Duration.seconds(15), p90: Duration.seconds(30) })
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.isUndefined(yield* poller.eta(b))
      const of = (named: string | undefined) =>
        told.filter(({ model }) => model === named).map(({ ended, from, kind, to }) => ({ kind, from, to, ended }))
      assert.deepStrictEqual(of("ray"), [
        { kind: "video", from: 0, to: 10_000, ended: false },
        { kind: "video", from: 10_000, to: 20_000, ended: false },
        { kind: "video", from: 20_000, to: 30_000, ended: true }
      ])
      assert.deepStrictEqual(of(undefined), [
        { kind: undefined, from: 0, to: 23_000, ended: false },
        { kind: undefined, from: 23_000, to: 23_000, ended: true }
      ])
    }))

  /** Waits for eight jobs as shipped; what an engine of another provider value then says of a ninth. */
  const etaAfterEight = Effect.gen(function*() {
    const [service, second] = [make(), make()]
    const seconds = [20, 22, 24, 26, 28, 30, 32, 34]
    const submitted = (id: JobId.JobId) => submission([id], { kind: "video", model: "ray" })
    const all = ids(seconds.length)
    all.forEach((id, i) => service.run(id, seconds[i] ?? 0))
    const waiting = yield* Effect.forkChild(
      Effect.forEach(all, (id) => Poller.await(service.both, submitted(id)), { concurrency: "unbounded" })
    )
    yield* TestClock.adjust("2 minutes")
    yield* Fiber.join(waiting)
    const [ninth] = ids(1)
    if (ninth === undefined) return undefined
    second.run(ninth, 999)
    const { await: wait, eta } = yield* (yield* Pollers.Pollers).get(second.getOnly)
    const submittedAt = yield* DateTime.now
    yield* Effect.forkChild(wait(submission([ninth], { kind: "video", model: "ray", submittedAt })))
    yield* TestClock.adjust("1 millis")
    return yield* eta(ninth)
  })

  it.effect("is shipped: what one engine learned all know, on that clock", () =>
    Effect.gen(function*() {
      const eta = yield* etaAfterEight
      assert.isDefined(eta)
      assert.isTrue(Duration.between(eta?.p50 ?? 0, { minimum: Duration.seconds(20), maximum: Duration.seconds(40) }))
    }))

  it.effect("is shipped: another test knows nothing of it", () =>
    Effect.gen(function*() {
      const service = make()
      const [id] = ids(1)
      if (id === undefined) return
      service.run(id, 999)
      const poller = yield* (yield* Pollers.Pollers).get(service.getOnly)
      yield* Effect.forkChild(poller.await(submission([id], { kind: "video", model: "ray" })))
      yield* TestClock.adjust("1 millis")
      assert.isUndefined(yield* poller.eta(id))
    }))

  it.effect("is shipped: `Pollers.layer` keeps it where the application gives it a place", () =>
    Effect.gen(function*() {
      let text: string | undefined
      const store: PaceStore = {
        load: Effect.sync(() => text),
        save: (kept) =>
          Effect.sync(() => {
            text = kept
          })
      }
      const eta = yield* etaAfterEight.pipe(
        Effect.provide(Pollers.layer()),
        Effect.provideService(PaceStore, store),
        Effect.scoped
      )
      assert.isDefined(eta)
      assert.isDefined(text)
      const again = yield* Effect.scoped(Pace.learned()).pipe(Effect.provideService(PaceStore, store))
      assert.isDefined(again.eta?.({ ...sort, age: 0 }))
    }))
})
