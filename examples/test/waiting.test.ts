/** What public reports of waits say went wrong, at services of the house: through adapter, transport and engine. */
import { assert, describe, it } from "@effect/vitest"
import { Handle, JobId, Provider } from "@media-jobs/core"
import { Gemini, Vertex } from "@media-jobs/google"
import { DreamMachine } from "@media-jobs/luma"
import { Pace, Poller, Pollers, Slots } from "@media-jobs/poller"
import { Replicate } from "@media-jobs/replicate"
import {
  Emulator,
  Faults,
  GoogleEmulator,
  GoogleVertexEmulator,
  LumaDreamMachineEmulator,
  ReplicateEmulator,
  Reply,
  UseapiDreaminaEmulator,
  UseapiLumaEmulator,
  UseapiMidjourneyEmulator
} from "@media-jobs/testing"
import { Dreamina } from "@media-jobs/useapi-dreamina"
import { Luma } from "@media-jobs/useapi-luma"
import { Midjourney } from "@media-jobs/useapi-midjourney"
import { Signer } from "@media-jobs/webhooks"
import { Clock, DateTime, Duration, Effect, Fiber, Layer, Logger, Redacted, Stream } from "effect"
import { TestClock } from "effect/testing"

const options = { token: Redacted.make(Emulator.token) }

/** What is the same of every service, where the emulator has the controls of each. */
interface Job {
  readonly duration: Duration.Input
  readonly created?: string
}
type Operation = NonNullable<NonNullable<Emulator.Options["faults"]>[number]["operation"]>
interface Service {
  readonly provider: Effect.Effect<
    Provider.Provider<"get"> & Partial<Provider.Provider<"list">>,
    unknown,
    Layer.Success<typeof Emulator.layerClient>
  >
  readonly add: (emulator: Emulator.Emulated<Emulator.Services>, job: Job) => Effect.Effect<{ readonly id: string }>
  /** Absent where the service has none. */
  readonly list?: Operation
  readonly get: Operation
  readonly notFound: Reply.Reply
}
const services = {
  google: {
    provider: Gemini.make(options),
    add: ({ services: { google } }, job) => google.add(job),
    get: "google.get",
    notFound: GoogleEmulator.sentences.noInteraction
  },
  "google-vertex": {
    provider: Vertex.make({ ...options, project: "emulator" }),
    add: ({ services }, job) => services["google-vertex"].add(job),
    get: "google-vertex.get",
    notFound: GoogleVertexEmulator.sentences.noOperation
  },
  replicate: {
    provider: Replicate.make(options),
    add: ({ services: { replicate } }, job) => replicate.add(job),
    list: "replicate.list",
    get: "replicate.get",
    notFound: ReplicateEmulator.sentences.notFound
  },
  "luma-dream-machine": {
    provider: DreamMachine.make(options),
    add: ({ services }, job) => services["luma-dream-machine"].add(job),
    list: "luma-dream-machine.list",
    get: "luma-dream-machine.get",
    notFound: LumaDreamMachineEmulator.sentences.notFound
  },
  "useapi-dreamina": {
    provider: Dreamina.make(options),
    add: ({ services }, job) => services["useapi-dreamina"].add(job),
    list: "useapi-dreamina.list",
    get: "useapi-dreamina.getVideo",
    notFound: UseapiDreaminaEmulator.sentences.jobNotFound
  },
  "useapi-luma": {
    provider: Luma.make(options),
    add: ({ services }, job) => services["useapi-luma"].add(job),
    list: "useapi-luma.list",
    get: "useapi-luma.get",
    notFound: UseapiLumaEmulator.sentences.jobNotFound
  },
  "useapi-midjourney": {
    provider: Midjourney.make(options),
    add: ({ services }, job) => services["useapi-midjourney"].add({ ...job, type: "image" }),
    list: "useapi-midjourney.list",
    get: "useapi-midjourney.get",
    notFound: UseapiMidjourneyEmulator.sentences.jobNotFound
  }
} satisfies { readonly [K in keyof Emulator.Services]?: Service }
type Name = keyof typeof services
const names = Object.keys(services) as ReadonlyArray<Name> // its own keys

