/**
 * The way to any service of useapi.net: one token, one pace, one meaning for every answer.
 *
 * @since 0.1.0
 */
import type * as Draft from "@media-jobs/core/Draft"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import type * as ProviderId from "@media-jobs/core/ProviderId"
import * as Submission from "@media-jobs/core/Submission"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import type * as Schema from "effect/Schema"
import * as Classify from "./Classify.ts"
import * as Exchange from "./internal/exchange.ts"
import {
  checkBaseUrl,
  checkDuration,
  checkInstance,
  checkLimit,
  checkRetries,
  checkToken,
  refuse
} from "./internal/options.ts"
import * as Pacing from "./internal/pacing.ts"
import * as JobIds from "./JobIds.ts"
import * as PathSegment from "./PathSegment.ts"

/**
 * How to reach useapi.net.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** The API token, whole: `user:` and all. */
  readonly token: Redacted.Redacted
  /** Where the services answer; `https://api.useapi.net` unless a test or a proxy stands in. */
  readonly baseUrl?: string | undefined
  /** The application's own name for this token, where it has several; `default` else. Part of every job's identity. */
  readonly instance?: string | undefined
  /**
   * Requests a second with this token, of all adapters together; 10 unless given. The vendor publishes no limit. Give all
   * adapters of one token the same.
   */
  readonly limit?: number | undefined
  /** How long one try may take from its sending to the last byte of its answer; 30 seconds unless given. */
  readonly timeout?: Duration.Input | undefined
  /** How often a call that may be repeated is tried again; 3 unless given. */
  readonly retries?: number | undefined
  /**
   * The longest pause between two tries; 1 minute unless given. A service that asks for a longer one gets no further try:
   * the call fails at once, and its error says how long to wait.
   */
  readonly patience?: Duration.Input | undefined
}

/**
 * The base of the live services.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultBaseUrl = "https://api.useapi.net"

/**
 * The options from the environment: `USEAPI_TOKEN`, which must be there, and `USEAPI_BASE_URL`; what is given here is not
 * looked up.
 *
 * @since 0.1.0
 * @category config
 */
export const config = (given: Partial<Options> = {}): Config.Config<Options> =>
  Config.map(
    Config.all({
      token: given.token === undefined
        ? Config.mapEffect(Config.option(Config.Redacted("USEAPI_TOKEN")), (token) =>
          Option.isSome(token)
            ? checkToken("USEAPI_TOKEN", token.value)
            : refuse("USEAPI_TOKEN is not set: set it to the API token of useapi.net"))
        : Config.succeed(given.token),
      baseUrl: given.baseUrl === undefined
        ? Config.mapEffect(Config.withDefault(Config.String("USEAPI_BASE_URL"), defaultBaseUrl), (url) =>
          checkBaseUrl("USEAPI_BASE_URL", url))
        : Config.succeed(given.baseUrl)
    }),
    (found) => ({ ...given, ...found })
  )

/**
 * The service that an adapter speaks for.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly id: ProviderId.ProviderId
  /** True once the service has closed. */
  readonly retired?: boolean | undefined
}

/**
 * One request to a service.
 *
 * **Details**
 *
 * `path` is sent as it stands. `id` becomes its last segment, encoded by `PathSegment.encode`; one that names another
 * service is refused unsent. `none` is as in `Classify.Call`. `timeout` is what a try may take where the options allow less.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly method: "GET" | "POST" | "DELETE"
  readonly path: string
  readonly id?: JobId.JobId | undefined
  readonly body?: HttpBody.HttpBody | undefined
  readonly none?: number | undefined
  readonly timeout?: Duration.Duration | undefined
}

/**
 * The value in a success, or why it is not the documented one.
 *
 * @since 0.1.0
 * @category models
 */
export type Decode<A> = (body: unknown, receivedAt: DateTime.Utc) => Result.Result<A, Schema.SchemaError>

/**
 * One adapter's way to its service.
 *
 * @since 0.1.0
 * @category models
 */
