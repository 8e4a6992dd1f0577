import { assert, describe, it } from "@effect/vitest"
import type * as JobId from "@media-jobs/core/JobId"
import * as Pace from "@media-jobs/poller/Pace"
import { PaceMemory } from "@media-jobs/poller/PaceMemory"
import * as Poller from "@media-jobs/poller/Poller"
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
  it.effect("begins as adaptive, sort by sort", () =>
    Effect.gen(function*() {
      const pace = yield* Pace.learned()
      const same = (job: typeof sort | typeof other) =>
        [0, 1_000, 10_000, 60_000].every((age) =>
          pace.delay({ ...job, age, random: 0.5 }) === Pace.adaptive().delay({ ...job, age, random: 0.5 })
        )
      teach(pace, yield* lognormal(60, 19, "a"))
      assert.isTrue(same(sort))
      teach(pace, yield* lognormal(60, 1, "b"))
      assert.isFalse(same(sort))
      assert.isTrue(same(other))
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
          // The bins are three percent wide.
          assert.isAtMost(delay, 30_000 * 1.03 + age * 0.03 + 1)
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
        Duration.between(eta?.median ?? 0, { minimum: Duration.seconds(50), maximum: Duration.seconds(70) })
      )
      assert.isTrue(
        Duration.between(eta?.ninety ?? 0, { minimum: Duration.seconds(100), maximum: Duration.seconds(160) })
      )
      const later = pace.eta?.({ ...sort, age: 100_000 })
      assert.isTrue(Duration.isLessThan(later?.median ?? Duration.infinity, Duration.seconds(60)))
      assert.isUndefined(pace.eta?.({ ...sort, age: 86_400_000 }))
      assert.isUndefined(pace.eta?.({ ...other, age: 0 }))
    }))

  it.effect("keeps what it learned where the application gives it a place, and makes do with a spoilt one", () =>
    Effect.gen(function*() {
      let [text, saves] = ["{ spoilt", 0]
      const memory: PaceMemory = {
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
      })).pipe(Effect.provideService(PaceMemory, memory))
      assert.strictEqual(saves, 2)
      const second = yield* Effect.scoped(Effect.map(Pace.learned(), (pace) => cost(pace, jobs))).pipe(
        Effect.provideService(PaceMemory, memory)
      )
      assert.closeTo(second.looks, first.looks, 0.3)
      assert.closeTo(second.lag, first.lag, 0.3)
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
      assert.isTrue(eta === undefined || Duration.toSeconds(eta.median) >= 45, "an end not seen yet is not foretold")
      yield* TestClock.adjust("5 minutes")
      const [live, whole] = [cost(pace, fresh), cost(taught, fresh)]
      assert.isBelow(live.looks * live.lag, whole.looks * whole.lag * 1.1)
    }))

  it.effect("tells it how long jobs took, by the service's clock or between two looks, and gives its estimate", () =>
    Effect.gen(function*() {
      const told: Array<Pace.Span> = []
      const pace: Pace.Pace = {
        ...Pace.steady("10 seconds"),
        observe: (span) => told.push(span),
        eta: ({ age }) => ({ median: Duration.millis(age), ninety: Duration.millis(2 * age) })
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
      assert.deepStrictEqual(yield* poller.eta(b), { median: Duration.seconds(15), ninety: Duration.seconds(30) })
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
})
