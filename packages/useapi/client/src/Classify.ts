/**
 * What an answer of a useapi.net service means.
 *
 * @since 0.1.0
 */
import type * as Transport from "@media-jobs/adapter/Transport"
import * as JobError from "@media-jobs/core/JobError"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Headers from "effect/http/Headers"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

/**
 * What was asked; `retired` is true for a service that has closed: there an unknown endpoint means so.
 *
 * @since 0.1.0
 * @category models
 */
export interface Call<Op extends Transport.Call["operation"] = Transport.Call["operation"]> extends Transport.Call<Op> {
  readonly retired?: boolean | undefined
}

/** Enough for any sentence of a service; what is longer is a page, and scrubbing costs more than linear time. */
const readable = 2000

const wordsOf = (error: unknown): string | undefined => {
  if (typeof error === "string") return error
  if (!Predicate.isObject(error)) return undefined
  for (const name of ["message", "error", "status", "code"]) {
    const value = Predicate.hasProperty(error, name) ? error[name] : undefined
    if (typeof value === "string" && value !== "") return value
  }
  return undefined
}

/**
 * A service's own words for what went wrong: its `error`, which is a text, or an object that holds one.
 *
 * **Details**
 *
 * Google's services behind useapi.net pass the upstream object on: `{ error: { code, message, status } }`.
 *
 * @since 0.1.0
 * @category getters
 */
export const words = (body: unknown): string | undefined => {
  const said = Predicate.hasProperty(body, "error") ? wordsOf(body.error) : undefined
  const details = Predicate.hasProperty(body, "errorDetails") ? wordsOf(body.errorDetails) : undefined
  return said === undefined || details === undefined ? said ?? details : `${said}: ${details}`
}

const isServiceError = (body: unknown): boolean =>
  Predicate.hasProperty(body, "error") && (typeof body.error === "string" || Predicate.isObject(body.error))

