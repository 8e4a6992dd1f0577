import { assert, describe, it } from "@effect/vitest"
import type * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import {
  a,
  b,
  down,
  handle,
  ids,
  instance,
  job,
  limited,
  make,
  provider,
  refused,
  strange,
  submission,
  succeeded,
  warnings
} from "./service.ts"

const pace = Pace.steady("10 seconds")
const tags = (jobs: ReadonlyArray<Job.Job>) => jobs.map((job) => job.state._tag)

/** What engines are given where nothing else is said. */
const shippedPace = Effect.flatMap(Pollers.Pollers, ({ pace }) => Effect.map(Effect.context<never>(), pace))

describe("with a list", () => {
  it.effect("one list serves every watch, and each ended job costs one get", () =>
    Effect.gen(function*() {
      const service = make()
      const all = ids(200)
      all.forEach((id, i) => service.run(id, 30 + i))
      const poller = yield* Poller.make(service.both, { pace })
      const fiber = yield* Effect.forkChild(
        Effect.forEach(all, (id) => Stream.runCollect(poller.watch(id)), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("5 minutes")
      const seen = yield* Fiber.join(fiber)
      assert.isTrue(seen.every((jobs) => tags(jobs).join() === "Running,Succeeded"))
      assert.strictEqual(service.lists(), 24)
      assert.strictEqual(service.gets(), 200)
    }))

  it.effect("sleeps while nobody watches, and wakes for the next watch", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 25)
      const poller = yield* Poller.make(service.both, { pace })
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(service.calls.length, 0)
      const fiber = yield* Effect.forkChild(poller.await(a))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      const calls = service.calls.length
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(service.calls.length, calls)

      service.run(b, 3600 * 3)
      const second = yield* Effect.forkChild(Stream.runDrain(poller.watch(b)))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(service.calls.length, calls + 1)
      yield* Fiber.interrupt(second)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(service.calls.length, calls + 1)
    }))

  it.effect("watches of one id share, and a later one begins with what is known", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 95)
      const poller = yield* Poller.make(service.both, { pace })
      const first = yield* Effect.forkChild(Stream.runCollect(poller.watch(a)))
      yield* TestClock.adjust("31 seconds")
      const lists = service.lists()
      const second = yield* Effect.forkChild(Stream.runCollect(Stream.take(poller.watch(a), 1)))
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(tags(yield* Fiber.join(second)), ["Running"])
      assert.strictEqual(service.lists(), lists)
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(tags(yield* Fiber.join(first)), ["Running", "Succeeded"])
      assert.strictEqual(service.gets(), 1)
    }))

  it.effect("opening many watches one by one makes no list for each", () =>
    Effect.gen(function*() {
      const service = make()
      const all = ids(100)
      all.forEach((id) => service.run(id, 60))
      const poller = yield* Poller.make(service.both, { pace })
      const fiber = yield* Effect.forkChild(
        Effect.forEach(all, (id, i) => Effect.delay(poller.await(id), i * 50), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("5 seconds")
      assert.isAtMost(service.lists(), 6)
      yield* TestClock.adjust("2 minutes")
      yield* Fiber.join(fiber)
    }))

  it.effect("asks for a job that is not listed yet, and at its own pace until it is", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 300, { listed: false })
      const poller = yield* Poller.make(service.both, { pace })
      const fiber = yield* Effect.forkChild(Stream.runCollect(poller.watch(a)))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(service.gets(a), 1)
      yield* TestClock.adjust("35 seconds")
      assert.strictEqual(service.gets(a), 4)
      service.run(a, 300)
      yield* TestClock.adjust("200 seconds")
      assert.isAtMost(service.gets(a), 5)
      yield* TestClock.adjust("100 seconds")
      assert.deepStrictEqual(tags(yield* Fiber.join(fiber)), ["Running", "Succeeded"])
    }))

  it.effect("a job that drops from the list for one tick is asked for once, and goes on", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 100)
      service.script.list = (at) => at === 30_000 ? Effect.succeed({ jobs: [], complete: true }) : undefined
      const fiber = yield* Effect.forkChild(Stream.runCollect((yield* Poller.make(service.both, { pace })).watch(a)))
      yield* TestClock.adjust("60 seconds")
      assert.strictEqual(service.gets(a), 1)
      yield* TestClock.adjust("60 seconds")
      assert.deepStrictEqual(tags(yield* Fiber.join(fiber)), ["Running", "Succeeded"])
      assert.strictEqual(service.gets(a), 2)
    }))

  it.effect("concludes nothing from a list that carries an error, yet goes on by itself where that lasts", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 300)
      service.script.list = (at) => at >= 20_000 ? Effect.succeed({ jobs: [], complete: false }) : undefined
      const fiber = yield* Effect.forkChild(Stream.runCollect((yield* Poller.make(service.both, { pace })).watch(a)))
      yield* TestClock.adjust("60 seconds")
      assert.strictEqual(service.gets(a), 0)
      yield* TestClock.adjust("5 minutes")
      assert.deepStrictEqual(tags(yield* Fiber.join(fiber)), ["Running", "Succeeded"])
      assert.isAtMost(service.gets(a), 25)
    }))

  it.effect("without get: absent twice is Untracked, absent from lists with an error is nothing", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 25)
      service.script.list = (at) =>
        at >= 30_000 && at < 60_000 ? Effect.succeed({ jobs: [], complete: false }) : undefined
      const poller = yield* Poller.make(service.listOnly, { pace })
      const fiber = yield* Effect.forkChild(Stream.runCollect(poller.watch(a)))
      const success = yield* Effect.forkChild(Effect.flip(poller.succeed(a)))
      yield* TestClock.adjust("61 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(tags(yield* Fiber.join(fiber)), ["Running", "Untracked"])
      assert.strictEqual((yield* Fiber.join(success))._tag, "JobUntracked")
    }))

  it.effect("a finished job that stays on the list is found out after ten minutes, within a twentieth of the requests", () =>
    Effect.gen(function*() {
      const service = make()
      const all = ids(10)
      all.forEach((id) => service.run(id, 60))
      service.script.list = () =>
        Effect.succeed({ jobs: all.map((id) => job(id, { _tag: "Running" })), complete: true })
      const poller = yield* Poller.make(service.both, { pace })
      const fiber = yield* Effect.forkChild(
        Effect.forEach(all, (id) => poller.await(id), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("595 seconds")
      assert.strictEqual(service.gets(), 0)
      yield* TestClock.adjust("50 minutes")
      const ended = yield* Fiber.join(fiber)
      assert.isTrue(ended.every((job) => job.is("Succeeded")))
      assert.isAtMost(service.gets() * 20, service.calls.length)
    }))

  it.effect("all jobs that end at once are asked for, a few at a time", () =>
    Effect.gen(function*() {
      const service = make()
      const all = ids(1000)
      all.forEach((id) => service.run(id, 25))
      let [now, most] = [0, 0]
      service.script.get = (id) =>
        Effect.acquireUseRelease(
          Effect.sync(() => most = Math.max(most, ++now)),
          () => Effect.as(Effect.sleep("20 millis"), job(id, succeeded)),
          () => Effect.sync(() => now--)
        )
      const poller = yield* Poller.make(service.both, { pace, concurrency: 10 })
      const fiber = yield* Effect.forkChild(
        Effect.forEach(all, (id) => poller.await(id), { concurrency: "unbounded", discard: true })
      )
      yield* TestClock.adjust("33 seconds")
      yield* Fiber.join(fiber)
      assert.strictEqual(most, 10)
      assert.strictEqual(service.gets(), 1000)
    }))
})