/** A world with one service, its provider, and a way to begin jobs there. */
const begin = Effect.fnUntraced(function*(name: Name) {
  const emulator = yield* Emulator.Emulator
  const service: Service = services[name]
  const provider = yield* service.provider
  const start = (job: Job) =>
    Effect.gen(function*() {
      const { id } = yield* service.add(emulator, job)
      return new Handle.Handle({
        provider: provider.id,
        instance: provider.instance,
        id: JobId.make(id),
        submittedAt: yield* DateTime.now
      })
    })
  // What is asked where a list is wanted.
  const { get, list = get, notFound } = service
  /** The same, where no list tells of its jobs. */
  const alone = Provider.make({ id: provider.id, instance: provider.instance, owns: provider.owns }, {
    get: provider.get
  })
  return { ...emulator, provider, alone, start, list, get, notFound }
})

const world = () =>
  Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer()), Layer.provideMerge(Logger.layer([])))

/** At each of them, in a world of its own. */
const everywhere = <E>(
  title: string,
  test: (
    name: Name
  ) => Effect.Effect<void, E, Layer.Success<ReturnType<typeof world>>>,
  where: (service: Service) => boolean = () => true
) =>
  describe(title, () => {
    for (const name of names) {
      if (where(services[name])) it.effect(name, () => Effect.provide(test(name), world()))
    }
  })
const hasList = ({ list }: Service) => list !== undefined

/** Steps until there is no more to look for, or the time is over. */
const steps = Effect.fnUntraced(function*(provider: Poller.Watchable, handle: Handle.Handle, within: Duration.Input) {
  const end = (yield* Clock.currentTimeMillis) + Duration.toMillis(within)
  let state: string | undefined
  for (;;) {
    const fiber = yield* Effect.forkChild(Poller.step(provider, handle, { state, pace: Pace.steady("10 seconds") }))
    yield* TestClock.adjust("1 second")
    const step = yield* Fiber.join(fiber)
    if (step.again === undefined || (yield* Clock.currentTimeMillis) >= end) return step.job
    state = step.state
    yield* TestClock.adjust(step.again)
  }
})

describe("a job that was seen running, and is then not found", () => {
  const times: ReadonlyArray<readonly [title: string, rule: Pick<Faults.Rule, "skip" | "times">, expected: string]> = [
    ["once", { skip: 1, times: 1 }, "Succeeded"],
    ["twice", { skip: 1, times: 2 }, "Succeeded"],
    ["at first, and then now and again", { skip: 0, times: 1 }, "Succeeded"],
    ["for good", { skip: 1 }, "Expired"]
  ]
  for (const [title, rule, expected] of times) {
    everywhere(`${title}, in succeed and in step`, (name) =>
      Effect.gen(function*() {
        const { alone, get, heal, inject, notFound, start } = yield* begin(name)
        const poller = yield* Poller.make(alone, { pace: Pace.steady("10 seconds") })
        for (const how of ["succeed", "step"] as const) {
          const handle = yield* start({ duration: "90 seconds" })
          yield* inject({ operation: get, fault: Faults.answer(notFound), ...rule })
          if (rule.skip === 0) yield* inject({ operation: get, fault: Faults.answer(notFound), skip: 3, times: 1 })
          if (how === "step") {
            assert.strictEqual((yield* steps(alone, handle, "4 minutes")).state._tag, expected)
          } else {
            const fiber = yield* Effect.forkChild(poller.await(handle))
            yield* TestClock.adjust("4 minutes")
            assert.strictEqual((yield* Fiber.join(fiber)).state._tag, expected)
          }
          yield* heal
        }
      }).pipe(Effect.scoped))
  }

  everywhere("with 410 has expired at that look", (name) =>
    Effect.gen(function*() {
      const { alone, get, inject, notFound, start } = yield* begin(name)
      const handle = yield* start({ duration: "90 seconds" })
      yield* inject({ operation: get, fault: Faults.answer({ ...notFound, status: 410 }), skip: 1 })
      const poller = yield* Poller.make(alone, { pace: Pace.steady("10 seconds") })
      const fiber = yield* Effect.forkChild(poller.await(handle))
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).state._tag, "Expired")
    }).pipe(Effect.scoped))
})

