import { assert, describe, it } from "@effect/vitest"
import * as Handle from "@media-jobs/core/Handle"
import * as JobError from "@media-jobs/core/JobError"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import {
  a,
  b,
  down,
  handle,
  instance,
  job,
  limited,
  make,
  provider,
  refused,
  strange,
  submission,
  succeeded
} from "./service.ts"

const pace = Pace.steady("10 seconds")

/** Steps every ten seconds until one says that there is no more to look for, or the time is over. */
const steps = Effect.fnUntraced(function*(target: Poller.Watchable, seconds: number, state?: string) {
  let last = yield* Poller.step(target, handle(a), { pace, state })
  for (let at = 10; at <= seconds && last.again !== undefined; at += 10) {
    yield* TestClock.adjust("10 seconds")
    last = yield* Poller.step(target, handle(a), { pace, state: last.state })
  }
  return last
})

describe("step", () => {
  it.effect("looks once, and says when to look again", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 25)
      const first = yield* Poller.step(service.both, handle(a), { pace })
      assert.isTrue(first.job.is("Running"))
      assert.deepStrictEqual(first.again, Duration.seconds(10))
      yield* TestClock.adjust("30 seconds")
      const last = yield* Poller.step(service.both, handle(a), { pace, state: first.state })
      assert.isTrue(last.job.is("Succeeded"))
      assert.isUndefined(last.again)
      assert.strictEqual(service.calls.length, 2)
      assert.deepStrictEqual(yield* Poller.step(service.both, handle(a), { state: last.state }), last)
      assert.strictEqual(service.calls.length, 2)
    }))

  it.effect("a job that was seen, and then not found once, succeeds", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 25)
      service.script.get = (id, at) =>
        at === 20_000 ? Effect.fail(new JobError.NotFound({ provider, instance, operation: "get", id })) : undefined
      assert.isTrue((yield* steps(service.getOnly, 60)).job.is("Succeeded"))
    }))

  it.effect("a job that is not found for a minute has expired, whether it was seen or only submitted", () =>
    Effect.gen(function*() {
      for (const seen of [true, false]) {
        const service = make()
        if (seen) service.run(a, 1e6)
        const first = yield* Poller.step(service.getOnly, handle(a), { pace })
        assert.isTrue(first.job.is(seen ? "Running" : "Queued"))
        service.end(a)
        const waiting = yield* steps(service.getOnly, 50, first.state)
        assert.isTrue(waiting.job.is(seen ? "Running" : "Queued"))
        yield* TestClock.adjust("10 seconds")
        const gone = yield* Poller.step(service.getOnly, handle(a), { pace, state: waiting.state })
        assert.isTrue(gone.job.is("Expired"))
        assert.isUndefined(gone.again)
      }
    }))

  it.effect("a job that the service says is gone has expired at that look", () =>
    Effect.gen(function*() {
      const service = make()
      service.script.get = (id) =>
        Effect.fail(new JobError.NotFound({ provider, instance, operation: "get", id, status: 410 }))
      assert.isTrue((yield* Poller.step(service.getOnly, handle(a), { pace })).job.is("Expired"))
    }))

  it.effect("a job that is not found is looked for within half a minute, however slow the pace", () =>
    Effect.gen(function*() {
      const { again } = yield* Poller.step(make().getOnly, handle(a), { pace: Pace.steady("5 minutes") })
      assert.deepStrictEqual(again, Duration.seconds(30))
    }))

  it.effect("of a provider that only lists, a job that has left the list twice is Untracked, an incomplete one says nothing", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 1e6)
      const first = yield* Poller.step(service.listOnly, handle(a), { pace })
      assert.isTrue(first.job.is("Running"))
      service.end(a)
      const once = yield* Poller.step(service.listOnly, handle(a), { pace, state: first.state })
      assert.isTrue(once.job.is("Running"))
      service.script.list = () => Effect.succeed({ jobs: [], complete: false })
      const unsaid = yield* Poller.step(service.listOnly, handle(a), { pace, state: first.state })
      assert.isTrue(unsaid.job.is("Running"))
      const between = yield* Poller.step(service.listOnly, handle(a), { pace, state: once.state })
      assert.isTrue(between.job.is("Running"))
      service.script.list = undefined
      assert.isTrue((yield* Poller.step(service.listOnly, handle(a), { pace, state: unsaid.state })).job.is("Running"))
      const twice = yield* Poller.step(service.listOnly, handle(a), { pace, state: between.state })
      assert.isTrue(twice.job.is("Untracked"))
      assert.isUndefined(twice.again)
    }))

  it.effect("of a provider that only lists, a job that is back on the list has not left it", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 1e6)
      let { state } = yield* Poller.step(service.listOnly, handle(a), { pace })
      for (let i = 0; i < 3; i++) {
        service.end(a)
        const absent = yield* Poller.step(service.listOnly, handle(a), { pace, state })
        assert.isTrue(absent.job.is("Running"))
        service.run(a, 1e6)
        state = (yield* Poller.step(service.listOnly, handle(a), { pace, state: absent.state })).state
      }
    }))

  it.effect("of a provider that only lists, a job just submitted may not be there yet", () =>
    Effect.gen(function*() {
      const service = make()
      const early = yield* steps(service.listOnly, 50)
      assert.isTrue(early.job.is("Queued"))
      service.run(a, 1e6)
      assert.isTrue((yield* Poller.step(service.listOnly, handle(a), { state: early.state })).job.is("Running"))
    }))

  it.effect("a job's age rests on no clock that can't be right", () =>
    Effect.gen(function*() {
      const ages: Array<number> = []
      const noting: Pace.Pace = { delay: ({ age }) => ages.push(age) && 10_000 }
      const service = make()
      yield* TestClock.adjust("1 minute")
      service.script.get = (id) =>
        Effect.succeed(job(id, { _tag: "Running" }, { createdAt: DateTime.makeUnsafe("2030-01-01T00:00:00Z") }))
      let { state } = yield* Poller.step(service.getOnly, handle(a, 30), { pace: noting })
      // The handle of a machine whose clock is two hours ahead.
      state = (yield* Poller.step(service.getOnly, handle(a, 7200), { pace: noting })).state
      yield* TestClock.adjust("20 seconds")
      yield* Poller.step(service.getOnly, handle(a, 7200), { pace: noting, state })
      assert.deepStrictEqual(ages, [30_000, 0, 20_000])
    }))

  it.effect("takes no state of another job, nor one that was cut", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 0)
      service.run(b, 1e6)
      const { state } = yield* Poller.step(service.getOnly, handle(a), { pace })
      assert.notInclude(state, a)
      assert.isTrue((yield* Poller.step(service.getOnly, handle(b), { pace, state })).job.is("Running"))
      for (const text of [state.slice(1), state.slice(0, -9), "", "ms1.", state.replace("ms1.", "ms2.")]) {
        assert.isTrue((yield* Poller.step(service.getOnly, handle(b), { pace, state: text })).job.is("Running"))
      }
    }))

  it.effect("refuses a foreign handle before any request", () =>
    Effect.gen(function*() {
      const service = make()
      for (
        const foreign of [
          new Handle.Handle({ ...handle(a), provider: ProviderId.make("another") }),
          new Handle.Handle({ ...handle(a), instance: ProviderId.Instance.make("another") }),
          // As from JavaScript.
          a as unknown as Handle.Handle,
          submission([a]) as unknown as Handle.Handle
        ]
      ) {
        assert.strictEqual((yield* Effect.flip(Poller.step(service.both, foreign)))._tag, "InvalidHandle")
      }
      for (const none of [undefined, "", job(a, succeeded), { ...handle(a), id: "" }] as ReadonlyArray<unknown>) {
        assert.strictEqual((yield* Effect.flip(Poller.step(service.both, none as Handle.Handle)))._tag, "InvalidJobId")
      }
      assert.strictEqual(service.calls.length, 0)
    }))
})