export interface UseApi {
  readonly provider: ProviderId.ProviderId
  readonly instance: ProviderId.Instance
  /** Asks, and asks again where that is harmless and may help. */
  readonly call: <const Op extends Exclude<JobError.Operation, "submit" | "webhook" | "watch">, A>(
    operation: Op,
    request: Request,
    decode: Decode<A>
  ) => Effect.Effect<A, JobError.Of<Op>>
  /** Sends once what costs money, and again only while it is certain that nothing was begun. */
  readonly submit: (
    draft: Draft.Draft,
    request: Request
  ) => Effect.Effect<Submission.Submission, JobError.SubmitError>
  /** Reads what a webhook brought. */
  readonly received: <A>(body: unknown, decode: Decode<A>) => Effect.Effect<A, JobError.WebhookError>
}

const repeatable: ReadonlySet<JobError.Operation> = new Set(["list", "get", "recover", "accounts", "capacity"])

const asked = (failed: Exchange.Failed): number => Duration.toMillis(JobError.retryAfterOf(failed.error) ?? 0)

/** Pauses that grow from half a second, each by chance a fifth longer or shorter, on top of what the service asks for. */
const pauses = (
  retries: number,
  patience: Duration.Duration,
  mayRepeat: (failed: Exchange.Failed) => boolean
) =>
  Schedule.exponential("500 millis").pipe(
    Schedule.jittered,
    Schedule.upTo({ times: retries }),
    Schedule.setInputType<Exchange.Failed>(),
    Schedule.while(({ input }) => mayRepeat(input) && asked(input) <= Duration.toMillis(patience)),
    Schedule.modifyDelay(({ duration, input }) =>
      Effect.succeed(asked(input) + Math.min(Duration.toMillis(duration), Duration.toMillis(patience)))
    )
  )

/** What is not as documented, by its path and the service's words if it has any; never by its values. */
const surprise = (error: Schema.SchemaError, body: unknown, id: JobId.JobId | undefined): string => {
  const said = Classify.words(body)
  const detail = said === undefined ? error.message : `${error.message}: ${said}`
  return JobError.scrub(detail.slice(0, 2000), id === undefined ? [] : [id])
}

