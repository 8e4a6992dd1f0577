/**
 * Calls to the address of one request, which Google vouches for by a token that its published keys sign.
 *
 * **Details**
 *
 * The token, in `webhook-signature`, is a JWT, and whatever it says of its algorithm it is verified by RS256 alone. No document says that it covers the body's bytes; the samples read the
 * event out of it. So the body must tell of the same job, where the token tells of one; a body that was put together again passes.
 *
 * @since 0.1.0
 */
import * as KeySet from "@media-jobs/adapter/KeySet"
import * as Wire from "@media-jobs/adapter/Wire"
import * as Settings from "@media-jobs/core/Settings"
import * as Webhook from "@media-jobs/core/Webhook"
import * as Clock from "effect/Clock"
import type * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import type * as HttpClient from "effect/http/HttpClient"
import * as Result from "effect/Result"

/**
 * Whose calls are taken, and how old they may be.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** For whom Google's token must be; what it calls its audience is the application's to know, and any passes unless given. */
  readonly audience?: string | ReadonlyArray<string> | undefined
  /** How far a token's time may be from now, either way; 5 minutes unless given. */
  readonly tolerance?: Duration.Input | undefined
  /** Where the Gemini API answers, and publishes its keys. */
  readonly baseUrl?: string | undefined
}

const live = "https://generativelanguage.googleapis.com"
const [encoder, decoder] = [/* @__PURE__ */ new TextEncoder(), /* @__PURE__ */ new TextDecoder()]

const fieldsOf = (text: string): Readonly<Record<string, unknown>> =>
  Wire.object(Result.getOrUndefined(Result.try((): unknown => JSON.parse(text))))

const jobOf = (event: Readonly<Record<string, unknown>>): string | undefined =>
  Wire.text(Wire.object(event["data"])["id"])

/**
 * What verifies calls by Google's published keys.
 *
 * **Details**
 *
 * - A call fails with `headers` where it has no token, with `signature` where no key signed it, it is for another audience or tells
 *   of another job than the body, with `late` or `early` by the token's own time, and with `keys` where the keys can't be had.
 * - A repeat of a call has its signature again.
 * - How keys are kept and renewed is `KeySet`'s.
 *
 * **Example** (For `Webhooks`)
 *
 * ```ts
 * import { Gemini, GoogleWebhook } from "@media-jobs/google"
 * import { Webhooks } from "@media-jobs/webhooks"
 * import { Effect, Layer } from "effect"
 *
 * const Hooks = Layer.unwrap(Effect.gen(function*() {
 *   const provider = yield* Gemini.Gemini
 *   const verify = yield* GoogleWebhook.make()
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
  const baseUrl = yield* Settings.baseUrl("baseUrl", options.baseUrl ?? live, live)
  const keys = yield* KeySet.make({ url: `${baseUrl}/.well-known/jwks.json`, algorithm: "RS256" })
  const audiences = options.audience === undefined ? undefined : [options.audience].flat()
  const refuse = (reason: Webhook.Unverified["reason"]) => Effect.fail(new Webhook.Unverified({ reason }))

  return Effect.fn("GoogleWebhook.verify")(function*({ body, headers }) {
    const token = Webhook.header(headers, "webhook-signature")
    const [head = "", claims = "", signature = "", ...more] = token?.split(".") ?? []
    const parts = Result.all([
      Base64Url.decodeString(head),
      Base64Url.decodeString(claims),
      Base64Url.decode(signature)
    ])
    if (Result.isFailure(parts) || signature === "" || more.length > 0) return yield* refuse("headers")
    const { kid } = fieldsOf(parts.success[0])
    yield* keys.verify({
      data: encoder.encode(`${head}.${claims}`),
      signature: parts.success[2],
      kid: Wire.text(kid)
    })
    const told = fieldsOf(parts.success[1])
    const { aud, exp, iat } = told
    const job = jobOf(told)
    if (
      audiences !== undefined && ![aud].flat().some((one) => audiences.some((audience) => audience === one)) ||
      job !== undefined && job !== jobOf(fieldsOf(decoder.decode(body)))
    ) return yield* refuse("signature")
    const now = yield* Clock.currentTimeMillis
    const ago = now - 1000 * (Wire.number(iat) ?? Wire.number(Webhook.header(headers, "webhook-timestamp")) ?? 0)
    if (ago > tolerance || now > 1000 * (Wire.number(exp) ?? Infinity) + tolerance) return yield* refuse("late")
    if (-ago > tolerance) return yield* refuse("early")
    return signature
  })
})
