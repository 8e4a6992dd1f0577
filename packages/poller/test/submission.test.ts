import { assert, describe, it } from "@effect/vitest"
import * as Artifact from "@media-jobs/core/Artifact"
import * as Handle from "@media-jobs/core/Handle"
import * as Job from "@media-jobs/core/Job"
import type * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import type * as Submission from "@media-jobs/core/Submission"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { a, b, handle, job, make, refused, submission, succeeded } from "./service.ts"

const pace = Pace.steady("10 seconds")
const c = JobId.make("job-c")
const failed = { _tag: "Failed", cause: "content", reason: "refused by moderation" } as const
const artifact = new Artifact.Artifact({ kind: "image", role: "primary", url: "https://x.test/1" })
const made = { _tag: "Succeeded", artifacts: [artifact] } as const
const told = (jobs: ReadonlyArray<Job.Job>) => jobs.map(({ id, state }) => `${id} ${state._tag}`)

describe("a submission", () => {
  it.effect("gives all its jobs, in its order, once the last has ended", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 45)
      service.run(b, 15)
      service.run(c, 25, { state: failed })
      const poller = yield* Poller.make(service.both, { pace })
      const ended = yield* Effect.forkChild(poller.await(submission([a, b, c])))
      const good = yield* Effect.forkChild(poller.succeed(submission([a, b])))
      yield* TestClock.adjust("40 seconds")
      assert.isUndefined(ended.pollUnsafe())
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(told(yield* Fiber.join(ended)), ["job-a Succeeded", "job-b Succeeded", "job-c Failed"])
      assert.deepStrictEqual(told(yield* Fiber.join(good)), ["job-a Succeeded", "job-b Succeeded"])
    }))

  it.effect("of which some fail is the error of the first of them, with all jobs as they ended", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 45, { state: made })
      service.run(b, 25, { state: failed })
      service.run(c, 15, { state: { _tag: "Cancelled" } })
      const poller = yield* Poller.make(service.both, { pace })
      const fiber = yield* Effect.forkChild(Effect.flip(poller.succeed(submission([a, b, c]))))
      yield* TestClock.adjust("1 minute")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag, "JobFailed")
      if (error._tag !== "JobFailed") return
      assert.strictEqual(error.job.id, b)
      assert.deepStrictEqual(told(error.jobs), ["job-a Succeeded", "job-b Failed", "job-c Cancelled"])
      assert.include(error.message, "1 of 3 jobs succeeded")
      assert.strictEqual(error.remedy._tag, "Fix")
    }))

  it.effect("whose deadline passes is an error with what was made", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 15, { state: made })
      service.run(b, 1e6)
      const poller = yield* Poller.make(service.both, { pace })
      const options = { deadline: "1 minute" } as const
      const fibers = [
        yield* Effect.forkChild(Effect.flip(poller.await(submission([a, b]), options))),
        yield* Effect.forkChild(Effect.flip(poller.succeed(submission([a, b]), options)))
      ]
      yield* TestClock.adjust("1 minute")
      for (const fiber of fibers) {
        const error = yield* Fiber.join(fiber)
        assert.strictEqual(error._tag, "DeadlineExceeded")
        if (error._tag !== "DeadlineExceeded") return
        assert.strictEqual(error.id, b)
        assert.deepStrictEqual(told(error.jobs), ["job-a Succeeded", "job-b Running"])
      }
    }))

  it.effect("of which one can't be watched waits for the others first", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 25, { state: made })
      service.script.get = (id) => id === b ? Effect.fail(refused("get")) : undefined
      const poller = yield* Poller.make(service.getOnly, { pace })
      const fiber = yield* Effect.forkChild(Effect.flip(poller.await(submission([b, a]))))
      const watch = yield* Effect.forkChild(
        Effect.exit(
          Stream.runDrain(Stream.tap(poller.watch(submission([b, a])), (job) => Effect.sync(() => seen.push(job))))
        )
      )
      const seen: Array<Job.Job> = []
      yield* TestClock.adjust("1 minute")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag, "Unauthorized")
      if (error._tag !== "Unauthorized") return
      assert.deepStrictEqual(told(error.jobs), ["job-b Queued", "job-a Succeeded"])
      assert.isTrue(Exit.hasFails(yield* Fiber.join(watch)))
      assert.deepStrictEqual(told(seen).at(-1), "job-a Succeeded")
    }))

  it.effect("watched tells of all its jobs, what is known first, and ends with the last", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 15)
      service.run(b, 25)
      const poller = yield* Poller.make(service.both, { pace })
      const seen: Array<Job.Job> = []
      const fiber = yield* Effect.forkChild(
        Stream.runForEach(
          poller.watch(submission([a, b], { kind: "image", model: "photon", reference: "mine" })),
          (job) => Effect.sync(() => seen.push(job))
        ),
        { startImmediately: true }
      )
      assert.deepStrictEqual(told(seen), ["job-a Queued", "job-b Queued"])
      assert.strictEqual(service.calls.length, 0)
      const [first] = seen
      assert.deepInclude(first, { kind: "image", model: "photon", reference: "mine" })
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(told(seen).slice(2), [
        "job-a Running",
        "job-b Running",
        "job-a Succeeded",
        "job-b Succeeded"
      ])
    }))

  it.effect("whose reply held the results is done without a request", () =>
    Effect.gen(function*() {
      const service = make()
      const poller = yield* Poller.make(service.both, { pace })
      const answered = submission([a, b], { snapshots: [job(a, made), job(b, failed)] })
      assert.deepStrictEqual(told(yield* poller.await(answered)), ["job-a Succeeded", "job-b Failed"])
      assert.strictEqual((yield* Effect.flip(poller.succeed(answered)))._tag, "JobFailed")
      assert.deepStrictEqual(told(yield* Stream.runCollect(poller.watch(answered))), [
        "job-a Succeeded",
        "job-b Failed"
      ])
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(service.calls.length, 0)
    }))

  it.effect("interrupted cancels those of its jobs that run, where that was wished for", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 15)
      service.run(b, 1e6)
      const poller = yield* Poller.make(service.both, { pace })
      const fiber = yield* Effect.forkChild(poller.await(submission([a, b]), { onInterrupt: "cancel" }))
      yield* TestClock.adjust("30 seconds")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(service.cancelled, [b])
    }))
})

