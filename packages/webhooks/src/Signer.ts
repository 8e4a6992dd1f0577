/**
 * Addresses and references that only their maker could have made.
 *
 * @since 0.1.0
 */
import * as JobError from "@media-jobs/core/JobError"
import * as Log from "@media-jobs/core/Log"
import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Settings from "@media-jobs/core/Settings"
import * as Sha256 from "@media-jobs/core/Sha256"
import * as Arr from "effect/Array"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Mac from "effect/crypto/Mac"
import * as WebCrypto from "effect/crypto/WebCrypto"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

/**
 * Where webhooks arrive, and with what their addresses are signed.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /**
   * Under which the services reach the application, as in `https://app.example/webhooks`; each submit gets a segment of its
   * own below it.
   */
  readonly url: string
  /**
   * Secrets of at least 32 characters, used for nothing else. The first signs, all verify: put a new one in front, and take
   * the old one away once the jobs submitted under it have ended.
   */
  readonly keys: readonly [Redacted.Redacted, ...ReadonlyArray<Redacted.Redacted>]
}

/**
 * What a signature vouches for: which submit, of which provider and instance, under which reference.
 *
 * **Details**
 *
 * `providerKey` is {@link providerKey} of the provider. `nonce` is the submit's own, the same in its address and in its reference.
 *
 * @since 0.1.0
 * @category models
 */
export interface Signed {
  readonly providerKey: string
  readonly nonce: string
  readonly reference: string | undefined
}

/**
 * Makes and verifies what submits carry.
 *
 * **Details**
 *
 * - `replyTo` is what adapters use; {@link layer} provides it to them.
 * - `ofSegment` verifies the last segment of an address, `ofReference` a whole reference; `undefined` for any that was not
 *   made with one of the keys.
 *
 * @since 0.1.0
 * @category services
 */
export class Signer extends Context.Service<Signer, {
  /** The base of all addresses, without a slash at its end. */
  readonly url: string
  readonly replyTo: ReplyTo.ReplyTo
  readonly ofSegment: (segment: string) => Signed | undefined
  readonly ofReference: (echoed: string) => Signed | undefined
}>()("@media-jobs/webhooks/Signer") {}

/** What the services take for `replyUrl` and for `replyRef`, in characters. */
const maxLength = 1024

/** A name as a part of a path that no proxy has reason to rewrite: letters, digits, `-`, `_`, and `~` before hex digits. */
const plain = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replace(
    /[^\w%-]/g,
    (char) => `~${char.charCodeAt(0).toString(16).toUpperCase()}`
  ).replaceAll("%", "~")

/**
 * A provider's id and instance as they stand in its addresses.
 *
 * @since 0.1.0
 * @category conversions
 */
export const providerKey = (provider: ProviderId, instance: Instance): string => `${plain(provider)}.${plain(instance)}`

/**
 * Version, provider key and nonce; the tag, whose last letter says four bits and leaves two at zero, so that each has one
 * spelling; in a reference, the caller's part.
 */
const form = /^(1\.([\w~-]+\.[\w~-]+)\.([\w-]{22}))\.([\w-]{42}[AEIMQUYcgkosw048])(?:\.([^]*))?$/

/** What a tag is made of: one for an address is no good in a reference, nor the other way round. */
const message = (kind: "url" | "ref", head: string, reference: string | undefined): string =>
  reference === undefined ? `${kind}:${head}` : `${kind}:${head}.${reference}`

const encoder = /* @__PURE__ */ new TextEncoder()
/** Nothing yields between a text's encoding and its tag, so that one will do for all. */
const scratch = /* @__PURE__ */ new Uint8Array(4096)
/** As `encode`, which takes as long as the tag itself. */
const bytesOf = (text: string): Uint8Array =>
  text.length * 3 > scratch.length
    ? encoder.encode(text)
    : scratch.subarray(0, encoder.encodeInto(text, scratch).written)
const exampleUrl = "https://app.example/webhooks"

/** This machine's own, as the emulator calls it. */
const isLocal = (url: string): boolean =>
  /^(?:localhost|127(?:\.\d+){3}|\[::1\]|.+\.localhost)$/.test(new URL(url).hostname)

const checkKeys = (
  key: string,
  [first, ...rest]: ReadonlyArray<Redacted.Redacted>
): Effect.Effect<Options["keys"], Config.ConfigError> =>
  first === undefined || [first, ...rest].some((one) => Redacted.value(one).length < 32)
    ? Settings.refuse(`${key} holds a key of fewer than 32 characters: make one with "openssl rand -base64 32"`)
    : Effect.succeed([first, ...rest])

