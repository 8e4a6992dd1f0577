import { assert, describe, it } from "@effect/vitest"
import * as Wakes from "@media-jobs/core/Wakes"
import type * as Webhook from "@media-jobs/core/Webhook"
import * as Fal from "@media-jobs/fal/Fal"
import * as FalWebhook from "@media-jobs/fal/FalWebhook"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as FalEmulator from "@media-jobs/testing/fal"
import * as Faults from "@media-jobs/testing/Faults"
import * as Signer from "@media-jobs/webhooks/Signer"
import * as Webhooks from "@media-jobs/webhooks/Webhooks"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import { emulated, inMemory, rain } from "./support.ts"

const encoder = new TextEncoder()

const received = (key?: FalEmulator.Key) =>
  Effect.gen(function*() {
    const { services: { fal } } = yield* Emulator.Emulator
    const { id } = yield* fal.add({ state: "succeeded" })
    const { body, headers } = yield* fal.webhook(id, key)
    return { headers, body: encoder.encode(body) } satisfies Webhook.Call
  })
const refused = (verify: Webhook.Verifier, call: Webhook.Call) =>
  Effect.map(Effect.flip(verify(call)), ({ reason, status }) => [reason, status])
const verifier = (options?: FalWebhook.Options) => Effect.orDie(FalWebhook.make(options))
const quiet = Effect.provide(Logger.layer([]))

describe("FalWebhook", () => {
  it.effect("believes what fal signed, and tells its repeat", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 hour")
      const [verify, call] = [yield* verifier(), yield* received()]
      const known = yield* verify(call)
      assert.match(`${known}`, /^3600\.[0-9a-f-]{36}$/)
      assert.strictEqual(yield* verify(call), known)
      const upper = Object.fromEntries(
        Object.entries(call.headers).map(([name, value]) => [name.toUpperCase(), [value]])
      )
      assert.strictEqual(yield* verify({ ...call, headers: upper }), known)
      const { count } = yield* Emulator.Emulator
      assert.strictEqual(yield* count("fal.keys"), 1)
    }).pipe(inMemory()))

  it.effect("refuses what was forged, put together again, or signed with another key", () =>
    Effect.gen(function*() {
      const [verify, call] = [yield* verifier(), yield* received()]
      const header = (name: string, value: string) => ({
        ...call,
        headers: { ...call.headers, [`x-fal-webhook-${name}`]: value }
      })
      const again = JSON.stringify(JSON.parse(new TextDecoder().decode(call.body)), null, 1)
      const forged: ReadonlyArray<Webhook.Call> = [
        { ...call, body: encoder.encode(again) },
        { ...call, body: new Uint8Array() },
        header("request-id", "764cabcf-b745-4b3e-ae38-1200304cf45b"),
        header("user-id", "someone"),
        header("timestamp", "1"),
        header("signature", "00".repeat(64)),
        header("signature", "no hex"),
        yield* received(FalEmulator.keys[1])
      ]
      for (const one of forged) assert.deepStrictEqual(yield* refused(verify, one), ["signature", 401])
    }).pipe(inMemory()))

  it.effect("refuses what lacks a header, or has one that is none", () =>
    Effect.gen(function*() {
      const [verify, { body, headers }] = [yield* verifier(), yield* received()]
      for (
        const more of [
          { "x-fal-webhook-request-id": undefined },
          { "x-fal-webhook-user-id": undefined },
          { "x-fal-webhook-timestamp": undefined },
          { "x-fal-webhook-timestamp": "-1" },
          { "x-fal-webhook-signature": undefined }
        ]
      ) {
        assert.deepStrictEqual(yield* refused(verify, { body, headers: { ...headers, ...more } }), ["headers", 401])
      }
      const { count } = yield* Emulator.Emulator
      assert.strictEqual(yield* count("fal.keys"), 0)
    }).pipe(inMemory()))

  it.effect("refuses what is replayed late, or comes before its time", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 hour")
      const [verify, call] = [yield* verifier(), yield* received()]
      yield* TestClock.adjust("300 seconds")
      yield* verify(call)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* refused(verify, call), ["late", 401])
      const next = yield* received()
      yield* TestClock.setTime(0)
      assert.deepStrictEqual(yield* refused(yield* verifier(), next), ["early", 401])
    }).pipe(inMemory()))

  it.effect("learns a key that is new", () =>
    Effect.gen(function*() {
      const verify = yield* verifier()
      yield* verify(yield* received())
      const { services: { fal } } = yield* Emulator.Emulator
      yield* fal.rotate(FalEmulator.keys[1])
      yield* TestClock.adjust("2 minutes")
      yield* verify(yield* received())
      assert.deepStrictEqual(yield* refused(verify, yield* received(FalEmulator.keys[0])), ["signature", 401])
    }).pipe(inMemory()))

  it.effect.each(
    [
      ["slow", Faults.hang, 5],
      ["huge", Faults.hugeBody(100_000), 0],
      ["rotated, and elsewhere", Faults.redirect("https://elsewhere.test/jwks.json"), 0],
      ["dead", Faults.refuse, 0],
      ["broken", Faults.status(500), 0]
    ] as const
  )("keeps no genuine call waiting for keys whose host is %s", ([, fault, seconds]) =>
    Effect.gen(function*() {
      const { inject } = yield* Emulator.Emulator
      const verify = yield* verifier()
      yield* verify(yield* received())
      yield* inject({ fault, operation: "fal.keys" })
      yield* TestClock.adjust("61 minutes")
      const fiber = yield* Effect.forkChild(verify(yield* received()))
      yield* TestClock.adjust(`${seconds} seconds`)
      yield* Fiber.join(fiber)
      yield* verify(yield* received())
      assert.deepStrictEqual(yield* refused(verify, yield* received(FalEmulator.keys[1])), ["keys", 503])
    }).pipe(inMemory(), quiet))
})

