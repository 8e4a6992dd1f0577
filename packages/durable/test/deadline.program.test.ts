import { assert, describe, it } from "@effect/vitest"
import * as SqliteClient from "@media-jobs/sqlite/SqliteClient"
import { Emulator, Faults, ReplicateEmulator } from "@media-jobs/testing"
import { Clock, Duration, Effect, Exit, Fiber, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { join } from "node:path"
import { adaptersAt, folder, Media, process } from "./support.ts"

const services = adaptersAt({ services: { replicate: ReplicateEmulator.service({ life: "100000 hours" }) } })
const request = { model: "a/b", input: { prompt: "x" } }
const run = (deadline: "200 millis" | "1 minute") =>
  Media.use(({ replicate }) => replicate.run(request, { key: "order", deadline }))
const wait = Media.use(({ replicate }) => replicate.wait("order"))
const cancel = Media.use(({ replicate }) => replicate.cancel("order"))
const exceeded = Effect.gen(function*() {
  assert.strictEqual((yield* Effect.flip(run("200 millis")))._tag, "DeadlineExceeded")
})
const endJobs = Emulator.Emulator.use(({ services: { replicate } }) =>
  Effect.flatMap(replicate.jobs, Effect.forEach(({ id }) => replicate.change(id, { duration: 0 })))
)
/** Time passes while no machine is there: all that was begun so far is two minutes older. */
const minutesPass = (cwd: string) =>
  Effect.provide(
    SqlClient.SqlClient.use((sql) =>
      Effect.andThen(
        sql`UPDATE media_jobs_runs SET begun = begun - 120000`,
        sql`UPDATE media_jobs_submits SET intent =
          json_set(intent, '$.submittedAt', strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-2 minutes'))`
      )
    ),
    SqliteClient.layer({ file: join(cwd, "jobs.db") })
  )
/** An hour takes six seconds, from when it is made. */
const hastened = Layer.effect(
  Clock.Clock,
  Effect.map(Clock.clockWith(Effect.succeed), (real) => {
    const times = 600
    const began = real.currentTimeMillisUnsafe()
    const now = () => began + (real.currentTimeMillisUnsafe() - began) * times
    const nanos = () => BigInt(now()) * 1_000_000n
    return {
      currentTimeMillisUnsafe: now,
      currentTimeMillis: Effect.sync(now),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos),
      monotonicTimeNanosUnsafe: nanos,
      monotonicTimeNanos: Effect.sync(nanos),
      sleep: (duration) => real.sleep(Duration.millis(Duration.toMillis(duration) / times))
    }
  })
)
const requests = Emulator.Emulator.use(({ count }) => Effect.all([count("replicate.model"), count("replicate.cancel")]))

describe("a run that is past its deadline", { timeout: 40_000, concurrent: true }, () => {
  for (const where of ["by its own process", "by the next one"]) {
    it.live(`is cancelled at the service ${where}, and tells it`, () =>
      Effect.gen(function*() {
        const cwd = yield* folder
        const stopped = Effect.gen(function*() {
          yield* cancel
          assert.deepStrictEqual(yield* requests, [1, 1])
          const error = yield* Effect.flip(wait)
          assert.strictEqual(error._tag, "JobCancelled")
          const found = yield* Media.use(({ find }) => find("order"))
          assert.strictEqual(Option.getOrUndefined(found)?.error?._tag, "JobCancelled")
          // What has ended is not asked about again.
          yield* cancel
        })
        if (where === "by the next one") {
          yield* process(cwd)(exceeded)
          yield* process(cwd)(stopped)
        } else yield* process(cwd)(Effect.andThen(exceeded, stopped))
        assert.deepStrictEqual(yield* requests, [1, 1])
      }).pipe(Effect.provide(services)))
  }

  it.live("tells that the service does not cancel it, and is cancelled by the next call", () =>
    Effect.gen(function*() {
      const { inject } = yield* Emulator.Emulator
      yield* process(yield* folder)(Effect.gen(function*() {
        yield* exceeded
        yield* inject({ operation: "replicate.cancel", fault: Faults.status(503), during: "1 hour", times: 1 })
        const error = yield* Effect.flip(cancel)
        assert.strictEqual(error._tag, "Unavailable")
        yield* cancel
        assert.strictEqual((yield* Effect.flip(wait))._tag, "JobCancelled")
      }))
    }).pipe(Effect.provide(services)))

  it.live("waits on under its key, as long as is asked for then", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      yield* process(cwd)(exceeded)
      yield* minutesPass(cwd)
      yield* process(cwd)(Effect.gen(function*() {
        const again = yield* Effect.forkChild(run("1 minute"))
        // Longer than what is taken up after its deadline is looked at.
        yield* Effect.sleep("12 seconds")
        yield* endJobs
        assert.strictEqual((yield* Fiber.join(again)).jobs.length, 1)
      }))
      assert.deepStrictEqual(yield* requests, [1, 0])
    }).pipe(Effect.provide(services)))

  it.live("is waited for without a deadline of its own, as long as is usual", () =>
    Effect.gen(function*() {
      yield* process(yield* folder)(Effect.gen(function*() {
        yield* exceeded
        const again = yield* Effect.forkChild(wait)
        yield* Effect.sleep("7 seconds")
        yield* endJobs
        assert.strictEqual((yield* Fiber.join(again)).jobs.length, 1)
      }))
    }).pipe(Effect.provide(services)))

  it.live("waits no longer where another machine takes it up", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      yield* process(cwd)(Effect.gen(function*() {
        yield* exceeded
        yield* Media.use(({ replicate }) => replicate.submit(request, { key: "order", deadline: "1 minute" }))
      }))
      yield* minutesPass(cwd)
      const error = yield* process(cwd)(Effect.timeout(Effect.flip(wait), "20 seconds"))
      assert.strictEqual(error._tag, "DeadlineExceeded")
    }).pipe(Effect.provide(services)))
})

