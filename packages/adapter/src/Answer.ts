/**
 * What a service's answers mean: one table of statuses for all, to which each service adds its exceptions.
 *
 * @since 0.1.0
 */
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import * as Json from "@media-jobs/core/Json"
import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { isOk } from "./internal/body.ts"
import { millisOf } from "./internal/dateText.ts"
import { scrubbed } from "./internal/scrubbed.ts"
import * as Wire from "./Wire.ts"
import * as WireTime from "./WireTime.ts"

/**
 * What was asked, as far as it bears on the meaning of the answer; the token is taken out of whatever the service says.
 *
 * @since 0.1.0
 * @category models
 */
export interface Call<Op extends Exclude<JobError.Operation, "watch"> = Exclude<JobError.Operation, "watch">> {
  readonly provider: ProviderId
  readonly instance: Instance
  readonly operation: Op
  /** The job that the call is about. */
  readonly id?: JobId | undefined
  /** The account that the call names, which is taken out too. */
  readonly account?: string | undefined
  readonly token?: Redacted.Redacted | undefined
  /** A status that, with an empty body, says that there is nothing to show. */
  readonly emptyStatus?: number | undefined
  /**
   * What an answer that is no success by its status says all the same, in place of an error: how a job failed, in place of its
   * result. `undefined` for one that is an error.
   */
  readonly accepts?: ((status: number, body: unknown) => unknown) | undefined
  /** Whether another host than the service's was asked, as one that takes its files: what that refuses is not the token. */
  readonly isElsewhere?: boolean | undefined
}

/**
 * What came back, from the service or from something in between.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answer {
  readonly status: number
  readonly text: string
  /** The `Retry-After` header, verbatim. */
  readonly retryAfter?: string | undefined
  /** The `Content-Encoding` header, verbatim. */
  readonly encoding?: string | undefined
  readonly receivedAt: DateTime.Utc
}

/**
 * An answer that is no success.
 *
 * **Details**
 *
 * `text` is the service's own words, or what there is instead of them. `isOwn` tells whether the body is the service's own
 * error: a page with some status comes from something in between, and says nothing about the job or the request.
 *
 * @since 0.1.0
 * @category models
 */
export interface Refusal {
  readonly call: Call
  readonly status: number
  readonly body: unknown
  readonly text: string
  readonly isOwn: boolean
}

/** The errors that an answer can mean. */
type Meaning = Exclude<JobError.Of<Call["operation"]>["_tag"], "SubmissionUncertain">

/**
 * What is a service's own about its answers.
 *
 * @since 0.1.0
 * @category models
 */
export interface Rules {
  /** The service's words for what went wrong, in a body that holds any. */
  readonly errorText: (body: unknown) => string | undefined
  /** Whether a body is the service's own error; one that holds its words is, unless told otherwise. */
  readonly isError?: ((body: unknown) => boolean) | undefined
  /** What a status means here, where that differs from the table. */
  readonly exceptions?: ((refusal: Refusal) => Meaning | undefined) | undefined
  /** Whether a success whose body is neither JSON nor a page says that what was asked is done: "OK" to a cancel. */
  readonly confirms?: ((call: Call) => boolean) | undefined
  /** The fields that a body names as wrong. */
  readonly issues?: ((body: unknown) => ReadonlyArray<JobError.Issue>) | undefined
  /** Where a body says when to come back: seconds or times, of which the first that can be read counts. */
  readonly retryAfter?: ((body: unknown, receivedAt: DateTime.Utc) => ReadonlyArray<unknown>) | undefined
  /** The job's status in the words of a 409. */
  readonly providerStatus?: ((text: string) => string | undefined) | undefined
}

/** Enough for any sentence of a service; what is longer is a page, and scrubbing costs more than linear time. */
const longestText = 2000