/**
 * A way to one service.
 *
 * **When to use**
 *
 * Use to write an adapter; applications use the adapter's own `make` or layers.
 *
 * **Details**
 *
 * From outside in, each call is: retried, paced, limited in time, sent, classified, decoded.
 *
 * - Reads are retried where the error's remedy says so, with growing, jittered pauses on top of what the service asks for.
 * - A submit is retried where no connection came about, and at a 429. Where its outcome can't be known it is
 *   `SubmissionUncertain`. Anything else is sent once.
 * - All calls of a process with one token to one base share one token bucket; where the application provides a
 *   `RateLimiter`, over Redis for example, all processes do. The wait for a turn does not count as the service's time.
 * - Each call is one span, as in `luma.get`, with provider, instance, status and the id's fingerprint. Neither the URL nor
 *   any trace header leaves the process.
 * - Redirects are not followed, so the token goes nowhere but to the base.
 *
 * **Gotchas**
 *
 * `FetchHttpClient.RequestInit` is read where the call or this effect runs, so as to add `redirect: "manual"`; one that is
 * provided to `FetchHttpClient.layer` alone is not seen and has no effect.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  service: Service,
  options: Options
): Effect.fn.Return<UseApi, Config.ConfigError, HttpClient.HttpClient> {
  const token = yield* checkToken("token", options.token)
  const baseUrl = yield* checkBaseUrl("baseUrl", options.baseUrl ?? defaultBaseUrl)
  const instance = yield* checkInstance("instance", options.instance)
  const limit = yield* checkLimit("limit", options.limit ?? 10)
  const timeout = yield* checkDuration("timeout", options.timeout ?? "30 seconds")
  const retries = yield* checkRetries("retries", options.retries ?? 3)
  const patience = yield* checkDuration("patience", options.patience ?? "1 minute")
  const provider = service.id
  const turn = yield* Pacing.make({ token, baseUrl, limit })
  const authorized = HttpClientRequest.empty.pipe(HttpClientRequest.bearerToken(token), HttpClientRequest.acceptJson)
  const exchange = Exchange.make(yield* HttpClient.HttpClient)

  const init = Option.getOrUndefined(yield* Effect.serviceOption(FetchHttpClient.RequestInit))
  const silent = Context.make(HttpClient.TracerPropagationEnabled, false).pipe(
    Context.add(HttpClient.TracerDisabledWhen, constTrue)
  )
  const shield = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.updateContext(effect, (context) =>
      Context.add(Context.merge(context, silent), FetchHttpClient.RequestInit, {
        ...init,
        ...Context.getOrUndefined(context, FetchHttpClient.RequestInit),
        redirect: "manual"
      }))

  const readPauses = pauses(retries, patience, ({ error }) => JobError.isRetryable(error))
  const submitPauses = pauses(
    retries,
    patience,
    ({ error, nothingBegun }) => nothingBegun && JobError.isRetryable(error)
  )

  const run = <A>(
    operation: Exclude<JobError.Operation, "watch">,
    { body, id, method, none, path, timeout: least = Duration.zero }: Request,
    finish: (success: Exchange.Success) => Result.Result<A, JobError.JobError>
  ): Effect.Effect<A, Exchange.Failed> => {
    const call: Exchange.Call = {
      provider,
      instance,
      operation,
      id,
      token,
      none,
      retired: service.retired,
      timeout: Duration.millis(Math.max(Duration.toMillis(timeout), Duration.toMillis(least)))
    }
    const segment = id === undefined ? undefined : PathSegment.encode(id)
    const owner = id === undefined ? undefined : JobIds.service(id)
    if (id !== undefined && (segment === undefined || owner !== undefined && owner !== provider)) {
      const detail = id === ""
        ? "The id is empty"
        : segment === undefined
        ? "No path can hold this id"
        : `The id is one of ${owner}`
      return Effect.fail({
        nothingBegun: true,
        error: new JobError.InvalidJobId({ ...Exchange.common(call), id, detail })
      })
    }
    const url = segment === undefined ? `${baseUrl}${path}` : `${baseUrl}${path}/${segment}`
    const request = HttpClientRequest.modify(authorized, { method, url, body })
    const attributes = { provider, instance, ...(id === undefined ? undefined : { job: JobId.fingerprint(id) }) }
    return Effect.useSpan(`${provider}.${operation}`, { kind: "client", attributes }, (span) => {
      const attempt = Effect.mapError(turn, () => Exchange.lost(call, true, "The rate limiter's store failed")).pipe(
        Effect.flatMap(() => exchange(call, request, span)),
        Effect.flatMap((success) => {
          const finished = finish(success)
          return Result.isSuccess(finished)
            ? Effect.succeed(finished.success)
            : Effect.fail<Exchange.Failed>({ error: finished.failure, nothingBegun: false })
        }),
        shield
      )
      return operation === "submit"
        ? Effect.retry(attempt, submitPauses)
        : repeatable.has(operation)
        ? Effect.retry(attempt, readPauses)
        : attempt
    })
  }

  return {
    provider,
    instance,
    call: (operation, request, decode) =>
      Effect.mapError(
        run(operation, request, ({ body, receivedAt, status }) =>
          Result.mapError(decode(body, receivedAt), (error) =>
            new JobError.UnexpectedResponse({
              ...Exchange.common({ provider, instance, operation }, status),
              detail: surprise(error, body, request.id)
            }))),
        ({ error }) =>
          JobError.narrow(operation, error)
      ),
    submit: (draft, request) =>
      Submission.send({ ...draft, provider, instance }, (submittedAt) =>
        Effect.mapError(
          run("submit", request, ({ body, status }) =>
            Result.fromNullishOr(JobIds.created(body), () =>
              new JobError.UnexpectedResponse({
                ...Exchange.common({ provider, instance, operation: "submit" }, status),
                detail: JobError.scrub(Classify.words(body) ?? "The answer holds no job id")
              }))),
          ({ error, nothingBegun }) =>
            nothingBegun
              ? JobError.narrow("submit", error)
              : new JobError.SubmissionUncertain({
                ...Exchange.common({ provider, instance, operation: "submit" }, error.status),
                ...(error.detail === undefined ? undefined : { detail: error.detail }),
                submittedAt,
                ...draft
              })
        )),
    received: Effect.fnUntraced(function*(body, decode) {
      const decoded = decode(body, yield* DateTime.now)
      if (Result.isSuccess(decoded)) return decoded.success
      return yield* new JobError.UnexpectedResponse({
        ...Exchange.common({ provider, instance, operation: "webhook" }),
        detail: surprise(decoded.failure, body, undefined)
      })
    })
  }
})
