/**
 * What can go wrong with a webhook, as values that the emulator acts out.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"

/**
 * One call going wrong.
 *
 * **Details**
 *
 * - `Lost`: it is never made.
 * - `Late`: it is made so long after what it tells of, with the body that was due then.
 * - `Early`: it is made so long before, and tells of it as if it were so.
 * - `Repeated`: it is made so often, a second apart.
 * - `Swapped`: it waits for the next call of its service, and goes out behind it.
 * - `Forged`: while the job runs, someone who found the address out calls with an ending that is not so, once with the address
 *   as it is, once with a reference of his own, once with an address that he changed; the true call is made too.
 * - `Huge`: its body is filled up to so many bytes. `Slow`: its body takes so long. `Typed`: as another media type.
 * - `Broken`: it says only that the request broke, as Luma does on an exception, and may not know its job.
 *
 * @since 0.1.0
 * @category models
 */
export type WebhookFault =
  | { readonly _tag: "Lost" }
  | { readonly _tag: "Late"; readonly by: Duration.Duration }
  | { readonly _tag: "Early"; readonly by: Duration.Duration }
  | { readonly _tag: "Repeated"; readonly times: number }
  | { readonly _tag: "Swapped" }
  | { readonly _tag: "Forged" }
  | { readonly _tag: "Huge"; readonly bytes: number }
  | { readonly _tag: "Slow"; readonly over: Duration.Duration }
  | { readonly _tag: "Typed"; readonly contentType: string }
  | { readonly _tag: "Broken" }

/**
 * Which calls go wrong, and how often.
 *
 * **Details**
 *
 * A call meets the first rule that applies to it, as soon as the emulator knows that it will be due: in the order in which jobs
 * were made. Fields left out do not narrow. `event` is the status word that the call brings. The first `skip` matching calls
 * pass; the rule is spent after `times` more. `service` is a provider id.
 *
 * @since 0.1.0
 * @category models
 */
export interface Rule<Service extends string = string> {
  readonly fault: WebhookFault
  readonly service?: Service | undefined
  readonly event?: string | undefined
  readonly skip?: number | undefined
  readonly times?: number | undefined
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const lost: WebhookFault = { _tag: "Lost" }

/**
 * @since 0.1.0
 * @category constructors
 */
export const late = (by: Duration.Input): WebhookFault => ({ _tag: "Late", by: Duration.fromInputUnsafe(by) })

/**
 * @since 0.1.0
 * @category constructors
 */
export const early = (by: Duration.Input): WebhookFault => ({ _tag: "Early", by: Duration.fromInputUnsafe(by) })

/**
 * @since 0.1.0
 * @category constructors
 */
export const repeated = (times = 2): WebhookFault => ({ _tag: "Repeated", times })

/**
 * @since 0.1.0
 * @category constructors
 */
export const swapped: WebhookFault = { _tag: "Swapped" }

/**
 * @since 0.1.0
 * @category constructors
 */
export const forged: WebhookFault = { _tag: "Forged" }

/**
 * Ten million bytes unless told.
 *
 * @since 0.1.0
 * @category constructors
 */
export const huge = (bytes = 10_000_000): WebhookFault => ({ _tag: "Huge", bytes })

/**
 * @since 0.1.0
 * @category constructors
 */
export const slow = (over: Duration.Input): WebhookFault => ({ _tag: "Slow", over: Duration.fromInputUnsafe(over) })

/**
 * `text/plain` unless told.
 *
 * @since 0.1.0
 * @category constructors
 */
export const typed = (contentType = "text/plain"): WebhookFault => ({ _tag: "Typed", contentType })

/**
 * @since 0.1.0
 * @category constructors
 */
export const broken: WebhookFault = { _tag: "Broken" }
