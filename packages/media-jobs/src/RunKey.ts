/**
 * What a run is called, and what tells two requests under one name apart.
 *
 * @since 0.1.0
 */
import * as JobError from "@media-jobs/core/JobError"
import * as Json from "@media-jobs/core/Json"
import type * as Provider from "@media-jobs/core/Provider"
import * as WebCrypto from "effect/crypto/WebCrypto"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"

/**
 * A key can't be used, for the reason in `message`.
 *
 * @since 0.1.0
 * @category errors
 */
export const refuse = ({ id, instance }: Provider.Identity, message: string): JobError.InvalidRequest =>
  new JobError.InvalidRequest({
    provider: id,
    instance,
    operation: "submit",
    issues: [{ field: "key", message }]
  })

const keyBytes = 16
const pool = /* @__PURE__ */ new Uint8Array(64 * keyBytes)
let used = pool.length

/** Bytes that no other key has: asking the system costs the same for one key and for 64. */
const randomBytes = (crypto: Crypto): Uint8Array => {
  if (used === pool.length) {
    crypto.getRandomValues(pool)
    used = 0
  }
  return pool.subarray(used, used += keyBytes)
}

/**
 * The application's own key, if it can be one; else one of 128 random bits.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  provider: Provider.Identity,
  given: string | undefined
): Effect.Effect<string, JobError.InvalidRequest> => {
  if (given === undefined) return Effect.map(WebCrypto.WebCrypto, (crypto) => Base64Url.encode(randomBytes(crypto)))
  return /^[\w-]{1,64}$/.test(given)
    ? Effect.succeed(given)
    : Effect.fail(refuse(provider, "Expected 1 to 64 letters, digits, \"-\" or \"_\""))
}

/**
 * What tells two requests under one key apart, and shows nothing of them.
 *
 * @since 0.1.0
 * @category getters
 */
export const digest = ({ id, instance }: Provider.Identity, request: unknown, account: string | undefined): string =>
  Json.digest([id, instance, account, request])
