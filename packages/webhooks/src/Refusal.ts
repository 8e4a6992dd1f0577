/**
 * Why a call was not taken for a service's.
 *
 * **Details**
 *
 * The message of each says what to do about it. None holds anything of the call but `Malformed`, whose `detail` may quote the
 * service's own sentence, scrubbed.
 *
 * @since 0.1.0
 */
import * as Remedy from "@media-jobs/core/Remedy"
import type { Unverified } from "@media-jobs/core/Webhook"
import * as Schema from "effect/Schema"

/**
 * The call was made by something that had no right to.
 *
 * **Details**
 *
 * `by` is what gave it away: the `address` it came to, or that this looks like ours and was made with no `key` of ours (both
 * 404), or the `reference` in its body (401).
 *
 * @since 0.1.0
 * @category errors
 */
export class Forged extends Schema.TaggedError<Forged>("@media-jobs/webhooks/Forged")("Forged", {
  by: Schema.Literals(["address", "key", "reference"])
}) {
  /** What the caller is answered. */
  get status(): number {
    return this.by === "reference" ? 401 : 404
  }

  override get message(): string {
    return this.by === "key"
      ? "A webhook call came to an address that was made with other keys, by a forger or by a program of yours: give what " +
        "submits and what answers the same WEBHOOKS_KEYS."
      : `A webhook call was forged, by its ${this.by}.`
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

/**
 * The call is a genuine one for a provider that this application does not answer for (404).
 *
 * @since 0.1.0
 * @category errors
 */
export class UnknownSource
  extends Schema.TaggedError<UnknownSource>("@media-jobs/webhooks/UnknownSource")("UnknownSource", {})
{
  /** What the caller is answered. */
  get status(): number {
    return 404
  }

  override get message(): string {
    return "A webhook call is for a provider that is not among the sources: add it to them."
  }

  get remedy(): Remedy.Remedy {
    return Remedy.fix
  }
}

const malformed = {
  cut: "was cut",
  json: "is no JSON",
  base64: "is in Base64, as API Gateway hands them on with isBase64Encoded: decode it first",
  compressed: "is compressed: keep what stands before the application from compressing, or unpack it first",
  jobs: "tells of more than 100 jobs",
  decoder: "was refused by its decoder"
}

/**
 * The body is not one of the provider's (400); the address alone has woken the submit's jobs.
 *
 * **Details**
 *
 * `detail` is what the provider's decoder says: which field is odd, and the service's own sentence where the body has one.
 *
 * @since 0.1.0
 * @category errors
 */
export class Malformed extends Schema.TaggedError<Malformed>("@media-jobs/webhooks/Malformed")("Malformed", {
  reason: Schema.Literals(["cut", "json", "base64", "compressed", "jobs", "decoder"]),
  detail: Schema.optionalKey(Schema.String)
}) {
  /** What the caller is answered. */
  get status(): number {
    return 400
  }

  override get message(): string {
    const detail = this.detail === undefined ? "" : ` (${this.detail})`
    return `The body of a webhook call ${malformed[this.reason]}${detail}.`
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

/**
 * The body took too long to arrive (408); the address alone has woken the submit's jobs.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooSlow extends Schema.TaggedError<TooSlow>("@media-jobs/webhooks/TooSlow")("TooSlow", {}) {
  /** What the caller is answered. */
  get status(): number {
    return 408
  }

  override get message(): string {
    return "A webhook call took too long to send its body: if that is usual, raise timeout."
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

/**
 * The application had read the body before, which can be read once (500); the address alone has woken the submit's jobs.
 *
 * @since 0.1.0
 * @category errors
 */
export class BodyUsed extends Schema.TaggedError<BodyUsed>("@media-jobs/webhooks/BodyUsed")("BodyUsed", {}) {
  /** What the caller is answered. */
  get status(): number {
    return 500
  }

  override get message(): string {
    return "The application had read the body of a webhook call before it handed the request over: hand it over unread, " +
      "before any body parser, or a clone of it."
  }

  get remedy(): Remedy.Remedy {
    return Remedy.fix
  }
}

/**
 * @since 0.1.0
 * @category unions
 */
export type Refusal = Forged | Unverified | UnknownSource | Malformed | TooSlow | BodyUsed