describe("without a list", () => {
  it.effect("asks for each job at its own pace", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 25)
      service.run(b, 45)
      const poller = yield* Poller.make(service.getOnly, { pace })
      const first = yield* Effect.forkChild(Stream.runCollect(poller.watch(a)))
      yield* TestClock.adjust("5 seconds")
      const second = yield* Effect.forkChild(Stream.runCollect(poller.watch(b)))
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(tags(yield* Fiber.join(first)), ["Running", "Succeeded"])
      assert.deepStrictEqual(tags(yield* Fiber.join(second)), ["Running", "Succeeded"])
      const at = (id: JobId.JobId) => service.calls.filter((call) => call.what === id).map((call) => call.at / 1000)
      assert.deepStrictEqual(at(a), [0, 10, 20, 30])
      assert.deepStrictEqual(at(b), [5, 15, 25, 35, 45])
    }))

  it.effect("adaptive: often at first, then less and less", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 300)
      const poller = yield* Poller.make(service.getOnly, { pace: Pace.adaptive() })
      const fiber = yield* Effect.forkChild(poller.await(a))
      yield* TestClock.adjust("4 seconds")
      assert.isAtLeast(service.gets(a), 3)
      yield* TestClock.adjust("6 minutes")
      yield* Fiber.join(fiber)
      const gaps = service.calls.map(({ at }, i) => at - (service.calls[i - 1]?.at ?? at)).slice(1)
      assert.isTrue(gaps.every((gap) => gap >= 800 && gap <= 12_000), gaps.join())
      assert.isAtMost(service.gets(a), 45)
    }))
})