/**
 * A signer of the given base and keys.
 *
 * **Details**
 *
 * An address ends in `1.<provider>.<instance>.<nonce>.<tag>`, and a reference is the same with a tag of its own and the
 * caller's part behind it, so that either can be verified by itself, after any number of restarts. The tag is an
 * HMAC-SHA-256 over all the rest, compared in constant time. What is longer than the 1,024 characters that services take is
 * `InvalidRequest`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = /* @__PURE__ */ Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Signer["Service"], Config.ConfigError> {
  const url = yield* Settings.baseUrl("url", options.url, exampleUrl)
  if (url.startsWith("http:") && !isLocal(url)) {
    yield* Log.warning(
      "The URL of the webhooks begins with http: most services call https alone, and over http an address, which is half " +
        `a secret, can be read on its way. Give one such as ${exampleUrl}.`
    )
  }
  const crypto = yield* WebCrypto.WebCrypto
  const macs = Arr.map(
    yield* checkKeys("keys", options.keys),
    (key) => Sha256.hmac(encoder.encode(Redacted.value(key)))
  )
  const sign = (text: string): string => Base64Url.encode(macs[0](bytesOf(text)))

  const verify = (kind: "url" | "ref", text: string): Signed | undefined => {
    // What is longer was not made here, and would take its time. A lone surrogate is hashed as any other.
    if (text.length > maxLength || !text.isWellFormed()) return undefined
    const [, head, providerKey, nonce, tag, reference] = form.exec(text) ?? []
    if (head === undefined || providerKey === undefined || nonce === undefined || tag === undefined) return undefined
    const given = Base64Url.decode(tag)
    const signed = bytesOf(message(kind, head, reference))
    return Result.isSuccess(given) && macs.some((mac) => Mac.timingSafeEqual(given.success, mac(signed)))
      ? { providerKey, nonce, reference }
      : undefined
  }

  const ofReference = (echoed: string) => verify("ref", echoed)

  return {
    url,
    ofReference,
    ofSegment: (segment) => verify("url", segment),
    replyTo: {
      callerReference: (echoed) => ofReference(echoed)?.reference,
      address: ({ instance, provider, reference }) =>
        Effect.suspend(() => {
          const nonce = Base64Url.encode(crypto.getRandomValues(new Uint8Array(16)))
          const head = `1.${providerKey(provider, instance)}.${nonce}`
          const signed = `${head}.${sign(message("ref", head, reference))}`
          const address = {
            url: `${url}/${head}.${sign(message("url", head, undefined))}`,
            reference: reference === undefined ? signed : `${signed}.${reference}`
          }
          const issues = [
            ...(reference?.isWellFormed() === false
              ? [{ field: "replyRef", message: "Expected text that is whole: half of a surrogate pair gets lost" }]
              : []),
            ...(address.reference.length > maxLength
              ? [{ field: "replyRef", message: `Expected at most ${maxLength - signed.length - 1} characters` }]
              : []),
            ...(address.url.length > maxLength
              ? [{ field: "replyUrl", message: "Expected a shorter URL and instance of the application's webhooks" }]
              : [])
          ]
          return issues.length === 0
            ? Effect.succeed(address)
            : Effect.fail(new JobError.InvalidRequest({ provider, instance, operation: "submit", issues }))
        })
    }
  }
})

/**
 * The signer, and with it core's `ReplyTo`: every submit made under this layer asks its service to report.
 *
 * **When to use**
 *
 * Provide it to the whole application, its pollers included, and `Webhooks.layer` to what answers the calls. A function that
 * only submits needs nothing else.
 *
 * **Gotchas**
 *
 * - A submit carries an address where this is in its own context: `Layer.provideMerge`, not `Layer.provide`, where the program
 *   that submits stands above the layers.
 * - Whatever makes or answers an address needs the same URL and keys.
 * - A poller that was made outside this layer takes a whole echo for the caller's own reference.
 * - Every provider gets addresses, so each needs a source: calls for one without are refused as `UnknownSource`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Signer, Config.ConfigError> =>
  Layer.effectContext(
    Effect.map(
      make(options),
      (signer) => Context.make(Signer, signer).pipe(Context.add(ReplyTo.ReplyTo, signer.replyTo))
    )
  )

/**
 * The signer of the URL in `WEBHOOKS_URL` and the keys in `WEBHOOKS_KEYS`, which are separated by commas; what is given here
 * is not looked up.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (given: Settings.Given<Options> = {}): Layer.Layer<Signer, Config.ConfigError> =>
  Layer.unwrap(Effect.map(
    Settings.withDefaults<Options, Options>(given, {
      url: Settings.required(
        "WEBHOOKS_URL",
        `the URL under which services reach the application's webhooks, such as ${exampleUrl}`,
        (url) => Settings.baseUrl("WEBHOOKS_URL", url, exampleUrl)
      ),
      keys: Settings.required(
        "WEBHOOKS_KEYS",
        "a key, or several with commas between: make one with \"openssl rand -base64 32\"",
        (keys) => checkKeys("WEBHOOKS_KEYS", keys.split(",").map((key) => Redacted.make(key.trim())))
      )
    }),
    layer
  ))
