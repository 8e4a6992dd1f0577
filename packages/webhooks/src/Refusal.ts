/**
 * Why a call was not taken for a service's.
 *
 * @since 0.1.0
 */
import * as Remedy from "@media-jobs/core/Remedy"
import * as Schema from "effect/Schema"

/**
 * Nobody with a right to call made this call.
 *
 * **Details**
 *
 * `by` is what gave it away: the `address` it came to (404), the `reference` in its body, or the provider's own `signature`
 * (both 401).
 *
 * @since 0.1.0
 * @category errors
 */
export class Forged extends Schema.TaggedError<Forged>("@media-jobs/webhooks/Forged")("Forged", {
  by: Schema.Literals(["address", "reference", "signature"])
}) {
  /** What the caller is answered. */
  get status(): number {
    return this.by === "address" ? 404 : 401
  }

  override get message(): string {
    return `A webhook call was forged, by its ${this.by}.`
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
export class Unserved extends Schema.TaggedError<Unserved>("@media-jobs/webhooks/Unserved")("Unserved", {}) {
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

/**
 * The body is not one of the provider's (400).
 *
 * @since 0.1.0
 * @category errors
 */
export class Malformed extends Schema.TaggedError<Malformed>("@media-jobs/webhooks/Malformed")("Malformed", {
  detail: Schema.String
}) {
  /** What the caller is answered. */
  get status(): number {
    return 400
  }

  override get message(): string {
    return `A webhook call has a body that is none of its provider's: ${this.detail}.`
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

/**
 * The body is larger than allowed (413).
 *
 * @since 0.1.0
 * @category errors
 */
export class TooLarge extends Schema.TaggedError<TooLarge>("@media-jobs/webhooks/TooLarge")("TooLarge", {}) {
  /** What the caller is answered. */
  get status(): number {
    return 413
  }

  override get message(): string {
    return "A webhook call has a body larger than allowed: raise maxBody if the provider sends such."
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

/**
 * The body took too long to arrive (408).
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
    return "A webhook call took too long to send its body."
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

/**
 * @since 0.1.0
 * @category unions
 */
export type Refusal = Forged | Unserved | Malformed | TooLarge | TooSlow
