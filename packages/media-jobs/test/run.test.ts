import { assert, describe, it } from "@effect/vitest"
import * as Ledger from "@media-jobs/core/Ledger"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Dreamina from "@media-jobs/useapi-dreamina/Dreamina"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as MediaJobs from "media-jobs/MediaJobs"
import { adapters, ledger, machine, Media, passing, process, type providers, store, unfinished } from "./support.ts"

const video = Luma.video({ prompt: "a lighthouse in the rain" })
const images = Luma.image({ prompt: "a lighthouse in the rain" })
const submits = Effect.flatMap(Emulator.Emulator, (emulator) => emulator.count("useapi-luma.video"))

class Studio extends MediaJobs.Service<Studio>()("test/Studio", { dreamina: Dreamina.Dreamina }) {}

const oneAtATime = { replicate: { limits: [{ account: "", limit: 1 }] } }

describe("run", () => {
  it.effect("goes from a request to saved files, and leaves nothing to be done", () =>
    Effect.gen(function*() {
      const here = machine()
      const { files, jobs, key } = yield* process(here)(passing(Media.use(({ luma }) => luma.run(video))))
      assert.match(key, /^[\w-]{22}$/)
      assert.deepStrictEqual(jobs.map((job) => job.state._tag), ["Succeeded"])
      assert.deepStrictEqual(files.map(({ kind, role }) => `${kind} ${role}`), [
        "video primary",
        "image thumbnail",
        "image last-frame"
      ])
      assert.isTrue(files.every(({ location }) => here.files.has(location.replace("memory:", ""))))
      assert.deepStrictEqual(unfinished(here), [])
    }).pipe(Effect.provide(adapters)))

  it.effect("is one run under one key, at once and later, here and in any process with the same ledger", () =>
    Effect.gen(function*() {
      const here = machine()
      const run = Media.use(({ luma }) => luma.run(video, { key: "order-17" }))
      const [first, second, third] = yield* process(here)(Effect.gen(function*() {
        const [first, second] = yield* passing(Effect.all([run, run], { concurrency: 2 }))
        return [first, second, yield* run] as const
      }))
      assert.deepStrictEqual(second, first)
      assert.deepStrictEqual(third, first)

      const gets = yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.count("media.get"))
      const later = yield* process(here)(passing(run))
      assert.strictEqual(later.key, "order-17")
      assert.deepStrictEqual(later.files, first.files)
      assert.deepStrictEqual(later.jobs.map(({ id }) => id), first.jobs.map(({ id }) => id))
      assert.strictEqual(yield* submits, 1)
      assert.strictEqual(yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.count("media.get")), gets)
    }).pipe(Effect.provide(adapters)))

  it.effect("tells a watch that begins between two phases of the later one, once", () =>
    Effect.gen(function*() {
      const here = machine()
      const phases = Media.use(({ luma }) =>
        Stream.runCollect(Stream.map(luma.watch("order-17"), ({ phase }) => phase))
      )
      yield* process(here)(Effect.gen(function*() {
        const { luma } = yield* Media
        const early = yield* Effect.forkChild(
          Effect.andThen(luma.submit(video, { key: "order-17" }), phases),
          { startImmediately: true }
        )
        yield* passing(
          luma.run(video, { key: "order-17" }).pipe(
            Effect.andThen(phases),
            Effect.tap((heard) => Effect.sync(() => assert.deepStrictEqual(heard, ["done"])))
          )
        )
        assert.deepStrictEqual(Array.from(new Set(yield* Fiber.join(early))), ["running", "finishing", "done"])
        assert.deepStrictEqual(yield* phases, ["done"])
      }))
      yield* process(here)(Effect.gen(function*() {
        const { changes } = yield* Media
        const told = yield* Effect.forkChild(Stream.runCollect(Stream.take(changes, 2)), { startImmediately: true })
        yield* phases
        assert.deepStrictEqual((yield* Fiber.join(told)).map(({ phase }) => phase), ["finishing", "done"])
      }))
    }).pipe(Effect.provide(adapters)))

  it.effect("asks for work on a job, which has an account of its own and takes no other", () =>
    Effect.gen(function*() {
      const { services } = yield* Emulator.Emulator
      const { id } = yield* services["useapi-dreamina"].add({ state: "completed" })
      const here = machine()
      const live = Studio.layer().pipe(
        Layer.provide([
          Dreamina.layer({ token: Redacted.make(Emulator.token), requestsPerSecond: 1e6 }),
          ledger(here),
          store(here)
        ])
      )
      const run = (account?: string) =>
        Studio.use(({ dreamina }) => dreamina.run(Dreamina.upscaleVideo({ jobid: id }), { account }))
      yield* Effect.gen(function*() {
        const { jobs } = yield* passing(run())
        assert.deepStrictEqual(jobs.map(({ state }) => state._tag), ["Succeeded"])
        const refused = yield* Effect.flip(run("US:user@example.com"))
        assert.match(refused.message, /InvalidRequest\. Nothing was sent.*account: Expected no such field/)
      }).pipe(Effect.provide(live))
    }).pipe(Effect.provide(adapters)))

  it.effect("refuses another request under a key, and what is no key, and sends nothing", () =>
    Effect.gen(function*() {
      const here = machine()
      const run = (prompt: string, key: string, account?: string) =>
        Media.use(({ luma }) => luma.run(Luma.video({ prompt }), { key, account }))
      yield* process(here)(Effect.gen(function*() {
        yield* passing(run("one", "k"))
        const { replicate } = yield* Media
        for (
          const refused of [
            run("another", "k"),
            run("one", "k", "user@example.com"),
            replicate.run({ model: "a/b", input: { prompt: "one" } }, { key: "k" }),
            ...["", "a b", "a/b", "user@example.com", "é", "x".repeat(65)].map((key) => run("one", key))
          ]
        ) {
          const error = yield* Effect.flip(refused)
          assert.strictEqual(error._tag, "InvalidRequest")
          assert.include(error.message, "Nothing was sent")
          assert.match(error.message, /key: Expected/)
        }
      }))
      const error = yield* process(here)(Effect.flip(run("another", "k")))
      assert.strictEqual(error._tag, "InvalidRequest")
      assert.strictEqual(yield* submits, 1)
    }).pipe(Effect.provide(adapters)))

  it.effect("knows a request by what it asks for, not by how it is written", () =>
    Effect.gen(function*() {
      const here = machine()
      yield* process(here)(Effect.gen(function*() {
        const { replicate } = yield* Media
        const first = yield* replicate.submit({ model: "a/b", input: { seed: 1, prompt: "x" } }, { key: "k" })
        const second = yield* replicate.submit({ input: { prompt: "x", seed: 1 }, model: "a/b" }, { key: "k" })
        assert.deepStrictEqual(second, first)
      }))
    }).pipe(Effect.provide(adapters)))

  it.effect("saves what succeeded where not all did, and the error carries all", () =>
    Effect.gen(function*() {
      const here = machine()
      const service = (yield* Emulator.Emulator).services["useapi-luma"]
      const error = yield* process(here)(passing(Effect.gen(function*() {
        const media = yield* Media
        const { handles, key } = yield* media.luma.submit(images)
        yield* service.change(handles[1]?.id ?? "", { outcome: "failed", reason: "moderated" })
        return yield* Effect.flip(media.luma.wait(key))
      })))
      assert.strictEqual(error._tag, "JobFailed")
      if (error._tag !== "JobFailed") return
      assert.deepStrictEqual(error.jobs.map((job) => job.state._tag), ["Succeeded", "Failed", "Succeeded", "Succeeded"])
      assert.strictEqual(error.files.length, 3)
      assert.include(error.message, "3 of 4 jobs succeeded")
      assert.deepStrictEqual(unfinished(here), [])
    }).pipe(Effect.provide(adapters)))

  it.effect("finds the job of a submit whose reply was lost, and pays once", () =>
    Effect.gen(function*() {
      const here = machine()
      const emulator = yield* Emulator.Emulator
      yield* emulator.inject({ operation: "useapi-luma.video", fault: Faults.dropReply, times: 1 })
      const { files } = yield* process(here)(passing(Media.use(({ luma }) => luma.run(video))))
      assert.isAbove(files.length, 0)
      assert.strictEqual(yield* submits, 1)
      assert.deepStrictEqual(unfinished(here), [])
    }).pipe(Effect.provide(adapters)))

  it.effect("leaves a submit uncertain that can't be found, whatever is asked again, until the ledger is told", () =>
    Effect.gen(function*() {
      const here = machine()
      const emulator = yield* Emulator.Emulator
      yield* emulator.inject({ operation: "useapi-luma.video", fault: Faults.dropRequest, times: 1 })
      const run = Media.use(({ luma }) => luma.run(video, { key: "k" }))
      yield* process(here)(Effect.gen(function*() {
        assert.strictEqual((yield* passing(Effect.flip(run)))._tag, "SubmissionUncertain")
        assert.strictEqual((yield* passing(Effect.flip(run)))._tag, "SubmissionUncertain")
      }))
      yield* process(here)(Effect.gen(function*() {
        const media = yield* Media
        const { undecided } = yield* passing(media.resume)
        assert.deepStrictEqual(undecided.map(({ candidates, intent }) => [intent.key, candidates.length]), [["k", 0]])
        assert.deepStrictEqual(Option.map(yield* media.find("k"), ({ phase }) => phase), Option.some("uncertain"))
        assert.strictEqual((yield* passing(Effect.flip(run)))._tag, "SubmissionUncertain")
      }))
      assert.strictEqual(yield* submits, 1)
    }).pipe(Effect.provide(adapters)))

  it.effect("without a ledger remembers a submit whose reply was lost, and does not send it again", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.inject({ operation: "useapi-luma.video", fault: Faults.dropReply, times: 1 })
      const run = Media.use(({ luma }) => luma.run(video, { key: "k" }))
      yield* Effect.provide(
        Effect.gen(function*() {
          assert.strictEqual((yield* passing(Effect.flip(run)))._tag, "SubmissionUncertain")
          assert.strictEqual((yield* passing(Effect.flip(run)))._tag, "SubmissionUncertain")
        }),
        Layer.provide(Media.layer(), store(machine()))
      )
      assert.strictEqual(yield* submits, 1)
    }).pipe(Effect.provide(adapters)))

  it.effect("that is uncertain can be settled by its error, which leads to its end under the same key", () =>
    Effect.gen(function*() {
      const here = machine()
      const emulator = yield* Emulator.Emulator
      yield* emulator.inject({ operation: "useapi-luma.video", fault: Faults.dropRequest, times: 1 })
      const run = Media.use(({ luma }) => luma.run(video, { key: "k" }))
      yield* process(here)(passing(Effect.flip(run)))
      yield* process(here)(Effect.gen(function*() {
        for (const asked of [run, Media.use(({ luma }) => luma.wait("k"))]) {
          const error = yield* passing(Effect.flip(asked))
          assert.strictEqual(error._tag, "SubmissionUncertain")
          if (error._tag === "SubmissionUncertain") assert.strictEqual(error.key, "k")
        }
        const error = yield* passing(Effect.flip(run))
        if (error._tag === "SubmissionUncertain") yield* Ledger.settle(error, [])
        assert.isAbove((yield* passing(run)).files.length, 0)
      }))
    }).pipe(Effect.provide(adapters)))

  it.effect("waits on under the same key for as long as that is told", () =>
    Effect.gen(function*() {
      yield* process(machine())(Effect.gen(function*() {
        const { luma } = yield* Media
        const service = (yield* Emulator.Emulator).services["useapi-luma"]
        const { handles } = yield* luma.submit(video, { key: "k", deadline: "2 seconds" })
        yield* service.change(handles[0].id, { duration: "1 hour" })
        for (const deadline of ["2 seconds", "3 seconds"] as const) {
          const before = yield* Clock.currentTimeMillis
          const error = yield* passing(Effect.flip(luma.run(video, { key: "k", deadline })))
          assert.strictEqual(error._tag, "DeadlineExceeded")
          assert.isAtMost((yield* Clock.currentTimeMillis) - before, 4000)
        }
      }))
    }).pipe(Effect.provide(adapters)))

  it.effect("waits as long as it is told, where what is under way was to be waited for less long", () =>
    Effect.gen(function*() {
      const here = machine()
      const service = (yield* Emulator.Emulator).services["useapi-luma"]
      yield* process(here)(Effect.gen(function*() {
        const { handles } = yield* Media.use(({ luma }) => luma.submit(video, { key: "k", deadline: "2 seconds" }))
        yield* service.change(handles[0].id, { duration: "2 hours" })
        const before = yield* Clock.currentTimeMillis
        const error = yield* passing(
          Effect.flip(Media.use(({ luma }) => luma.run(video, { key: "k", deadline: "1 minute" })))
        )
        assert.strictEqual(error._tag, "DeadlineExceeded")
        assert.approximately((yield* Clock.currentTimeMillis) - before, 60_000, 5000)
      }))
      // What an earlier process submitted is taken up for an hour.
      yield* process(here)(Effect.gen(function*() {
        yield* Media.use(({ resume }) => resume)
        const run = Media.use(({ luma }) => luma.run(video, { key: "k", deadline: "3 hours" }))
        assert.isAbove((yield* passing(run)).files.length, 0)
      }))
    }).pipe(Effect.provide(adapters)))

  it.effect("says that nothing was started where the service shows that, and the same key begins anew", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.inject({ operation: "replicate.model", fault: Faults.dropRequest, times: 1 })
      const run = Media.use(({ replicate }) => replicate.run({ model: "a/b", input: { prompt: "x" } }, { key: "k" }))
      yield* process(machine())(Effect.gen(function*() {
        const error = yield* passing(Effect.flip(run))
        assert.strictEqual(error._tag, "Unavailable")
        assert.include(error.message, "nothing was started")
        assert.strictEqual((yield* emulator.services.replicate.jobs).length, 0)
        assert.isAbove((yield* passing(run)).files.length, 0)
      }))
      assert.strictEqual((yield* emulator.services.replicate.jobs).length, 1)
    }).pipe(Effect.provide(adapters)))

  it.effect("submits again under the same key what the service refused", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.inject({ operation: "useapi-luma.video", fault: Faults.status(402), times: 1 })
      const run = Media.use(({ luma }) => luma.run(video, { key: "k" }))
      yield* process(machine())(Effect.gen(function*() {
        assert.strictEqual((yield* passing(Effect.flip(run)))._tag, "PaymentRequired")
        assert.isAbove((yield* passing(run)).files.length, 0)
      }))
    }).pipe(Effect.provide(adapters)))

  it.effect("withdraws a request that has not left with the last call that wants it, and finishes one that has", () =>
    Effect.gen(function*() {
      const here = machine()
      yield* process(here, { slots: oneAtATime })(Effect.gen(function*() {
        const media = yield* Media
        const run = (key: string) =>
          Effect.forkChild(media.replicate.run({ model: "a/b", input: { prompt: key } }, { key }))
        const [first, second, again] = [yield* run("1"), yield* run("2"), yield* run("2")]
        const phases = Effect.map(media.runs, (runs) => runs.map(({ key, phase }) => `${key} ${phase}`))
        yield* TestClock.adjust("1 second")
        yield* Fiber.interruptAll([first, second])
        assert.deepStrictEqual(yield* phases, ["1 running", "2 queued"])
        yield* Fiber.interrupt(again)
        assert.deepStrictEqual(yield* phases, ["1 running"])
        assert.isAbove((yield* passing(media.replicate.wait("1"))).files.length, 0)
      }))
      assert.strictEqual((yield* (yield* Emulator.Emulator).services.replicate.jobs).length, 1)
    }).pipe(Effect.provide(adapters)))

  it.effect("begins anew for a call that comes while the one before is being withdrawn", () =>
    Effect.gen(function*() {
      const here = machine()
      // A store that can't be interrupted holds the withdrawal up.
      const slow = Layer.effect(
        Ledger.Ledger,
        Effect.map(Ledger.Ledger, (ledger) =>
          ledger && {
            ...ledger,
            find: (key: string) => Effect.uninterruptible(Effect.delay(ledger.find(key), "1 second"))
          })
      )
      const live = Layer.provide(Media.layer(), [Layer.provide(slow, ledger(here)), store(here)])
      yield* Effect.provide(
        Effect.gen(function*() {
          const { luma } = yield* Media
          const first = yield* Effect.forkChild(luma.run(video, { key: "k" }))
          yield* TestClock.adjust("100 millis")
          const withdrawn = yield* Effect.forkChild(Fiber.interrupt(first), { startImmediately: true })
          assert.isAbove((yield* passing(luma.run(video, { key: "k" }))).files.length, 0)
          yield* Fiber.join(withdrawn)
        }),
        live
      )
      assert.strictEqual(yield* submits, 1)
    }).pipe(Effect.provide(adapters)))

  it.effect("is cancelled at the service, or withdrawn before it is sent", () =>
    Effect.gen(function*() {
      const here = machine()
      yield* process(here, { slots: oneAtATime })(Effect.gen(function*() {
        const media = yield* Media
        const run = (key: string) =>
          Effect.forkChild(Effect.flip(media.replicate.run({ model: "a/b", input: { prompt: key } }, { key })))
        const [first, second] = [yield* run("1"), yield* run("2")]
        yield* TestClock.adjust("1 second")
        yield* media.replicate.cancel("2")
        assert.strictEqual((yield* Fiber.join(second))._tag, "RunCancelled")
        yield* media.replicate.cancel("1")
        assert.strictEqual((yield* passing(Fiber.join(first)))._tag, "JobCancelled")
      }))
      assert.deepStrictEqual(unfinished(here), [])
    }).pipe(Effect.provide(adapters)))
})