describe("with a pace that prices lists", () => {
  /** A list sooner the more jobs it serves. */
  const shared: Pace.Pace = {
    delay: () => 12_000,
    listDelay: (queries) => 20_000 / queries.length
  }
  const seen = (service: ReturnType<typeof make>) => service.calls.map(({ at, what }) => `${at / 1000} ${what}`)

  it.effect("asks for one job by itself, lists for two, and asks for the one that is left by itself", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 60)
      service.run(b, 35)
      const poller = yield* Poller.make(service.both, { pace: shared })
      const first = yield* Effect.forkChild(poller.await(submission([a])))
      yield* TestClock.adjust("15 seconds")
      assert.deepStrictEqual(seen(service), ["12 job-a"])
      const second = yield* Effect.forkChild(
        poller.await(submission([b], { submittedAt: DateTime.makeUnsafe(15_000) }))
      )
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(second)
      yield* Fiber.join(first)
      assert.deepStrictEqual(seen(service), [
        "12 job-a",
        "25 list",
        "35 list",
        "35 job-b",
        "47 job-a",
        "59 job-a",
        "71 job-a"
      ])
    }))

  it.effect("of two jobs, one that had ended before the first list of both is asked for at that list", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 14)
      service.run(b, 999)
      const poller = yield* Poller.make(service.both, { pace: { ...shared, delay: () => 300_000 } })
      const first = yield* Effect.forkChild(poller.await(submission([a])))
      yield* TestClock.adjust("13 seconds")
      yield* Effect.forkChild(poller.await(submission([b], { submittedAt: DateTime.makeUnsafe(13_000) })))
      yield* TestClock.adjust("11 seconds")
      yield* Fiber.join(first)
      assert.deepStrictEqual(seen(service), ["23 list", "23 job-a"])
    }))

  it.effect("places the list anew once there are half as many jobs more", () =>
    Effect.gen(function*() {
      const service = make()
      const all = ids(40)
      for (const id of all) service.run(id, 999)
      const poller = yield* Poller.make(service.both, { pace: shared })
      const watch = (id: JobId.JobId) => Effect.forkChild(poller.await(submission([id])))
      yield* Effect.forEach(all.slice(0, 4), watch)
      yield* TestClock.adjust("2 seconds")
      yield* Effect.forEach(all.slice(4), watch)
      yield* TestClock.adjust("2 seconds")
      // Half a second after they came, and then no closer than a second.
      assert.deepStrictEqual(seen(service), ["2.5 list", "3.5 list"])
    }))

  it.effect("lists not, while more jobs wait to be asked for than may be at once", () =>
    Effect.gen(function*() {
      const service = make()
      const all = ids(24)
      for (const id of all) service.run(id, id === ids(1)[0] ? 999 : 5)
      service.script.get = (id, at) =>
        Effect.delay(Effect.succeed(job(id, succeeded, { observedAt: DateTime.makeUnsafe(at) })), "4 seconds")
      const poller = yield* Poller.make(service.both, { pace: { ...shared, listDelay: () => 3_000 } })
      yield* Effect.forkChild(
        Effect.forEach(all, (id) => poller.await(submission([id])), { concurrency: "unbounded", discard: true })
      )
      yield* TestClock.adjust("12 seconds")
      // Twenty-three have left the list, eight are asked for at once: fifteen wait up to the tenth second, then seven.
      assert.deepStrictEqual(service.calls.filter(({ what }) => what === "list").map(({ at }) => at), [
        3_000,
        6_000,
        10_000
      ])
    }))

  it.effect("a listed job that is verified by itself is waited for with the list all the same", () =>
    Effect.gen(function*() {
      const service = make()
      for (const id of [a, b]) service.run(id, 600)
      const poller = yield* Poller.make(service.both, {
        pace: { ...shared, listDelay: ({ length }) => length === 2 ? 10_000 : 300_000, overdue: () => 60_000 }
      })
      yield* Effect.forkChild(Effect.all([a, b].map((id) => poller.await(submission([id]))), { concurrency: 2 }))
      yield* TestClock.adjust("10 minutes")
      assert.isAtLeast(service.lists(), 59)
      assert.isAtLeast(service.gets(), 2)
    }))
})