/** What to say of a body that holds no error of the service. */
const excerpt = (text: string, json: Result.Result<unknown, unknown>): string => {
  const start = text.slice(0, readable)
  if (start.trim() === "") return "The body is empty"
  if (Result.isSuccess(json)) return wordsOf(json.success) ?? `The body holds no error: ${start.slice(0, 200)}`
  // What there is of it may hold an id that was cut too.
  if (/^\s*[[{]/.test(start)) return "The JSON is broken"
  if (!/^\s*(?:<!doctype|<html|<\?xml|<head|<body)/i.test(start)) return `The body is not JSON: ${start.slice(0, 200)}`
  const title = /<title>([^<]*)/i.exec(start)?.[1]?.trim()
  return title === undefined || title === "" ? "An HTML page" : `An HTML page: ${title}`
}

const until = (time: DateTime.Utc, now: DateTime.Utc): Duration.Duration =>
  Duration.millis(Math.max(0, time.epochMilliseconds - now.epochMilliseconds))

const parseRetryAfter = (value: unknown, now: DateTime.Utc): Duration.Duration | undefined => {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? Duration.seconds(value) : undefined
  if (typeof value !== "string") return undefined
  const parsed = Headers.parseRetryAfter(value)
  if (Result.isSuccess(parsed)) {
    return parsed.success._tag === "Duration" ? parsed.success.duration : until(parsed.success.dateTime, now)
  }
  return Option.getOrUndefined(Option.map(DateTime.make(value), (time) => until(DateTime.toUtc(time), now)))
}

/** The header; else `retryAfter` of Google Flow's bodies or `retryAt` of Google Vids', both ISO times. */
const retryAfterOf = (answer: Transport.Answer, body: unknown): Duration.Duration | undefined => {
  const field = (name: string): unknown => Predicate.hasProperty(body, name) ? body[name] : undefined
  return parseRetryAfter(answer.retryAfter, answer.receivedAt) ??
    parseRetryAfter(field("retryAfter"), answer.receivedAt) ??
    parseRetryAfter(field("retryAt"), answer.receivedAt)
}

const parse = (text: string): Result.Result<unknown, unknown> => Result.try((): unknown => JSON.parse(text))

/** The meaning of an answer that is no success, before it is narrowed to what the operation declares. */
const failureOf = (call: Call, answer: Transport.Answer, json: Result.Result<unknown, unknown>): JobError.JobError => {
  const { id, instance, operation, provider } = call
  const { status } = answer
  const body = Result.isSuccess(json) ? json.success : undefined
  const said = (words(body) ?? excerpt(answer.text, json)).slice(0, readable).replace(/\p{Cc}+/gu, " ")
  const secrets = [...(id === undefined ? [] : [id]), ...(call.token === undefined ? [] : [Redacted.value(call.token)])]
  const common = { provider, instance, operation, status, detail: JobError.scrub(said, secrets) }
  const after = retryAfterOf(answer, body)
  const timed = after === undefined ? common : { ...common, retryAfter: after }
  const unexpected = () => new JobError.UnexpectedResponse(common)

  switch (status) {
    case 401:
      return new JobError.Unauthorized(common)
    case 402:
    case 412:
      return new JobError.PaymentRequired(common)
    case 408:
      return new JobError.Unavailable(timed)
    case 429:
      return new JobError.RateLimited(timed)
    case 596:
      return new JobError.SessionExpired(common)
  }
  if (status >= 500 && status <= 599) return new JobError.Unavailable(timed)

  // From here on the status speaks of the request, so only the service itself can have meant it.
  if (!isServiceError(body)) return unexpected()
  if (status === 404 && /endpoint not found/i.test(said)) {
    return call.retired === true ? new JobError.Discontinued(common) : unexpected()
  }
  if (/unable to find configuration for (?:e-?mail|account|channel)/i.test(said)) {
    return new JobError.AccountNotFound(common)
  }
  if (operation === "submit" || operation === "upload") {
    return status === 400 || status === 422 ? new JobError.InvalidRequest({ ...common, issues: [] }) : unexpected()
  }
  if (id === undefined) return unexpected()
  switch (status) {
    case 400:
      return new JobError.InvalidJobId({ ...common, id })
    case 403:
      return new JobError.Forbidden({ ...common, id })
    case 404:
    case 410:
      return new JobError.NotFound({ ...common, id })
    case 409: {
      const providerStatus = /in state '([^']+)'/.exec(said)?.[1]
      return new JobError.NotTerminal({
        ...common,
        id,
        ...(providerStatus === undefined ? undefined : { providerStatus })
      })
    }
    default:
      return unexpected()
  }
}

/**
 * The JSON of a success, or the error that the answer means for its operation.
 *
 * **Details**
 *
 * Pure and total: any status with any text has a meaning.
 *
 * - 401, 402, 408, 412, 429, 5xx and 596 mean the same whoever sends them.
 * - 400, 403, 404, 409, 410 and 422 are believed only with the service's own JSON error as their body: a page with such a
 *   status comes from something in between, and is `UnexpectedResponse`.
 * - A success to a `cancel` needs no body: no page says what Dreamina answers to one.
 * - An `error` or a `code` beside a success is data: a list carries the one, Dreamina's records the other.
 * - An error that the operation does not declare is `UnexpectedResponse`, as a 409 to a `get`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const classify = <const Op extends Exclude<JobError.Operation, "watch">>(
  call: Call<Op>,
  answer: Transport.Answer
): Result.Result<unknown, JobError.Of<Op>> => {
  const empty = answer.text === "" || answer.text.trim() === ""
  const isOk = answer.status >= 200 && answer.status <= 299
  if (empty && (answer.status === 204 || answer.status === call.none || isOk && call.operation === "cancel")) {
    return Result.succeed(undefined)
  }
  const json = parse(answer.text)
  if (isOk && Result.isSuccess(json)) return Result.succeed(json.success)
  return Result.fail(JobError.narrow(call.operation, failureOf(call, answer, json)))
}
