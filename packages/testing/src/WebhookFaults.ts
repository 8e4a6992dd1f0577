/**
 * What can go wrong with a webhook, as values that the emulator acts out: `{ fault: { _tag: "Lost" }, times: 1 }`.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"

/**
 * One call going wrong.
 *
 * **Details**
 *
 * - `Lost`: it is never made.
 * - `Late`: it is made so long after what it tells of, with the body that was due then.
 * - `Early`: it is made so long before, and tells of it as if it were so.
 * - `Repeated`: it is made so often, twice unless told, a second apart.
 * - `Swapped`: it waits for the next call of its service, and goes out behind it.
 * - `Forged`: while the job runs, calls come with an ending that is not so, one to the address as it is, one with a reference that was
 *   made up, one to an address that was changed; the true call is made too.
 * - `Huge`: its body is filled up to so many bytes, ten million unless told. `Slow`: its body takes so long. `Typed`: as another
 *   media type, `text/plain` unless told.
 * - `Broken`: it says only that the request broke, as Luma does on an exception, and may not know its job.
 *
 * @since 0.1.0
 * @category models
 */
export type WebhookFault =
  | { readonly _tag: "Lost" }
  | { readonly _tag: "Late"; readonly by: Duration.Input }
  | { readonly _tag: "Early"; readonly by: Duration.Input }
  | { readonly _tag: "Repeated"; readonly times?: number | undefined }
  | { readonly _tag: "Swapped" }
  | { readonly _tag: "Forged" }
  | { readonly _tag: "Huge"; readonly bytes?: number | undefined }
  | { readonly _tag: "Slow"; readonly over: Duration.Input }
  | { readonly _tag: "Typed"; readonly contentType?: string | undefined }
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
