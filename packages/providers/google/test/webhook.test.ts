import { assert, describe, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import type * as Webhook from "@media-jobs/core/Webhook"
import * as GoogleWebhook from "@media-jobs/google/GoogleWebhook"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Reply from "@media-jobs/testing/Reply"
import * as StandardWebhooks from "@media-jobs/webhooks/StandardWebhooks"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import { emulated, inMemory, oldId } from "./support.ts"

const secret = "whsec_bWVkaWEtam9icyBlbXVsYXRvciBzZWNyZXQhIQ=="
const url = "https://app.test/hooks/1"

interface Sent {
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}
const callOf = ({ body, headers }: Sent): Webhook.Call => ({ headers, body: new TextEncoder().encode(body) })

/** What becomes of a call: `taken`, or the reason of its refusal. */
const verdict = (verify: Webhook.Verifier, sent: Sent) =>
  Effect.map(
    Effect.result(verify(callOf(sent))),
    (result) => result._tag === "Success" ? "taken" : result.failure.reason
  )

const begin = Effect.fnUntraced(function*() {
  yield* TestClock.setTime(Date.parse("2026-11-26T12:00:00Z"))
  const { services: { google } } = yield* Emulator.Emulator
  const { id } = yield* google.add({ state: "completed", replyUrl: url })
  return { google, id }
})

const parts = ({ headers }: Sent) => (headers["webhook-signature"] ?? "").split(".")
const withToken = (sent: Sent, token: string): Sent => ({
  ...sent,
  headers: { ...sent.headers, "webhook-signature": token }
})
const encoded = (json: unknown) => Buffer.from(JSON.stringify(json)).toString("base64url")

describe("a call to a request's own address", () => {
  it.effect("is taken with a token of Google's, and its repeat is known by the token", () =>
    Effect.gen(function*() {
      const { google, id } = yield* begin()
      const verify = yield* GoogleWebhook.make({ audience: url })
      const sent = yield* google.webhook(id)
      assert.strictEqual(yield* verdict(verify, sent), "taken")
      assert.strictEqual(yield* verify(callOf(sent)), parts(sent)[2])
      const shouting = Object.fromEntries(
        Object.entries(sent.headers).map(([name, value]) => [name.toUpperCase(), value])
      )
      assert.strictEqual(yield* verdict(verify, { ...sent, headers: shouting }), "taken")
    }).pipe(inMemory()))

  it.effect("is refused where anything about it is wrong", () =>
    Effect.gen(function*() {
      const { google, id } = yield* begin()
      const verify = yield* GoogleWebhook.make({ audience: ["https://app.test/other", url] })
      const sent = yield* google.webhook(id)
      const other = yield* google.add({ state: "completed", replyUrl: "https://app.test/hooks/2" })
      const [head = "", claims = "", signature = ""] = parts(sent)
      const forged = encoded({ ...JSON.parse(Buffer.from(claims, "base64url").toString()), data: { id: "v1_other" } })
      const none = encoded({ alg: "none", kid: "key-0" })
      const hmac = encoded({ alg: "HS256", kid: "key-0" })
      const lost = encoded({ alg: "RS256", kid: "key-9" })
      const rows: ReadonlyArray<readonly [what: string, sent: Sent, reason: string]> = [
        ["without a token", { ...sent, headers: {} }, "headers"],
        ["with half of one", withToken(sent, `${head}.${claims}`), "headers"],
        ["with what is none", withToken(sent, "v1,AAAA"), "headers"],
        ["with other claims", withToken(sent, `${head}.${forged}.${signature}`), "signature"],
        ["with no algorithm", withToken(sent, `${none}.${claims}.${signature}`), "signature"],
        ["with a secret's algorithm", withToken(sent, `${hmac}.${claims}.${signature}`), "signature"],
        ["with a key of another name", withToken(sent, `${lost}.${claims}.${signature}`), "signature"],
        ["of another job", { ...sent, body: sent.body.replace(id, other.id) }, "signature"],
        ["without the job", { ...sent, body: "{}" }, "signature"],
        ["to another audience", yield* google.webhook(other.id), "signature"]
      ]
      for (const [what, sent, reason] of rows) assert.strictEqual(yield* verdict(verify, sent), reason, what)
    }).pipe(inMemory()))

  it.effect("is late and early by the token's own time, whatever the header says", () =>
    Effect.gen(function*() {
      const { google, id } = yield* begin()
      const verify = yield* GoogleWebhook.make()
      const sent = yield* google.webhook(id)
      yield* TestClock.adjust("299 seconds")
      assert.strictEqual(yield* verdict(verify, sent), "taken")
      yield* TestClock.adjust("2 seconds")
      const fresh = {
        ...sent,
        headers: { ...sent.headers, "webhook-timestamp": `${Date.parse("2026-11-26T12:05:01Z") / 1000}` }
      }
      assert.strictEqual(yield* verdict(verify, fresh), "late")
      yield* TestClock.setTime(Date.parse("2026-11-26T11:54:59Z"))
      assert.strictEqual(yield* verdict(verify, sent), "early")
    }).pipe(inMemory()))

  it.effect("is taken after a change of keys, and where the keys can't be had is not known to be false", () =>
    Effect.gen(function*() {
      const { google, id } = yield* begin()
      const { count, heal, inject } = yield* Emulator.Emulator
      const verify = yield* GoogleWebhook.make()
      const old = yield* google.webhook(id)
      assert.strictEqual(yield* verdict(verify, old), "taken")
      yield* google.rotate
      yield* TestClock.adjust("61 seconds")
      assert.strictEqual(yield* verdict(verify, yield* google.webhook(id)), "taken")
      assert.strictEqual(yield* verdict(verify, old), "taken")
      assert.strictEqual(yield* count("google.keys"), 2)
      yield* inject({ operation: "google.keys", fault: Faults.page(502) })
      const without = yield* GoogleWebhook.make()
      assert.strictEqual(yield* verdict(without, old), "keys")
      yield* heal
    }).pipe(inMemory()))
})

describe("keys that can't be had", () => {
  it.effect.each(
    [
      ["slow", () => Faults.hang, 5],
      ["dead", () => Faults.refuse, 0],
      ["endless", (keys: string) => Faults.answer({ ...Reply.json(200, {}), body: keys.padEnd(100_000) }), 0],
      ["elsewhere", () => Faults.redirect("https://elsewhere.test/jwks.json"), 0]
    ] as const
  )("for their host is %s keep no genuine call waiting", ([, faultOf, seconds]) =>
    Effect.gen(function*() {
      const { google, id } = yield* begin()
      const { inject } = yield* Emulator.Emulator
      const verify = yield* GoogleWebhook.make()
      const published = yield* HttpClient.get("https://generativelanguage.googleapis.com/.well-known/jwks.json")
      const fault = faultOf(yield* published.text)
      assert.strictEqual(yield* verdict(verify, yield* google.webhook(id)), "taken")
      yield* inject({ operation: "google.keys", fault })
      yield* TestClock.adjust("61 minutes")
      const sent = yield* google.webhook(id)
      const fiber = yield* Effect.forkChild(verdict(verify, sent))
      yield* TestClock.adjust(`${seconds} seconds`)
      assert.strictEqual(yield* Fiber.join(fiber), "taken")
      assert.strictEqual(yield* verdict(verify, sent), "taken")
      yield* google.rotate
      assert.strictEqual(yield* verdict(verify, yield* google.webhook(id)), "keys")
    }).pipe(inMemory(), Effect.provide(Logger.layer([]))))
})

describe("a call to the project's address", () => {
  it.effect("is signed as the Standard Webhooks have it", () =>
    Effect.gen(function*() {
      const { google, id } = yield* begin()
      const verify = yield* StandardWebhooks.make({ secrets: [Redacted.make(secret)] })
      const sent = yield* google.webhook(id, secret)
      assert.strictEqual(yield* verdict(verify, sent), "taken")
      const reserialised = { ...sent, body: JSON.stringify(JSON.parse(sent.body), null, 1) }
      const rows: ReadonlyArray<readonly [what: string, sent: Sent, reason: string]> = [
        ["forged", { ...sent, body: sent.body.replace(id, "v1_other") }, "signature"],
        ["put together again", reserialised, "signature"],
        ["wrongly keyed", yield* google.webhook(id, "whsec_YW5vdGhlciBzZWNyZXQgb2YgdGhlIHRlc3Rz"), "signature"],
        ["with a token in place of a signature", yield* google.webhook(id), "signature"],
        ["without headers", { ...sent, headers: {} }, "headers"]
      ]
      for (const [what, sent, reason] of rows) assert.strictEqual(yield* verdict(verify, sent), reason, what)
      yield* TestClock.adjust("6 minutes")
      assert.strictEqual(yield* verdict(verify, sent), "late")
    }).pipe(inMemory()))
})

describe("gemini.webhook", () => {
  const event = (type: string, data: object = {}) => ({
    type,
    version: "v1",
    timestamp: "2026-01-22T12:00:00Z",
    data: { id: "v1_abcdefgh", ...data }
  })
  const rows = [
    [event("interaction.completed"), "Untracked", "completed", true],
    [event("interaction.failed", { error_code: "internal", error_message: "Broken" }), "Failed", "failed", true],
    [event("interaction.requires_action"), "Failed", "requires_action", true],
    [event("interaction.cancelled"), "Cancelled", "cancelled", true],
    [event("video.generated", { id: oldId, file_name: "files/a" }), "Untracked", "generated", true],
    [event("interaction.pondering"), "Running", "pondering", false],
    [event("batch.succeeded"), "Running", "batch.succeeded", false]
  ] as const
  for (const [body, tag, word, ends] of rows) {
    it.effect(`reads ${body.type} as ${tag}`, () =>
      Effect.gen(function*() {
        const [job] = yield* (yield* emulated()).webhook(body)
        assert.deepStrictEqual([job?.state._tag, job?.providerStatus, job?.isTerminal], [tag, word, ends])
        assert.strictEqual(job?.id, JobId.make(body.data.id))
      }).pipe(inMemory()))
  }
})
