/**
 * What an answer of Replicate means.
 *
 * @since 0.1.0
 */
import type * as Transport from "@media-jobs/adapter/Transport"
import * as JobError from "@media-jobs/core/JobError"
import * as Duration from "effect/Duration"
import * as Headers from "effect/http/Headers"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

/** Enough for any sentence of a service; what is longer is a page, and scrubbing costs more than linear time. */
const readable = 2000

const textOf = (body: unknown, name: string): string | undefined => {
  const value = Predicate.hasProperty(body, name) ? body[name] : undefined
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined
}

/**
 * Replicate's own words for what went wrong: its `title` and its `detail`.
 *
 * @since 0.1.0
 * @category getters
 */
export const words = (body: unknown): string | undefined => {
  const [title, detail] = [textOf(body, "title"), textOf(body, "detail")]
  return title === undefined || detail === undefined ? title ?? detail : `${title}: ${detail}`
}

/** What to say of a body that holds no words of the service. */
const excerpt = (text: string): string => {
  const start = text.slice(0, readable).trim()
  if (start === "") return "The body is empty"
  if (!/^(?:<!doctype|<html|<\?xml|<head|<body)/i.test(start)) return `Not Replicate's error: ${start.slice(0, 200)}`
  const title = /<title>([^<]*)/i.exec(start)?.[1]?.trim()
  return title === undefined || title === "" ? "An HTML page" : `An HTML page: ${title}`
}

const seconds = (value: unknown): Duration.Duration | undefined =>
  typeof value === "number" && value >= 0 && value < Infinity ? Duration.seconds(value) : undefined

/** The header; else `retry_after` in the body, which no page names; else the sentence that the page about limits prints. */
const retryAfterOf = ({ receivedAt, retryAfter }: Transport.Answer, body: unknown): Duration.Duration | undefined => {
  const header = retryAfter === undefined ? undefined : Result.getOrUndefined(Headers.parseRetryAfter(retryAfter))
  if (header?._tag === "Duration") return header.duration
  if (header !== undefined) {
    return Duration.millis(Math.max(0, header.dateTime.epochMilliseconds - receivedAt.epochMilliseconds))
  }
  const said = /resets in ~?(\d+(?:\.\d+)?)\s?s/i.exec(textOf(body, "detail") ?? "")?.[1]
  return seconds(Predicate.hasProperty(body, "retry_after") ? body.retry_after : undefined) ??
    (said === undefined ? undefined : seconds(Number(said)))
}

/** `invalid_fields` of a 422: the model's own fields stand below `input`. */
const issuesOf = (body: unknown, shown: (text: string) => string): ReadonlyArray<JobError.Issue> => {
  const fields: unknown = Predicate.hasProperty(body, "invalid_fields") ? body.invalid_fields : undefined
  return !Array.isArray(fields) ? [] : fields.slice(0, 20).flatMap((field: unknown) => {
    const message = textOf(field, "description")
    return message === undefined ? [] : [{ field: shown(textOf(field, "field") ?? ""), message: shown(message) }]
  })
}

const failureOf = (call: Transport.Call, answer: Transport.Answer, body: unknown): JobError.JobError => {
  const { id, instance, operation, provider, token } = call
  const { status } = answer
  const secrets = [...(id === undefined ? [] : [id]), ...(token === undefined ? [] : [Redacted.value(token)])]
  const shown = (text: string) => JobError.scrub(text.slice(0, readable).replace(/\p{Cc}+/gu, " "), secrets)
  const said = words(body)
  const common = { provider, instance, operation, status, detail: shown(said ?? excerpt(answer.text)) }
  const after = retryAfterOf(answer, body)
  const timed = after === undefined ? common : { ...common, retryAfter: after }
  const unexpected = () => new JobError.UnexpectedResponse(common)

  switch (status) {
    case 401:
      return new JobError.Unauthorized(common)
    case 402:
      return new JobError.PaymentRequired(common)
    case 408:
      return new JobError.Unavailable(timed)
    case 429:
      return new JobError.RateLimited(timed)
  }
  if (status >= 500 && status <= 599) return new JobError.Unavailable(timed)

  // From here on the status speaks of the request, so only the service itself can have meant it.
  if (said === undefined) return unexpected()
  if (operation === "submit" || operation === "upload") {
    // A model without a version of its own to run, or one that is not there, is a 404 to a submit.
    return status === 400 || status === 413 || status === 422 || status === 404 && operation === "submit"
      ? new JobError.InvalidRequest({ ...common, issues: issuesOf(body, shown) })
      : unexpected()
  }
  if (id === undefined) return unexpected()
  switch (status) {
    case 400:
    case 422:
      return new JobError.InvalidJobId({ ...common, id })
    case 403:
      return new JobError.Forbidden({ ...common, id })
    case 404:
    case 410:
      return new JobError.NotFound({ ...common, id })
    default:
      return unexpected()
  }
}

/**
 * The JSON of a success, or the error that the answer means, before it is narrowed to what its operation declares.
 *
 * **Details**
 *
 * Pure and total: any status with any text has a meaning.
 *
 * - 401, 402, 408, 429 and 5xx mean the same whoever sends them.
 * - 400, 403, 404, 410, 413 and 422 are believed only with the service's own `title` or `detail`: a page with such a status
 *   comes from something in between, and is `UnexpectedResponse`.
 * - A success to a `cancel` needs no body.
 *
 * @since 0.1.0
 * @category conversions
 */
export const classify = (call: Transport.Call, answer: Transport.Answer): Result.Result<unknown, JobError.JobError> => {
  const json = Result.try((): unknown => JSON.parse(answer.text))
  if (answer.status >= 200 && answer.status <= 299) {
    if (Result.isSuccess(json)) return Result.succeed(json.success)
    if (call.operation === "cancel") return Result.succeed(undefined)
  }
  return Result.fail(failureOf(call, answer, Result.getOrUndefined(json)))
}