/** What to say of a body without words of the service. */
const excerpt = ({ encoding, text }: Answer, json: Result.Result<unknown, unknown>): string => {
  const start = text.slice(0, longestText)
  if (start.trim() === "") return "The body is empty"
  // Bytes that are no text: compressed, or of a file.
  if (start.includes("\ufffd")) {
    return encoding === undefined
      ? "The body is no text"
      : `The body is compressed (${encoding}) unasked: use a client that unpacks it, as fetch does`
  }
  if (Result.isSuccess(json)) {
    const { code, message, status } = Wire.object(json.success)
    return [json.success, message, status, code].map(Wire.text).find((text) => text !== undefined) ??
      `The body holds no error: ${start.slice(0, 200)}`
  }
  // A part of broken JSON may hold a part of an id, which no scrubbing finds.
  if (/^\s*[[{]/.test(start)) return "The JSON is broken"
  if (!/^\s*(?:<!doctype|<html|<\?xml|<head|<body)/i.test(start)) return `The body is not JSON: ${start.slice(0, 200)}`
  const title = Wire.text(/<title>([^<]*)/i.exec(start)?.[1]?.trim())
  return title === undefined ? "An HTML page" : `An HTML page: ${title}`
}

/** No service means more than a day, whatever it says; nothing that waits may wait for years. */
const longestWait = 86_400_000

/** The one reader of `Retry-After`, in a header or in a body: seconds, an HTTP date, an ISO time, or a time since 1970. */
const waitOf = (value: unknown, now: DateTime.Utc): Duration.Duration | undefined => {
  const number = Wire.number(value)
  const time = number === undefined
    ? millisOf(value)
    : (WireTime.fromMillis(number) ?? WireTime.fromSeconds(number))?.epochMilliseconds
  const wait = time === undefined ? (number ?? -1) * 1000 : Math.max(0, time - now.epochMilliseconds)
  return wait < 0 ? undefined : Duration.millis(Math.min(wait, longestWait))
}

/** What a status means from the service or a proxy; any other speaks of the request, which the service alone can judge. */
const statuses: Readonly<Record<number, Meaning>> = {
  401: "Unauthorized",
  402: "PaymentRequired",
  408: "Unavailable",
  429: "RateLimited"
}
const ofAnyone = (status: number): Meaning | undefined =>
  statuses[status] ?? (status >= 500 && status <= 599 ? "Unavailable" : undefined)

/** What a status means of a job, in the service's own error. */
const statusesOfJob: Readonly<Record<number, Meaning>> = {
  400: "InvalidJobId",
  403: "Forbidden",
  404: "NotFound",
  409: "NotTerminal",
  410: "NotFound"
}

/** A length that is too much, or missing, is so at whatever point of the way it is refused. */
const tooLong = (operation: JobError.Operation, status: number): JobError.Issue | undefined =>
  status === 411
    ? { field: "length", message: "Expected the length in bytes: what has none is not taken" }
    : status !== 413
    ? undefined
    : operation === "upload"
    ? { field: "content", message: "Expected a smaller file" }
    : { field: "request", message: "Expected a smaller one: upload its files first" }

/** Another host knows neither token nor job. */
const ofOther = ({ call: { operation }, status }: Refusal): Meaning | undefined =>
  status === 401 || status === 402
    ? undefined
    : ofAnyone(status) ?? (operation === "upload" && tooLong(operation, status) ? "InvalidRequest" : undefined)

const ofService = ({ call: { id, operation }, isOwn, status }: Refusal): Meaning | undefined => {
  if (operation === "submit" || operation === "upload") {
    return isOwn && (status === 400 || status === 422) || tooLong(operation, status) ? "InvalidRequest" : undefined
  }
  return isOwn && id !== undefined ? statusesOfJob[status] : undefined
}

// Tables, so that one line makes all errors that are made alike.
const timed = { RateLimited: JobError.RateLimited, Unavailable: JobError.Unavailable }
const aboutJob = {
  Forbidden: JobError.Forbidden,
  InvalidJobId: JobError.InvalidJobId,
  NotFound: JobError.NotFound,
  NotTerminal: JobError.NotTerminal
}
const plain = {
  AccountNotFound: JobError.AccountNotFound,
  Discontinued: JobError.Discontinued,
  PaymentRequired: JobError.PaymentRequired,
  SessionExpired: JobError.SessionExpired,
  Unauthorized: JobError.Unauthorized,
  UnexpectedResponse: JobError.UnexpectedResponse
}

const failureOf = (
  rules: Rules,
  call: Call,
  answer: Answer,
  json: Result.Result<unknown, unknown>
): JobError.JobError => {
  const { id, instance, operation, provider } = call
  const { status } = answer
  const body = Result.isSuccess(json) ? json.success : undefined
  const said = rules.errorText(body)
  const text = (said ?? excerpt(answer, json)).replace(/\p{Cc}+/gu, " ")
  const refusal: Refusal = { call, status, body, text, isOwn: rules.isError?.(body) ?? said !== undefined }
  const meaning: Meaning = (call.isElsewhere === true
    ? ofOther(refusal)
    : rules.exceptions?.(refusal) ?? ofAnyone(status) ?? ofService(refusal)) ?? "UnexpectedResponse"

  const shown = (text: string) => scrubbed(call, text)
  const about = { provider, instance, operation, status, detail: shown(text) }
  const common = id === undefined ? about : { ...about, id }
  const retryAfter = [answer.retryAfter, ...(rules.retryAfter?.(body, answer.receivedAt) ?? [])]
    .map((value) => waitOf(value, answer.receivedAt)).find((wait) => wait !== undefined)
  switch (meaning) {
    case "RateLimited":
    case "Unavailable":
      return new timed[meaning](retryAfter === undefined ? common : { ...common, retryAfter })
    case "InvalidRequest": {
      const told = rules.issues?.(body) ?? []
      const known = told.length === 0 ? tooLong(operation, status) : undefined
      const issues = known === undefined ? told : [known]
      return new JobError.InvalidRequest({
        ...common,
        issues: issues.map(({ field, message }) => ({ field: shown(field), message: shown(message) }))
      })
    }
    case "NotTerminal":
    case "InvalidJobId":
    case "Forbidden":
    case "NotFound": {
      if (id === undefined) return new JobError.UnexpectedResponse(about)
      const providerStatus = rules.providerStatus?.(text)
      return new aboutJob[meaning]({
        ...about,
        id,
        ...(providerStatus === undefined ? undefined : { providerStatus })
      })
    }
    default:
      return new plain[meaning](common)
  }
}

/**
 * The JSON of a success, or the error that the answer means, before it is narrowed to what its operation declares.
 *
 * **Details**
 *
 * Pure and total: any status with any text has a meaning.
 *
 * | status | means |
 * | --- | --- |
 * | 401, 402, 408, 429, 5xx | Unauthorized, PaymentRequired, Unavailable, RateLimited, Unavailable |
 * | 411, 413 to a submit or an upload | InvalidRequest |
 * | 400, 422 to a submit or an upload | InvalidRequest |
 * | 400, 403, 404, 410, 409 to a call about a job | InvalidJobId, Forbidden, NotFound, NotFound, NotTerminal |
 * | anything else | UnexpectedResponse |
 *
 * A service's `exceptions` come before the table. Its first two rows are believed of a proxy's page too, all others only with the
 * service's own error in the body. An empty body is a success with a 204, to a `cancel`, and with the call's `emptyStatus`; so is
 * what the call itself `accepts`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const classify = (
  rules: Rules,
  call: Call,
  answer: Answer
): Result.Result<unknown, JobError.JobError> => {
  const { status, text } = answer
  const ok = isOk(status)
  const json = Json.parse(text)
  const found = Result.getOrUndefined(json)
  const value = ok ? found : found === undefined ? undefined : call.accepts?.(status, found)
  const isEmpty = text.trim() === "" &&
    (status === 204 || status === call.emptyStatus || ok && call.operation === "cancel")
  const isDone = isEmpty ||
    ok && (call.isElsewhere === true || rules.confirms?.(call) === true && !/^\s*[<{[]|\ufffd/.test(text))
  return value !== undefined || isDone ? Result.succeed(value) : Result.fail(failureOf(rules, call, answer, json))
}