describe("endings", () => {
  it.effect("a job that was seen and is not found for a minute is Expired; one that never was is NotFound", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 300)
      const poller = yield* Poller.make(service.getOnly, { pace })
      const seen = yield* Effect.forkChild(Stream.runCollect(poller.watch(a)))
      const expired = yield* Effect.forkChild(Effect.flip(poller.succeed(a)))
      const never = yield* Effect.forkChild(Effect.flip(poller.await(b)))
      yield* TestClock.adjust("15 seconds")
      assert.strictEqual((yield* Fiber.join(never))._tag, "NotFound")
      service.end(a)
      yield* TestClock.adjust("60 seconds")
      assert.isUndefined(seen.pollUnsafe())
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(tags(yield* Fiber.join(seen)), ["Running", "Expired"])
      assert.strictEqual((yield* Fiber.join(expired))._tag, "JobExpired")
    }))

  it.effect("a failed job is a value in a watch, and an error that carries it in succeed", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 25, { state: { _tag: "Failed", reason: "refused by moderation", cause: "content" } })
      service.run(b, 25, { state: { _tag: "Cancelled" } })
      const poller = yield* Poller.make(service.both, { pace })
      const value = yield* Effect.forkChild(poller.await(a))
      const error = yield* Effect.forkChild(Effect.flip(poller.succeed(a)))
      const cancelled = yield* Effect.forkChild(Effect.flip(poller.succeed(b)))
      yield* TestClock.adjust("1 minute")
      assert.isTrue((yield* Fiber.join(value)).is("Failed"))
      const failed = yield* Fiber.join(error)
      assert.strictEqual(failed._tag, "JobFailed")
      assert.strictEqual(failed.remedy._tag, "Fix")
      assert.include(failed.message, "refused by moderation")
      assert.strictEqual((yield* Fiber.join(cancelled))._tag, "JobCancelled")
    }))

  it.effect("the deadline ends a watch with the last job, and leaves the job alone", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 9999)
      const poller = yield* Poller.make(service.both, { pace })
      const short = yield* Effect.forkChild(
        Effect.flip(poller.await(a, { deadline: "35 seconds", onInterrupt: "cancel" }))
      )
      const long = yield* Effect.forkChild(Effect.flip(Stream.runDrain(poller.watch(a))))
      yield* TestClock.adjust("34 seconds")
      assert.isUndefined(short.pollUnsafe())
      yield* TestClock.adjust("1 second")
      const overdue = yield* Fiber.join(short)
      assert.strictEqual(overdue._tag, "DeadlineExceeded")
      assert.isTrue(overdue._tag === "DeadlineExceeded" && overdue.job?.is("Running"))
      assert.strictEqual(overdue.remedy._tag, "Wait")
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Fiber.join(long))._tag, "DeadlineExceeded")
      assert.deepStrictEqual(service.cancelled, [])
    }))

  it.effect("a service that hangs delays no deadline, and DeadlineExceeded names the last trouble", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 9999)
      const poller = yield* Poller.make(service.both, { pace })
      service.script.list = () => Effect.never
      const hung = yield* Effect.forkChild(Effect.flip(poller.await(a, { deadline: "30 seconds" })))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* Fiber.join(hung))._tag, "DeadlineExceeded")
      service.script.list = () => Effect.fail(down())
      const out = yield* Effect.forkChild(Effect.flip(poller.await(a, { deadline: "30 seconds" })))
      yield* TestClock.adjust("30 seconds")
      assert.include((yield* Fiber.join(out)).message, "Unavailable")
    }))

  it.effect("a defect of the adapter is a defect of the watch, not a silence", () =>
    Effect.gen(function*() {
      const service = make()
      service.script.list = () => Effect.die("bug")
      service.script.get = () => Effect.die("bug")
      for (const provider of [service.both, service.getOnly]) {
        const fiber = yield* Effect.forkChild(
          Effect.exit((yield* Poller.make(provider, { pace: yield* shippedPace })).await(a))
        )
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* Fiber.join(fiber), Exit.die("bug"))
      }
      const pace: Pace.Pace = { delay: () => assert.fail("bug") }
      service.script.get = (id) => Effect.succeed(job(id, { _tag: "Running" }))
      const fiber = yield* Effect.forkChild(Effect.exit((yield* Poller.make(service.getOnly, { pace })).await(a)))
      yield* TestClock.adjust("1 second")
      assert.isTrue(Exit.hasDies(yield* Fiber.join(fiber)))
    }))
})

