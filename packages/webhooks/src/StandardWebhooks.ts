/**
 * Calls that are signed as the Standard Webhooks have it, by Replicate for one.
 *
 * **Details**
 *
 * `webhook-signature` holds, among others it may have, `v1,` and the HMAC-SHA-256, in Base64, of `webhook-id`,
 * `webhook-timestamp` and the raw body, with dots between.
 *
 * @since 0.1.0
 */
import * as Log from "@media-jobs/core/Log"
import * as Mutex from "@media-jobs/core/Mutex"
import * as Settings from "@media-jobs/core/Settings"
import * as Webhook from "@media-jobs/core/Webhook"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Mac from "effect/crypto/Mac"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

/**
 * With which secrets calls are verified, and how old they may be.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /**
   * Secrets as the service shows them, of at least 16 bytes: Base64 or its URL-safe form, padded or not, with `whsec_` or
   * `v1,whsec_` before it and quotes around it, or without. Each is good for verifying. May be left out where `renew` is given.
   */
  readonly secrets?: ReadonlyArray<Redacted.Redacted> | undefined
  /** How far a call's timestamp may be from now, either way; 5 minutes unless given. */
  readonly tolerance?: Duration.Input | undefined
  /**
   * How to learn the secret that signs now, as `replicate.webhookSecret`: asked where no known one fits, once a minute at most.
   */
  readonly renew?: Effect.Effect<Redacted.Redacted, unknown> | undefined
}

/**
 * The secrets in a variable of the environment: one, or while they change several with commas between.
 *
 * @since 0.1.0
 * @category config
 */
export const secrets = (name: string): Config.Config<ReadonlyArray<Redacted.Redacted>> =>
  Config.map(
    Config.Redacted(name),
    (text) =>
      Redacted.value(text).replaceAll(/v1,(?=whsec_)/g, "").split(/[\s,]+/).filter((one) => one !== "").map((one) =>
        Redacted.make(one)
      )
  )

/** More signatures than this belong to no rotation. */
const mostSignatures = 16
/** Secrets that were learned by asking: the one that signs now, and the one before it. */
const mostRenewed = 2
const renewEvery = 60_000
const leastBytes = 16

const mac = Effect.provide(Mac.Mac, Mac.layerWebCrypto.pipe(Layer.provide(SecureRandom.layerWebCrypto)))
const encoder = /* @__PURE__ */ new TextEncoder()

