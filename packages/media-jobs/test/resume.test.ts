import { assert, describe, it } from "@effect/vitest"
import * as Ledger from "@media-jobs/core/Ledger"
import { ReplicateEmulator } from "@media-jobs/testing"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { adapters, adaptersAt, ledger, machine, Media, passing, process, store, unfinished } from "./support.ts"

const video = Luma.video({ prompt: "a lighthouse in the rain" })
const request = (prompt: string) => ({ model: "a/b", input: { prompt } })
const posts = Effect.flatMap(Emulator.Emulator, (emulator) => emulator.count("useapi-luma.video"))

/** Waits until so many runs are done. */
const done = (n: number) =>
  Media.use(({ changes }) =>
    passing(Stream.runDrain(Stream.take(Stream.filter(changes, ({ phase }) => phase === "done"), n)))
  )
const phaseOf = (key: string) => Media.use(({ find }) => Effect.map(find(key), Option.map(({ phase }) => phase)))

/** A process that dies while it waits for the reply to its submit. */
const dieSubmitting = Effect.fnUntraced(function*(
  here: ReturnType<typeof machine>,
  fault: Faults.Fault,
  prompt: string,
  key: string
) {
  yield* (yield* Emulator.Emulator).inject({ operation: "replicate.model", fault, times: 1 })
  yield* process(here)(Effect.gen(function*() {
    yield* Effect.forkChild(Media.use(({ replicate }) => replicate.submit(request(prompt), { key })))
    yield* TestClock.adjust("100 millis")
  }))
})

