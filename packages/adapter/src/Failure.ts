/**
 * How a job ended, by the words in a record of failure.
 *
 * @since 0.1.0
 */
import type { FailureCause, Missing, Of } from "@media-jobs/core/JobState"

/** Patterns of a service's words, each with the cause that it tells. */
type Causes = ReadonlyArray<readonly [FailureCause, RegExp]>

/**
 * Phrases, never words: "moderate lighting" is a picture's, "payment page" a request's. What moderation could not do says nothing
 * about the content.
 */
const common: Causes = [
  [
    "content",
    /\bnsfw\b|(?:^|was |were |been |is |are |prompt |image |video |content )moderated\b|moderation (?:failed|block|reject|flag)|risk control|敏感|违规|违禁|风控|审核[未不]/i
  ],
  [
    "content",
    /(?:content|safety) (?:polic|moderation|filter|violation|system|check)|(?:policy|guidelines?) violation|violat\w+ .{0,30}(?:polic|guideline|terms)/i
  ],
  [
    "content",
    /(?:block|reject|flagg)ed (?:as|by|for) .{0,40}(?:moderation|safety|polic|sensitive|inappropriate)|not (?:pass|meet|comply with|follow) .{0,20}(?:guideline|polic|safety|moderation|review)/i
  ],
  [
    "content",
    /contains? .{0,20}(?:real (?:people|person|face)|nud|minor|celebrit|explicit|sexual|violen|sensitive|inappropriate|copyright)|(?:blacklisted|banned|sensitive|prohibited|inappropriate) ?(?:word|content|material)|copyright (?:violation|infring)/i
  ],
  [
    "credits",
    /(?:not enough|insufficient|no|low|out of|exhausted) (?:[\w']+ ){0,2}(?:credits?|balance|funds|quota)\b|余额不足|积分不足/i
  ],
  [
    "credits",
    /(?:credits?|balance|quota) (?:is |are |has been |have been )?(?:exceeded|exhausted|depleted|used up|too low)|exceed\w* .{0,20}quota|payment (?:is )?(?:required|failed|declined)|subscription (?:is |has )?(?:expired|required|inactive|ended)/i
  ],
  [
    "input",
    /invalid (?:input|parameter|argument|image|video|audio|file)\b|input (?:was|is) invalid|validation error|out of memory/i
  ],
  [
    "service",
    /timed? ?out\b|interrupted|temporarily|(?:service|server|model) (?:is |was )?(?:unavailable|overloaded|busy)/i
  ]
]

/**
 * The state that a record of failure means.
 *
 * **Details**
 *
 * Many services have no status for a job that its user cancelled: it is `failed`, with "Cancelled by user" as its reason.
 * Phrases about moderation, credits, the input or the service name the cause: one table for all services, before which a
 * service's `own` patterns are tried. Any other words, and none, leave it `unknown`.
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

/**
 * The same failure with the code that the service has for it, if it gave one.
 *
 * @since 0.1.0
 * @category combinators
 */
export const coded = (
  state: Of<"Failed" | "Cancelled">,
  code: string | number | undefined
): Of<"Failed" | "Cancelled"> =>
  state._tag === "Cancelled" || code === undefined ? state : { ...state, code: String(code) }

/**
 * What is missing where one output of several failed, by the words for that one.
 *
 * @since 0.1.0
 * @category conversions
 */
export const missing = (reason?: string, own: Causes = []): Missing => {
  const { _tag, ...why } = fromText(reason, own)
  return { cause: "unknown", ...why }
}
