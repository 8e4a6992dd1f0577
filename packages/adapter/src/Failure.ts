/**
 * How a job ended, by the words in a record of failure.
 *
 * @since 0.1.0
 */
import type { FailureCause, Of } from "@media-jobs/core/JobState"

/** Patterns of a service's words, each with the cause that it tells. */
type Causes = ReadonlyArray<readonly [FailureCause, RegExp]>

const common: Causes = [
  ["content", /moderat|content polic|policy violation|nsfw|safety|inappropriate|prohibited|sensitive|copyright/i],
  ["credits", /credit|quota|balance|insufficient funds|subscription|payment/i]
]

/**
 * The state that a record of failure means.
 *
 * **Details**
 *
 * Many services have no status for a job that its user cancelled: it is `failed`, with "Cancelled by user" as its reason.
 * Words about moderation or credits name the cause; a service's `own` patterns are tried before. Any other words, and none,
 * leave it `unknown`.
 *
 * **Example** (Three failures)
 *
 * ```ts import.meta.vitest
 * import * as Failure from "@media-jobs/adapter/Failure"
 *
 * Failure.fromText("Cancelled by user") // => { _tag: "Cancelled" }
 * Failure.fromText("Not enough credits") // => { _tag: "Failed", reason: "Not enough credits", cause: "credits" }
 * Failure.fromText() // => { _tag: "Failed", cause: "unknown" }
 * ```
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromText = (reason?: string, own: Causes = []): Of<"Failed" | "Cancelled"> => {
  if (reason === undefined || reason === "") return { _tag: "Failed", cause: "unknown" }
  if (/cancell?ed by user/i.test(reason)) return { _tag: "Cancelled" }
  const cause = [...own, ...common].find(([, pattern]) => pattern.test(reason))?.[0] ?? "unknown"
  return { _tag: "Failed", reason, cause }
}

/**
 * A job that the service calls completed, and that has no file: success promises something to fetch.
 *
 * @since 0.1.0
 * @category constants
 */
export const withoutFile: Of<"Failed"> = { _tag: "Failed", reason: "Completed without a file", cause: "service" }
