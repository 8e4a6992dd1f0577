import { assert, describe, it } from "@effect/vitest"
import type * as Webhook from "@media-jobs/core/Webhook"
import * as Replicate from "@media-jobs/replicate/Replicate"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as ReplicateEmulator from "@media-jobs/testing/replicate"
import * as StandardWebhooks from "@media-jobs/webhooks/StandardWebhooks"
import * as ConfigProvider from "effect/ConfigProvider"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import { warned } from "./service.ts"

const token = Redacted.make(Emulator.token)
const inMemory = () => Effect.provide(Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer())))
const emulated = (options?: Partial<Replicate.Options>) => Effect.orDie(Replicate.make({ token, ...options }))

const secret = (text: string) => Redacted.make(text)
const old = secret(ReplicateEmulator.defaultSecret)
const fresh = "whsec_YW5vdGhlciBzZWNyZXQgb2YgdGhlIGVtdWxhdG9y"

const call = ({ body, headers }: ReplicateEmulator.Webhook): Webhook.Call => ({
  headers,
  body: new TextEncoder().encode(body)
})
const withHeaders = (
  of: Webhook.Call,
  headers: Record<string, string | undefined>
): Webhook.Call => ({
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

const verifier = (options?: Partial<StandardWebhooks.Options>) =>
  Effect.orDie(StandardWebhooks.make({ secrets: [old], ...options }))
const refused = (verify: Webhook.Verifier, of: Webhook.Call) =>
  Effect.map(Effect.flip(verify(of)), (error) => [error._tag, error.reason, error.status])

describe("StandardWebhooks", () => {
  it.effect("believes what Replicate signed", () =>
    Effect.gen(function*() {
      const verify = yield* verifier()
      yield* verify(yield* received())
    }).pipe(inMemory()))

  it.effect("knows a published sample by its bytes", () =>
    Effect.gen(function*() {
      // The vector of the Standard Webhooks' libraries, which the official client's tests use too.
      yield* TestClock.setTime(1_614_265_330_000)
      const verify = yield* verifier({ secrets: [secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")] })
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
      const verify = yield* verifier()
      const genuine = yield* received()
      const [signature, timestamp] = [`${genuine.headers["webhook-signature"]}`, genuine.headers["webhook-timestamp"]]
      const calls: ReadonlyArray<Webhook.Call> = [
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
        assert.deepStrictEqual(yield* refused(verify, one), ["Unverified", "signature", 401])
      }
    }).pipe(inMemory()))

  it.effect("refuses what lacks a header, or has one that is none", () =>
    Effect.gen(function*() {
      const verify = yield* verifier()
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
        assert.deepStrictEqual(yield* refused(verify, withHeaders(genuine, headers)), ["Unverified", "headers", 401])
      }
    }).pipe(inMemory()))

  it.effect("refuses what comes late, or before its time", () =>
    Effect.gen(function*() {
      const genuine = yield* received()
      const verify = yield* verifier()
      yield* TestClock.adjust("301 seconds")
      assert.deepStrictEqual(yield* refused(verify, genuine), ["Unverified", "late", 401])
      const next = yield* received()
      yield* TestClock.setTime(0)
      assert.deepStrictEqual(yield* refused(verify, next), ["Unverified", "early", 401])
      const patient = yield* verifier({ tolerance: "3 hours" })
      yield* patient(next)
    }).pipe(inMemory()))

  it.effect("tells a repeat of a call from its service's own retry", () =>
    Effect.gen(function*() {
      const { services: { replicate } } = yield* Emulator.Emulator
      const { id } = yield* replicate.add({ state: "succeeded" })
      const verify = yield* verifier()
      const first = call(yield* replicate.webhook(id))
      const known = yield* verify(first)
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(yield* verify(first), known)
      const retry = call(yield* replicate.webhook(id))
      assert.strictEqual(retry.headers["webhook-id"], first.headers["webhook-id"])
      assert.notStrictEqual(yield* verify(retry), known)
    }).pipe(inMemory()))

  it.effect("finds headers in any case, one or several of a name, as gateways hand them on", () =>
    Effect.gen(function*() {
      const verify = yield* verifier()
      const { body, headers } = yield* received([fresh, ReplicateEmulator.defaultSecret])
      const all = Object.entries(headers).map(([name, value]) => [name, `${value}`] as const)
      const forms: ReadonlyArray<Webhook.Call["headers"]> = [
        Object.fromEntries(all.map(([name, value]) => [name.replace(/(?:^|-)./g, (at) => at.toUpperCase()), value])),
        Object.fromEntries(all.map(([name, value]) => [name.toUpperCase(), value])),
        Object.fromEntries(all.map(([name, value]) => [name, [value]])),
        Object.fromEntries(all.map(([name, value]) => [name.toUpperCase(), value.split(" ")])),
        Object.fromEntries(all.map(([name, value]) => [name, value.replaceAll(" ", ", ")]))
      ]
      for (const form of forms) yield* verify({ headers: form, body })
    }).pipe(inMemory()))

  it.effect("believes any of several signatures, and any of several secrets", () =>
    Effect.gen(function*() {
      const verify = yield* verifier()
      yield* verify(yield* received([fresh, ReplicateEmulator.defaultSecret]))
      const both = yield* verifier({ secrets: [secret(fresh), old] })
      yield* both(yield* received())
      yield* both(yield* received([fresh]))
    }).pipe(inMemory()))
})

describe("a secret that changes", () => {
  it.effect("is asked for, and the one before it stays good", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { webhookSecret } = yield* emulated()
      const verify = yield* Effect.orDie(StandardWebhooks.make({ renew: webhookSecret }))
      yield* verify(yield* received())
      yield* verify(yield* received())
      assert.strictEqual(yield* emulator.count("replicate.secret"), 1)
      yield* emulator.services.replicate.rotate(fresh)
      const calls = [yield* received(), yield* received(undefined, "1 second")]
      yield* Effect.forEach(calls, verify, { concurrency: "unbounded" })
      yield* verify(yield* received([ReplicateEmulator.defaultSecret]))
      assert.strictEqual(yield* emulator.count("replicate.secret"), 2)
    }).pipe(inMemory()))

  it.effect("leaves the one before it good, however often forged calls have it asked for", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { webhookSecret } = yield* emulated()
      const verify = yield* Effect.orDie(StandardWebhooks.make({ renew: webhookSecret }))
      yield* verify(yield* received())
      yield* emulator.services.replicate.rotate(fresh)
      yield* verify(yield* received())
      const forged = "whsec_YSBzZWNyZXQgb2YgYSBmb3JnZXIsIGhpcyBvd24h"
      for (let n = 0; n < 3; n++) yield* Effect.flip(verify(yield* received([forged])))
      assert.strictEqual(yield* emulator.count("replicate.secret"), 5)
      yield* verify(yield* received([ReplicateEmulator.defaultSecret]))
      yield* verify(yield* received())
    }).pipe(inMemory()))

  it.effect("is asked for once a minute, however many are forged", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { webhookSecret } = yield* emulated()
      const verify = yield* verifier({ renew: webhookSecret })
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
      const verify = yield* verifier({
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

  for (
    const [name, renew] of [
      ["can't be asked for", Effect.fail("no network")],
      ["is no Base64", Effect.succeed(secret("whsec_no base 64!"))],
      ["is of too few bytes", Effect.succeed(secret("whsec_c2hvcnQ="))],
      ["is empty", Effect.succeed(secret(""))]
    ] as const
  ) {
    it.effect(`that ${name} leaves what is known, and is told`, () =>
      Effect.gen(function*() {
        const verify = yield* verifier({ renew })
        const { lines, value } = yield* warned(refused(verify, yield* received([fresh])))
        assert.deepStrictEqual(value, ["Unverified", "signature", 401])
        assert.match(lines.join("|"), /^A webhook secret can't be renewed[^|]+$/)
        for (const shown of ["no base 64", "c2hvcnQ"]) assert.notInclude(lines.join(), shown)
        yield* verify(yield* received())
      }).pipe(inMemory()))
  }

  it.effect("is taken as it is meant: quoted, with or without what stands before it, padded or not, URL-safe", () =>
    Effect.gen(function*() {
      const bytes = Uint8Array.from({ length: 25 }, (_, i) => 251 - i)
      const base64 = Buffer.from(bytes).toString("base64")
      const url = Buffer.from(bytes).toString("base64url")
      assert.match(base64, /[+/].*==$/)
      const genuine = yield* received([`whsec_${base64}`])
      const forms = [
        `whsec_${base64}`,
        base64,
        `v1,whsec_${base64}`,
        `"whsec_${base64}"`,
        `'v1,whsec_${base64}'`,
        ` whsec_${base64}\n`,
        `whsec_${base64.replace("==", "")}`,
        `whsec_${url}`,
        url
      ]
      for (const form of forms) yield* (yield* verifier({ secrets: [secret(form)] }))(genuine)
    }).pipe(inMemory()))

  it.effect("of too few bytes, or none, is refused, and never shown", () =>
    Effect.gen(function*() {
      const short = [1, 3, 15].map((n) => `whsec_${Buffer.alloc(n, "s").toString("base64")}`)
      for (const text of [...short, "", "whsec_", "v1,", "\"\"", "whsec_no base 64!"]) {
        const { _tag, message } = yield* Effect.flip(StandardWebhooks.make({ secrets: [secret(text)] }))
        assert.strictEqual(_tag, "ConfigError")
        assert.include(message, "16 bytes")
        if (text.length > 6) assert.notInclude(message, text.slice(6))
      }
      yield* StandardWebhooks.make({ secrets: [secret(Buffer.alloc(16).toString("base64"))] })
      assert.strictEqual((yield* Effect.flip(StandardWebhooks.make({})))._tag, "ConfigError")
      assert.strictEqual(String(yield* (yield* emulated()).webhookSecret), "<redacted>")
    }).pipe(inMemory()))

  it.effect("comes from the environment, one or several", () =>
    Effect.gen(function*() {
      const secrets = yield* StandardWebhooks.secrets("REPLICATE_WEBHOOK_SECRET")
      assert.deepStrictEqual(secrets.map(Redacted.value), [fresh, ReplicateEmulator.defaultSecret])
      yield* (yield* verifier({ secrets }))(yield* received())
    }).pipe(
      Effect.provideService(
        ConfigProvider.ConfigProvider,
        ConfigProvider.fromUnknown({ REPLICATE_WEBHOOK_SECRET: `v1,${fresh}, ${ReplicateEmulator.defaultSecret}` })
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
