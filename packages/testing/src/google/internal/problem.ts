import type * as Schema from "effect/Schema"
import * as Reply from "../../Reply.ts"

/** The words of Google's codes, as JSON writes them, by the HTTP status that they come with. */
const words: { readonly [status: number]: string } = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED"
}

const rpc = "type.googleapis.com/google.rpc"

/** The classic form of an error of any of Google's APIs. */
export const problem = (
  status: number,
  message: string,
  details: ReadonlyArray<Schema.JsonObject> = [],
  word = words[status] ?? "UNKNOWN"
): Reply.Reply =>
  Reply.json(status, {
    error: { code: status, message, status: word, ...(details.length === 0 ? undefined : { details }) }
  })

/** Why, by a word of the service that refuses. */
export const errorInfo = (reason: string): Schema.JsonObject => ({
  "@type": `${rpc}.ErrorInfo`,
  reason,
  domain: "googleapis.com"
})

/** Too much in the time that the quota counts, as in `PerMinute` and `PerDay`; `retryDelay` is as in `37s`. */
export const exhausted = (quotaId: string, retryDelay?: string): Reply.Reply =>
  problem(429, "You exceeded your current quota, please check your plan and billing details.", [
    { "@type": `${rpc}.QuotaFailure`, violations: [{ quotaMetric: "generate_requests", quotaId }] },
    ...(retryDelay === undefined ? [] : [{ "@type": `${rpc}.RetryInfo`, retryDelay }])
  ])
