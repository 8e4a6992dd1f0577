/**
 * Everything that can go wrong with a job, typed, each with what helps.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { Cause } from "./internal/cause.ts"
import { defined } from "./internal/defined.ts"
import { failure, shield } from "./internal/failure.ts"
import { scrub as scrubText } from "./internal/scrub.ts"
import { Job } from "./Job.ts"
import { JobId } from "./JobId.ts"
import type { FailureCause } from "./JobState.ts"
import { Instance, ProviderId } from "./ProviderId.ts"
import * as Remedy from "./Remedy.ts"
import { Sent } from "./Submission.ts"

/**
 * What was being done.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Operation = Schema.Literals([
  "list",
  "get",
  "submit",
  "recover",
  "cancel",
  "untrack",
  "remove",
  "link",
  "upload",
  "accounts",
  "capacity",
  "webhook",
  "watch"
])

/**
 * @since 0.1.0
 * @category models
 */
export type Operation = typeof Operation.Type

const call = {
  provider: ProviderId,
  instance: Instance,
  operation: Operation,
  /** The job that the call or the wait was about. */
  id: Schema.optionalKey(JobId),
  status: Schema.optionalKey(Schema.Int),
  detail: Schema.optionalKey(Schema.String),
  /** Of a wait for a whole submission: all its jobs, as they are known. */
  jobs: Schema.optionalKey(Schema.NonEmptyArray(Job))
}
const aboutJob = { ...call, id: JobId }
const ending = { ...call, job: Job }
const cause = Schema.optionalKey(Cause)
const retryAfter = Schema.optionalKey(Schema.Duration)

const seconds = (time: Duration.Duration): string => `${Math.ceil(Duration.toSeconds(time))} s`
const inTime = (after: Duration.Duration | undefined): string => after === undefined ? "" : ` in ${seconds(after)}`

/**
 * The service refused the token (401).
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends failure<Unauthorized>()("Unauthorized", call, {
  remedy: Remedy.reauthenticate("token"),
  advice: "The service refused the token: provide a valid one."
}) {}

/**
 * The subscription (402) or the credits (412) are spent.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentRequired extends failure<PaymentRequired>()("PaymentRequired", call, {
  remedy: Remedy.pay,
  advice: "Subscription or credits are spent: pay at the service."
}) {}

/**
 * The job belongs to another user (403).
 *
 * @since 0.1.0
 * @category errors
 */
export class Forbidden extends failure<Forbidden>()("Forbidden", aboutJob, {
  remedy: Remedy.none,
  advice: "The job belongs to someone else: use the token that submitted it."
}) {}

/**
 * The service has no such job (404), or has forgotten it (410).
 *
 * @since 0.1.0
 * @category errors
 */
export class NotFound extends failure<NotFound>()("NotFound", aboutJob, {
  remedy: Remedy.none,
  advice: "The service has no such job, or no longer: check id and token."
}) {}

/**
 * The account that the call names, or that the job ran on, is not configured at the service.
 *
 * @since 0.1.0
 * @category errors
 */
export class AccountNotFound extends failure<AccountNotFound>()("AccountNotFound", call, {
  remedy: Remedy.reauthenticate("account"),
  advice: "The account is not configured at the service: add it there."
}) {}

/**
 * The id is not one that this service issues (400, or ours before sending).
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidJobId extends failure<InvalidJobId>()("InvalidJobId", { ...call, id: Schema.String }, {
  remedy: Remedy.fix,
  advice: "Pass the id as this service issued it."
}) {}

/**
 * One field of a request that can't be accepted.
 *
 * @since 0.1.0
 * @category models
 */
