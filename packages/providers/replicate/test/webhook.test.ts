import { assert, describe, it } from "@effect/vitest"
import * as ReplicateWebhook from "@media-jobs/replicate/ReplicateWebhook"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as ReplicateEmulator from "@media-jobs/testing/replicate"
import * as ConfigProvider from "effect/ConfigProvider"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import { emulated, inMemory, token } from "./support.ts"

const secret = (text: string) => Redacted.make(text)
const old = secret(ReplicateEmulator.defaultSecret)
const fresh = "whsec_YW5vdGhlciBzZWNyZXQgb2YgdGhlIGVtdWxhdG9y"

const call = ({ body, headers }: ReplicateEmulator.Webhook): ReplicateWebhook.Call => ({
  headers,
  body: new TextEncoder().encode(body)
})
const withHeaders = (
  of: ReplicateWebhook.Call,
  headers: Record<string, string | undefined>
): ReplicateWebhook.Call => ({
  ...of,
  headers: { ...of.headers, ...headers }
})

/** A call of the emulator about a prediction that has ended, at a time that is no zero. */
const received = (secrets?: ReadonlyArray<string>, after: Duration.Input = "1 hour") =>
  Effect.gen(function*() {
    yield* TestClock.adjust(after)
    const { services: { replicate } } = yield* Emulator.Emulator
    const { id } = yield* replicate.add({ state: "succeeded" })
    return call(yield* replicate.webhook(id, secrets))
  })

const verifier = (options?: Partial<ReplicateWebhook.Options>) =>
  Effect.orDie(ReplicateWebhook.make({ secrets: [old], ...options }))
const refused = (verify: ReplicateWebhook.Verifier["verify"], of: ReplicateWebhook.Call) =>
  Effect.map(Effect.flip(verify(of)), (error) => [error._tag, error.reason, error.status, error.remedy._tag])

