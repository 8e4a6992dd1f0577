import type * as Schema from "effect/Schema"
import * as Reply from "../../Reply.ts"

/** The one form of Luma's errors. */
export const problem = (status: number, detail: Schema.Json, headers?: Reply.Reply["headers"]): Reply.Reply =>
  Reply.json(status, { detail }, headers)

export const unauthorized = problem(401, "Invalid API key")

export const suspended = problem(403, "API client is suspended")

export const insufficientCredits = problem(402, "Insufficient credits. Please add credits to continue.")

export const notFound = problem(404, "Generation not found")

export const fileNotFound = problem(404, "File not found")

export const tooLarge = problem(413, "Image exceeds 50 MB size limit")

export const unavailable = problem(502, "Upstream service unavailable")

/** Of the requests of a minute; `until` is when the oldest of them is a minute old, in milliseconds. */
export const rateLimited = (limit: number, now: number, until: number): Reply.Reply =>
  problem(429, "Rate limit exceeded", {
    "retry-after": `${Math.max(1, Math.ceil((until - now) / 1000))}`,
    "x-ratelimit-limit": `${limit}`,
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": `${Math.ceil(until / 1000)}`
  })

export const tooManyJobs = problem(429, "Too many concurrent jobs", { "retry-after": "60" })