describe("fal.webhook", () => {
  it.effect("names no job, since a call does not say of which app it is", () =>
    Effect.gen(function*() {
      const { services: { fal } } = yield* Emulator.Emulator
      const provider = yield* emulated()
      for (const state of ["succeeded", "failed", "cancelled"] as const) {
        const { id } = yield* fal.add({ state })
        const { body } = yield* fal.webhook(id)
        assert.deepStrictEqual(yield* provider.webhook(JSON.parse(body)), [])
      }
    }).pipe(inMemory()))
})

/** A fal whose calls reach what answers them; the poll underneath looks every half hour. */
const wired = Effect.gen(function*() {
  const emulator = yield* Emulator.Emulator
  const fal = yield* emulated()
  const webhooks = yield* Webhooks.make({ sources: [{ provider: fal, verify: yield* verifier() }] })
  const respond = (request: HttpClientRequest.HttpClientRequest) =>
    webhooks.respond(HttpServerRequest.fromClientRequest(request))
  const toApplication = HttpClient.make((request) =>
    Effect.map(respond(request), (response) => HttpServerResponse.toClientResponse(response, { request }))
  )
  yield* Effect.forkScoped(Effect.provideService(emulator.deliver, HttpClient.HttpClient, toApplication))
  /** The outcomes of so many calls: the platform signs in a time of its own. */
  const outcomes = (count: number) =>
    Effect.map(
      Effect.repeat(Effect.andThen(Effect.promise(() => new Promise(setImmediate)), emulator.called), {
        until: (called) => called.length >= count
      }),
      (called) => called.map(({ outcome }) => outcome)
    )
  return { emulator, fal, outcomes, respond }
})

const inWorld = Effect.provide(
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

describe("a call of fal's, by the address of its submit", () => {
  it.effect("ends the wait for that submit, and wakes no other", () =>
    Effect.gen(function*() {
      const { emulator, fal, outcomes } = yield* wired
      const [one, two] = [yield* fal.submit(rain), yield* fal.submit(Fal.video("fal-ai/veo3", { prompt: "rain" }))]
      assert.notStrictEqual(one.replyUrl, two.replyUrl)
      yield* emulator.services.fal.change(two.ids[0].split("/").at(-1) ?? "", { duration: "1 day" })
      const [first, other] = [
        yield* Effect.forkChild(Poller.succeed(fal, one)),
        yield* Effect.forkChild(Poller.succeed(fal, two))
      ]
      yield* TestClock.adjust("40 seconds")
      assert.deepStrictEqual(yield* outcomes(1), [200])
      yield* TestClock.adjust("1 second")
      const [job] = yield* Fiber.join(first)
      assert.strictEqual(job.state._tag, "Succeeded")
      assert.isBelow(job.observedAt.epochMilliseconds, 60_000)
      assert.isUndefined(other.pollUnsafe())
    }).pipe(inWorld))

  it.effect("wakes nothing while it is not signed with a key that fal publishes, and then it does", () =>
    Effect.gen(function*() {
      const { emulator, fal, respond } = yield* wired
      yield* emulator.injectWebhook({ fault: { _tag: "Lost" } })
      const submission = yield* fal.submit(rain)
      const waiting = yield* Effect.forkChild(Poller.succeed(fal, submission))
      yield* TestClock.adjust("40 seconds")
      const request = submission.ids[0].split("/").at(-1) ?? ""
      const { services } = emulator
      const [forged, genuine] = [
        yield* services.fal.webhook(request, FalEmulator.keys[1]),
        yield* services.fal.webhook(request)
      ]
      const called = ({ body, headers, url = "" }: FalEmulator.Webhook) =>
        Effect.map(
          respond(HttpClientRequest.post(url, { headers, body: HttpBody.text(body, "application/json") })),
          ({ status }) => status
        )
      assert.strictEqual(genuine.url, submission.replyUrl)
      assert.strictEqual(yield* called(forged), 401)
      yield* TestClock.adjust("20 seconds")
      assert.isUndefined(waiting.pollUnsafe())
      assert.strictEqual(yield* called(genuine), 200)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(waiting))[0].state._tag, "Succeeded")
    }).pipe(inWorld))
})
