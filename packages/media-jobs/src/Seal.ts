/**
 * Handles as texts that tell their bearer nothing.
 *
 * @since 0.1.0
 */
import * as Handle from "@media-jobs/core/Handle"
import * as Settings from "@media-jobs/core/Settings"
import * as Sha256 from "@media-jobs/core/Sha256"
import * as Config from "effect/Config"
import * as Aead from "effect/crypto/Aead"
import type * as CryptoError from "effect/crypto/CryptoError"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/**
 * Secrets of at least 32 bytes, used for nothing else. The first seals, all open: put a new one in front, and take the old one
 * away once no text that it sealed is in use.
 *
 * @since 0.1.0
 * @category options
 */
export type Secrets = readonly [Redacted.Redacted, ...ReadonlyArray<Redacted.Redacted>]

/**
 * A handle was to be sealed, and there is no secret.
 *
 * @since 0.1.0
 * @category errors
 */
export class NoSecret extends Schema.TaggedError<NoSecret>("media-jobs/NoSecret")("NoSecret", {}) {
  override get message(): string {
    return "There is nothing to seal handles with: set MEDIA_JOBS_SECRET to what \"openssl rand -base64 32\" prints."
  }
}

/**
 * Seals handles, or other texts as private as these, such as the state of a step, and opens what it sealed.
 *
 * **Details**
 *
 * `seal` gives letters, digits, `-`, `_` and one dot, other ones at each call; `open` refuses as `corrupt` what was cut, changed or sealed under another
 * secret.
 *
 * @since 0.1.0
 * @category models
 */
export interface Seal {
  readonly seal: (handle: Handle.Handle) => Effect.Effect<string, NoSecret>
  readonly open: (text: string) => Effect.Effect<Handle.Handle, Handle.InvalidHandle>
  readonly sealText: (text: string) => Effect.Effect<string, NoSecret>
  readonly openText: (text: string) => Effect.Effect<string, Handle.InvalidHandle>
}

const version = "mjs1."
const [encoder, decoder] = [/* @__PURE__ */ new TextEncoder(), /* @__PURE__ */ new TextDecoder()]
const aad = /* @__PURE__ */ encoder.encode(version)
const least = 32

const corrupt = /* @__PURE__ */ Effect.fail(new Handle.InvalidHandle({ reason: "corrupt" }))

/**
 * A seal under the given secrets (AES-256-GCM); without one, `seal` fails, and nothing opens.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (secrets: ReadonlyArray<Redacted.Redacted>): Effect.Effect<Seal, Config.ConfigError> =>
  Effect.gen(function*() {
    if (secrets.some((secret) => encoder.encode(Redacted.value(secret)).length < least)) {
      return yield* Settings.refuse(
        `MEDIA_JOBS_SECRET holds a secret of fewer than ${least} bytes: make one with "openssl rand -base64 32"`
      )
    }
    const aead = yield* Aead.Aead
    const random = yield* SecureRandom.SecureRandom
    const keys = yield* orDie(
      Effect.forEach(secrets, (secret) =>
        Aead.key(
          Aead.aes256Gcm,
          Sha256.digest(encoder.encode(`media-jobs seal ${Redacted.value(secret)}`))
        ))
    )
    const [first] = keys

    const sealText = (text: string) =>
      first === undefined
        ? Effect.fail(new NoSecret())
        : orDie(Effect.gen(function*() {
          const nonce = yield* random.randomBytes(Aead.aes256Gcm.nonceLength)
          const sealed = yield* aead.encrypt(first, encoder.encode(text), { nonce, aad })
          return `${version}${Base64Url.encode(new Uint8Array([...nonce, ...sealed]))}`
        }))

    const openText = Effect.fnUntraced(function*(text: string): Effect.fn.Return<string, Handle.InvalidHandle> {
      if (!text.startsWith(version)) return yield* new Handle.InvalidHandle({ reason: "foreign" })
      const bytes = Base64Url.decode(text.slice(version.length))
      if (Result.isFailure(bytes)) return yield* corrupt
      const [nonce, sealed] = [
        bytes.success.slice(0, Aead.aes256Gcm.nonceLength),
        bytes.success.slice(Aead.aes256Gcm.nonceLength)
      ]
      for (const key of keys) {
        const opened = yield* Effect.option(aead.decrypt(key, sealed, { nonce, aad }))
        if (Option.isSome(opened)) return decoder.decode(opened.value)
      }
      return yield* corrupt
    })

    const self: Seal = {
      seal: (handle) => sealText(Handle.toText(handle)),
      open: (text) => Effect.flatMap(openText(text), Handle.fromText),
      sealText,
      openText
    }
    return self
  }).pipe(Effect.provide(Layer.provideMerge(Aead.layerWebCrypto, SecureRandom.layerWebCrypto)))

/** A platform without AES can run no part of this. */
const orDie = <A>(effect: Effect.Effect<A, CryptoError.CryptoError>): Effect.Effect<A> => Effect.orDie(effect)

/**
 * The secrets in `MEDIA_JOBS_SECRET`, which are separated by commas; none where it is not set.
 *
 * @since 0.1.0
 * @category config
 */
export const secrets: Config.Config<ReadonlyArray<Redacted.Redacted>> = Config.Redacted("MEDIA_JOBS_SECRET").pipe(
  Config.map((text) => Redacted.value(text).split(",").map((secret) => Redacted.make(secret.trim()))),
  Config.withDefault([])
)
