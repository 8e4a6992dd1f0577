import * as Clock from "effect/Clock"
import * as Mac from "effect/crypto/Mac"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Layer from "effect/Layer"

const mac = Effect.provide(Mac.Mac, Mac.layerWebCrypto.pipe(Layer.provide(SecureRandom.layerWebCrypto)))

/**
 * The headers of a call that is signed now, with each of the secrets; `id` is the call's own.
 */
export const headers = Effect.fnUntraced(function*(id: string, body: string, secrets: ReadonlyArray<string>) {
  const timestamp = `${Math.floor((yield* Clock.currentTimeMillis) / 1000)}`
  const { sign } = yield* mac
  const data = new TextEncoder().encode(`${id}.${timestamp}.${body}`)
  const signatures = yield* Effect.orDie(
    Effect.forEach(secrets, (secret) =>
      Effect.fromResult(Base64.decode(secret.replace(/^whsec_/, ""))).pipe(
        Effect.flatMap((bytes) => Mac.key(Mac.hmacSha256, bytes)),
        Effect.flatMap((key) => sign(key, data)),
        Effect.map((tag) => `v1,${Base64.encode(tag)}`)
      ))
  )
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" ")
  }
})
