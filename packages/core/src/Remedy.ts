/**
 * What a caller can do about an error.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"

/**
 * What helps against an error: policy reads this, never a status number.
 *
 * **Details**
 *
 * - `Retry`: the same call again, no sooner than `after` where the service named a time.
 * - `Reauthenticate`: give a working token, or add the account at the service again.
 * - `Wait`: call again when the job has ended.
 * - `Pay`: renew the subscription or buy credits.
 * - `Fix`: change the request; as it stands it can never work.
 * - `None`: nothing a program can do.
 *
 * @since 0.1.0
 * @category models
 */
export type Remedy =
  | { readonly _tag: "Retry"; readonly after: Duration.Duration | undefined }
  | { readonly _tag: "Reauthenticate"; readonly what: "token" | "account" }
  | { readonly _tag: "Wait"; readonly until: "terminal" }
  | { readonly _tag: "Pay" }
  | { readonly _tag: "Fix"; readonly what: "request" }
  | { readonly _tag: "None" }

/**
 * @since 0.1.0
 * @category constructors
 */
export const retry = (after?: Duration.Duration): Remedy => ({ _tag: "Retry", after })

/**
 * @since 0.1.0
 * @category constructors
 */
export const reauthenticate = (what: "token" | "account"): Remedy => ({ _tag: "Reauthenticate", what })

/**
 * @since 0.1.0
 * @category constructors
 */
export const wait: Remedy = { _tag: "Wait", until: "terminal" }

/**
 * @since 0.1.0
 * @category constructors
 */
export const pay: Remedy = { _tag: "Pay" }

/**
 * @since 0.1.0
 * @category constructors
 */
export const fix: Remedy = { _tag: "Fix", what: "request" }

/**
 * @since 0.1.0
 * @category constructors
 */
export const none: Remedy = { _tag: "None" }
