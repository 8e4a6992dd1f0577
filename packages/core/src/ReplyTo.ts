/**
 * Where a service should report.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { InvalidRequest } from "./JobError.ts"
import type { Instance, ProviderId } from "./ProviderId.ts"

/**
 * What a submit gives to the service: where to report, and what to echo with it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Address {
  readonly url: string
  readonly reference?: string | undefined
}

/**
 * How the application's submits say where webhooks go.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReplyTo {
  /** The address for one submit; `reference` is the caller's own. */
  readonly address: (submit: {
    readonly provider: ProviderId
    readonly instance: Instance
    readonly reference: string | undefined
  }) => Effect.Effect<Address, InvalidRequest>
  /** The caller's part of what a service echoed; `undefined` for a reference that this did not make. */
  readonly callerReference: (echoed: string) => string | undefined
}

/**
 * Read by adapters at each submit and each snapshot; empty until an application with a webhook route provides it.
 *
 * @since 0.1.0
 * @category services
 */
export const ReplyTo = Context.Reference<ReplyTo | undefined>("@media-jobs/core/ReplyTo", {
  defaultValue: () => undefined
})