describe("a handle", () => {
  it.effect("gives one job, of which it is known that it was submitted", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 15)
      const poller = yield* Poller.make(service.both, { pace })
      const watch = yield* Effect.forkChild(Stream.runCollect(poller.watch(handle(a))))
      const fiber = yield* Effect.forkChild(poller.succeed(handle(a)))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(told(yield* Fiber.join(watch)), ["job-a Queued", "job-a Running", "job-a Succeeded"])
      assert.strictEqual((yield* Fiber.join(fiber)).id, a)
    }))

  for (const kind of ["both", "getOnly"] as const) {
    it.effect(`of a job that is old by now is looked at at once; of one just submitted, when it may have ended (${kind})`, () =>
      Effect.gen(function*() {
        const service = make()
        service.run(a, 599)
        yield* TestClock.adjust("10 minutes")
        const old = yield* Effect.forkChild(Poller.succeed(service[kind], handle(a)))
        yield* TestClock.adjust("1 millis")
        assert.isDefined(old.pollUnsafe())
        const asked = service.calls.length
        service.run(b, 640)
        yield* Effect.forkScoped(Poller.succeed(service[kind], handle(b, 600)))
        yield* TestClock.adjust("5 seconds")
        assert.strictEqual(service.calls.length, asked)
        yield* TestClock.adjust("1 minute")
        assert.isAbove(service.calls.length, asked)
      }))
  }
})

describe("what is refused before any request", () => {
  it.effect("another provider's or instance's submission and handle, and what is no id at all", () =>
    Effect.gen(function*() {
      const service = make()
      const poller = yield* Poller.make(service.both, { pace })
      const other = { provider: ProviderId.make("another") }
      const b = { instance: ProviderId.Instance.make("b") }
      const foreign = [
        submission([a], other),
        submission([a], b),
        // As from JavaScript.
        [submission([a])] as unknown as Submission.Submission,
        Effect.succeed(submission([a])) as unknown as Submission.Submission,
        new Handle.Handle({ ...handle(a), ...other }),
        new Handle.Handle({ ...handle(a), ...b })
      ]
      // As from JavaScript.
      const none = [
        "",
        undefined,
        null,
        7,
        job(a, succeeded),
        { ...handle(a), id: undefined },
        { ...handle(a), id: "" },
        JSON.parse(JSON.stringify(handle(a))),
        { ...submission([a]), ids: [] },
        { ...submission([a]), ids: a },
        { ...submission([a]), ids: [a, null] }
      ] as ReadonlyArray<unknown> as ReadonlyArray<JobId.JobId>
      for (
        const [targets, tag] of [[foreign, "InvalidHandle"], [none, "InvalidJobId"]] as const
      ) {
        for (const target of targets as ReadonlyArray<Poller.Target>) {
          const errors = yield* Effect.all([
            Effect.flip(poller.await(target)),
            Effect.flip(poller.succeed(target)),
            Effect.flip(Stream.runDrain(poller.watch(target))),
            Effect.flip(poller.cancel(target)),
            Effect.flip(Poller.await(service.both, target)),
            Effect.flip(Poller.succeed(service.both, target)),
            Effect.flip(Stream.runDrain(Poller.watch(service.both, target)))
          ])
          assert.deepStrictEqual(errors.map(({ _tag }) => _tag), errors.map(() => tag))
          assert.isTrue(errors.every(({ remedy }) => remedy._tag === "Fix"))
        }
      }
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(service.calls.length, 0)
      assert.deepStrictEqual(service.cancelled, [])
    }))
})