describe("layer", () => {
  it.effect("refuses limits that can't work, and secrets that are short", () =>
    Effect.gen(function*() {
      const build = (options: MediaJobs.Options<typeof providers>) =>
        Effect.flip(Effect.scoped(Layer.build(Media.layer(options))))
      const limits = yield* build({ slots: { luma: { limits: [{ account: "a", limit: 0 }] } } })
      assert.strictEqual(limits._tag, "InvalidRequest")
      assert.include(limits.message, "limits.0.limit")
      const short = yield* build({ secrets: [Redacted.make("short")] })
      assert.include(String(short), "fewer than 32 bytes")
    }).pipe(Effect.provide(adapters)))
})

describe("changes", () => {
  const limits = { replicate: { limits: [{ account: "", limit: 1 }] } }
  const request = (prompt: string) => ({ model: "a/b", input: { prompt } })

  it.effect("tell of a withdrawn run why it failed", () =>
    Effect.gen(function*() {
      yield* process(machine(), { slots: limits })(Effect.gen(function*() {
        const media = yield* Media
        const failed = yield* Effect.forkChild(
          Stream.runHead(Stream.filter(media.changes, ({ phase }) => phase === "failed")),
          { startImmediately: true }
        )
        yield* media.replicate.submit(request("1"))
        const second = yield* Effect.forkChild(media.replicate.run(request("2"), { key: "2" }))
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(second)
        const run = Option.getOrUndefined(yield* Fiber.join(failed))
        assert.deepStrictEqual([run?.key, run?.error?._tag], ["2", "RunCancelled"])
      }))
    }).pipe(Effect.provide(adapters)))

  it.effect("tell no failure of what goes on in the next process", () =>
    Effect.gen(function*() {
      const phases: Array<string> = []
      const scope = yield* Scope.make()
      yield* process(machine())(Effect.gen(function*() {
        const media = yield* Media
        yield* Effect.forkIn(
          Stream.runForEach(media.changes, ({ phase }) => Effect.sync(() => phases.push(phase))),
          scope,
          { startImmediately: true }
        )
        yield* media.luma.submit(video)
        yield* TestClock.adjust("1 second")
      }))
      yield* TestClock.adjust(0)
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(Array.from(new Set(phases)), ["running"])
    }).pipe(Effect.provide(adapters)))
})

