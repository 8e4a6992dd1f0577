import { assert, it } from "@effect/vitest"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as UseapiLumaEmulator from "@media-jobs/testing/useapi-luma"
import type * as WebhookFaults from "@media-jobs/testing/WebhookFaults"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Signer from "@media-jobs/webhooks/Signer"
import * as Webhooks from "@media-jobs/webhooks/Webhooks"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"

/** All that can go wrong with a call, by its name; `poll` where nothing but the poll can tell of the end. */
const fates: ReadonlyArray<
  { readonly name: string; readonly miscall: WebhookFaults.WebhookFault; readonly poll?: true }
> = [
  { name: "none", miscall: { _tag: "Repeated", times: 1 } },
  { name: "lost", miscall: { _tag: "Lost" }, poll: true },
  { name: "late", miscall: { _tag: "Late", by: "20 seconds" }, poll: true },
  { name: "early", miscall: { _tag: "Early", by: "5 seconds" }, poll: true },
  { name: "repeated", miscall: { _tag: "Repeated", times: 3 } },
  { name: "swapped", miscall: { _tag: "Swapped" }, poll: true },
  { name: "forged", miscall: { _tag: "Forged" } },
  { name: "huge", miscall: { _tag: "Huge", bytes: 3_000_000 } },
  { name: "slow", miscall: { _tag: "Slow", over: "2 seconds" } },
  { name: "too slow", miscall: { _tag: "Slow", over: "1 minute" }, poll: true },
  { name: "typed", miscall: { _tag: "Typed" } },
  { name: "broken", miscall: { _tag: "Broken" } },
  // Reported to the account's own address, since the submit named none.
  { name: "unasked", miscall: { _tag: "Repeated", times: 1 }, poll: true }
]

const n = 1000
const base = "http://127.0.0.1/webhooks"

it.effect(
  "a thousand jobs, with all that can go wrong with their calls, end once and as they did, in time",
  () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const luma = yield* Luma.make({ token: Redacted.make(Emulator.token), requestsPerSecond: 1e6 })
      const poller = yield* Poller.make(luma, {
        pace: (yield* Pollers.Pollers).pace(yield* Effect.context()),
        concurrency: 64
      })
      const webhooks = yield* Webhooks.make({ sources: [{ provider: luma, wake: poller.wake }] })
      const toApplication = HttpClient.make((request) =>
        Effect.map(
          webhooks.respond(HttpServerRequest.fromClientRequest(request)),
          (response) => HttpServerResponse.toClientResponse(response, { request })
        )
      )
      yield* Effect.forkScoped(Effect.provideService(emulator.deliver, HttpClient.HttpClient, toApplication))

      const endings: Array<string> = []
      yield* Effect.forkScoped(
        Stream.runForEach(poller.changes, (job) => Effect.sync(() => void (job.isTerminal && endings.push(job.id))))
      )

      const life = Effect.fnUntraced(function*(fate: (typeof fates)[number], begins: number, fails: boolean) {
        yield* Effect.sleep(begins)
        yield* emulator.injectWebhook({ fault: fate.miscall, times: 1 })
        const beganAt = yield* Clock.currentTimeMillis
        const submit = luma.submit(Luma.video({ prompt: "rain" }))
        const submission = yield* fate.name === "unasked"
          ? Effect.provideService(submit, ReplyTo.ReplyTo, undefined)
          : submit
        const [id] = submission.ids
        const { endsAt } = yield* emulator.services["useapi-luma"].change(id, {
          outcome: fails ? "failed" : "completed"
        })
        const [{ state }] = yield* poller.await(submission)
        return { id, fate, beganAt, endsAt, fails, state, knownAt: yield* Clock.currentTimeMillis }
      })
      const fiber = yield* Effect.forkChild(Effect.forEach(
        Array.from({ length: n }, (_, i) => i),
        (i) =>
          Effect.gen(function*() {
            const fate = fates[yield* Random.nextIntBetween(0, fates.length - 1)]
            assert.isDefined(fate)
            // No two submits in one breath: each is to meet its own fate.
            return yield* life(fate!, i * 200, (yield* Random.next) < 0.3)
          }),
        { concurrency: "unbounded" }
      ))
      yield* TestClock.adjust("15 minutes")
      const jobs = yield* Fiber.join(fiber)

      assert.deepStrictEqual(endings.toSorted(), jobs.map(({ id }) => id).toSorted())
      const met = new Set<string>()
      for (const { beganAt, endsAt, fails, fate, knownAt, state } of jobs) {
        assert.strictEqual(state._tag, fails ? "Failed" : "Succeeded", fate.name)
        const lag = (knownAt - endsAt) / 1000
        assert.isAtLeast(lag, 0, fate.name)
        // A look comes after half of the job's age, yet after one minute at least, by chance a fifth later.
        const underneath = 1.2 * Math.max(60, (endsAt - beganAt) / 2000) + 1
        assert.isAtMost(lag, fate.poll === true ? underneath : fate.name === "slow" ? 4 : 2, fate.name)
        met.add(fate.name)
      }
      assert.strictEqual(met.size, fates.length)
      // One for each ending, and what the poll underneath costs where half of the calls are of no use.
      assert.isAtMost((yield* emulator.count("useapi-luma.get")) + (yield* emulator.count("useapi-luma.list")), 1.3 * n)
      const forged = (yield* emulator.called).filter((call) => call.forged)
      assert.isAbove(forged.length, 0)
      assert.isTrue(forged.every(({ outcome }) => outcome === 200 || outcome === 401 || outcome === 404))
      const unasked = (yield* emulator.called).filter(({ url }) => url === base)
      assert.strictEqual(unasked.length, jobs.filter(({ fate }) => fate.name === "unasked").length)
      assert.isTrue(unasked.every(({ outcome }) => outcome === 404))
    }).pipe(
      Effect.provide(
        Layer.mergeAll(
          Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer({
            replyUrl: base,
            services: {
              "useapi-luma": UseapiLumaEmulator.service({
                accounts: [{ email: "user@example.com", concurrency: n }],
                videoLife: "2 minutes",
                jitter: 0.8
              })
            }
          }))),
          Signer.layer({
            url: base,
            keys: [Redacted.make("a-key-of-the-test-0123456789-0123456789")]
          })
        )
      ),
      Effect.provideService(Metric.MetricRegistry, new Map()),
      Random.withSeed("webhooks")
    ),
  60_000
)