describe("trouble", () => {
  it.effect("a service that dies for ten minutes costs a dozen requests, and the watch goes on", () =>
    Effect.gen(function*() {
      for (const kind of ["both", "getOnly"] as const) {
        const service = make()
        const began = DateTime.toEpochMillis(yield* DateTime.now) / 1000
        service.run(a, began + 700)
        const dead = (at: number) => at >= (began + 20) * 1000 && at < (began + 620) * 1000
        service.script.list = (at) => dead(at) ? Effect.fail(down()) : undefined
        service.script.get = (_, at) => dead(at) ? Effect.fail(down("get")) : undefined
        const fiber = yield* Effect.forkChild(Stream.runCollect((yield* Poller.make(service[kind], { pace })).watch(a)))
        yield* TestClock.adjust("620 seconds")
        assert.isAtMost(service.calls.length, 20)
        yield* TestClock.adjust("2 minutes")
        assert.deepStrictEqual(tags(yield* Fiber.join(fiber)), ["Running", "Succeeded"])
      }
    }))

  it.effect("429 quiets everything for as long as the service asked", () =>
    Effect.gen(function*() {
      for (const kind of ["both", "getOnly"] as const) {
        const service = make()
        const began = DateTime.toEpochMillis(yield* DateTime.now)
        service.run(a, began / 1000 + 90)
        service.run(b, began / 1000 + 90)
        const busy = (at: number) => at - began >= 10_000 && at - began < 11_000
        service.script.list = (at) => busy(at) ? Effect.fail(limited(Duration.seconds(45))) : undefined
        service.script.get = (_, at) => busy(at) ? Effect.fail(limited(Duration.seconds(45), "get")) : undefined
        const poller = yield* Poller.make(service[kind], { pace })
        const fiber = yield* Effect.forkChild(
          Effect.forEach([a, b], (id) => poller.await(id), { concurrency: "unbounded" })
        )
        yield* TestClock.adjust("12 seconds")
        const calls = service.calls.length
        yield* poller.wake(a)
        yield* TestClock.adjust("40 seconds")
        assert.strictEqual(service.calls.length, calls)
        yield* TestClock.adjust("2 minutes")
        assert.isTrue((yield* Fiber.join(fiber)).every((job) => job.is("Succeeded")))
      }
    }))

  it.effect("five strange answers in a row pass", () =>
    Effect.gen(function*() {
      for (const kind of ["both", "getOnly"] as const) {
        const service = make()
        const began = DateTime.toEpochMillis(yield* DateTime.now) / 1000
        service.run(a, began + 150)
        let left = 5
        service.script.list = () => left-- > 0 ? Effect.fail(strange()) : undefined
        service.script.get = () => left-- > 0 ? Effect.fail(strange("get")) : undefined
        const passes = yield* Effect.forkChild((yield* Poller.make(service[kind], { pace })).await(a))
        yield* TestClock.adjust("5 minutes")
        assert.isTrue((yield* Fiber.join(passes)).is("Succeeded"))
      }
    }))

  it.effect("the sixth strange answer in a row ends the watch that nothing else serves", () =>
    Effect.gen(function*() {
      for (const kind of ["listOnly", "getOnly"] as const) {
        const service = make()
        let left = 6
        service.script.list = () => left-- > 0 ? Effect.fail(strange()) : undefined
        service.script.get = () => left-- > 0 ? Effect.fail(strange("get")) : undefined
        service.run(a, 1e6)
        const ends = yield* Effect.forkChild(Effect.flip((yield* Poller.make(service[kind], { pace })).await(a)))
        yield* TestClock.adjust("5 minutes")
        assert.strictEqual((yield* Fiber.join(ends))._tag, "UnexpectedResponse")
      }
    }))

  it.effect("a refused token ends every watch at once", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 999)
      service.run(b, 999)
      const poller = yield* Poller.make(service.both, { pace })
      const fibers = yield* Effect.forEach([a, b], (id) => Effect.forkChild(Effect.flip(poller.await(id))))
      yield* TestClock.adjust("5 seconds")
      service.script.list = () => Effect.fail(refused())
      service.script.get = () => Effect.fail(refused("get"))
      yield* TestClock.adjust("5 seconds")
      for (const fiber of fibers) assert.strictEqual((yield* Fiber.join(fiber))._tag, "Unauthorized")
      const calls = service.calls.length
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(service.calls.length, calls)
    }))

  it.effect("one job's lost account ends its own watch alone", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(b, 25)
      service.script.get = (id) =>
        id === a ? Effect.fail(new JobError.SessionExpired({ provider, instance, operation: "get" })) : undefined
      const poller = yield* Poller.make(service.both, { pace })
      const lost = yield* Effect.forkChild(Effect.flip(poller.await(a)))
      const fine = yield* Effect.forkChild(poller.await(b))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(lost))._tag, "SessionExpired")
      assert.isTrue((yield* Fiber.join(fine)).is("Succeeded"))
    }))
})