describe("a list in trouble delays no end by more than a minute, where get answers", () => {
  /** The first array of a body, with an entry that has no id. */
  const odd = (json: unknown): unknown => {
    let isDone = false
    return JSON.parse(JSON.stringify(json), (_, value) => {
      if (isDone || !Array.isArray(value) || value.length === 0) return value
      isDone = true
      return [...value.slice(1), { odd: 1 }]
    })
  }
  const troubles: ReadonlyArray<readonly [title: string, fault: Faults.Fault]> = [
    ["502", Faults.page(502)],
    ["a 403 page", Faults.page(403)],
    ["the service's own 403", Faults.status(403)],
    ["401", Faults.status(401)],
    [
      "an odd entry in place of a job's",
      Faults.alter((reply) => ({ ...reply, body: JSON.stringify(odd(JSON.parse(reply.body))) }))
    ],
    ["JSON that is cut", Faults.cutJson],
    ["no answer at all", Faults.hang]
  ]
  for (const [title, fault] of troubles) {
    everywhere(title, (name) =>
      Effect.gen(function*() {
        const { inject, list, provider, start } = yield* begin(name)
        const handles = yield* Effect.forEach([100, 100, 100], (seconds) =>
          start({ duration: Duration.seconds(seconds) }))
        yield* inject({ operation: list, fault })
        const poller = yield* Poller.make(provider, { pace: Pace.steady("10 seconds") })
        const fibers = yield* Effect.forEach(handles, (handle) =>
          Effect.forkChild(poller.succeed(handle)))
        yield* TestClock.adjust("165 seconds")
        for (const fiber of fibers) assert.isTrue((yield* Fiber.join(fiber)).is("Succeeded"))
      }).pipe(Effect.scoped), hasList)
  }
})

describe("a Retry-After that no user would wait for", () => {
  const answers: ReadonlyArray<readonly [status: number, after: string]> = [
    [429, "1795680083"],
    [503, "Fri, 31 Dec 9999 23:59:59 GMT"],
    [429, "2147483647.5"],
    [503, "Infinity"]
  ]
  for (const [status, after] of answers) {
    everywhere(`${status} with ${after}, once`, (name) =>
      Effect.gen(function*() {
        const said: Array<string> = []
        const logger = Logger.make(({ logLevel, message }) => {
          if (logLevel === "Warn") said.push(String(message))
        })
        const { inject, list, provider, start } = yield* begin(name)
        const first = yield* start({ duration: "2 minutes" })
        const fault = Faults.answer(Reply.error(status, "Slow down", { "retry-after": after }))
        yield* inject({ operation: list, fault, times: 1 })
        yield* Effect.gen(function*() {
          const poller = yield* Poller.make(provider, { pace: Pace.steady("10 seconds") })
          const fibers = [yield* Effect.forkChild(poller.succeed(first))]
          yield* TestClock.adjust("30 seconds")
          fibers.push(yield* Effect.forkChild(poller.succeed(yield* start({ duration: "10 seconds" }))))
          yield* TestClock.adjust("6 minutes")
          for (const fiber of fibers) assert.isTrue((yield* Fiber.join(fiber)).is("Succeeded"))
        }).pipe(Effect.provide(Logger.layer([logger])))
        assert.isAtMost(said.length, 1)
      }).pipe(Effect.scoped))
  }
})

