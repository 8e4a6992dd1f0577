import * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import * as Sha256 from "@media-jobs/core/Sha256"
import * as WebCrypto from "effect/crypto/WebCrypto"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"

const encoder = /* @__PURE__ */ new TextEncoder()

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

/** The application's own key, if it can be one; else one of 128 random bits. */
export const make = (
  provider: Provider.Identity,
  given: string | undefined
): Effect.Effect<string, JobError.InvalidRequest> => {
  if (given === undefined) return Effect.map(WebCrypto.WebCrypto, (crypto) => Base64Url.encode(randomBytes(crypto)))
  return /^[\w-]{1,64}$/.test(given)
    ? Effect.succeed(given)
    : Effect.fail(refuse(provider, "Expected 1 to 64 letters, digits, \"-\" or \"_\""))
}

/** An object's entries in one order, whatever order they were written in; what JSON can't hold is refused by the request's schema. */
const sorted = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? `${value}` : typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1))
    : value

/** What tells two requests under one key apart, and shows nothing of them. */
export const digest = ({ id, instance }: Provider.Identity, request: unknown, account: string | undefined): string =>
  Base64Url.encode(
    Sha256.digest(encoder.encode(JSON.stringify([id, instance, account, request], sorted))).subarray(
      0,
      16
    )
  )