describe("watch", () => {
  it.effect("shows a run as it stands at once, each change, and the end, however late", () =>
    Effect.gen(function*() {
      yield* process(machine())(Effect.gen(function*() {
        const media = yield* Media
        const all = yield* Effect.forkChild(
          Stream.runCollect(Stream.takeUntil(media.changes, ({ phase }) => phase === "done"))
        )
        yield* TestClock.adjust(0)
        const { key } = yield* media.luma.submit(video)
        const seen = yield* passing(Stream.runCollect(media.luma.watch(key)))
        const phases = seen.map(({ phase }) => phase)
        assert.deepStrictEqual([...new Set(phases)], ["running", "finishing", "done"])
        assert.deepStrictEqual((yield* Stream.runCollect(media.luma.watch(key))).map(({ phase }) => phase), ["done"])
        assert.isAbove(seen.at(-1)?.files.length ?? 0, 0)
        assert.deepStrictEqual((yield* Fiber.join(all)).at(-1), seen.at(-1))
        assert.deepStrictEqual((yield* media.jobs).map(({ state }) => state._tag), ["Succeeded"])
        assert.strictEqual((yield* Effect.flip(media.luma.wait("unknown")))._tag, "UnknownRun")
        assert.strictEqual((yield* Effect.flip(media.replicate.wait(key)))._tag, "UnknownRun")
      }))
    }).pipe(Effect.provide(adapters)))
})
