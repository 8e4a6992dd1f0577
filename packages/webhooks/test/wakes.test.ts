/** Signed calls of the emulator, through the route's own answer, to waits that share one engine. */
import { assert, describe, it } from "@effect/vitest"
import type * as Job from "@media-jobs/core/Job"
import * as Wakes from "@media-jobs/core/Wakes"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Replicate from "@media-jobs/replicate/Replicate"
import * as Emulator from "@media-jobs/testing/Emulator"
import type * as WebhookFaults from "@media-jobs/testing/WebhookFaults"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Signer from "@media-jobs/webhooks/Signer"
import * as StandardWebhooks from "@media-jobs/webhooks/StandardWebhooks"
import * as Webhooks from "@media-jobs/webhooks/Webhooks"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"

const token = Redacted.make(Emulator.token)

/** Both services, whose calls reach what answers them; the poll underneath looks every half hour. */
const wired = Effect.gen(function*() {
  const emulator = yield* Emulator.Emulator
  const luma = yield* Luma.make({ token })
  const replicate = yield* Replicate.make({ token })
  const verify = yield* StandardWebhooks.make({ renew: replicate.webhookSecret })
  const webhooks = yield* Webhooks.make({ sources: [luma, { provider: replicate, verify }] })
  const toApplication = HttpClient.make((request) =>
    Effect.map(
      webhooks.respond(HttpServerRequest.fromClientRequest(request)),
      (response) => HttpServerResponse.toClientResponse(response, { request })
    )
  )
  yield* Effect.forkScoped(Effect.provideService(emulator.deliver, HttpClient.HttpClient, toApplication))
  return { emulator, luma, replicate }
})

const inWorld = <A, E>(
  effect: Effect.Effect<A, E, Emulator.Emulator | HttpClient.HttpClient | Signer.Signer | Scope.Scope>
) =>
  effect.pipe(
    Effect.provide(
      Layer.mergeAll(
        Pollers.layer({ pace: Pace.steady("30 minutes") }),
        Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer())),
        Signer.layer({
          url: "http://127.0.0.1/webhooks",
          keys: [Redacted.make("a-key-of-the-test-0123456789-0123456789")]
        }),
        Logger.layer([])
      ).pipe(Layer.provideMerge(Layer.sync(Wakes.Wakes, Wakes.make)))
    )
  )

/** How long a wait takes from now on, in milliseconds, and what it gives. */
const timed = <E, R>(wait: Effect.Effect<Job.Job | readonly [Job.Job, ...Array<Job.Job>], E, R>) =>
  Effect.gen(function*() {
    const from = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.forkChild(Effect.zip(wait, Clock.currentTimeMillis))
    yield* TestClock.adjust("1 millis")
    if (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 hour")
    const [jobs, at] = yield* Fiber.join(fiber)
    return { jobs: [jobs].flat(), took: at - from }
  })

describe("a genuine call that comes before its watch", () => {
  it.effect("ends the wait at once", () =>
    inWorld(Effect.gen(function*() {
      const { emulator, luma } = yield* wired
      const submission = yield* luma.submit(Luma.video({ prompt: "rain" }))
      yield* TestClock.adjust("185 seconds")
      assert.deepStrictEqual((yield* emulator.called).map(({ outcome }) => outcome), [200])
      const { jobs, took } = yield* timed(Poller.succeed(luma, submission))
      assert.deepStrictEqual([jobs.map(({ state }) => state._tag), took], [["Succeeded"], 0])
      assert.strictEqual(yield* emulator.count("useapi-luma.get"), 1)
    })))

  it.effect("and is signed by its service, ends it at once too, by the submission and by the handle", () =>
    inWorld(Effect.gen(function*() {
      const { emulator, replicate } = yield* wired
      const submit = replicate.submit({ model: "media-jobs/lighthouse", input: { prompt: "rain" } })
      const [one, two] = [yield* submit, yield* submit]
      yield* TestClock.adjust("1 minute")
      // The platform signs in a time of its own.
      while ((yield* emulator.called).length < 2) yield* Effect.promise(() => new Promise(setImmediate))
      assert.deepStrictEqual((yield* emulator.called).map(({ outcome }) => outcome), [200, 200])
      for (const target of [one, two.handles[0]]) {
        const { jobs, took } = yield* timed(Poller.succeed(replicate, target))
        assert.deepStrictEqual([jobs.map(({ state }) => state._tag), took], [["Succeeded"], 0])
      }
    })))

  it.effect("for each job of a submit of several, though its body can't be read", () =>
    inWorld(Effect.gen(function*() {
      const { emulator, luma } = yield* wired
      yield* emulator.injectWebhook({ fault: { _tag: "Huge", bytes: 1_500_000 } })
      const submission = yield* luma.submit(Luma.image({ prompt: "rain" }))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual((yield* emulator.called).map(({ outcome }) => outcome), [200])
      const { jobs, took } = yield* timed(Poller.succeed(luma, submission))
      assert.deepStrictEqual([jobs.length, took], [4, 0])
    })))
})

describe("a genuine call whose body can't be read wakes by its address", () => {
  const faults: ReadonlyArray<readonly [name: string, fault: WebhookFaults.WebhookFault, least: number, most: number]> =
    [
      ["1.5 MB", { _tag: "Huge", bytes: 1_500_000 }, 0, 1000],
      ["4 MB", { _tag: "Huge", bytes: 4_000_000 }, 0, 1000],
      ["no job in it", { _tag: "Broken" }, 0, 1000],
      ["too slow", { _tag: "Slow", over: "1 minute" }, 4000, 11_000]
    ]
  it.effect.each(faults)("%s", ([, fault, least, most]) =>
    inWorld(Effect.gen(function*() {
      const { emulator, luma } = yield* wired
      yield* emulator.injectWebhook({ fault })
      const submission = yield* luma.submit(Luma.video({ prompt: "rain" }))
      const { jobs, took } = yield* timed(Poller.succeed(luma, submission))
      assert.isTrue(jobs[0]?.is("Succeeded"))
      const late = took - 180_000
      assert.isTrue(late >= least && late <= most, `${late} ms`)
    })))

  it.effect("of a watch that knows only the handle, one list for all of them", () =>
    inWorld(Effect.gen(function*() {
      const { emulator, luma } = yield* wired
      yield* emulator.injectWebhook({ fault: { _tag: "Huge", bytes: 1_500_000 } })
      const { handles: [handle] } = yield* luma.submit(Luma.video({ prompt: "rain" }))
      yield* luma.submit(Luma.video({ prompt: "snow" }))
      const { jobs, took } = yield* timed(Poller.succeed(luma, handle))
      assert.isTrue(jobs[0]?.is("Succeeded"))
      assert.isAtMost(took, 182_000)
    })))
})
