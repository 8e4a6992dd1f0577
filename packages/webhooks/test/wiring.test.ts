import { assert, describe, it } from "@effect/vitest"
import * as Submission from "@media-jobs/core/Submission"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Signer from "@media-jobs/webhooks/Signer"
import * as Webhooks from "@media-jobs/webhooks/Webhooks"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as TestClock from "effect/testing/TestClock"
import * as Service from "./service.ts"

const { a, base, instance, keys, provider, submitted } = Service
const submission = new Submission.Submission({
  provider,
  instance,
  ids: [a],
  submittedAt: DateTime.makeUnsafe(0)
})

const call = Effect.gen(function*() {
  const { respond } = yield* Webhooks.Webhooks
  const { url } = yield* submitted()
  const { status } = yield* respond(HttpServerRequest.fromClientRequest(
    HttpClientRequest.bodyText(HttpClientRequest.post(url), JSON.stringify({ id: a, status: "completed" }))
  ))
  assert.strictEqual(status, 200)
  yield* TestClock.adjust("1 millis")
})

describe("Webhooks.layer with nothing but providers", () => {
  const signer = Signer.layer({ url: base, keys: [keys.first] })
  const pollers = Pollers.layer({ pace: Pace.steady("10 minutes") })
  const orders = {
    "above the waits' layer": (hooks: Layer.Layer<Webhooks.Webhooks, never, Signer.Signer>) =>
      hooks.pipe(Layer.provideMerge(pollers), Layer.provideMerge(signer)),
    "below it": (hooks: Layer.Layer<Webhooks.Webhooks, never, Signer.Signer>) =>
      pollers.pipe(Layer.provideMerge(hooks), Layer.provideMerge(signer)),
    "beside it": (hooks: Layer.Layer<Webhooks.Webhooks, never, Signer.Signer>) =>
      Layer.merge(hooks, pollers).pipe(Layer.provideMerge(signer))
  }
  for (const [order, wire] of Object.entries(orders)) {
    it.effect(`ends a wait with its call, ${order}, also where the call comes first`, () => {
      const service = Service.make()
      return Effect.gen(function*() {
        service.truth.set(a, { _tag: "Running" })
        const fiber = yield* Effect.forkChild(Poller.await(service.provider, submission))
        yield* TestClock.adjust("37 seconds")
        service.truth.set(a, { _tag: "Succeeded", artifacts: [] })
        yield* call
        assert.isDefined(fiber.pollUnsafe())
        yield* Fiber.join(fiber)
        yield* TestClock.adjust("1 minute")
        yield* call
        const before = yield* Clock.currentTimeMillis
        const late = yield* Effect.forkChild(Poller.await(service.provider, submission))
        yield* TestClock.adjust("1 millis")
        assert.isTrue((yield* Fiber.join(late))[0].is("Succeeded"))
        assert.strictEqual((yield* Clock.currentTimeMillis) - before, 1)
      }).pipe(
        Effect.provide(wire(Webhooks.layer({ sources: [service.provider] }))),
        Effect.provideService(Metric.MetricRegistry, new Map())
      )
    })
  }
})