describe("ReplicateWebhook.verify", () => {
  it.effect("believes what Replicate signed", () =>
    Effect.gen(function*() {
      const { isGenuine, verify } = yield* verifier()
      yield* verify(yield* received())
      assert.isTrue(yield* isGenuine(yield* received()))
    }).pipe(inMemory()))

  it.effect("knows a published sample by its bytes", () =>
    Effect.gen(function*() {
      // The vector of the Standard Webhooks' libraries, which the official client's tests use too.
      yield* TestClock.setTime(1_614_265_330_000)
      const { verify } = yield* verifier({ secrets: [secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")] })
      yield* verify({
        headers: {
          "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
          "webhook-timestamp": "1614265330",
          "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        },
        body: new TextEncoder().encode("{\"test\": 2432232314}")
      })
    }))

  it.effect("refuses what was forged: another body, id, timestamp, secret or version", () =>
    Effect.gen(function*() {
      const { isGenuine, verify } = yield* verifier()
      const genuine = yield* received()
      const { "webhook-signature": signature = "", "webhook-timestamp": timestamp = "" } = genuine.headers
      const calls: ReadonlyArray<ReplicateWebhook.Call> = [
        { ...genuine, body: new Uint8Array([...genuine.body, 32]) },
        { ...genuine, body: new Uint8Array() },
        withHeaders(genuine, { "webhook-id": "msg_other" }),
        withHeaders(genuine, { "webhook-timestamp": `${Number(timestamp) + 1}` }),
        withHeaders(genuine, { "webhook-signature": signature.replace("v1,", "v2,") }),
        withHeaders(genuine, { "webhook-signature": signature.slice(3) }),
        withHeaders(genuine, { "webhook-signature": "v1," }),
        withHeaders(genuine, { "webhook-signature": "" }),
        withHeaders(genuine, { "webhook-signature": `${"v1,AAAA ".repeat(16)}${signature}` }),
        yield* received([fresh], "1 second")
      ]
      for (const one of calls) {
        assert.deepStrictEqual(yield* refused(verify, one), ["Refused", "signature", 401, "None"])
      }
      assert.isFalse(yield* isGenuine(calls[0]!))
    }).pipe(inMemory()))

  it.effect("refuses what lacks a header, or has one that is none", () =>
    Effect.gen(function*() {
      const { verify } = yield* verifier()
      const genuine = yield* received()
      for (
        const headers of [
          { "webhook-id": undefined },
          { "webhook-id": "" },
          { "webhook-timestamp": undefined },
          { "webhook-timestamp": "now" },
          { "webhook-timestamp": "-1" },
          { "webhook-timestamp": "1e9" },
          { "webhook-signature": undefined }
        ]
      ) {
        assert.deepStrictEqual(yield* refused(verify, withHeaders(genuine, headers)), [
          "Refused",
          "headers",
          400,
          "None"
        ])
      }
    }).pipe(inMemory()))

  it.effect("refuses what comes late, or before its time", () =>
    Effect.gen(function*() {
      const genuine = yield* received()
      const { verify } = yield* verifier()
      yield* TestClock.adjust("301 seconds")
      assert.deepStrictEqual(yield* refused(verify, genuine), ["Refused", "late", 401, "None"])
      const next = yield* received()
      yield* TestClock.setTime(0)
      assert.deepStrictEqual(yield* refused(verify, next), ["Refused", "early", 401, "None"])
      const patient = yield* verifier({ tolerance: "3 hours" })
      yield* patient.verify(next)
    }).pipe(inMemory()))

  it.effect("refuses what is replayed, as long as its timestamp would let it in; a retry passes", () =>
    Effect.gen(function*() {
      const { services: { replicate } } = yield* Emulator.Emulator
      const { id } = yield* replicate.add({ state: "succeeded" })
      const { verify } = yield* verifier()
      const first = call(yield* replicate.webhook(id))
      yield* verify(first)
      yield* TestClock.adjust("5 minutes")
      assert.deepStrictEqual(yield* refused(verify, first), ["Refused", "replayed", 401, "None"])
      const retry = call(yield* replicate.webhook(id))
      assert.strictEqual(retry.headers["webhook-id"], first.headers["webhook-id"])
      yield* verify(retry)
      // What was refused is not remembered: the genuine one is believed after it.
      const later = yield* received()
      yield* refused(verify, { ...later, body: new Uint8Array([1]) })
      yield* verify(later)
    }).pipe(inMemory()))

  it.effect("believes any of several signatures, and any of several secrets", () =>
    Effect.gen(function*() {
      const { verify } = yield* verifier()
      yield* verify(yield* received([fresh, ReplicateEmulator.defaultSecret]))
      const both = yield* verifier({ secrets: [secret(fresh), old] })
      yield* both.verify(yield* received())
      yield* both.verify(yield* received([fresh]))
    }).pipe(inMemory()))
})

describe("a secret that changes", () => {
  it.effect("is asked for, and the one before it stays good", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { webhookSecret } = yield* emulated()
      const { verify } = yield* Effect.orDie(ReplicateWebhook.make({ renew: webhookSecret }))
      yield* verify(yield* received())
      yield* verify(yield* received())
      assert.strictEqual(yield* emulator.count("replicate.secret"), 1)
      yield* emulator.services.replicate.rotate(fresh)
      const calls = [yield* received(), yield* received(undefined, "1 second")]
      yield* Effect.forEach(calls, verify, { concurrency: "unbounded" })
      yield* verify(yield* received([ReplicateEmulator.defaultSecret]))
      assert.strictEqual(yield* emulator.count("replicate.secret"), 2)
    }).pipe(inMemory()))

  it.effect("is asked for once a minute, however many are forged", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { webhookSecret } = yield* emulated()
      const { verify } = yield* verifier({ renew: webhookSecret })
      const forged = yield* received([fresh])
      yield* Effect.all(Array.from({ length: 20 }, () => Effect.flip(verify(forged))), { concurrency: "unbounded" })
      yield* TestClock.adjust("59 seconds")
      yield* Effect.flip(verify(forged))
      assert.strictEqual(yield* emulator.count("replicate.secret"), 1)
      yield* TestClock.adjust("2 seconds")
      yield* Effect.flip(verify(forged))
      assert.strictEqual(yield* emulator.count("replicate.secret"), 2)
    }).pipe(inMemory()))

  it.effect("is asked for by the next where the first was interrupted before it knew", () =>
    Effect.gen(function*() {
      const { webhookSecret } = yield* emulated()
      let asked = 0
      const { verify } = yield* verifier({
        secrets: [secret(fresh)],
        renew: Effect.suspend(() => asked++ === 0 ? Effect.never : webhookSecret)
      })
      const [first, second] = [yield* received(), yield* received(undefined, "1 second")]
      const left = yield* Effect.forkChild(verify(first), { startImmediately: true })
      const waiting = yield* Effect.forkChild(verify(second), { startImmediately: true })
      while (asked === 0) yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* Fiber.interrupt(left)
      yield* Fiber.join(waiting)
      assert.strictEqual(asked, 2)
    }).pipe(inMemory()))

  it.effect("that can't be asked for leaves what is known", () =>
    Effect.gen(function*() {
      const { verify } = yield* verifier({ renew: Effect.fail("no network") })
      assert.deepStrictEqual(yield* refused(verify, yield* received([fresh])), ["Refused", "signature", 401, "None"])
      yield* verify(yield* received())
    }).pipe(inMemory()))

  it.effect("is never shown", () =>
    Effect.gen(function*() {
      const { webhookSecret } = yield* emulated()
      assert.strictEqual(String(yield* webhookSecret), "<redacted>")
      const wrong = yield* Effect.flip(ReplicateWebhook.make({ secrets: [secret("whsec_no base 64!")] }))
      assert.notInclude(wrong.message, "base 64!")
      assert.strictEqual((yield* Effect.flip(ReplicateWebhook.make({})))._tag, "ConfigError")
    }).pipe(inMemory()))

  it.effect("comes from the environment, one or several", () =>
    Effect.gen(function*() {
      const secrets = yield* ReplicateWebhook.config
      assert.deepStrictEqual(secrets.map(Redacted.value), [fresh, ReplicateEmulator.defaultSecret])
      yield* (yield* verifier({ secrets })).verify(yield* received())
    }).pipe(
      Effect.provideService(
        ConfigProvider.ConfigProvider,
        ConfigProvider.fromUnknown({ REPLICATE_WEBHOOK_SECRET: `${fresh}, ${ReplicateEmulator.defaultSecret}` })
      ),
      inMemory()
    ))

  it.effect("is refused to a token that is none", () =>
    Effect.gen(function*() {
      const { webhookSecret } = yield* emulated({ token: secret(`${Redacted.value(token)}x`) })
      const error = yield* Effect.flip(webhookSecret)
      assert.deepStrictEqual([error._tag, error.operation], ["Unauthorized", "webhook"])
    }).pipe(inMemory()))
})

describe("replicate.webhook", () => {
  it.effect("tells the same of a prediction as get does", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const replicate = yield* emulated()
      for (const state of ["running", "succeeded", "failed", "canceled", "aborted"] as const) {
        const { id } = yield* emulator.services.replicate.add({ state })
        const { body } = yield* emulator.services.replicate.webhook(id)
        const [job, ...rest] = yield* replicate.webhook(JSON.parse(body))
        assert.deepStrictEqual(rest, [])
        assert.deepStrictEqual(job, yield* replicate.get(job!.id))
      }
    }).pipe(inMemory()))
})
