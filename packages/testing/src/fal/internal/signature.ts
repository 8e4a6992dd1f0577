import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"

/** A key pair as a JSON Web Key; `d` is its private part. */
export interface Key {
  readonly x: string
  readonly d: string
}

/** Two keys of the emulator's, which sign nothing anywhere else. */
export const keys: readonly [Key, Key] = [
  { x: "i7yu4gugtR0zK9S_Soe7cN1eGavMFVCsNxCkDXsSlLg", d: "p4S4COxyp2ISnB3yn_teCEZg_jDCcIdhTvgLMNMRWdY" },
  { x: "3dA8uRSY3yCUGi_UBnZTHX0i6dkyHSXLF6kA09LmLmo", d: "WLYpLj0EiG_f55mW6NbWtzRTaruh9LzelVAfoyK17q4" }
]

/** What is published of a key. */
export const published = ({ x }: Key) => ({ kty: "OKP", crv: "Ed25519", x, use: "sig", alg: "EdDSA" })

const ed25519 = { name: "Ed25519" }
const encoder = new TextEncoder()

const sign = (key: Key, message: string) =>
  Effect.promise(() =>
    crypto.subtle.importKey("jwk", { kty: "OKP", crv: "Ed25519", ...key }, ed25519, false, ["sign"])
      .then((imported) => crypto.subtle.sign(ed25519, imported, encoder.encode(message)))
  )

/** The headers of a call that is signed now. */
export const headers = Effect.fnUntraced(function*(request: string, user: string, body: string, key: Key) {
  const timestamp = `${Math.floor((yield* Clock.currentTimeMillis) / 1000)}`
  const hash = yield* Effect.promise(() => crypto.subtle.digest("SHA-256", encoder.encode(body)))
  const message = [request, user, timestamp, Hex.encode(new Uint8Array(hash))].join("\n")
  const signature = yield* sign(key, message)
  return {
    "content-type": "application/json",
    "x-fal-webhook-request-id": request,
    "x-fal-webhook-user-id": user,
    "x-fal-webhook-timestamp": timestamp,
    "x-fal-webhook-signature": Hex.encode(new Uint8Array(signature))
  }
})