everywhere(
  "a step in a function of ten seconds is over in time, while the service hangs, and says when to come again",
  (name) =>
    Effect.gen(function*() {
      const { count, get, heal, inject, provider, start } = yield* begin(name)
      const handle = yield* start({ duration: "1 minute" })
      for (
        const [fault, asked] of [
          [Faults.hang, 0],
          [Faults.slow("1 minute"), 0],
          [Faults.status(503), 0],
          [Faults.status(429, "40 seconds"), 40]
        ] as const
      ) {
        yield* inject({ operation: get, fault })
        const before = yield* count(get)
        const fiber = yield* Effect.forkChild(Poller.step(provider, handle, { within: "8 seconds" }))
        yield* TestClock.adjust("8 seconds")
        const { again, job, trouble } = yield* Fiber.join(fiber)
        assert.isTrue(job.is("Queued"))
        assert.isTrue(again !== undefined && Duration.toSeconds(again) >= Math.max(1, asked))
        assert.isTrue(trouble?._tag === "Unavailable" || trouble?._tag === "RateLimited")
        assert.strictEqual(yield* count(get), before + 1)
        if (asked > 0) {
          // One that comes sooner all the same asks nothing, and hears what is left of the time.
          const sooner = yield* Effect.forkChild(Poller.step(provider, handle, { within: "8 seconds" }))
          yield* TestClock.adjust("1 millis")
          assert.isAtLeast(Duration.toSeconds((yield* Fiber.join(sooner)).again ?? Duration.zero), asked - 9)
          assert.strictEqual(yield* count(get), before + 1)
        }
        yield* heal
        yield* TestClock.adjust("1 minute")
      }
      const last = yield* Effect.forkChild(Poller.step(provider, handle, { within: "8 seconds" }))
      yield* TestClock.adjust("8 seconds")
      assert.isTrue((yield* Fiber.join(last)).job.is("Succeeded"))
    })
)

describe("an account that may make one prediction a minute", () => {
  /** The creates in the journal that were sent while the service had said to wait. */
  const early = Effect.map(Effect.flatMap(Emulator.Emulator, ({ journal }) => journal), (entries) => {
    const creates = entries.filter(({ operation }) => operation === "replicate.model")
    let [open, count] = [0, 0]
    for (const { at, status } of creates) {
      if (at < open) count++
      // Those of one instant left before any of them was answered.
      if (status === 429) open = Math.max(open, Math.ceil((at + 1) / 60_000) * 60_000)
    }
    return { creates: creates.length, early: count }
  })
  for (const jobs of [8, 3]) {
    it.effect(`takes ${jobs} submits at once through Slots, one after another, none in the time told`, () =>
      Effect.gen(function*() {
        const replicate = yield* Replicate.make(options)
        const slots = yield* Slots.make(replicate)
        const submit = slots.submit({
          submit: () => replicate.submit({ model: "media-jobs/lighthouse", input: { prompt: "rain" } }),
          ended: (id) => Poller.await(replicate, id)
        })
        const fiber = yield* Effect.forkChild(Effect.all(Array.from({ length: jobs }, () => submit), {
          concurrency: "unbounded"
        }))
        yield* TestClock.adjust(Duration.minutes(2 * jobs))
        const submissions = yield* Fiber.join(fiber)
        assert.strictEqual(new Set(submissions.flatMap(({ ids }) => ids)).size, jobs)
        const found = yield* early
        assert.strictEqual(found.early, 0)
        assert.isAtMost(found.creates, 3 * jobs)
      }).pipe(
        Effect.scoped,
        Effect.provide(
          Emulator.layerClient.pipe(
            Layer.provideMerge(Emulator.layer({ services: { replicate: ReplicateEmulator.service({ creates: 1 }) } })),
            Layer.provideMerge(Logger.layer([]))
          )
        )
      ))
  }
})

