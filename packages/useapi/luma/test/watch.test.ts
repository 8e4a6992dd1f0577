import { assert, describe, it } from "@effect/vitest"
import type * as Job from "@media-jobs/core/Job"
import type * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as UseapiLumaEmulator from "@media-jobs/testing/useapi-luma"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"

// Trouble through all layers: the service as its documents have it, the adapter, and the engine as it is shipped.

const emulated = Effect.provide(
  Emulator.layerClient.pipe(
    Layer.provideMerge(
      Emulator.layer({
        services: {
          "useapi-luma": UseapiLumaEmulator.service({ accounts: [{ email: "user@example.com", concurrency: 5000 }] })
        }
      })
    )
  )
)
const make = (options?: Partial<Luma.Options>) =>
  Effect.orDie(Luma.make({ token: Redacted.make(Emulator.token), ...options }))

it("a watch is a stream of jobs, whose errors have their tags", () => {
  const typed = (luma: Luma.Luma["Service"], poller: Poller.Poller<Luma.Luma["Service"]>, id: JobId.JobId) => {
    const all: Stream.Stream<Job.Job, JobError.WatchError> = Poller.watch(luma, id)
    const one: Stream.Stream<Job.Job, JobError.WatchError> = poller.watch(id)
    const rest: Stream.Stream<
      Job.Job | string,
      Exclude<
        JobError.WatchError,
        JobError.Unauthorized | JobError.Forbidden | JobError.NotFound | JobError.SessionExpired
      >
    > = Stream.catchTags(all, {
      Unauthorized: () => Stream.succeed("token"),
      Forbidden: () => Stream.succeed("token"),
      NotFound: () => Stream.succeed("id"),
      SessionExpired: () => Stream.succeed("account")
    })
    // @ts-expect-error a watch waits for the end of what runs
    void Stream.catchTag(all, "NotTerminal", () => Stream.empty)
    return [one, rest]
  }
  assert.isFunction(typed)
})

const states = (jobs: ReadonlyArray<Job.Job>) => jobs.map(({ state }) => state._tag)

/** Looks at the list, where the pace as shipped asks for a job that is alone by itself. */
const listing = Pollers.layer({ pace: Pace.adaptive() })

/** What a watch of a job of three minutes brings while these faults are in force from its tenth second on, and what it costs. */
const watched = (faults: NonNullable<Emulator.Options["faults"]>, course: { readonly listed?: "always" } = {}) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const luma = yield* make()
    const { id } = yield* emulator.services["useapi-luma"].add({ duration: "3 minutes", ...course })
    const fiber = yield* Effect.forkChild(Stream.runCollect(Poller.watch(luma, JobId.make(id))))
    yield* TestClock.adjust("10 seconds")
    yield* emulator.inject(...faults)
    yield* TestClock.adjust("30 minutes")
    const jobs = yield* Fiber.join(fiber)
    return { jobs, states: states(jobs), requests: yield* emulator.count() }
  }).pipe(emulated)

