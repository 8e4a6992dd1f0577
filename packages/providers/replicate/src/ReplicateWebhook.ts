/**
 * Whether a webhook is Replicate's.
 *
 * **Details**
 *
 * Replicate signs as the Standard Webhooks do: `webhook-signature` holds, among others it may have, the HMAC-SHA-256 of
 * `webhook-id`, `webhook-timestamp` and the raw body, with dots between.
 *
 * @since 0.1.0
 */
import * as Mutex from "@media-jobs/core/Mutex"
import * as Remedy from "@media-jobs/core/Remedy"
import * as Settings from "@media-jobs/core/Settings"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Mac from "effect/crypto/Mac"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/**
 * A call that is not Replicate's, or not its own any more.
 *
 * **Details**
 *
 * `headers`: one of the three is missing or malformed. `late`, `early`: its timestamp is outside the window. `signature`:
 * none was made with one of the secrets, over these very bytes. `replayed`: the same call came before.
 *
 * @since 0.1.0
 * @category errors
 */
export class Refused extends Schema.TaggedError<Refused>("@media-jobs/replicate/Refused")("Refused", {
  reason: Schema.Literals(["headers", "late", "early", "signature", "replayed"])
}) {
  /** What the caller is answered. */
  get status(): number {
    return this.reason === "headers" ? 400 : 401
  }

  override get message(): string {
    return `replicate webhook: Refused (${this.reason}). Answer with status ${this.status} and believe nothing of it.`
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

/**
 * A webhook call as it came: header names in lower case, the body byte for byte.
 *
 * @since 0.1.0
 * @category models
 */
export interface Call {
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** Secrets as Replicate shows them, `whsec_` and all; each is good for verifying. May be left out where `renew` is given. */
  readonly secrets?: ReadonlyArray<Redacted.Redacted> | undefined
  /** How far a call's timestamp may be from now, either way; 5 minutes unless given. Replicate's last retry is after one. */
  readonly tolerance?: Duration.Input | undefined
  /** How to learn the secret that signs now, as `replicate.webhookSecret`: asked where no known one fits, once a minute. */
  readonly renew?: Effect.Effect<Redacted.Redacted, unknown> | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Verifier {
  /** Fails for any call that is not to be believed. */
  readonly verify: (call: Call) => Effect.Effect<void, Refused>
  /** The same as an answer, as `Webhooks` wants it for a source's `verify`; refusals are logged at debug. */
  readonly isGenuine: (call: Call) => Effect.Effect<boolean>
}

/**
 * The secrets in `REPLICATE_WEBHOOK_SECRET`: one, or while they change several with commas between.
 *
 * @since 0.1.0
 * @category config
 */
export const config: Config.Config<ReadonlyArray<Redacted.Redacted>> = Config.map(
  Config.Redacted("REPLICATE_WEBHOOK_SECRET"),
  (secrets) => Redacted.value(secrets).split(/[\s,]+/).filter((text) => text !== "").map((text) => Redacted.make(text))
)

/** More signatures than this belong to nobody's rotation. */
const mostSignatures = 16
/** Secrets that were learned by asking: the one that signs now, and the one before it. */
const mostRenewed = 2
const renewEvery = 60_000

const mac = Effect.provide(Mac.Mac, Mac.layerWebCrypto.pipe(Layer.provide(SecureRandom.layerWebCrypto)))
const encoder = /* @__PURE__ */ new TextEncoder()

const bytesOf = (secret: Redacted.Redacted): Uint8Array | undefined => {
  const bytes = Result.getOrUndefined(Base64.decode(Redacted.value(secret).replace(/^whsec_/, "")))
  return bytes === undefined || bytes.length === 0 ? undefined : bytes
}

/**
 * What verifies calls with the given secrets.
 *
 * **Details**
 *
 * - The timestamp must be within the window; then any signature may fit any secret, compared in constant time.
 * - A call that was verified is remembered while its timestamp is good, and refused if it comes again. Replicate's own retries
 *   carry the id of the first call and a timestamp of their own, and pass.
 * - Rotation: give both secrets, or `renew`.
 *
 * **Gotchas**
 *
 * Each process remembers its own calls: a replay within the window to another is verified again. Webhooks only wake, so it
 * costs a request.
 *
 * **Example** (For `Webhooks`)
 *
 * ```ts
 * import { Replicate, ReplicateWebhook } from "@media-jobs/replicate"
 * import { Effect } from "effect"
 *
 * const source = Effect.gen(function*() {
 *   const provider = yield* Replicate.Replicate
 *   const { isGenuine } = yield* ReplicateWebhook.make({ renew: provider.webhookSecret })
 *   return { provider, verify: isGenuine, wake: () => Effect.void }
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(options: Options): Effect.fn.Return<Verifier, Config.ConfigError> {
  const { renew, secrets = [] } = options
  const tolerance = Duration.toMillis(yield* Settings.duration("tolerance", options.tolerance ?? "5 minutes"))
  const known = secrets.map(bytesOf)
  if (known.includes(undefined)) return yield* Settings.refuse("A webhook secret is not whsec_ and Base64 after it")
  if (known.length === 0 && renew === undefined) {
    return yield* Settings.refuse("There is neither a webhook secret nor renew")
  }
  const given = known.filter((bytes) => bytes !== undefined)
  const { sign } = yield* mac
  const seen = new Map<string, number>()
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

  /** The secrets learned now, or within the minute, which may be by someone who asked at the same time. */
  const learn = (renew: Effect.Effect<Redacted.Redacted, unknown>) =>
    exclusively(
      Effect.gen(function*() {
        const now = yield* Clock.currentTimeMillis
        if (now - renewedAt < renewEvery) return renewed
        const secret = yield* Effect.catch(
          Effect.map(renew, bytesOf),
          () => Effect.as(Effect.logWarning("Replicate's webhook secret can't be renewed"), undefined)
        )
        // Only now: what was interrupted has learned nothing.
        renewedAt = now
        if (secret !== undefined) renewed = [secret, ...renewed].slice(0, mostRenewed)
        return renewed
      })
    )

  const verify = Effect.fn("ReplicateWebhook.verify")(
    function*({ body, headers }: Call): Effect.fn.Return<void, Refused> {
      const { "webhook-id": id, "webhook-signature": signature, "webhook-timestamp": timestamp } = headers
      if (
        id === undefined || id === "" || signature === undefined ||
        timestamp === undefined || !/^\d{1,12}$/.test(timestamp)
      ) return yield* new Refused({ reason: "headers" })
      const now = yield* Clock.currentTimeMillis
      const at = Number(timestamp) * 1000
      if (now - at > tolerance) return yield* new Refused({ reason: "late" })
      if (at - now > tolerance) return yield* new Refused({ reason: "early" })

      const prefix = encoder.encode(`${id}.${timestamp}.`)
      const data = new Uint8Array(prefix.length + body.length)
      data.set(prefix)
      data.set(body, prefix.length)
      const signatures = signature.split(" ").slice(0, mostSignatures).flatMap((one) => {
        const bytes = one.startsWith("v1,") ? Result.getOrUndefined(Base64.decode(one.slice(3))) : undefined
        return bytes === undefined ? [] : [bytes]
      })
      const genuine = (yield* fits([...given, ...renewed], data, signatures)) ||
        (renew !== undefined && signatures.length > 0 && (yield* fits(yield* learn(renew), data, signatures)))
      if (!genuine) return yield* new Refused({ reason: "signature" })

      const key = `${timestamp}.${id}`
      if (seen.has(key)) return yield* new Refused({ reason: "replayed" })
      for (const [oldest, until] of seen) {
        if (until >= now) break
        seen.delete(oldest)
      }
      seen.set(key, at + tolerance)
    }
  )

  return {
    verify,
    isGenuine: (call) =>
      Effect.matchEffect(verify(call), {
        onFailure: (refused) => Effect.as(Effect.logDebug(refused.message), false),
        onSuccess: () => Effect.succeed(true)
      })
  }
})