describe("a step that fails", () => {
  const failing = (error: JobError.Of<"get">) => {
    const service = make()
    service.script.get = () => Effect.fail(error)
    return service
  }

  it.effect("where coming again may help says when, later each time, and what went wrong", () =>
    Effect.gen(function*() {
      for (const error of [down("get"), limited(undefined, "get"), strange("get")]) {
        const service = failing(error)
        let last = yield* Poller.step(service.getOnly, handle(a), { pace: Pace.steady("1 second") })
        const waits = [last.again]
        for (let i = 0; i < 3; i++) {
          last = yield* Poller.step(service.getOnly, handle(a), { pace: Pace.steady("1 second"), state: last.state })
          waits.push(last.again)
        }
        assert.deepStrictEqual(waits, [1, 2, 4, 8].map(Duration.seconds))
        assert.strictEqual(last.trouble?._tag, error._tag)
        assert.isTrue(last.job.is("Queued"))
        service.script.get = undefined
        service.run(a, 1e6)
        const good = yield* Poller.step(service.getOnly, handle(a), { pace, state: last.state })
        assert.deepStrictEqual([good.job.state._tag, good.again, good.trouble], [
          "Running",
          Duration.seconds(10),
          undefined
        ])
        // What went wrong before is forgotten.
        service.script.get = () => Effect.fail(error)
        const after = yield* Poller.step(service.getOnly, handle(a), {
          pace: Pace.steady("1 second"),
          state: good.state
        })
        assert.deepStrictEqual([after.job.state._tag, after.again], ["Running", Duration.seconds(1)])
      }
    }))

  it.effect("comes again no sooner than the service asks, and within five minutes", () =>
    Effect.gen(function*() {
      for (
        const [asked, again] of [
          [Duration.seconds(45), 45],
          [Duration.seconds(8.5), 10],
          [Duration.seconds(1_795_680_083), 300],
          [Duration.infinity, 300]
        ] as const
      ) {
        const step = yield* Poller.step(failing(limited(asked, "get")).getOnly, handle(a), { pace })
        assert.deepStrictEqual(step.again, Duration.seconds(again))
      }
    }))

  it.effect("where coming again is no help fails: a refused token, the sixth strange answer, a record of another job", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        (yield* Effect.flip(Poller.step(failing(refused("get")).getOnly, handle(a), { pace })))._tag,
        "Unauthorized"
      )
      const other = make()
      other.script.get = () => Effect.succeed(job(b, succeeded))
      for (const service of [failing(strange("get")), other]) {
        let state: string | undefined
        for (let i = 0; i < 5; i++) {
          const step = yield* Poller.step(service.getOnly, handle(a), { pace, state })
          assert.isTrue(step.job.is("Queued"))
          state = step.state
        }
        const sixth = yield* Effect.flip(Poller.step(service.getOnly, handle(a), { pace, state }))
        assert.strictEqual(sixth._tag, "UnexpectedResponse")
      }
    }))

  it.effect("keeps the count of absences over a look that failed", () =>
    Effect.gen(function*() {
      const service = make()
      let { state } = yield* Poller.step(service.getOnly, handle(a), { pace })
      service.script.get = () => Effect.fail(down("get"))
      yield* TestClock.adjust("30 seconds")
      state = (yield* Poller.step(service.getOnly, handle(a), { pace, state })).state
      service.script.get = undefined
      for (const expected of ["Queued", "Expired"] as const) {
        yield* TestClock.adjust("30 seconds")
        const step = yield* Poller.step(service.getOnly, handle(a), { pace, state })
        assert.strictEqual(step.job.state._tag, expected)
        state = step.state
      }
    }))

  it.effect("by a pace that gives no time comes again all the same", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 1e6)
      for (const delay of [NaN, Infinity, -1, 0]) {
        const { again } = yield* Poller.step(service.getOnly, handle(a), { pace: { delay: () => delay } })
        assert.isTrue(again !== undefined && Duration.toMillis(again) >= 10)
      }
    }))
})

describe("a step that has seconds", () => {
  for (const [kind, operation] of [["getOnly", "get"], ["listOnly", "list"]] as const) {
    it.effect(`is over by then, with what is known and when to come again, while ${operation} hangs`, () =>
      Effect.gen(function*() {
        const service = make()
        service.run(a, 1e6)
        const first = yield* Poller.step(service[kind], handle(a), { pace, within: "8 seconds" })
        assert.isTrue(first.job.is("Running"))
        service.script[operation] = () => Effect.never
        const before = service.calls.length
        const fiber = yield* Effect.forkChild(
          Poller.step(service[kind], handle(a), { pace, within: "8 seconds", state: first.state })
        )
        yield* TestClock.adjust("7999 millis")
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust("1 millis")
        const step = yield* Fiber.join(fiber)
        assert.isTrue(step.job.is("Running"))
        assert.deepStrictEqual(step.again, Duration.seconds(10))
        assert.strictEqual(step.trouble?._tag, "Unavailable")
        assert.include(step.trouble?.message, "8 s")
        assert.strictEqual(service.calls.length, before + 1)
      }))
  }
})
