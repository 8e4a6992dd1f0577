/**
 * What Google Flow's statuses mean where they differ from those of the services beside it.
 */
import type * as Answer from "@media-jobs/adapter/Answer"
import * as causes from "./causes.ts"

/**
 * Of a submit or an upload. 500 is a refusal where Google says why, and else a breakdown, which leaves it open; 503 is one since
 * the vendor's own scripts send it again, though no page says that nothing has begun.
 */
export const exceptions: Answer.Rules["exceptions"] = ({ call: { operation }, isOwn, status, text }) => {
  if (!isOwn) return undefined
  // The link's own name is wrong, not the job's.
  if (operation === "link") return status === 400 ? "UnexpectedResponse" : undefined
  if (operation !== "submit" && operation !== "upload") return undefined
  switch (status) {
    case 403:
      return /captcha/i.test(text) ? "Unavailable" : "InvalidRequest"
    case 404:
      return /\baccount\b.*not found/i.test(text) ? "AccountNotFound" : "InvalidRequest"
    case 500:
      return causes.isContent(text) ? "InvalidRequest" : undefined
    case 503:
      return /ZERO_BALANCE/.test(text) ? "PaymentRequired" : "RateLimited"
    default:
      return undefined
  }
}
