/**
 * How a job ended, by the words in a record of failure.
 *
 * @since 0.1.0
 */
import type { FailureCause, JobState, Of } from "@media-jobs/core/JobState"

const causes: ReadonlyArray<readonly [FailureCause, RegExp]> = [
  ["content", /moderat|content polic|policy violation|nsfw|safety|inappropriate|prohibited|sensitive|copyright/i],
  ["credits", /credit|quota|balance|insufficient funds|subscription|payment/i]
]

/**
 * The state that a record of failure means.
 *
 * **Details**
 *
 * No service has a status for a job that someone cancelled: it is `failed`, with "Cancelled by user" as its reason. Words
 * about moderation or credits name the cause; any others, and none, leave it `unknown`.
 *
 * **Example** (Three failures)
 *
 * ```ts import.meta.vitest
 * import * as Ending from "@media-jobs/useapi/Ending"
 *
 * Ending.failed("Cancelled by user") // => { _tag: "Cancelled" }
 * Ending.failed("Not enough credits") // => { _tag: "Failed", reason: "Not enough credits", cause: "credits" }
 * Ending.failed() // => { _tag: "Failed", cause: "unknown" }
 * ```
 *
 * @since 0.1.0
 * @category conversions
 */
export const failed = (reason?: string): Of<"Failed" | "Cancelled"> => {
  if (reason === undefined || reason === "") return { _tag: "Failed", cause: "unknown" }
  if (/cancell?ed by user/i.test(reason)) return { _tag: "Cancelled" }
  const cause = causes.find(([, pattern]) => pattern.test(reason))?.[0] ?? "unknown"
  return { _tag: "Failed", reason, cause } satisfies JobState
}