const decode = (text: string): Uint8Array | undefined =>
  Result.getOrUndefined(
    Base64Url.decode(text.replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_"))
  )

const bytesOf = (secret: Redacted.Redacted): Uint8Array | undefined => {
  const bare = Redacted.value(secret).trim().replace(/^(["'])(.*)\1$/, "$2").replace(/^(?:v1,)?(?:whsec_)?/, "")
  const bytes = decode(bare)
  return bytes === undefined || bytes.length < leastBytes ? undefined : bytes
}

/**
 * What verifies calls with the given secrets.
 *
 * **Details**
 *
 * - Any signature may fit any secret, compared in constant time; then the timestamp must be within the window.
 * - A call succeeds with what its repeats have again: its timestamp and its id. A service's own retries carry the id of the first
 *   call and a timestamp of their own.
 * - Rotation: give both secrets, or `renew`.
 *
 * **Example** (For `Webhooks`)
 *
 * ```ts
 * import { Replicate } from "@media-jobs/replicate"
 * import { StandardWebhooks, Webhooks } from "@media-jobs/webhooks"
 * import { Effect, Layer } from "effect"
 *
 * const Hooks = Layer.unwrap(Effect.gen(function*() {
 *   const provider = yield* Replicate.Replicate
 *   const verify = yield* StandardWebhooks.make({ renew: provider.webhookSecret })
 *   return Webhooks.layer({ sources: [{ provider, verify }] })
 * }))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = /* @__PURE__ */ Effect.fnUntraced(
  function*(options: Options): Effect.fn.Return<Webhook.Verifier, Config.ConfigError> {
    const { renew, secrets = [] } = options
    const tolerance = Duration.toMillis(yield* Settings.duration("tolerance", options.tolerance ?? "5 minutes"))
    const known = secrets.map(bytesOf)
    if (known.includes(undefined)) {
      return yield* Settings.refuse(
        `A webhook secret is no Base64 of ${leastBytes} bytes or more: give it as the service shows it, whsec_ and all`
      )
    }
    if (known.length === 0 && renew === undefined) {
      return yield* Settings.refuse("There is neither a webhook secret nor renew: give secrets, or how to learn them")
    }
    const given = known.filter((bytes) => bytes !== undefined)
    const { sign } = yield* mac
    const exclusively = yield* Mutex.make
    let renewed: ReadonlyArray<Uint8Array> = []
    let renewedAt = -Infinity

    const tagOf = (key: Uint8Array, data: Uint8Array) =>
      Effect.orDie(Effect.flatMap(Mac.key(Mac.hmacSha256, key), (key) => sign(key, data)))

    const fits = Effect.fnUntraced(
      function*(keys: ReadonlyArray<Uint8Array>, data: Uint8Array, signatures: ReadonlyArray<Uint8Array>) {
        for (const key of keys) {
          const tag = yield* tagOf(key, data)
          if (signatures.some((signature) => Mac.timingSafeEqual(signature, tag))) return true
        }
        return false
      }
    )

    /** The secrets learned now, or within the minute, which may be by a call that came at the same time. */
    const learn = (renew: Effect.Effect<Redacted.Redacted, unknown>) =>
      exclusively(
        Effect.gen(function*() {
          const now = yield* Clock.currentTimeMillis
          if (now - renewedAt < renewEvery) return renewed
          const asked = yield* Effect.option(Effect.map(renew, bytesOf))
          // Only now: what was interrupted has learned nothing.
          renewedAt = now
          const [latest = new Uint8Array()] = renewed
          const bytes = Option.getOrUndefined(asked)
          if (bytes === undefined) {
            yield* Log.warning(
              "A webhook secret can't be renewed: calls signed with a new one are refused, and it is asked for again in a minute"
            )
          } else if (!Mac.timingSafeEqual(bytes, latest)) {
            renewed = [bytes, ...renewed].slice(0, mostRenewed)
          }
          return renewed
        })
      )

    return Effect.fn("StandardWebhooks.verify")(
      function*({ body, headers }): Effect.fn.Return<string, Webhook.Unverified> {
        const id = Webhook.header(headers, "webhook-id")
        const signature = Webhook.header(headers, "webhook-signature")
        const timestamp = Webhook.header(headers, "webhook-timestamp")
        if (
          id === undefined || id === "" || signature === undefined ||
          timestamp === undefined || !/^\d{1,12}$/.test(timestamp)
        ) return yield* new Webhook.Unverified({ reason: "headers" })

        const prefix = encoder.encode(`${id}.${timestamp}.`)
        const data = new Uint8Array(prefix.length + body.length)
        data.set(prefix)
        data.set(body, prefix.length)
        const signatures = signature.split(/,?\s+/).slice(0, mostSignatures).flatMap((one) =>
          one.startsWith("v1,") ? decode(one.slice(3)) ?? [] : []
        )
        const genuine = (yield* fits([...given, ...renewed], data, signatures)) ||
          (renew !== undefined && signatures.length > 0 && (yield* fits(yield* learn(renew), data, signatures)))
        if (!genuine) return yield* new Webhook.Unverified({ reason: "signature" })

        const ago = (yield* Clock.currentTimeMillis) - Number(timestamp) * 1000
        if (Math.abs(ago) > tolerance) return yield* new Webhook.Unverified({ reason: ago > 0 ? "late" : "early" })
        return `${timestamp}.${id}`
      }
    )
  }
)