describe("a run whose deadline is hours away", { timeout: 40_000, concurrent: true }, () => {
  for (const inTime of [true, false]) {
    it.live(`is waited for until then where it is taken up, ${inTime ? "and ends" : "and no longer"}`, () =>
      Effect.gen(function*() {
        const cwd = yield* folder
        yield* process(cwd)(
          Media.use(({ replicate }) => replicate.submit(request, { key: "order", deadline: "2 hours" }))
        )
        yield* process(cwd)(Effect.gen(function*() {
          const waiting = yield* Effect.forkChild(Effect.exit(wait))
          yield* Effect.sleep("80 minutes")
          assert.isUndefined(waiting.pollUnsafe())
          if (inTime) yield* endJobs
          const exit = yield* Effect.timeout(Fiber.join(waiting), "1 hour")
          if (inTime) return assert.isTrue(Exit.isSuccess(exit))
          const error = yield* Effect.flip(exit)
          assert.strictEqual(error._tag === "DeadlineExceeded" && Duration.toHours(error.deadline), 2)
        })).pipe(Effect.provide(hastened))
      }).pipe(Effect.provide(services)))
  }
})

describe("a run whose submit is in doubt", { timeout: 20_000 }, () => {
  it.live("is cancelled at the service once that shows its job", () =>
    Effect.gen(function*() {
      const { inject } = yield* Emulator.Emulator
      yield* process(yield* folder)(Effect.gen(function*() {
        yield* inject(
          { operation: "replicate.model", fault: Faults.dropReply, times: 1 },
          { operation: "replicate.list", fault: Faults.status(403), times: 2 }
        )
        assert.strictEqual((yield* Effect.flip(run("1 minute")))._tag, "SubmissionUncertain")
        assert.strictEqual((yield* Effect.flip(cancel))._tag, "SubmissionUncertain")
        yield* cancel
        assert.deepStrictEqual(yield* requests, [1, 1])
        assert.strictEqual((yield* Effect.flip(wait))._tag, "JobCancelled")
      }))
    }).pipe(Effect.provide(services)))
})

describe("a run that was not sent", { timeout: 20_000 }, () => {
  it.live("is not sent by a wait for it, nor by cancelling it again", () =>
    Effect.gen(function*() {
      const { inject } = yield* Emulator.Emulator
      yield* process(yield* folder)(Effect.gen(function*() {
        yield* inject({ operation: "replicate.model", fault: Faults.status(402), times: 1 })
        assert.strictEqual((yield* Effect.flip(run("1 minute")))._tag, "PaymentRequired")
        yield* cancel
        const error = yield* Effect.flip(wait)
        assert.strictEqual(error._tag, "PaymentRequired")
      }))
      assert.deepStrictEqual(yield* requests, [1, 0])
    }).pipe(Effect.provide(services)))
})
