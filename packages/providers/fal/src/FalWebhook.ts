/**
 * The signatures of fal's webhooks.
 *
 * **Details**
 *
 * `x-fal-webhook-signature` is an Ed25519 signature, in hexadecimal, of four lines: the request's id, the user's, the timestamp, and
 * the SHA-256 of the raw body. The keys are published; there is no shared secret.
 *
 * @since 0.1.0
 */
import * as KeySet from "@media-jobs/adapter/KeySet"
import * as Settings from "@media-jobs/core/Settings"
import * as Sha256 from "@media-jobs/core/Sha256"
import * as Webhook from "@media-jobs/core/Webhook"
import * as Clock from "effect/Clock"
import type * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import type * as HttpClient from "effect/http/HttpClient"
import * as Result from "effect/Result"

/**
 * Where the keys are, and how old calls may be.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** `https://rest.fal.ai/.well-known/jwks.json` unless given. */
  readonly url?: string | undefined
  /** How far a call's timestamp may be from now, either way; 5 minutes unless given. */
  readonly tolerance?: Duration.Input | undefined
  /** The longest that one asking for the keys may take; 5 seconds unless given. */
  readonly timeout?: Duration.Input | undefined
}

const encoder = /* @__PURE__ */ new TextEncoder()

/**
 * What verifies fal's calls.
 *
 * **Details**
 *
 * The keys are asked for when the first call comes, kept as `KeySet` has it, and each is good. Then the timestamp must be within the
 * window. A call succeeds with what its repeats have again: its timestamp and its request.
 *
 * **Example** (For `Webhooks`)
 *
 * ```ts
 * import { Fal, FalWebhook } from "@media-jobs/fal"
 * import { Webhooks } from "@media-jobs/webhooks"
 * import { Effect, Layer } from "effect"
 *
 * const Hooks = Layer.unwrap(Effect.gen(function*() {
 *   const provider = yield* Fal.Fal
 *   const verify = yield* FalWebhook.make()
 *   return Webhooks.layer({ sources: [{ provider, verify }] })
 * }))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = /* @__PURE__ */ Effect.fnUntraced(function*(
  options: Options = {}
): Effect.fn.Return<Webhook.Verifier, Config.ConfigError, HttpClient.HttpClient> {
  const tolerance = Duration.toMillis(yield* Settings.duration("tolerance", options.tolerance ?? "5 minutes"))
  const keys = yield* KeySet.make({
    url: options.url ?? "https://rest.fal.ai/.well-known/jwks.json",
    algorithm: "Ed25519",
    timeout: options.timeout
  })
  return Effect.fn("FalWebhook.verify")(
    function*({ body, headers }: Webhook.Call): Effect.fn.Return<string, Webhook.Unverified> {
      const [request, user, timestamp, hex] = ["request-id", "user-id", "timestamp", "signature"].map((name) =>
        Webhook.header(headers, `x-fal-webhook-${name}`) ?? ""
      )
      const signature = Result.getOrUndefined(Hex.decode(hex ?? ""))
      if (!request || !user || !/^\d{1,12}$/.test(timestamp ?? "") || !hex) {
        return yield* new Webhook.Unverified({ reason: "headers" })
      }
      if (signature === undefined) return yield* new Webhook.Unverified({ reason: "signature" })
      const data = encoder.encode([request, user, timestamp, Hex.encode(Sha256.digest(body))].join("\n"))
      yield* keys.verify({ signature, data })
      const ago = (yield* Clock.currentTimeMillis) - Number(timestamp) * 1000
      if (Math.abs(ago) > tolerance) return yield* new Webhook.Unverified({ reason: ago > 0 ? "late" : "early" })
      return `${timestamp}.${request}`
    }
  )
})
