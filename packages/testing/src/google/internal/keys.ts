/** The keys that calls are signed with which a request asked for by itself: RS256, published as a set. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Reply from "../../Reply.ts"

const algorithm = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256"
}

/** Made once for all emulators of the process: each takes a tenth of a second. */
const pairs: Array<Promise<CryptoKeyPair>> = []
const pairOf = (generation: number): Promise<CryptoKeyPair> =>
  pairs[generation] ??= crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])

const kidOf = (generation: number): string => `key-${generation}`

/** What `/.well-known/jwks.json` answers: the key that signs, and the one before it. */
export const published = (generation: number): Reply.Reply => {
  const generations = [generation, generation - 1].filter((one) => one >= 0)
  const keys = Effect.promise(() =>
    Promise.all(
      generations.map((one) =>
        pairOf(one).then(({ publicKey }) => crypto.subtle.exportKey("jwk", publicKey)).then(({ e = "", n = "" }) => ({
          kty: "RSA",
          alg: "RS256",
          use: "sig",
          kid: kidOf(one),
          e,
          n
        }))
      )
    )
  )
  return {
    ...Reply.json(200, {}, { "cache-control": "public, max-age=3600" }),
    body: "",
    tail: Stream.fromEffect(Effect.map(keys, (keys) => JSON.stringify({ keys })))
  }
}

const encoded = (json: Schema.JsonObject): string => Base64Url.encode(JSON.stringify(json))

/** The headers of a call that is signed now for its address, the token's audience; the token holds the event too. */
export const headers = Effect.fnUntraced(function*(id: string, body: string, audience: string, generation: number) {
  const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
  const claims = { iss: "https://generativelanguage.googleapis.com", aud: audience, iat: now, exp: now + 300 }
  const signed = `${encoded({ alg: "RS256", typ: "JWT", kid: kidOf(generation) })}.${
    encoded({ ...claims, ...JSON.parse(body) })
  }`
  const signature = yield* Effect.promise(() =>
    pairOf(generation).then(({ privateKey }) =>
      crypto.subtle.sign(algorithm, privateKey, new TextEncoder().encode(signed))
    )
  )
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": `${now}`,
    "webhook-signature": `${signed}.${Base64Url.encode(new Uint8Array(signature))}`
  }
})