it.effect("a handle of another instance is refused before any request, and no slot waits for it", () =>
  Effect.gen(function*() {
    const { count, services: { "useapi-luma": luma } } = yield* Emulator.Emulator
    const [a, b] = [
      yield* Luma.make({ ...options, instance: "a" }),
      yield* Luma.make({ ...options, instance: "b" })
    ]
    const submission = yield* b.submit(Luma.image({ prompt: "rain" }))
    const [handle] = submission.handles
    const before = yield* count()
    let waits = 0
    const poller = yield* Poller.make(a, { pace: Pace.steady("10 seconds") })
    for (const target of [handle, submission]) {
      for (
        const refused of [
          Poller.succeed(a, target),
          Poller.await(a, target),
          Stream.runDrain(Poller.watch(a, target)),
          poller.succeed(target),
          Stream.runDrain(poller.watch(target)),
          Poller.step(a, handle)
        ]
      ) {
        assert.strictEqual((yield* Effect.flip(refused))._tag, "InvalidHandle")
      }
    }
    yield* Slots.make({ id: a.id, instance: a.instance, capabilities: [], owns: a.owns }, {
      resumed: { handles: submission.handles, ended: () => Effect.sync(() => void waits++) }
    })
    yield* TestClock.adjust("10 minutes")
    assert.strictEqual(waits, 0)
    assert.strictEqual(yield* count(), before)
    assert.strictEqual((yield* luma.jobs).length, 4)
  }).pipe(Effect.scoped, Effect.provide(world())))

describe("a service whose clock is off is asked as often as any", () => {
  for (const minutes of [120, 24 * 60, -26 * 60]) {
    everywhere(`by ${minutes} minutes`, (name) =>
      Effect.gen(function*() {
        yield* TestClock.setTime(Date.parse("2026-11-26T10:00:00Z"))
        const asked: Array<number> = []
        for (const off of [0, minutes]) {
          const { alone, count, start } = yield* begin(name)
          const created = DateTime.formatIso(DateTime.add(yield* DateTime.now, { minutes: off }))
          const { id } = yield* start({ duration: "1 day", created })
          const before = yield* count()
          const poller = yield* Poller.make(alone, { pace: Pace.adaptive() })
          const fiber = yield* Effect.forkChild(poller.await(id))
          yield* TestClock.adjust("30 minutes")
          yield* Fiber.interrupt(fiber)
          asked.push((yield* count()) - before)
        }
        const [right = 0, wrong = 0] = asked
        assert.isTrue(wrong > 0.9 * right && wrong < 1.1 * right, `${wrong} instead of ${right}`)
      }).pipe(Effect.scoped))
  }
})

describe("a live view, with webhooks on, begins with what is known", () => {
  const submitted = Effect.gen(function*() {
    const luma = yield* Luma.make(options)
    const submission = yield* luma.submit(Luma.image({ prompt: "rain" }))
    assert.isDefined(submission.replyUrl)
    return { luma, submission }
  })
  const Hooked = () =>
    Layer.provideMerge(
      Signer.layer({
        url: "https://app.example/webhooks",
        keys: [Redacted.make("a-key-of-the-tests-0123456789-0123456789-0123")]
      }),
      world()
    )
  for (const [title, whole] of [["of a submission", true], ["of one of its jobs, by its handle", false]] as const) {
    it.effect(title, () =>
      Effect.gen(function*() {
        const { luma, submission } = yield* submitted
        const seen: Array<string> = []
        const target = whole ? submission : submission.handles[0]
        const fiber = yield* Effect.forkChild(
          Stream.runForEach(Poller.watch(luma, target), ({ state }) =>
            Effect.map(Clock.currentTimeMillis, (at) => seen.push(`${at} ${state._tag}`))),
          { startImmediately: true }
        )
        assert.deepStrictEqual(
          seen,
          (whole ? submission.ids : [submission.ids[0]]).map(() =>
            "0 Queued"
          )
        )
        yield* TestClock.adjust("10 minutes")
        yield* Fiber.join(fiber)
        assert.match(seen.at(-1) ?? "", /Succeeded$/)
      }).pipe(Effect.provide(Hooked())))
  }

  it.effect("at its latest known state, where another already watches", () =>
    Effect.gen(function*() {
      const { luma, submission: { handles: [handle] } } = yield* submitted
      const first = yield* Effect.forkChild(Poller.await(luma, handle))
      yield* TestClock.adjust("40 seconds")
      const known = yield* Stream.runHead(Poller.watch(luma, handle))
      assert.strictEqual(known._tag === "Some" && known.value.state._tag, "Running")
      yield* Fiber.interrupt(first)
    }).pipe(Effect.provide(Layer.provideMerge(Pollers.layer({ pace: Pace.steady("10 seconds") }), Hooked()))))
})