describe("a watch goes on", () => {
  it.effect("while the service is dead for ten minutes, within eighty requests", () =>
    Effect.gen(function*() {
      const { requests, states } = yield* watched([{ fault: Faults.page(502), during: "10 minutes" }])
      // The documents show a job that was asked for as "pending" until it ends, and one on the list as "processing".
      assert.deepStrictEqual(states, ["Queued", "Succeeded"])
      // Each look is tried four times by the transport, and looks are a minute apart at last.
      assert.isAtMost(requests, 80)
    }))

  it.effect("after 429 with Retry-After, and not before", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const luma = yield* make()
      const { id } = yield* emulator.services["useapi-luma"].add({ duration: "3 minutes" })
      const fiber = yield* Effect.forkChild(Poller.await(luma, JobId.make(id)))
      yield* TestClock.adjust("10 seconds")
      yield* emulator.inject({ fault: Faults.status(429, "2 minutes"), times: 1 })
      yield* TestClock.adjust("20 seconds")
      const before = yield* emulator.count()
      yield* TestClock.adjust("90 seconds")
      assert.strictEqual(yield* emulator.count(), before)
      yield* TestClock.adjust("3 minutes")
      assert.isTrue((yield* Fiber.join(fiber)).is("Succeeded"))
    }).pipe(emulated))

  it.effect("while the list leaves the job out, once or for good", () =>
    Effect.gen(function*() {
      const empty = Faults.alter((reply) => ({ ...reply, body: `{"executing":0,"jobs":[]}` }))
      const once = yield* watched([{ fault: empty, operation: "useapi-luma.list", times: 1 }])
      assert.deepStrictEqual(once.states, ["Running", "Succeeded"])
      const always = yield* watched([{ fault: empty, operation: "useapi-luma.list" }])
      assert.deepStrictEqual(always.states, ["Running", "Succeeded"])
      assert.isAtMost(always.requests, 60)
    }).pipe(Effect.provide(listing)))

  it.effect("past the end of a job that is listed for ever, and finds it out", () =>
    Effect.gen(function*() {
      const { requests, states } = yield* watched([], { listed: "always" })
      assert.deepStrictEqual(states, ["Running", "Succeeded"])
      assert.isAtMost(requests, 90)
    }).pipe(Effect.provide(listing)))

  it.effect("over a status word that no page names: it is kept, and ends nothing", () =>
    Effect.gen(function*() {
      const { jobs, requests, states } = yield* watched([
        {
          fault: Faults.alter((reply) => ({ ...reply, body: `{"executing":0,"jobs":[]}` })),
          operation: "useapi-luma.list"
        },
        { fault: Faults.withField("status", "ruminating"), operation: "useapi-luma.get", during: "5 minutes" }
      ])
      assert.strictEqual(states.at(-1), "Succeeded")
      assert.isTrue(jobs.some((job) => job.is("Running") && job.providerStatus === "ruminating"))
      assert.isAtMost(requests, 80)
    }).pipe(Effect.provide(listing)))

  it.effect("over a list that carries an error, which says nothing of who is absent", () =>
    Effect.gen(function*() {
      const broken = Faults.alter((reply) => ({ ...reply, body: `{"executing":0,"jobs":[],"error":"Session lost"}` }))
      const { requests, states } = yield* watched([{
        fault: broken,
        operation: "useapi-luma.list",
        during: "5 minutes"
      }])
      assert.deepStrictEqual(states.at(-1), "Succeeded")
      assert.isAtMost(requests, 80)
    }).pipe(Effect.provide(listing)))
})

it.effect("a thousand jobs that end at once stay within the limit, and none waits longer than it makes them", () =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const [limit, n] = [20, 1000]
    const luma = yield* make({ requestsPerSecond: limit })
    const ids = yield* Effect.forEach(
      Array.from({ length: n }),
      () => Effect.map(emulator.services["useapi-luma"].add({ duration: "1 minute" }), ({ id }) => JobId.make(id))
    )
    const poller = yield* Poller.make(luma, { pace: yield* Pace.learned() })
    const known: Array<number> = []
    const fiber = yield* Effect.forkChild(
      Effect.forEach(
        ids,
        (id) =>
          Effect.flatMap(poller.await(id), () => Effect.map(Clock.currentTimeMillis, (now) => void known.push(now))),
        {
          concurrency: "unbounded",
          discard: true
        }
      )
    )
    yield* TestClock.adjust("3 minutes")
    yield* Fiber.join(fiber)
    assert.strictEqual(yield* emulator.count("useapi-luma.get"), n)
    const sent = (yield* emulator.journal).map(({ at }) => at)
    for (const [i, at] of sent.entries()) {
      // A bucket that was full, and what ran into it meanwhile.
      const within = sent.slice(i).filter((later) => later < at + 1000).length
      assert.isAtMost(within, 2 * limit)
    }
    // The tick that finds them gone may be ten seconds late, and a list in between takes a turn too.
    assert.isAtMost(Math.max(...known), 60_000 + 12_000 + 1000 * (n * 1.1) / limit)
  }).pipe(emulated))
