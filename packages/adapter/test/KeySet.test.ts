import { assert, describe, it } from "@effect/vitest"
import * as KeySet from "@media-jobs/adapter/KeySet"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Logger from "effect/Logger"
import * as TestClock from "effect/testing/TestClock"

const url = "https://keys.test/.well-known/jwks.json"
const data = new TextEncoder().encode("the very bytes")

const kinds = {
  Ed25519: { name: "Ed25519" },
  RS256: {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1])
  }
} as const

/** A key of a service's own: how it is published, and what signs with it. */
const signer = (algorithm: KeySet.Options["algorithm"] = "Ed25519", more: object = {}) =>
  Effect.promise(async () => {
    const kind = kinds[algorithm]
    const pair = await crypto.subtle.generateKey(kind, true, ["sign", "verify"]) as CryptoKeyPair // of such a kind
    const jwk = { ...await crypto.subtle.exportKey("jwk", pair.publicKey), ...more }
    const sign = (bytes = data) =>
      Effect.promise(async () => new Uint8Array(await crypto.subtle.sign(kind, pair.privateKey, bytes)))
    return { jwk, sign }
  })

type Answer =
  | readonly [keys: ReadonlyArray<unknown>, headers?: Record<string, string>]
  | (() => Response)
  | "hangs"
  | "dead"

/** The keys behind a service that answers as told now, and how often it was asked. */
const behind = (first: Answer, options?: Partial<KeySet.Options>) => {
  const service = { answers: first, asked: 0 }
  const client = HttpClient.make((request) =>
    Effect.suspend(() => {
      service.asked++
      const { answers } = service
      if (answers === "hangs") return Effect.never
      if (answers === "dead") {
        const reason = new HttpClientError.TransportError({ request, cause: new TypeError("fetch failed") })
        return Effect.fail(new HttpClientError.HttpClientError({ reason }))
      }
      const response = typeof answers === "function"
        ? answers()
        : Response.json({ keys: answers[0] }, { headers: { ...answers[1] } })
      return Effect.succeed(HttpClientResponse.fromWeb(request, response))
    })
  )
  return Effect.map(
    Effect.provideService(KeySet.make({ url, algorithm: "Ed25519", ...options }), HttpClient.HttpClient, client),
    (keys) => ({ keys, service })
  )
}

/** What becomes of a signature, and after how many seconds. */
const outcome = (keys: KeySet.KeySet, signed: Omit<KeySet.Signed, "data">) =>
  Effect.gen(function*() {
    const began = yield* Clock.currentTimeMillis
    const result = yield* Effect.result(keys.verify({ data, ...signed }))
    const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
    return [result._tag === "Success" ? "genuine" : result.failure.reason, seconds] as const
  })

/** As `outcome`, with the seconds that a service which hangs is given. */
const timely = (keys: KeySet.KeySet, answer: Answer, signed: Omit<KeySet.Signed, "data">) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(outcome(keys, signed))
    if (answer === "hangs") yield* TestClock.adjust("5 seconds")
    return yield* Fiber.join(fiber)
  })

const quiet = Effect.provide(Logger.layer([]))

