import * as JobError from "@media-jobs/core/JobError"
import type { Remedy } from "@media-jobs/core/Remedy"
import * as Duration from "effect/Duration"

/** Services have asked for years: no more than this is waited out. */
export const longestAskedFor = 300_000

/** How long a service asks to be left alone, in milliseconds, as far as that is believed. */
export const askedFor = (error: { readonly remedy: Remedy }): number =>
  Math.min(Duration.toMillis(JobError.retryAfterOf(error) ?? Duration.zero), longestAskedFor)

/** Whether it asks for more than that. */
export const asksTooMuch = (error: { readonly remedy: Remedy }): boolean =>
  Duration.toMillis(JobError.retryAfterOf(error) ?? Duration.zero) > longestAskedFor

/** Twice as long after each failure, up to `slowest`, and no sooner than the service asks. */
export const backoff = (failures: number, error: { readonly remedy: Remedy }, slowest: number): number =>
  Math.max(Math.min(1_000 * 2 ** Math.min(failures, 10), slowest), askedFor(error))