export const Issue = Schema.Struct({
  /** Where, in dots: `prompt`, `imageRefs.2`. */
  field: Schema.String,
  /** What is wrong, and what would be accepted. */
  message: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export type Issue = typeof Issue.Type

/**
 * A request that can never be accepted as it stands: by ours before sending, field by field, or by the service (400, 422).
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidRequest extends failure<InvalidRequest>()(
  "InvalidRequest",
  { ...call, issues: Schema.Array(Issue) },
  {
    remedy: Remedy.fix,
    advice: ({ issues, status }) =>
      `${status === undefined ? "Nothing was sent" : "The service refused the request"}: change ${
        issues.length === 0 ? "it" : "what is named here"
      }.`,
    said: ({ detail = "", issues }) =>
      [...issues.map(({ field, message }) => `${field}: ${message}`), detail].filter((text) => text !== "")
        .map((text) => text.replace(/[.\s]+$/, "")).join("; ")
  }
) {}

/**
 * The job still runs (409), and what was asked needs an ended one.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotTerminal
  extends failure<NotTerminal>()("NotTerminal", { ...aboutJob, providerStatus: Schema.optionalKey(Schema.String) }, {
    remedy: Remedy.wait,
    advice: "The job still runs: wait for its end, then call again."
  })
{}

/**
 * The service has lost its session with the linked account (596); no retry helps.
 *
 * @since 0.1.0
 * @category errors
 */
export class SessionExpired extends failure<SessionExpired>()("SessionExpired", call, {
  remedy: Remedy.reauthenticate("account"),
  advice: "The service lost the account's session: add the account there again."
}) {}

/**
 * Too many calls, or no free slot (429).
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimited extends failure<RateLimited>()("RateLimited", { ...call, retryAfter }, {
  remedy: (self) => Remedy.retry(self.retryAfter),
  advice: (self) => `The service asks for patience: call again${inTime(self.retryAfter)}.`
}) {}

/**
 * The service can't be reached, took too long, or is broken for now (transport, time-out, 408, 5xx but 596).
 *
 * @since 0.1.0
 * @category errors
 */
export class Unavailable extends failure<Unavailable>()("Unavailable", { ...call, retryAfter, cause }, {
  remedy: (self) => Remedy.retry(self.retryAfter),
  advice: (self) => `The service is out of reach or broken: check the base URL, call again${inTime(self.retryAfter)}.`
}) {}

/**
 * An answer that is none of the documented ones.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedResponse extends failure<UnexpectedResponse>()("UnexpectedResponse", { ...call, cause }, {
  remedy: Remedy.none,
  advice: ({ status }) =>
    status === 409
      ? "The service refused this for the job as it stands: get the job to see how that is."
      : "The answer is none of the service's: check the base URL and what stands between."
}) {}

/**
 * The provider has closed.
 *
 * @since 0.1.0
 * @category errors
 */
export class Discontinued extends failure<Discontinued>()("Discontinued", call, {
  remedy: Remedy.none,
  advice: "The provider has closed this service: use another."
}) {}

/**
 * A submit that went out and whose reply was lost: the job may run, and may have been charged.
 *
 * **When to use**
 *
 * Hand it to `recover`, which returns the jobs that it may have become, and it and their ids to `Ledger.settle`. It is never
 * sent again by this library.
 *
 * **Details**
 *
 * `key` is that of the intent which stands in the ledger, where there is one. `recoverable` is false where the service has nothing
 * that the job could be found by.
 *
 * @since 0.1.0
 * @category errors
 */
export class SubmissionUncertain extends failure<SubmissionUncertain>()("SubmissionUncertain", {
  ...call,
  ...Sent.fields,
  key: Schema.optionalKey(Schema.NonEmptyString),
  recoverable: Schema.optionalKey(Schema.Boolean),
  cause
}, {
  remedy: Remedy.none,
  advice: ({ recoverable }) =>
    recoverable === false
      ? "The reply was lost: the job may run, is paid if it does, and can't be found again: this service lists no jobs."
      : "The reply was lost: the job may run. Look for it (recover) before you submit again."
}) {}

const remedies: { readonly [C in FailureCause]: Remedy.Remedy } = {
  content: Remedy.fix,
  input: Remedy.fix,
  credits: Remedy.pay,
  service: Remedy.none,
  unknown: Remedy.none
}

/**
 * The job failed.
 *
 * @since 0.1.0
 * @category errors
 */
export class JobFailed extends failure<JobFailed>()("JobFailed", ending, {
  remedy: ({ job: { state } }) => state._tag === "Failed" ? remedies[state.cause] : Remedy.none,
  advice: ({ job: { state } }) => `The job failed${state._tag === "Failed" ? ` (${state.cause})` : ""}.`,
  said: ({ detail, job: { state } }) => (state._tag === "Failed" ? state.reason : undefined) ?? detail
}) {}

/**
 * The job was cancelled.
 *
 * @since 0.1.0
 * @category errors
 */
export class JobCancelled extends failure<JobCancelled>()("JobCancelled", ending, {
  remedy: Remedy.none,
  advice: "The job was cancelled."
}) {}

/**
 * The job left the list of a service that can't be asked about one job.
 *
 * @since 0.1.0
 * @category errors
 */
export class JobUntracked extends failure<JobUntracked>()("JobUntracked", ending, {
  remedy: Remedy.none,
  advice: "The job left the service's list, which can't say how it ended: look there by hand."
}) {}

/**
 * The service had the job and has forgotten it.
 *
 * @since 0.1.0
 * @category errors
 */
export class JobExpired extends failure<JobExpired>()("JobExpired", ending, {
  remedy: Remedy.none,
  advice: "The service no longer has the job: look for its result there before you submit another."
}) {}

/**
 * The deadline of a watch passed; the job itself was left alone.
 *
 * @since 0.1.0
 * @category errors
 */
export class DeadlineExceeded extends failure<DeadlineExceeded>()("DeadlineExceeded", {
  ...aboutJob,
  job: Schema.optionalKey(Job),
  deadline: Schema.Duration
}, {
  remedy: Remedy.wait,
  advice: (self) =>
    `The job had not ended after ${seconds(self.deadline)} and was left alone: watch it again, or longer.`
}) {}

/**
 * Every error as one schema, for storage and for the wire.
 *
 * @since 0.1.0
 * @category schemas
 */
export const JobError = /* @__PURE__ */ Schema.Union([
  Unauthorized,
  PaymentRequired,
  Forbidden,
  NotFound,
  AccountNotFound,
  InvalidJobId,
  InvalidRequest,
  NotTerminal,
  SessionExpired,
  RateLimited,
  Unavailable,
  UnexpectedResponse,
  Discontinued,
  SubmissionUncertain,
  JobFailed,
  JobCancelled,
  JobUntracked,
  JobExpired,
  DeadlineExceeded
])

/**
 * @since 0.1.0
 * @category unions
 */
export type JobError = typeof JobError.Type

const ofCall = [
  "Unauthorized",
  "PaymentRequired",
  "SessionExpired",
  "RateLimited",
  "Unavailable",
  "UnexpectedResponse",
  "Discontinued"
] as const
const ofJobCall = [...ofCall, "Forbidden", "NotFound", "AccountNotFound", "InvalidJobId"] as const
const ofRequest = [...ofCall, "AccountNotFound", "InvalidRequest"] as const

/** The one source of what each operation can end with, for values and for types. */
const byOperation = {
  list: ofCall,
  get: ofJobCall,
  submit: [...ofRequest, "SubmissionUncertain"],
  recover: ofCall,
  cancel: ofJobCall,
  untrack: ofJobCall,
  remove: [...ofJobCall, "NotTerminal"],
  link: ofJobCall,
  upload: ofRequest,
  accounts: ofCall,
  capacity: ofCall,
  webhook: ["UnexpectedResponse"]
} as const satisfies { readonly [Op in Exclude<Operation, "watch">]: ReadonlyArray<JobError["_tag"]> }

/**
 * The errors of one operation.
 *
 * @since 0.1.0
 * @category unions
 */
export type Of<Op extends Exclude<Operation, "watch">> = Extract<
  JobError,
  { readonly _tag: typeof byOperation[Op][number] }
>

/**
 * What ends a watch early: not a failed job, which is a value.
 *
 * @since 0.1.0
 * @category unions
 */
export type WatchError = Exclude<Of<"get">, RateLimited | Unavailable> | DeadlineExceeded

/**
 * What a wait for success ends with: every ending but success.
 *
 * @since 0.1.0
 * @category unions
 */
export type SucceedError = WatchError | JobFailed | JobCancelled | JobUntracked | JobExpired

/**
 * An error of a wait for a whole submission, with all its jobs as they are known, in the order of its ids.
 *
 * @since 0.1.0
 * @category models
 */
export type OfSubmission<E extends JobError> = E & { readonly jobs: readonly [Job, ...Array<Job>] }

/**
 * The error of one job's wait as that of a wait for its whole submission.
 *
 * @since 0.1.0
 * @category conversions
 */
export const ofSubmission = <E extends JobError>(error: E, jobs: OfSubmission<E>["jobs"]): OfSubmission<E> =>
  withFields(error, { jobs })

/**
 * The error of a call about many jobs, as that of the wait for one of them.
 *
 * @since 0.1.0
 * @category conversions
 */
export const ofJob = <E extends JobError>(error: E, id: JobId): E => withFields(error, { id })

const withFields = <E extends JobError, F extends object>(error: E, fields: F): E & F => {
  // Every error is made by its own class, of its own fields.
  const Class = error.constructor as new(fields: object) => E & F
  return new Class(defined({ ...error, cause: error.cause, ...fields }))
}

/**
 * An error as its operation declares it: one that the operation does not declare is an unexpected answer.
 *
 * **When to use**
 *
 * Use in an adapter, after one classification for all its calls, so that the type of each operation stays exact.
 *
 * @since 0.1.0
 * @category refinements
 */
export const narrow = <Op extends Exclude<Operation, "watch">>(operation: Op, error: JobError): Of<Op> =>
  (byOperation[operation] as ReadonlyArray<string>).includes(error._tag)
    ? error as Of<Op> // its tag was just found among the operation's
    : new UnexpectedResponse(defined({
      provider: error.provider,
      instance: error.instance,
      operation,
      // The id of `InvalidJobId` may be none.
      id: error.id === "" ? undefined : error.id as JobId,
      status: error.status,
      detail: error.detail,
      cause: error
    })) as Of<Op> // every operation declares UnexpectedResponse

/**
 * Whether the same call may be made again.
 *
 * @since 0.1.0
 * @category guards
 */
export const isRetryable = (error: { readonly remedy: Remedy.Remedy }): boolean => error.remedy._tag === "Retry"

/**
 * How long the service asked to be left alone, if it said.
 *
 * @since 0.1.0
 * @category getters
 */
export const retryAfterOf = (error: { readonly remedy: Remedy.Remedy }): Duration.Duration | undefined =>
  error.remedy._tag === "Retry" ? error.remedy.after : undefined

/**
 * A service's words, fit to be shown: one line of at most 500 characters, without secrets.
 *
 * **When to use**
 *
 * Use on every text of a service that goes into a log or an error from outside this package. The errors here do so with
 * their own `detail` and `cause`, as far as their `id` and `job` name the secrets.
 *
 * **Details**
 *
 * What goes: the given ids, accounts and tokens, whole, as a URL writes them, and each run of 12 of their characters; of a URL user,
 * password and query; `Bearer` and `Basic` credentials; the value of `name=value` where the name ends in signature, token, key,
 * password and the like; e-mail addresses; what looks like a token. What stays: a URL's host and path, and a prompt that a
 * service quotes, which no pattern tells from its own words. This library puts no part of a request into a text by itself.
 *
 * @since 0.1.0
 * @category conversions
 */
export const scrub = (text: string, secrets: Iterable<string> = []): string => scrubText(text, shownOf(secrets))

/**
 * A copy of what went wrong that can be shown: name and {@link scrub}bed message, of it and of up to three causes below it.
 *
 * @since 0.1.0
 * @category conversions
 */
export const scrubCause = (cause: unknown, secrets: Iterable<string> = []): Error => shield(cause, shownOf(secrets))

const shownOf = (secrets: Iterable<string>) => Array.from(secrets, (secret) => [secret, "[secret]"] as const)