describe("KeySet", () => {
  it.effect.each(["Ed25519", "RS256"] as const)(
    "believes what a published key of %s signed, and nothing else",
    (algorithm) =>
      Effect.gen(function*() {
        const [own, other] = [yield* signer(algorithm), yield* signer(algorithm)]
        const odd = [null, "key", {}, { kty: "OKP", crv: "Ed25519" }, { kty: "RSA", n: "AQAB" }, {
          kty: "oct",
          k: "AAAA"
        }]
        const { keys, service } = yield* behind([[...odd, own.jwk]], { algorithm })
        const signature = yield* own.sign()
        assert.deepStrictEqual(yield* outcome(keys, { signature }), ["genuine", 0])
        for (
          const forged of [
            yield* other.sign(),
            yield* own.sign(new TextEncoder().encode("other bytes")),
            signature.subarray(1),
            new Uint8Array()
          ]
        ) assert.deepStrictEqual(yield* outcome(keys, { signature: forged }), ["signature", 0])
        assert.strictEqual(service.asked, 1)
      })
  )

  it.effect("takes no key of another kind, whatever it is called", () =>
    Effect.gen(function*() {
      const rsa = yield* signer("RS256")
      const { keys } = yield* behind([[{ ...rsa.jwk, alg: "EdDSA" }]])
      assert.deepStrictEqual(yield* outcome(keys, { signature: yield* rsa.sign() }), ["keys", 0])
    }).pipe(quiet))

  it.effect("takes the key that a signature names, and those without a name", () =>
    Effect.gen(function*() {
      const [own, other, nameless] = [
        yield* signer("Ed25519", { kid: "own" }),
        yield* signer("Ed25519", { kid: "other" }),
        yield* signer()
      ]
      const { keys } = yield* behind([[own.jwk, other.jwk, nameless.jwk]])
      assert.deepStrictEqual(yield* outcome(keys, { signature: yield* own.sign(), kid: "own" }), ["genuine", 0])
      assert.deepStrictEqual(yield* outcome(keys, { signature: yield* nameless.sign(), kid: "own" }), ["genuine", 0])
      assert.deepStrictEqual(yield* outcome(keys, { signature: yield* other.sign(), kid: "own" }), ["signature", 0])
    }))

  it.effect("asks again where no key fits, once a minute at most", () =>
    Effect.gen(function*() {
      const [old, fresh] = [yield* signer(), yield* signer()]
      const { keys, service } = yield* behind([[old.jwk]])
      const [byOld, byFresh] = [{ signature: yield* old.sign() }, { signature: yield* fresh.sign() }]
      yield* outcome(keys, byOld)
      service.answers = [[fresh.jwk]]
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual(yield* outcome(keys, byFresh), ["signature", 0])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* outcome(keys, byFresh), ["genuine", 0])
      assert.deepStrictEqual(yield* outcome(keys, byOld), ["signature", 0])
      assert.strictEqual(service.asked, 2)
    }))

  it.effect.each(
    [
      [{}, 86_400],
      [{ "cache-control": "public, max-age=600" }, 600],
      [{ "cache-control": "max-age=600", age: "200" }, 400],
      [{ "cache-control": "max-age=9999999" }, 86_400],
      [{ "cache-control": "no-store" }, 60],
      [{ "cache-control": "max-age=0" }, 60],
      [{ expires: "Thu, 01 Jan 1970 00:00:00 GMT" }, 86_400],
      [{ expires: "Sat, 01 Jan 2000 02:00:00 GMT" }, 7200]
    ] as const
  )("keeps the keys as long as %o says: %d s", ([headers, seconds]) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.UTC(2000, 0, 1))
      const own = yield* signer()
      const { keys, service } = yield* behind([[own.jwk], headers])
      const signed = { signature: yield* own.sign() }
      yield* outcome(keys, signed)
      yield* TestClock.adjust((seconds - 1) * 1000)
      yield* outcome(keys, signed)
      assert.strictEqual(service.asked, 1)
      yield* TestClock.adjust("1 second")
      yield* outcome(keys, signed)
      assert.strictEqual(service.asked, 2)
    }))

  const bad: ReadonlyArray<readonly [string, Answer]> = [
    ["hangs", "hangs"],
    ["is dead", "dead"],
    ["breaks", () => new Response("{}", { status: 500 })],
    ["leads elsewhere", () => new Response(null, { status: 302, headers: { location: "https://elsewhere.test" } })],
    ["says nothing", () => new Response("<html>")],
    ["has no key", [[]]],
    ["says too much", () => new Response(`{"keys":[],"x":"${"x".repeat(70_000)}"}`)]
  ]
  it.effect.each(bad)(
    "goes on with the keys it has while their host %s, for a day",
    ([, answer]) =>
      Effect.gen(function*() {
        const [own, fresh] = [yield* signer(), yield* signer()]
        const { keys, service } = yield* behind([[own.jwk], { "cache-control": "max-age=3600" }])
        const signed = { signature: yield* own.sign() }
        assert.deepStrictEqual(yield* outcome(keys, signed), ["genuine", 0])
        service.answers = answer
        yield* TestClock.adjust("1 hour")
        const waits = answer === "hangs" ? 5 : 0
        assert.deepStrictEqual(yield* timely(keys, answer, signed), ["genuine", waits])
        // Asked a moment ago: no other call waits.
        assert.deepStrictEqual(yield* outcome(keys, signed), ["genuine", 0])
        assert.deepStrictEqual(yield* outcome(keys, { signature: yield* fresh.sign() }), ["keys", 0])
        yield* TestClock.adjust("23 hours")
        assert.deepStrictEqual((yield* timely(keys, answer, signed))[0], "keys")
        service.answers = [[own.jwk]]
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(yield* outcome(keys, signed), ["genuine", 0])
      }).pipe(quiet)
  )

  it.effect.each(bad)(
    "can't tell where the host %s from the start, and asks once a minute",
    ([, answer]) =>
      Effect.gen(function*() {
        const own = yield* signer()
        const { keys, service } = yield* behind(answer, { timeout: "2 seconds" })
        const signed = { signature: yield* own.sign() }
        const calls = yield* Effect.forkChild(
          Effect.forEach(Array.from({ length: 50 }), () => outcome(keys, signed), { concurrency: "unbounded" })
        )
        if (answer === "hangs") yield* TestClock.adjust("2 seconds")
        for (const one of yield* Fiber.join(calls)) {
          assert.deepStrictEqual(one, ["keys", answer === "hangs" ? 2 : 0])
        }
        assert.strictEqual(service.asked, 1)
      }).pipe(quiet)
  )

  it.effect("reads no answer that is longer than a set of keys", () =>
    Effect.gen(function*() {
      const own = yield* signer()
      const { keys } = yield* behind(() => Response.json({ keys: [own.jwk], more: "x".repeat(70_000) }))
      assert.deepStrictEqual(yield* outcome(keys, { signature: yield* own.sign() }), ["keys", 0])
    }).pipe(quiet))

  it.effect("does not count an asking that was interrupted", () =>
    Effect.gen(function*() {
      const own = yield* signer()
      const { keys, service } = yield* behind("hangs")
      const signed = { signature: yield* own.sign() }
      const first = yield* Effect.forkChild(outcome(keys, signed))
      const second = yield* Effect.forkChild(outcome(keys, signed))
      yield* TestClock.adjust("1 second")
      service.answers = [[own.jwk]]
      yield* Fiber.interrupt(first)
      assert.deepStrictEqual(yield* Fiber.join(second), ["genuine", 1])
    }))

  it.effect("follows no redirect, and sends no trace header", () =>
    Effect.gen(function*() {
      const inits: Array<RequestInit | undefined> = []
      const keys = yield* Effect.provide(KeySet.make({ url, algorithm: "Ed25519" }), FetchHttpClient.layer)
      yield* outcome(keys, { signature: new Uint8Array(64) }).pipe(
        Effect.provideService(FetchHttpClient.Fetch, (_, init) => {
          inits.push(init)
          return Promise.resolve(Response.json({ keys: [] }))
        }),
        Effect.withSpan("the caller's")
      )
      assert.deepStrictEqual(inits.map((init) => init?.redirect), ["manual"])
      assert.sameMembers([...new Headers(inits[0]?.headers).keys()], ["accept"])
    }).pipe(quiet))
})
