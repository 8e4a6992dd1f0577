import { assert, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Signer from "@media-jobs/webhooks/Signer"
import * as Webhooks from "@media-jobs/webhooks/Webhooks"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { adapters, ledger, machine, Media, passing, store } from "./support.ts"

const signer = Signer.layer({
  url: "http://127.0.0.1/webhooks",
  keys: [Redacted.make("a-key-of-the-tests-0123456789-0123456789")]
})

it.effect("calls of all providers that report end their runs, where a signer is there, in whatever order the layers come", () => {
  const here = machine()
  const live = Layer.provideMerge(Media.webhooks(), Media.layer()).pipe(
    Layer.provideMerge(Layer.mergeAll(ledger(here), store(here), signer))
  )
  return Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const { respond } = yield* Webhooks.Webhooks
    const toApplication = HttpClient.make((request) =>
      Effect.map(
        respond(HttpServerRequest.fromClientRequest(request)),
        (response) => HttpServerResponse.toClientResponse(response, { request })
      )
    )
    yield* Effect.forkScoped(Effect.provideService(emulator.deliver, HttpClient.HttpClient, toApplication))
    const media = yield* Media
    yield* passing(Effect.all([
      media.luma.run(Luma.video({ prompt: "x" })),
      media.replicate.run({ model: "a/b", input: { prompt: "x" } })
    ], { concurrency: 2 }))
    const [job] = yield* emulator.services["useapi-luma"].jobs
    const ended = (yield* media.runs).find(({ name }) => name === "luma")?.jobs[0]?.observedAt
    // Replicate's calls are signed by the platform, in a time that is not the test's.
    assert.isAtMost((ended?.epochMilliseconds ?? Infinity) - (job?.endsAt ?? 0), 1000)
    const outcomes = (yield* emulator.called).map(({ outcome }) => outcome)
    assert.deepStrictEqual(new Set(outcomes), new Set([200]))
    assert.isAtLeast(outcomes.length, 2)
  }).pipe(Effect.provide(Layer.provideMerge(live, adapters)))
})
