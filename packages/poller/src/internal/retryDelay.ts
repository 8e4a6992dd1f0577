import * as JobError from "@media-jobs/core/JobError"
import * as Log from "@media-jobs/core/Log"
import type { ProviderId } from "@media-jobs/core/ProviderId"
import type { Remedy } from "@media-jobs/core/Remedy"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"

/** Services have asked for years: no more than this is waited out. */
const longestAskedFor = 300_000

/** How long a service asks to be left alone, in milliseconds, as far as that is believed. */
export const askedFor = (error: { readonly remedy: Remedy }): number =>
  Math.min(Duration.toMillis(JobError.retryAfterOf(error) ?? Duration.zero), longestAskedFor)

/** What is said once of a service that asks for more; nothing where it does not. */
export const warning = (provider: ProviderId, error: { readonly remedy: Remedy }): Effect.Effect<void> | undefined =>
  Duration.toMillis(JobError.retryAfterOf(error) ?? Duration.zero) > longestAskedFor
    ? Log.warning(
      `${provider} asks to be left alone for longer than ${longestAskedFor / 60_000} minutes, and is asked again then`
    )
    : undefined

/** Twice as long after each failure, up to `slowest`, and no sooner than the service asks. */
export const backoff = (failures: number, error: { readonly remedy: Remedy }, slowest: number): number =>
  Math.max(Math.min(1_000 * 2 ** Math.min(failures, 10), slowest), askedFor(error))