describe("resume", () => {
  it.effect("finishes at the start what an earlier process submitted, as if it had itself", () =>
    Effect.gen(function*() {
      const here = machine()
      const keys = yield* process(here)(Effect.gen(function*() {
        const { luma, replicate } = yield* Media
        const third = yield* replicate.submit(request("x"), { key: "third" })
        const [one, four] = [yield* luma.submit(video), yield* luma.submit(Luma.image({ prompt: "x" }))]
        return [third.key, one.key, four.key]
      }))
      assert.strictEqual(here.files.size, 0)

      yield* process(here)(Effect.gen(function*() {
        const media = yield* Media
        yield* done(3)
        assert.deepStrictEqual(
          (yield* media.runs).map(({ files, jobs, key, name }) => [name, key, jobs.length, files.length > 0]),
          [["replicate", keys[0], 1, true], ["luma", keys[1], 1, true], ["luma", keys[2], 4, true]]
        )
      }))
      assert.deepStrictEqual(unfinished(here), [])
      assert.strictEqual(yield* posts, 1)
    }).pipe(Effect.provide(adapters)))

  it.effect("counts in slots what an earlier process left running", () =>
    Effect.gen(function*() {
      const here = machine()
      const slots = { replicate: { limits: [{ account: "", limit: 1 }] } }
      yield* process(here, { slots })(Media.use(({ replicate }) => replicate.submit(request("1"), { key: "1" })))
      yield* process(here, { slots })(Effect.gen(function*() {
        yield* Effect.forkChild(Media.use(({ replicate }) => replicate.run(request("2"), { key: "2" })))
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* phaseOf("1"), Option.some("running"))
        assert.deepStrictEqual(yield* phaseOf("2"), Option.some("queued"))
        yield* done(2)
      }))
    }).pipe(Effect.provide(adapters)))

  it.effect("counts in slots what a submit became whose reply was lost, in an earlier process or this one", () =>
    Effect.gen(function*() {
      const here = machine()
      const emulator = yield* Emulator.Emulator
      const slots = { replicate: { limits: [{ account: "", limit: 1 }] } }
      const run = (key: string) => Media.use(({ replicate }) => replicate.run(request(key), { key }))
      yield* dieSubmitting(here, Faults.slow("1 hour"), "1", "1")
      yield* emulator.inject({ operation: "replicate.model", fault: Faults.dropReply, times: 1 })
      yield* process(here, { slots })(passing(Effect.all([run("1"), run("2"), run("3")], { concurrency: 3 })))
      const jobs = (yield* emulator.services.replicate.jobs).toSorted((a, b) => a.createdAt - b.createdAt)
      const waited = jobs.slice(1).map(({ createdAt }, at) => createdAt >= (jobs[at]?.endsAt ?? Infinity))
      assert.deepStrictEqual(waited, [true, true])
    }).pipe(Effect.provide(adaptersAt({ services: { replicate: ReplicateEmulator.service({ life: "5 minutes" }) } }))))

  it.effect("finds the jobs of lost submits while others are submitted, and mistakes none for another", () =>
    Effect.gen(function*() {
      const here = machine()
      const emulator = yield* Emulator.Emulator
      yield* dieSubmitting(here, Faults.slow("1 hour"), "lost", "lost")
      assert.strictEqual(unfinished(here).length, 1)

      yield* process(here)(Effect.gen(function*() {
        const { replicate } = yield* Media
        const [lost, fresh] = yield* passing(Effect.all([
          replicate.run(request("lost"), { key: "lost" }),
          replicate.run(request("fresh"), { key: "fresh" })
        ], { concurrency: 2 }))
        assert.notStrictEqual(lost.jobs[0]?.id, fresh.jobs[0]?.id)
      }))
      const jobs = yield* emulator.services.replicate.jobs
      assert.strictEqual(jobs.length, 2)
      assert.deepStrictEqual(unfinished(here), [])
    }).pipe(Effect.provide(adapters)))

  it.effect("submits on the application's word what never began at a service that shows all it had", () =>
    Effect.gen(function*() {
      const here = machine()
      const emulator = yield* Emulator.Emulator
      yield* dieSubmitting(here, Faults.hang, "x", "k")
      yield* process(here)(Effect.gen(function*() {
        yield* TestClock.adjust("1 minute")
        // Nothing was sent a second time by itself.
        assert.strictEqual((yield* emulator.services.replicate.jobs).length, 0)
        yield* passing(Media.use(({ replicate }) => replicate.run(request("x"), { key: "k" })))
      }))
      assert.strictEqual((yield* emulator.services.replicate.jobs).length, 1)
    }).pipe(Effect.provide(adapters)))

  it.effect("a run that is cancelled while it is found out whether it was sent is cancelled, or never sent", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      for (const fault of [Faults.hang, Faults.slow("1 hour")]) {
        const here = machine()
        yield* emulator.inject({ operation: "replicate.model", fault, times: 1 })
        yield* process(here)(Effect.gen(function*() {
          yield* Effect.forkChild(Media.use(({ replicate }) => replicate.submit(request("x"), { key: "k" })))
          yield* TestClock.adjust("100 millis")
        }))
        yield* process(here)(Effect.gen(function*() {
          const { replicate } = yield* Media
          const run = yield* Effect.forkChild(Effect.flip(replicate.run(request("x"), { key: "k" })))
          yield* TestClock.adjust(0)
          assert.deepStrictEqual(yield* phaseOf("k"), Option.some(fault === Faults.hang ? "uncertain" : "running"))
          yield* passing(replicate.cancel("k"))
          const { _tag } = yield* passing(Fiber.join(run))
          assert.strictEqual(_tag, fault === Faults.hang ? "RunCancelled" : "JobCancelled")
        }))
        assert.deepStrictEqual(unfinished(here), [])
      }
      assert.strictEqual((yield* emulator.services.replicate.jobs).length, 1)
    }).pipe(Effect.provide(adapters)))

  it.effect("neither fails nor delays the start, whatever the ledger and the services do", () =>
    Effect.gen(function*() {
      const here = machine()
      yield* process(here)(Media.use(({ luma }) => luma.submit(video, { key: "k" })))
      const emulator = yield* Emulator.Emulator
      yield* emulator.inject({ fault: Faults.hang })
      yield* process(here)(Effect.gen(function*() {
        assert.deepStrictEqual((yield* Media).luma.provider.id as string, "useapi-luma")
        yield* TestClock.adjust(0)
        assert.deepStrictEqual(yield* phaseOf("k"), Option.some("running"))
      }))
      yield* emulator.heal

      const lines: Array<string> = []
      const broken: Ledger.Ledger = {
        intend: Effect.succeed,
        submitted: () => Effect.void,
        refused: () => Effect.void,
        done: () => Effect.void,
        find: () => Effect.succeed(undefined),
        known: () => Effect.succeed(new Set()),
        resume: Effect.fail(new Ledger.LedgerUnavailable({ cause: "a secret" }))
      }
      const live = Media.layer().pipe(
        Layer.provide(store(here)),
        Layer.provide(Layer.succeed(Ledger.Ledger, broken)),
        Layer.provide(Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))]))
      )
      yield* Effect.provide(passing(Media.use(({ luma }) => luma.run(video))), live)
      assert.deepStrictEqual(lines, [
        "Nothing is taken up again. The ledger could not be read or written: check its store."
      ])
    }).pipe(Effect.provide(adapters)))
})

