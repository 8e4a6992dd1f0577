/** Unsigned callbacks of a vendor's own API, through the room of webhooks and raced with the poll. */
import { assert, it } from "@effect/vitest"
import { DreamMachine } from "@media-jobs/luma"
import { Pace, Poller } from "@media-jobs/poller"
import { Emulator, LumaDreamMachineEmulator, type WebhookFaults } from "@media-jobs/testing"
import { Signer, Webhooks } from "@media-jobs/webhooks"
import { Clock, Effect, Fiber, Layer, Logger, Redacted } from "effect"
import { HttpClient, HttpServerRequest, HttpServerResponse } from "effect/http"
import { TestClock } from "effect/testing"

/** What goes wrong with the calls of a job, and whether nothing but the poll can then tell of its end. */
const fates: ReadonlyArray<readonly [name: string, fault: WebhookFaults.WebhookFault, poll: boolean]> = [
  ["none", { _tag: "Repeated", times: 1 }, false],
  ["lost", { _tag: "Lost" }, true],
  ["early", { _tag: "Early", by: "5 seconds" }, true],
  ["late", { _tag: "Late", by: "20 seconds" }, true],
  ["repeated", { _tag: "Repeated", times: 3 }, false],
  ["forged", { _tag: "Forged" }, false],
  ["broken", { _tag: "Broken" }, false],
  ["huge", { _tag: "Huge", bytes: 3_000_000 }, false]
]
const poll = 120

it.effect(
  "each generation of Dream Machine ends as it did, with its call where that comes, else with the poll",
  () =>
    Effect.gen(function*() {
      const { called, deliver, injectWebhook, services } = yield* Emulator.Emulator
      const dreams = yield* DreamMachine.make({ token: Redacted.make(Emulator.token), requestsPerSecond: 1e6 })
      const poller = yield* Poller.make(dreams, { pace: Pace.steady(`${poll} seconds`) })
      const webhooks = yield* Webhooks.make({ sources: [{ provider: dreams, wake: poller.wake }] })
      const toApplication = HttpClient.make((request) =>
        Effect.map(
          webhooks.respond(HttpServerRequest.fromClientRequest(request)),
          (response) => HttpServerResponse.toClientResponse(response, { request })
        )
      )
      yield* Effect.forkScoped(Effect.provideService(deliver, HttpClient.HttpClient, toApplication))
      for (const [name, fault, isPolled] of fates) {
        for (const outcome of ["completed", "failed"] as const) {
          // Every call of the job meets the same: that it dreams, and that it has ended.
          yield* injectWebhook({ fault, times: 2 })
          const submission = yield* dreams.submit(DreamMachine.video({ model: "ray-2", prompt: "a lighthouse" }))
          assert.isDefined(submission.replyUrl)
          const { endsAt } = yield* services["luma-dream-machine"].change(submission.ids[0], { outcome })
          const fiber = yield* Effect.forkChild(
            Effect.flatMap(
              poller.await(submission),
              ([{ state }]) =>
                Effect.map(Clock.currentTimeMillis, (at) => ({ state: state._tag, lag: (at - endsAt) / 1000 }))
            )
          )
          yield* TestClock.adjust("10 minutes")
          const { lag, state } = yield* Fiber.join(fiber)
          assert.strictEqual(state, outcome === "completed" ? "Succeeded" : "Failed", name)
          assert.isAtLeast(lag, 0, name)
          assert.isAtMost(lag, isPolled ? 1.2 * poll : 2, name)
        }
      }
      const forged = (yield* called).filter((call) => call.forged)
      assert.isAbove(forged.length, 0)
      for (const { outcome } of forged) assert.include([200, 401, 404], outcome)
    }).pipe(
      Effect.scoped,
      Effect.provide(
        Layer.mergeAll(
          Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer({
            services: { "luma-dream-machine": LumaDreamMachineEmulator.service({ life: "3 minutes" }) }
          }))),
          Signer.layer({
            url: "http://127.0.0.1/webhooks",
            keys: [Redacted.make("a-key-of-the-test-0123456789-0123456789")]
          }),
          Logger.layer([])
        )
      )
    ),
  30_000
)