describe("push", () => {
  it.effect("offer ends a watch without a request; late and repeated news changes nothing", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 999)
      const poller = yield* Poller.make(service.both, { pace })
      const fiber = yield* Effect.forkChild(Stream.runCollect(poller.watch(a)))
      yield* TestClock.adjust("1 second")
      yield* poller.offer(job(b, succeeded))
      yield* poller.offer(job(a, { _tag: "Queued" }))
      yield* poller.offer(job(a, succeeded, { instance: ProviderId.Instance.make("another") }))
      yield* poller.offer(job(a, { _tag: "Running", progress: 0.5 }))
      yield* TestClock.adjust("1 second")
      yield* poller.offer(job(a, { _tag: "Running", progress: 0.4 }))
      yield* poller.offer(job(a, succeeded))
      yield* poller.offer(job(a, { _tag: "Running" }))
      assert.deepStrictEqual(
        (yield* Fiber.join(fiber)).map(({ state }) => state._tag === "Running" ? state.progress : state._tag),
        [undefined, 0.5, "Succeeded"]
      )
      assert.strictEqual(service.calls.length, 1)
    }))

  it.effect("wake asks now, once more for a wake during a look, and not at all for a job that nobody watches", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 15)
      const poller = yield* Poller.make(service.both, { pace })
      yield* poller.wake(b)
      const fiber = yield* Effect.forkChild(poller.await(a))
      yield* TestClock.adjust("12 seconds")
      assert.strictEqual(service.gets(), 0)
      service.script.get = (id) => Effect.delay(Effect.succeed(job(id, { _tag: "Running" })), "4 seconds")
      yield* poller.wake(a)
      yield* TestClock.adjust("1 second")
      service.script.get = undefined
      yield* poller.wake(a)
      yield* poller.wake(a)
      yield* TestClock.adjust("3 seconds")
      assert.isTrue((yield* Fiber.join(fiber)).is("Succeeded"))
      assert.deepStrictEqual(service.calls.filter((call) => call.what !== "list").map((call) => call.at), [
        12_000,
        16_000
      ])
      yield* poller.wake(a)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(service.gets(), 2)
    }))

  describe("where submits gave the service an address", () => {
    const reported = (id: JobId.JobId, seconds: number) =>
      submission([id], { submittedAt: DateTime.makeUnsafe(seconds * 1000), replyUrl: "https://app.example" })
    const deadline = "3 hours"
    const between = (service: ReturnType<typeof make>, id: JobId.JobId, from: number, until: number) =>
      service.calls.filter(({ at, what }) => what === id && at >= from * 1000 && at < until * 1000).map(({ at }) => at)

    it.effect("looks are as often as ever until a call has come, and then minutes apart, and never stop", () =>
      Effect.gen(function*() {
        const service = make()
        const [called, silent] = ids(2) as [JobId.JobId, JobId.JobId]
        for (const id of [a, called, silent]) service.run(id, 10_000)
        const poller = yield* Poller.make(service.getOnly, { pace: yield* shippedPace })
        yield* Effect.forkScoped(poller.await(reported(a, 0), { deadline }))
        yield* Effect.forkScoped(poller.await(reported(called, 0), { deadline }))
        // What a submit without an address made is never reported.
        yield* Effect.forkScoped(poller.await(submission([silent]), { deadline }))
        yield* TestClock.adjust("10 minutes")
        assert.isAtLeast(between(service, a, 0, 600).length, 12)
        yield* poller.wake(called)
        yield* TestClock.adjust("80 minutes")
        const times = between(service, a, 900, 5400)
        assert.isAtLeast(times.length, 12)
        for (const [i, at] of times.slice(1).entries()) {
          const apart = at - (times[i] ?? NaN)
          assert.isTrue(apart >= 48_000 && apart <= 360_000, `${apart}`)
        }
        assert.isAtLeast(between(service, silent, 900, 5400).length, 2 * times.length)
      }))

    it.effect("looks are as often as before once ends are found that no call told of", () =>
      Effect.gen(function*() {
        const service = make()
        const unsaid = ids(10)
        service.run(a, 10_000)
        service.run(b, 10_000)
        unsaid.forEach((id) => service.run(id, 1000))
        const { layer, said } = warnings()
        yield* Effect.gen(function*() {
          const poller = yield* Poller.make(service.getOnly, { pace: yield* shippedPace })
          for (const id of [a, b, ...unsaid]) {
            yield* Effect.forkScoped(poller.await(reported(id, 0), { deadline }))
          }
          yield* TestClock.adjust("1 minute")
          yield* poller.wake(b)
          yield* TestClock.adjust("14 minutes")
          assert.isAtMost(between(service, a, 300, 900).length, 10)
          yield* TestClock.adjust("30 minutes")
          assert.isAtLeast(between(service, a, 1500, 2700).length, 30)
        }).pipe(Effect.provide(layer))
        assert.strictEqual(said.length, 1)
        assert.match(said[0] ?? "", /no webhook call told of the last 10 jobs.*check that the service can reach it/)
      }))

    it.effect("an address that nobody can reach costs nothing, and is said once", () =>
      Effect.gen(function*() {
        // On a clock of its own, since what one engine of a clock learns, all know.
        const requests = Effect.fnUntraced(
          function*(replyUrl: { readonly replyUrl?: string }) {
            const service = make()
            const all = ids(20)
            all.forEach((id, i) => service.run(id, 30 + i))
            const poller = yield* Poller.make(service.both, { pace: yield* shippedPace })
            yield* Effect.forEach(all, (id) => Effect.forkChild(poller.succeed(submission([id], replyUrl))))
            yield* TestClock.adjust("5 minutes")
            return service.calls
          },
          Effect.scoped,
          Effect.provide(TestClock.layer()),
          Random.withSeed("webhooks")
        )
        const { layer, said } = warnings()
        const calls = yield* Effect.provide(requests({ replyUrl: "https://app.example" }), layer)
        assert.deepStrictEqual(calls, yield* requests({}))
        assert.strictEqual(said.length, 1)
        assert.match(said[0] ?? "", /no webhook call told of the last 3 jobs/)
      }))
  })

  it.effect("wake without get lists now", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 999)
      const poller = yield* Poller.make(service.listOnly, { pace })
      yield* Effect.forkChild(poller.await(a))
      yield* TestClock.adjust("2 seconds")
      yield* poller.wake(a)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(service.lists(), 2)
    }))

  it.effect("changes tells of every watched job, and watches none by itself", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 15)
      service.run(b, 25)
      const poller = yield* Poller.make(service.both, { pace })
      const changes = yield* Effect.forkChild(Stream.runCollect(Stream.take(poller.changes, 4)))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(service.calls.length, 0)
      service.run(a, 75)
      service.run(b, 85)
      yield* Effect.forkChild(Effect.forEach([a, b], (id) => poller.await(id), { concurrency: "unbounded" }))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(
        (yield* Fiber.join(changes)).map((job) => `${job.id} ${job.state._tag}`),
        ["job-a Running", "job-b Running", "job-a Succeeded", "job-b Succeeded"]
      )
    }))

  it.effect("news that comes between asking and waiting is not lost, wherever the fiber yields", () =>
    Effect.gen(function*() {
      for (let steps = 900; steps < 1100; steps++) {
        const service = make()
        service.run(a, 9999)
        yield* Effect.scoped(Effect.gen(function*() {
          const poller = yield* Poller.make(service.getOnly, { pace })
          const fiber = yield* Effect.forkChild(Effect.gen(function*() {
            for (let i = 0; i < steps; i++) yield* Effect.void
            return yield* poller.await(a)
          }))
          while (service.calls.length === 0) yield* Effect.yieldNow
          yield* poller.offer(job(a, succeeded))
          yield* TestClock.adjust("1 millis")
          assert.isDefined(fiber.pollUnsafe(), `after ${steps} steps`)
        }))
      }
    }))

  it.effect("a watch that opens and a wake that comes while a list is on its way have their list next", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 9999)
      service.run(b, 9999)
      const poller = yield* Poller.make({
        ...service.listOnly,
        list: Effect.delay(service.listOnly.list, "300 millis")
      }, { pace: Pace.steady("1 hour") })
      yield* Effect.forkChild(poller.await(a))
      yield* TestClock.adjust("100 millis")
      yield* Effect.forkChild(poller.await(b))
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(service.lists(), 2)
      for (let i = 0; i < 50; i++) {
        yield* poller.wake(a)
        yield* TestClock.adjust("5 millis")
      }
      assert.isAtMost(service.lists(), 4)
    }))

  it.effect("a job that was just submitted may not be there yet; later it has expired", () =>
    Effect.gen(function*() {
      const service = make()
      const fiber = yield* Effect.forkChild((yield* Poller.make(service.getOnly, { pace })).await(handle(a)))
      yield* TestClock.adjust("45 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("45 seconds")
      assert.isTrue((yield* Fiber.join(fiber)).is("Expired"))
    }))
})