describe("a pass", () => {
  it.effect("ends with the layer: nothing is asked, written or taken up after it", () =>
    Effect.gen(function*() {
      const here = machine()
      const emulator = yield* Emulator.Emulator
      yield* dieSubmitting(here, Faults.hang, "x", "k")
      yield* process(here)(TestClock.adjust("1 second"))
      const asked = yield* emulator.count("replicate.list")
      const held = unfinished(here)
      yield* TestClock.adjust("2 minutes")
      assert.isAbove(asked, 0)
      assert.strictEqual(yield* emulator.count("replicate.list"), asked)
      assert.deepStrictEqual(unfinished(here), held)
    }).pipe(Effect.provide(adapters)))

  it.effect("takes no submit for lost that was accepted since the ledger was read", () =>
    Effect.gen(function*() {
      const here = machine()
      const refused: Array<string> = []
      const slow = Layer.effect(
        Ledger.Ledger,
        Effect.map(Ledger.Ledger, (ledger) =>
          ledger && {
            ...ledger,
            resume: Effect.tap(ledger.resume, () => Effect.sleep("1 second")),
            refused: ({ key }: Ledger.Intent) => Effect.sync(() => void refused.push(key))
          })
      )
      const live = Layer.provide(Media.layer(), [Layer.provide(slow, ledger(here)), store(here)])
      const emulator = yield* Emulator.Emulator
      yield* Effect.provide(
        Effect.gen(function*() {
          const media = yield* Media
          yield* TestClock.adjust("2 seconds")
          yield* emulator.inject({ operation: "replicate.model", fault: Faults.slow("500 millis"), times: 1 })
          const run = yield* Effect.forkChild(media.replicate.run(request("x"), { key: "k" }))
          yield* TestClock.adjust("100 millis")
          const { undecided } = yield* passing(media.resume)
          assert.deepStrictEqual(undecided, [])
          yield* passing(Fiber.join(run))
        }),
        live
      )
      assert.deepStrictEqual(refused, [])
      assert.deepStrictEqual(unfinished(here), [])
    }).pipe(Effect.provide(adapters)))

  it.effect("gives a lost submit no job of another that was lost meanwhile", () =>
    Effect.gen(function*() {
      const here = machine()
      const emulator = yield* Emulator.Emulator
      yield* dieSubmitting(here, Faults.hang, "never", "never")
      yield* process(here)(Effect.gen(function*() {
        const media = yield* Media
        yield* TestClock.adjust("5 seconds")
        yield* emulator.inject({ operation: "replicate.model", fault: Faults.dropReply, times: 1 })
        const lost = yield* Effect.forkChild(Effect.flip(media.replicate.run(request("lost"), { key: "lost" })))
        yield* TestClock.adjust("1 second")
        // What it was asked for would tell whose the job is.
        for (const { id } of yield* emulator.services.replicate.jobs) {
          yield* emulator.services.replicate.change(id, { override: { input: {} } })
        }
        yield* TestClock.adjust("2 minutes")
        assert.strictEqual((yield* passing(Fiber.join(lost)))._tag, "SubmissionUncertain")
        assert.deepStrictEqual(yield* phaseOf("never"), Option.some("uncertain"))
        assert.deepStrictEqual(yield* phaseOf("lost"), Option.some("uncertain"))
      }))
      assert.strictEqual((yield* emulator.services.replicate.jobs).length, 1)
    }).pipe(Effect.provide(adapters)))
})

describe("find", () => {
  it.effect("shows as failed what failed in an earlier process", () =>
    Effect.gen(function*() {
      const here = machine()
      const emulator = yield* Emulator.Emulator
      yield* process(here)(passing(Effect.gen(function*() {
        const { luma } = yield* Media
        const { handles } = yield* luma.submit(Luma.image({ prompt: "x" }), { key: "k" })
        yield* emulator.services["useapi-luma"].change(handles[1]?.id ?? "", { outcome: "failed" })
        yield* Effect.flip(luma.wait("k"))
        yield* luma.run(video, { key: "good" })
      })))
      yield* process(here)(Effect.gen(function*() {
        assert.deepStrictEqual(yield* phaseOf("k"), Option.some("failed"))
        assert.deepStrictEqual(yield* phaseOf("good"), Option.some("done"))
        const error = yield* passing(Effect.flip(Media.use(({ luma }) => luma.wait("k"))))
        assert.strictEqual(error._tag, "JobFailed")
      }))
    }).pipe(Effect.provide(adapters)))
})

describe("wait", () => {
  it.effect("finds a run by its key or by its job's handle, in any process with the same ledger", () =>
    Effect.gen(function*() {
      const here = machine()
      const { handles, key } = yield* process(here)(Media.use(({ luma }) => luma.submit(video)))
      const byKey = yield* process(here)(passing(Media.use(({ luma }) => luma.wait(key))))
      const byHandle = yield* process(here)(passing(Media.use(({ luma }) => luma.wait(handles[0]))))
      assert.deepStrictEqual(byHandle.files, byKey.files)
      yield* process(here)(Effect.gen(function*() {
        const found = yield* Media.use(({ find }) => find(key))
        assert.deepStrictEqual(
          Option.map(found, ({ files, phase }) => [phase, files]),
          Option.some(["done", byKey.files])
        )
        assert.deepStrictEqual(yield* phaseOf("unknown"), Option.none())
        const foreign = yield* Effect.flip(Media.use(({ replicate }) => replicate.wait(handles[0])))
        assert.strictEqual(foreign._tag, "InvalidHandle")
      }))
      assert.strictEqual(yield* posts, 1)
    }).pipe(Effect.provide(adapters)))
})