it.effect("what can look at no job is refused at once, in a sentence", () =>
  Effect.gen(function*() {
    const service = make()
    const dies = (wait: Effect.Effect<unknown, unknown>) =>
      Effect.map(Effect.exit(wait), (exit) => Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "waited")
    // As from JavaScript.
    for (
      const provider of [undefined, null, {}, make, "luma"] as ReadonlyArray<unknown> as ReadonlyArray<Poller.Watchable>
    ) {
      for (
        const wait of [
          Poller.succeed(provider, a),
          Poller.await(provider, handle(a)),
          Stream.runDrain(Poller.watch(provider, a)),
          Effect.scoped(Effect.flatMap(Poller.make(provider, { pace }), (poller) => poller.await(a)))
        ]
      ) {
        assert.include(yield* dies(wait), "no provider that can list or get")
      }
    }
    for (const concurrency of [0, -1, NaN]) {
      assert.include(yield* dies(Effect.scoped(Poller.make(service.both, { pace, concurrency }))), "must be 1 or more")
      const shared = Effect.provide(Poller.succeed(service.both, a), Pollers.layer({ concurrency }))
      assert.include(yield* dies(shared), "must be 1 or more")
    }
    assert.include(
      yield* dies(Poller.succeed(service.both, a, { deadline: "soon" as "1 second" })),
      "Invalid"
    )
    assert.strictEqual(service.calls.length, 0)
  }))

it.effect("what is known of a job is told without a request", () =>
  Effect.gen(function*() {
    const service = make()
    service.run(a, 15)
    const poller = yield* Poller.make(service.both, { pace })
    assert.isUndefined(yield* poller.known(a))
    const fiber = yield* Effect.forkChild(poller.await(handle(a)), { startImmediately: true })
    assert.isTrue((yield* poller.known(a))?.is("Queued"))
    yield* TestClock.adjust("11 seconds")
    const calls = service.calls.length
    assert.isTrue((yield* poller.known(a))?.is("Running"))
    assert.strictEqual(service.calls.length, calls)
    yield* TestClock.adjust("1 minute")
    yield* Fiber.join(fiber)
    assert.isUndefined(yield* poller.known(a))
  }))

it("is typed by what is waited on", () => {
  const typed = (
    poller: Poller.Poller<ReturnType<typeof make>["both"]>,
    listOnly: Poller.Poller<ReturnType<typeof make>["listOnly"]>,
    all: Submission.Submission
  ) => {
    const one: Effect.Effect<Job.Succeeded, JobError.SucceedError> = poller.succeed(a)
    const many: Effect.Effect<
      readonly [Job.Terminal, ...Array<Job.Terminal>],
      JobError.OfSubmission<JobError.WatchError> | JobError.InvalidJobId | Handle.InvalidHandle
    > = poller.await(all)
    void Effect.catchTag(poller.succeed(handle(a)), "InvalidHandle", () => Effect.void)
    // @ts-expect-error a mere id is no other provider's
    void Effect.catchTag(poller.succeed(a), "InvalidHandle", () => Effect.void)
    // @ts-expect-error of one job, there are no others
    void Effect.catchTag(poller.succeed(a), "JobFailed", ({ jobs }) => Effect.succeed(jobs.length))
    void Effect.catchTag(poller.succeed(all), "JobFailed", ({ jobs }) => Effect.succeed(jobs.length))
    // @ts-expect-error it can't cancel
    void listOnly.cancel(a)
    return [one, many]
  }
  assert.isFunction(typed)
  assert.isTrue(Job.isTerminal(job(a, succeeded)))
})
