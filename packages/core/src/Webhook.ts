/**
 * A webhook call as it came, and what vouches for it.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Remedy from "./Remedy.ts"

/**
 * A webhook call as it came, the body byte for byte.
 *
 * @since 0.1.0
 * @category models
 */
export interface Call {
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: Uint8Array
}

/**
 * What verifies a provider's calls, in its own way of signing: fails for one whose headers do not vouch for these very bytes.
 *
 * **Details**
 *
 * `Webhooks` gives names of headers in lower case. Success may give what a repeat of the call would have again: a repeat, once the
 * wakes of the first are done, wakes nothing. Whatever else the scheme asks for is its own matter: which timestamps are recent
 * enough, several signatures, secrets that rotate. The webhooks' `StandardWebhooks` makes one, as do providers that sign in a way of their own.
 *
 * @since 0.1.0
 * @category models
 */
export type Verifier = (call: Call) => Effect.Effect<string | void, Unverified>

const unverified = {
  headers:
    "lacks the headers of a signature: hand all of its headers on, and if its service signs nothing, take verify " +
    "from the source",
  signature:
    "was not signed with a known secret over these bytes: compare the secret with the service's, and hand the " +
    "body over raw, before a framework parses it and puts it together again",
  changed:
    "has a body of another length than its content-length says, since a framework parsed it and put it together " +
    "again: hand the body over raw",
  base64: "has a body in Base64, as API Gateway hands them on with isBase64Encoded: decode it first",
  compressed: "has a compressed body: keep what stands before the application from compressing, or unpack it first",
  late: "was signed too long ago: set this machine's clock, or raise tolerance",
  early: "was signed in the time to come: set this machine's clock, or raise tolerance",
  keys: "can't be verified, since the keys of its service can't be had now: see that this machine reaches them; the " +
    "service is asked to call again"
}

/**
 * The call has a signed address, and no signature of its provider that is known to hold (401; 503 where that can't be known now).
 *
 * **Details**
 *
 * A verifier gives `headers`, `signature`, `late`, `early` or `keys`. For `signature`, what the body shows of its way here comes in its
 * place: `changed`, `base64` or `compressed`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unverified extends Schema.TaggedError<Unverified>("@media-jobs/core/Unverified")("Unverified", {
  reason: Schema.Literals(["headers", "signature", "changed", "base64", "compressed", "late", "early", "keys"])
}) {
  /** What the caller is answered. */
  get status(): number {
    return this.reason === "keys" ? 503 : 401
  }

  override get message(): string {
    return `A webhook call ${unverified[this.reason]}.`
  }

  get remedy(): Remedy.Remedy {
    return this.reason === "signature" ? Remedy.none : this.reason === "keys" ? Remedy.retry() : Remedy.fix
  }
}

/**
 * A header by its name in lower case, whichever case it came in, with several of one name as one.
 *
 * @since 0.1.0
 * @category getters
 */
export const header = (headers: Call["headers"], name: string): string | undefined => {
  const value = headers[name] ?? Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return typeof value === "string" ? value : value?.join(" ")
}
