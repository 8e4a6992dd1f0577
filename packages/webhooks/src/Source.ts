/**
 * Whose webhooks are answered.
 *
 * @since 0.1.0
 */
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import type { Verifier } from "@media-jobs/core/Webhook"
import type * as Effect from "effect/Effect"

/**
 * A submit, as its calls tell of it: by the address it gave to the service and the caller's part of its reference.
 *
 * @since 0.1.0
 * @category models
 */
export interface Submit {
  readonly provider: ProviderId
  readonly instance: Instance
  /** The same as in the submit's `Submission`, its ledger entry and its `SubmissionUncertain`. */
  readonly replyUrl: string
  /** `undefined` where the caller gave none, or the call does not repeat it. */
  readonly reference: string | undefined
}

/**
 * A provider whose calls are answered, and how.
 *
 * @since 0.1.0
 * @category models
 */
export interface Source {
  readonly provider: Provider.Provider<"webhook">
  /** What to do about a job instead of waking all that wait for it in this process. */
  readonly wake?: ((id: JobId) => Effect.Effect<void>) | undefined
  /**
   * What to do about a genuine call that names no job, or whose body can't be read, instead of waking the submit's jobs in
   * this process.
   */
  readonly wakeSubmit?: ((submit: Submit) => Effect.Effect<void>) | undefined
  /**
   * Whether a call that tells of no ending wakes too. It does not unless asked to: a service that reports each step would
   * make as many requests as it has steps.
   */
  readonly progress?: boolean | undefined
  /** Demanded of each call, on top of its address, where the provider signs its calls. */
  readonly verify?: Verifier | undefined
}
