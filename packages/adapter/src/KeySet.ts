/**
 * The keys that a service publishes for its signatures, as a JSON Web Key Set (RFC 7517).
 *
 * @since 0.1.0
 */
import * as Log from "@media-jobs/core/Log"
import * as Mutex from "@media-jobs/core/Mutex"
import * as Settings from "@media-jobs/core/Settings"
import * as Webhook from "@media-jobs/core/Webhook"
import * as Clock from "effect/Clock"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Body from "./internal/body.ts"
import { shieldOf } from "./internal/shield.ts"
import * as Wire from "./Wire.ts"
import * as WireTime from "./WireTime.ts"

/**
 * Where the keys are, and what they are for.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  readonly url: string
  /** Keys of another kind in the set are left alone. */
  readonly algorithm: "Ed25519" | "RS256"
  /** The longest that one asking for the keys may take; 5 seconds unless given. */
  readonly timeout?: Duration.Input | undefined
}

/**
 * A signature and the bytes that it should be over; `kid` is the key's name, where the signature tells one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Signed {
  readonly signature: Uint8Array
  readonly data: Uint8Array
  readonly kid?: string | undefined
}

/**
 * What verifies signatures by the keys of a service.
 *
 * **Details**
 *
 * `verify` fails with `signature` where no key fits, and with `keys` where that can't be known, since the keys can't be had.
 *
 * @since 0.1.0
 * @category models
 */
export interface KeySet {
  readonly verify: (signed: Signed) => Effect.Effect<void, Webhook.Unverified>
}

interface Key {
  readonly kid: string | undefined
  readonly key: CryptoKey
}

/** The keys as they were told, when, and until when they need not be asked for again. */
interface Known {
  readonly keys: ReadonlyArray<Key>
  readonly at: number
  readonly freshUntil: number
}

/** How a key is imported, and by which of its fields: platforms differ in what else of it they take offence at. */
const algorithms = {
  Ed25519: { by: { name: "Ed25519" }, fields: ["kty", "crv", "x"] },
  RS256: { by: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, fields: ["kty", "n", "e"] }
}

const longestKept = 86_400_000
const askEvery = 60_000
/** More than any rotation holds, in bytes and in keys. */
const maxBytes = 64 * 1024
const mostKeys = 32

/** How long an answer may be kept, by its own headers. */
const lifeOf = (headers: Headers.Headers, now: number): number => {
  const control = headers["cache-control"] ?? ""
  if (/\bno-(?:store|cache)\b/i.test(control)) return 0
  const seconds = Wire.number(/\bmax-age="?(\d+)/i.exec(control)?.[1])
  const expires = WireTime.fromText(headers["expires"])
  return seconds !== undefined
    ? 1000 * (seconds - (Wire.number(headers["age"]) ?? 0))
    : expires === undefined
    ? longestKept
    : expires.epochMilliseconds - now
}

/**
 * The keys at an address, asked for when first needed.
 *
 * **Details**
 *
 * - They are kept as long as the answer's cache headers allow, a day at most, and asked for again where no key fits; never more
 *   often than once a minute, so that forged calls make no more requests than genuine ones.
 * - While they can't be had the old ones are good, for a day after they were told.
 * - No signature waits for them longer than twice the `timeout`, and most do not wait: those that need them at one time share one asking.
 * - An answer of more than 64 KiB, a redirect and a set without a key of the `algorithm` count as none.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<KeySet, Config.ConfigError, HttpClient.HttpClient> {
  const timeout = yield* Settings.duration("timeout", options.timeout ?? "5 seconds")
  const client = yield* HttpClient.HttpClient
  const shield = shieldOf(Context.getOrUndefined(yield* Effect.context(), FetchHttpClient.RequestInit))
  const exclusively = yield* Mutex.make
  const { by, fields } = algorithms[options.algorithm]
  let known: Known = { keys: [], at: -Infinity, freshUntil: -Infinity }
  let askedAt = -Infinity

  const imported = (entry: unknown) => {
    const found = Wire.object(entry)
    const jwk = Object.fromEntries(fields.map((name) => [name, found[name]]))
    return Effect.option(Effect.map(
      Effect.tryPromise(() => crypto.subtle.importKey("jwk", jwk, by, false, ["verify"])),
      (key): Key => ({ key, kid: Wire.text(found["kid"]) })
    ))
  }

  const told = shield(Effect.gen(function*() {
    const response = yield* client.execute(HttpClientRequest.acceptJson(HttpClientRequest.get(options.url)))
    const text = yield* Body.read(response, response.headers, maxBytes)
    const body = Result.try((): unknown => JSON.parse(text ?? ""))
    const entries = Body.isOk(response.status) && Result.isSuccess(body) ? Wire.object(body.success)["keys"] : undefined
    const found = yield* Effect.forEach(Wire.array(entries).slice(0, mostKeys), imported)
    const keys = found.flatMap(Option.toArray)
    const at = yield* Clock.currentTimeMillis
    return keys.length === 0 ? undefined : { keys, at, freshUntil: at + lifeOf(response.headers, at) }
  }))

  const ask = Effect.gen(function*() {
    if ((yield* Clock.currentTimeMillis) - askedAt < askEvery) return
    const found = Option.getOrUndefined(
      yield* Effect.timeoutOption(Effect.orElseSucceed(told, () => undefined), timeout)
    )
    // Only now: what was interrupted has learned nothing.
    askedAt = found?.at ?? (yield* Clock.currentTimeMillis)
    if (found !== undefined) {
      known = found
    } else {
      yield* Log.warning(
        "The keys that webhooks are verified with can't be had: calls signed with a new one are refused, and the keys are " +
          "asked for again in a minute"
      )
    }
  })
  // One that waits behind another's asking waits for no third.
  const refresh = Effect.timeoutOption(exclusively(ask), Duration.times(timeout, 2))

  const fits = ({ data, kid, signature }: Signed) =>
    Effect.map(
      Effect.findFirst(
        known.keys.filter((key) => kid === undefined || key.kid === undefined || key.kid === kid),
        ({ key }) =>
          Effect.orElseSucceed(
            // Web Crypto takes no shared memory, which a Uint8Array of any kind may be.
            Effect.tryPromise(() => crypto.subtle.verify(by, key, new Uint8Array(signature), new Uint8Array(data))),
            () => false
          )
      ),
      Option.isSome
    )

  return {
    verify: Effect.fnUntraced(function*(signed) {
      const now = yield* Clock.currentTimeMillis
      const stale = now >= known.freshUntil
      if (stale) yield* refresh
      if (now - known.at >= longestKept) known = { ...known, keys: [] }
      if (yield* fits(signed)) return
      if (!stale) {
        yield* refresh
        if (yield* fits(signed)) return
      }
      return yield* new Webhook.Unverified({
        reason: known.keys.length === 0 || known.at < askedAt ? "keys" : "signature"
      })
    })
  }
})