describe("interruption", () => {
  it.effect("stops at once, also a request under way, and leaves others' watches alone", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 9999)
      service.run(b, 9999)
      let stopped = 0
      service.script.get = () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => stopped++))
      const poller = yield* Poller.make(service.getOnly, { pace })
      const first = yield* Effect.forkChild(poller.await(a))
      const second = yield* Effect.forkChild(Stream.runDrain(poller.watch(b)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(stopped, 1)
      assert.isUndefined(second.pollUnsafe())
      yield* Fiber.interrupt(second)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(stopped, 2)
      assert.deepStrictEqual(service.cancelled, [])
    }))

  it.effect("cancels the remote job where that was wished for: of a watch, an await, and a succeed", () =>
    Effect.gen(function*() {
      const service = make()
      const all = ids(3)
      all.forEach((id) => service.run(id, 9999))
      const poller = yield* Poller.make(service.both, { pace })
      const [x, y, z] = [JobId.make("job-0"), JobId.make("job-1"), JobId.make("job-2")]
      const options = { onInterrupt: "cancel" } as const
      const fibers = [
        yield* Effect.forkChild(Stream.runDrain(poller.watch(x, options))),
        yield* Effect.forkChild(poller.await(y, options)),
        yield* Effect.forkChild(Poller.succeed(service.both, z, options))
      ]
      yield* TestClock.adjust("1 second")
      yield* Fiber.interruptAll(fibers)
      assert.deepStrictEqual(service.cancelled.toSorted(), all)
    }))

  it.effect("a watch that was read enough of is no interruption", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 9999)
      const watch = (yield* Poller.make(service.both, { pace })).watch(a, { onInterrupt: "cancel" })
      const fiber = yield* Effect.forkChild(Stream.runCollect(Stream.concat(Stream.take(watch, 1), Stream.never)))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(service.cancelled, [])
      assert.strictEqual(service.lists(), 1)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(service.cancelled, [])
    }))

  it.effect("closing the engine interrupts its watches", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 9999)
      const scope = yield* Scope.make()
      const poller = yield* Scope.provide(Poller.make(service.both, { pace }), scope)
      const fiber = yield* Effect.forkChild(Effect.exit(poller.await(a)))
      yield* TestClock.adjust("1 second")
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.join(fiber)))
      assert.isTrue(Exit.hasInterrupts(yield* Effect.exit(poller.await(a))))
    }))
})

describe("whoever comes back in the same breath", () => {
  for (const kind of ["both", "getOnly", "listOnly"] as const) {
    it.effect(`to a job that has just ended begins anew, however many they are (${kind})`, () =>
      Effect.gen(function*() {
        const service = make()
        service.run(a, 25)
        const poller = yield* Poller.make(service[kind], { pace })
        const twice = Effect.andThen(poller.await(a), poller.await(a))
        const fibers = yield* Effect.forEach([1, 2, 3], () => Effect.forkChild(twice))
        yield* TestClock.adjust("5 minutes")
        for (const fiber of fibers) assert.isDefined(fiber.pollUnsafe())
        assert.isBelow(service.calls.length, 12)
      }))
  }

  it.effect("after a refusal is not left with a watch that has ended", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 60)
      let refusals = 1
      service.script.list = () => refusals-- > 0 ? Effect.fail(refused()) : undefined
      const poller = yield* Poller.make(service.both, { pace })
      const again = Effect.catchTag(poller.await(a), "Unauthorized", () => poller.await(a))
      const fibers = yield* Effect.forEach([1, 2], () => Effect.forkChild(again))
      yield* TestClock.adjust("5 minutes")
      for (const fiber of fibers) assert.isTrue((yield* Fiber.join(fiber)).is("Succeeded"))
    }))
})

for (
  const [answers, after, known] of [["before it", "0 millis", 60_800], ["after it", "500 millis", 61_500]] as const
) {
  it.effect(`a look beside the list that a job has left, answered ${answers}, does not put its end off`, () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 60.6)
      const slow = Provider.make(service.both, {
        list: Effect.andThen(Effect.sleep("400 millis"), service.both.list),
        get: (id) => Effect.tap(service.both.get(id), () => Effect.sleep(after))
      })
      const poller = yield* Poller.make(slow, { pace: Pace.steady("1 minute") })
      const fiber = yield* Effect.forkChild(Effect.andThen(poller.await(a), Clock.currentTimeMillis))
      yield* TestClock.adjust("60500 millis")
      yield* poller.wake(a)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* Fiber.join(fiber), known)
    }))
}

it.effect("the changes of an engine end with it", () =>
  Effect.gen(function*() {
    const service = make()
    const scope = yield* Scope.make()
    const poller = yield* Scope.provide(Poller.make(service.both, { pace }), scope)
    const fiber = yield* Effect.forkChild(Stream.runDrain(poller.changes))
    yield* TestClock.adjust("1 second")
    yield* Scope.close(scope, Exit.void)
    yield* Fiber.join(fiber)
    yield* Stream.runDrain(poller.changes)
  }))

it.effect("measures watches, ticks, looks by outcome, endings and lag, and names no job in any of it", () =>
  Effect.gen(function*() {
    const service = make()
    service.run(a, 25)
    service.script.get = (id, at) =>
      at < 40_000
        ? Effect.fail(down("get"))
        : Effect.succeed(job(id, succeeded, { updatedAt: DateTime.makeUnsafe(25_000) }))
    const poller = yield* Poller.make(service.both, { pace })
    const fiber = yield* Effect.forkChild(poller.await(a))
    yield* TestClock.adjust("20 seconds")
    const metric = Effect.fnUntraced(function*(name: string, attributes: Record<string, string> = {}) {
      const expected = { provider: "test", instance: "default", ...attributes }
      const all = yield* Metric.snapshot
      return all.find((one) =>
        one.id === `media_jobs_${name}` &&
        Object.entries(expected).every(([key, value]) => one.attributes?.[key] === value)
      )?.state
    })
    assert.deepInclude(yield* metric("watches"), { value: 1 })
    yield* TestClock.adjust("1 minute")
    yield* Fiber.join(fiber)
    assert.deepInclude(yield* metric("watches"), { value: 0 })
    assert.deepInclude(yield* metric("looks", { operation: "list", outcome: "ok" }), { count: service.lists() })
    assert.deepInclude(yield* metric("looks", { operation: "get", outcome: "ok" }), { count: 1 })
    assert.deepInclude(yield* metric("looks", { operation: "get", outcome: "Unavailable" }), {
      count: service.gets() - 1
    })
    assert.deepInclude(yield* metric("ended", { state: "Succeeded" }), { count: 1 })
    const now = yield* Clock.currentTimeMillis
    const lag = yield* metric("lag_millis")
    // It ended at 25 seconds, and the service told of it from 40 on.
    assert.isTrue(lag !== undefined && "sum" in lag && lag.sum >= 15_000 && lag.sum <= now - 25_000)
    const ticks = yield* metric("ticks")
    assert.isTrue(ticks !== undefined && "count" in ticks && Number(ticks.count) >= service.lists())
    assert.notInclude(JSON.stringify(yield* Metric.snapshot), a)
  }).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))

it("is typed by what the provider can do", () => {
  const typed = (
    neither: Provider.Provider<"submit" | "cancel">,
    noCancel: Provider.Provider<"list" | "get">,
    watch: Effect.Effect<Job.Terminal, JobError.WatchError>
  ) => {
    // @ts-expect-error there is nothing to look with
    void Poller.make(neither, { pace })
    // @ts-expect-error it can't cancel
    void Poller.await(noCancel, a, { onInterrupt: "cancel" })
    // @ts-expect-error a wait outlasts it
    void watch.pipe(Effect.catchTag("RateLimited", () => Effect.void))
    // @ts-expect-error a failed job is a value here
    void watch.pipe(Effect.catchTag("JobFailed", () => Effect.void))
  }
  assert.isFunction(typed)
})
