/**
 * The way to a service over HTTP: one token, one pace, one place where failures get their meaning.
 *
 * @since 0.1.0
 */
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import { OneTry } from "@media-jobs/core/OneTry"
import type * as Provider from "@media-jobs/core/Provider"
import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as Settings from "@media-jobs/core/Settings"
import * as Submission from "@media-jobs/core/Submission"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { constTrue, identity } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import type * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type * as Tracer from "effect/Tracer"
import type * as Answer from "./Answer.ts"
import { announced } from "./internal/announced.ts"
import * as Body from "./internal/body.ts"
import * as Connection from "./internal/connection.ts"
import * as Deadlines from "./internal/deadlines.ts"
import * as RateLimit from "./internal/rateLimit.ts"
import { scrubbed } from "./internal/scrubbed.ts"
import { shieldOf } from "./internal/shield.ts"

/**
 * How to reach a service.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** The API token, or a function that gives the one that holds now. */
  readonly token: Settings.Token
  /** Where the service answers; its live address unless a test or a proxy stands in. With the version of its paths, or without. */
  readonly baseUrl?: string | undefined
  /** The application's own name for this token, where it has several; `default` else. Part of every job's identity. */
  readonly instance?: string | undefined
  /**
   * Requests a second with this token; 10 unless given. All adapters of one service, base and token share them; give all of
   * them the same number.
   */
  readonly requestsPerSecond?: number | undefined
  /**
   * How long one try may take from its sending to the last byte of its answer; 30 seconds unless given. An upload may take longer,
   * but its content may not be silent for longer.
   */
  readonly timeout?: Duration.Input | undefined
  /** How often a call that may be repeated is tried again; 3 unless given. */
  readonly retries?: number | undefined
  /**
   * The longest pause between two tries; 1 minute unless given. A service that asks for a longer one gets no further try:
   * the call fails at once, and its error says how long to wait.
   */
  readonly maxRetryDelay?: Duration.Input | undefined
}

/**
 * A service, as far as its adapters must tell.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly id: ProviderId
  /** What a token is, for the sentence that asks for one: "the API token of useapi.net". */
  readonly token: string
  /** The live base. Where its path ends in no version, as `/v1`, a base that is given may: the version is dropped, for paths have it. */
  readonly baseUrl: string
  /** What counts the requests: all adapters of one key share the rate limit of a token. */
  readonly rateLimitKey: string
  /** Whether the service has nothing that a lost submit could be found by, which its error then says. */
  readonly forgetsLost?: boolean | undefined
  /** The longest success that the service answers in earnest. */
  readonly maxResponseBytes: number
  /** How the token goes along; `Authorization: Bearer` unless told otherwise. */
  readonly authorize?:
    | ((
      token: Redacted.Redacted
    ) => (request: HttpClientRequest.HttpClientRequest) => HttpClientRequest.HttpClientRequest)
    | undefined
  /** Headers that every request has. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The JSON of a success, or the error that an answer means; pure and total. */
  readonly classify: (call: Answer.Call, answer: Answer.Answer) => Result.Result<unknown, JobError.JobError>
  /** Its own words for what went wrong, in a body that holds any. */
  readonly errorText: (body: unknown) => string | undefined
}

/**
 * One request.
 *
 * **Details**
 *
 * `path` is sent as it stands, below the base; or below the `origin` of another host, which is told neither the token nor the
 * service's headers, and of which any success will do. `timeout` is what a try may take where the options allow less.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request extends Pick<Answer.Call, "id" | "account" | "emptyStatus" | "accepts"> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  readonly path: string
  readonly origin?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: HttpBody.HttpBody | undefined
  readonly timeout?: Duration.Duration | undefined
}

/**
 * The value in a success, or why it is not the documented one; a webhook has no headers here.
 *
 * @since 0.1.0
 * @category models
 */
export type Decode<A> = (
  body: unknown,
  receivedAt: DateTime.Utc,
  headers: Headers.Headers
) => Result.Result<A, Schema.SchemaError | string>

/**
 * An error, and whether it is certain that the service has begun nothing because of the call.
 *
 * @since 0.1.0
 * @category models
 */
export interface Failed {
  readonly error: JobError.JobError
  readonly notStarted: boolean
}

/**
 * What a submit is known by, besides provider and instance.
 *
 * @since 0.1.0
 * @category models
 */
export type Known = { readonly [K in keyof Submission.Requested]?: Submission.Requested[K] | undefined }

/**
 * One adapter's way to its service.
 *
 * @since 0.1.0
 * @category models
 */
export interface Transport {
  readonly provider: ProviderId
  readonly instance: Instance
  /** How long one try may take, and an upload's content be silent. */
  readonly timeout: Duration.Duration
  /** Where the service answers, as the options have it, without a slash at its end. */
  readonly baseUrl: string
  /** An address that wants the token, with what goes to its origin alone. */
  readonly link: (url: string) => Effect.Effect<Provider.Link, JobError.Of<"link">>
  /** Asks, and asks again where that is harmless and may help. */
  readonly call: <const Op extends Exclude<JobError.Operation, "submit" | "webhook" | "watch">, A>(
    operation: Op,
    request: Request,
    decode: Decode<A>
  ) => Effect.Effect<A, JobError.Of<Op>>
  /** As `call`, before the errors are narrowed to the operation's own: for what a service can do beyond these. */
  readonly run: <A>(
    operation: Answer.Call["operation"],
    request: Request,
    decode: Decode<A>
  ) => Effect.Effect<A, Failed>
  /** Sends once what costs money, and again only while it is certain that nothing was begun. */
  readonly submit: (
    known: Known,
    request: Request,
    decode: Decode<Submission.Accepted>
  ) => Effect.Effect<Submission.Submission, JobError.Of<"submit">>
  /** Reads what a webhook brought. */
  readonly decodeWebhook: <A>(body: unknown, decode: Decode<A>) => Effect.Effect<A, JobError.Of<"webhook">>
}

const version = /\/v\d+(?:(?:alpha|beta)\d*)?\/*$/

/** All calls of the process, in the order in which they began. */
let calls = 0

/** Half a second, then twice as long each time, by chance a fifth longer or shorter. */
const pauseAfter = (tries: number, chance: number): number => 500 * 2 ** tries * (0.8 + 0.4 * chance)

/** Of a client that can't send what is not in memory: fetch in some browsers. */
const unsendable: JobError.Issue = {
  field: "content",
  message: "Expected no stream, which this runtime's fetch can't send: FetchHttpClient.StreamBodyFallback can buffer it"
}

/**
 * A refusal begins nothing, nor does what a service says in words of its own, by whatever status. A 408, a broken service and a
 * success that can't be read leave it open.
 */
const isRefusal = (status: number, { _tag }: JobError.JobError): boolean =>
  status >= 300 && status <= 499 && status !== 408 ||
  status >= 500 && _tag !== "Unavailable" && _tag !== "UnexpectedResponse"

/**
 * A way to one service.
 *
 * **When to use**
 *
 * Use where a service fits `Adapter.make` in nothing but its calls; applications use the adapter's own `make` or layers.
 *
 * **Details**
 *
 * From outside in, each call is: retried, paced, limited in time, sent, classified, decoded.
 *
 * - Reads (`GET` and every `get`, but for a submit) are retried where the error's remedy says so, with growing, jittered pauses on top of what
 *   the service asks for.
 * - A submit is retried where no connection came about, and at a 429. Where its outcome can't be known it is
 *   `SubmissionUncertain`. Anything else is sent once.
 * - Where core's `OneTry` says so, nothing is retried.
 * - All calls of a process with one token to one base share one token bucket; where the application provides a
 *   `RateLimiter`, over Redis for example, all processes do. The wait for a turn does not count as the service's time.
 * - A 429 that says how long to wait holds back all of them until then, five minutes at most; then they go one at a time for as
 *   long again. One that refuses a submit for longer is of a quota, as of a day, and holds back submits alone. A call that would wait longer than its `maxRetryDelay` fails with `RateLimited`, unsent.
 * - A submit is written into the ledger once its turn has come, each try by itself.
 * - Each call is one span, as in `replicate.get`, with provider, instance, status and the id's fingerprint. Neither the URL
 *   nor any trace header leaves the process.
 * - Redirects are not followed, so the token goes nowhere but to the base. No answer is taken from a cache of `fetch`.
 *
 * **Gotchas**
 *
 * `FetchHttpClient.RequestInit` is read where the call or this effect runs, so as to add `redirect: "manual"` and, where the platform's `Request` knows
 * it, `cache: "no-store"`; one that is
 * provided to `FetchHttpClient.layer` alone is not seen and has no effect.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  service: Service,
  options: Options
): Effect.fn.Return<Transport, Config.ConfigError, HttpClient.HttpClient> {
  const given = options.token
  const known = typeof given === "function" ? undefined : yield* Settings.token("token", given, service.token)
  const givenUrl = yield* Settings.baseUrl("baseUrl", options.baseUrl ?? service.baseUrl, service.baseUrl)
  const baseUrl = version.test(service.baseUrl) ? givenUrl : givenUrl.replace(version, "")
  const instance = yield* Settings.instance("instance", options.instance)
  const requestsPerSecond = yield* Settings.rate("requestsPerSecond", options.requestsPerSecond ?? 10)
  const timeout = yield* Settings.duration("timeout", options.timeout ?? "30 seconds")
  const retries = yield* Settings.count("retries", options.retries ?? 3, 0)
  const maxRetryDelay = Duration.toMillis(
    yield* Settings.duration("maxRetryDelay", options.maxRetryDelay ?? "1 minute")
  )
  const provider = service.id
  const client = yield* HttpClient.HttpClient
  const within = Deadlines.make()
  const authorize: NonNullable<Service["authorize"]> = service.authorize ?? HttpClientRequest.bearerToken
  const bare = HttpClientRequest.empty.pipe(
    HttpClientRequest.acceptJson,
    HttpClientRequest.setHeaders(service.headers ?? {})
  )
  const context = yield* Effect.context()
  const admit = RateLimit.make({
    key: service.rateLimitKey,
    // One that changes is told from others by the name that the application gave it.
    owner: known === undefined ? instance : Redacted.value(known),
    baseUrl,
    requestsPerSecond,
    limiter: Context.getOrUndefined(context, RateLimit.ApplicationLimiter),
    maxRetryDelay: maxRetryDelay + 1000
  })
  const shield = shieldOf(Context.getOrUndefined(context, FetchHttpClient.RequestInit))

  const common = ({ id, operation }: Pick<Answer.Call, "id" | "operation">, status?: number) => ({
    provider,
    instance,
    operation,
    ...(id === undefined ? undefined : { id }),
    ...(status === undefined ? undefined : { status })
  })
  const fail = (error: JobError.JobError, notStarted: boolean): Effect.Effect<never, Failed> =>
    Effect.fail({ error, notStarted })

  /** The token that holds now; without one, nothing is sent. */
  const credential = (call: Answer.Call): Effect.Effect<Redacted.Redacted, Failed> =>
    typeof given !== "function" ? Effect.succeed(given) : Effect.tryPromise(given).pipe(
      Effect.mapError(({ cause }) => Connection.describe(cause)),
      Effect.flatMap((text) =>
        Effect.mapError(Settings.token("token", Redacted.make(text ?? ""), service.token), ({ message }) => message)
      ),
      Effect.catch((detail) =>
        fail(
          new JobError.Unauthorized({
            ...common(call),
            detail: scrubbed(call, `Nothing was sent: no token could be had (${detail})`)
          }),
          true
        )
      )
    )

  /** A call that found no answer. */
  const lost = (call: Answer.Call, notStarted: boolean, detail: string, status?: number) =>
    fail(
      new JobError.Unavailable({
        ...common(call, status),
        detail: scrubbed(call, detail)
      }),
      notStarted
    )

  /** What is not as documented, by its path and the service's words if it has any; never by its values. */
  const surprise = (call: Answer.Call, error: Schema.SchemaError | string, body: unknown, status?: number) => {
    const said = service.errorText(body)
    const what = typeof error === "string" ? error : error.message
    const detail = (said === undefined ? what : `${what}: ${said}`).slice(0, 2000)
    return new JobError.UnexpectedResponse({
      ...common(call, status),
      detail: scrubbed(call, detail)
    })
  }

  const understand = <A>(
    call: Answer.Call,
    answer: Answer.Answer,
    headers: Headers.Headers,
    decode: Decode<A>
  ): Effect.Effect<A, Failed> => {
    const body = service.classify(call, answer)
    if (Result.isFailure(body)) return fail(body.failure, isRefusal(answer.status, body.failure))
    const value = decode(body.success, answer.receivedAt, headers)
    return Result.isSuccess(value)
      ? Effect.succeed(value.success)
      : fail(surprise(call, value.failure, body.success, answer.status), false)
  }

  /** One try: sent, read, classified and decoded. */
  const exchange = <A>(
    call: Answer.Call,
    request: HttpClientRequest.HttpClientRequest,
    span: Tracer.Span,
    decode: Decode<A>
  ): Effect.Effect<A, Failed> => {
    const sent = Effect.catch(announced(request.body)(client.execute(request)), ({ reason }) => {
      if (reason._tag === "StatusCodeError") return Effect.succeed(reason.response) // of a client with filterStatus
      if (reason._tag === "EncodeError" && request.body._tag === "Stream" && reason.cause === undefined) {
        return fail(new JobError.InvalidRequest({ ...common(call), issues: [unsendable] }), true)
      }
      const unsent = reason._tag === "EncodeError" || reason._tag === "InvalidUrlError"
      return lost(call, unsent || Connection.neverLeft(reason.cause), Connection.describe(reason.cause))
    })
    return Effect.flatMap(sent, (response) => {
      const { headers, status } = response
      span.attribute("status", status)
      const read = Effect.catch(
        Body.read(response, headers, service.maxResponseBytes),
        ({ reason }) => lost(call, false, Connection.describe(reason.cause), status)
      )
      return Effect.flatMap(read, (text) =>
        text === undefined
          ? fail(
            new JobError.UnexpectedResponse({ ...common(call, status), detail: "The body is too long" }),
            false
          )
          : Effect.flatMap(DateTime.now, (receivedAt) =>
            understand(
              call,
              {
                status,
                text,
                retryAfter: headers["retry-after"],
                encoding: headers["content-encoding"],
                receivedAt
              },
              headers,
              decode
            )))
    })
  }

  const retry = <A>(
    attempt: Effect.Effect<A, Failed>,
    mayRepeat: (failed: Failed) => boolean,
    tries = 0
  ): Effect.Effect<A, Failed> =>
    Effect.catch(attempt, (failed) =>
      Effect.flatMap(OneTry, (isOnly) => {
        const asked = Duration.toMillis(JobError.retryAfterOf(failed.error) ?? 0)
        if (
          isOnly || tries >= retries || asked > maxRetryDelay || !JobError.isRetryable(failed.error) ||
          !mayRepeat(failed)
        ) {
          return Effect.fail(failed)
        }
        const again = retry(attempt, mayRepeat, tries + 1)
        // All calls wait it out, each in its place.
        if (failed.error._tag === "RateLimited" && asked > 0 && asked <= RateLimit.maxPause) return again
        return Effect.flatMap(
          Random.next,
          (chance) => Effect.andThen(Effect.sleep(asked + Math.min(pauseAfter(tries, chance), maxRetryDelay)), again)
        )
      }))

  /** `around` is what stands between a try's turn and its sending. */
  const perform = <A, B>(
    operation: Answer.Call["operation"],
    { accepts, account, body, emptyStatus, headers, id, method, origin, path, timeout: least }: Request,
    decode: Decode<A>,
    around: (exchange: Effect.Effect<A, Failed>) => Effect.Effect<B, Failed>
  ): Effect.Effect<B, Failed> => {
    const isElsewhere = origin !== undefined
    const call: Answer.Call = {
      provider,
      instance,
      operation,
      id,
      account,
      token: known,
      emptyStatus,
      accepts,
      isElsewhere
    }
    const request = HttpClientRequest.modify(isElsewhere ? HttpClientRequest.empty : bare, {
      method,
      url: (origin ?? baseUrl) + path,
      headers,
      body
    })
    const duration = Duration.millis(Math.max(Duration.toMillis(timeout), Duration.toMillis(least ?? 0)))
    const attributes = { provider, instance, ...(id === undefined ? undefined : { job: JobId.fingerprint(id) }) }
    const inSpan = (span: Tracer.Span): Effect.Effect<B, Failed> => {
      const number = ++calls
      const admitted = Effect.catch(admit(number, operation === "submit"), (error) =>
        typeof error === "number"
          ? fail(
            new JobError.RateLimited({
              ...common(call),
              retryAfter: Duration.millis(error),
              detail: "Nothing was sent: the service asked all calls with this token to wait"
            }),
            true
          )
          : lost(call, true, "The rate limiter's store failed"))
      const attempt = Effect.flatMap(admitted, (leave) => {
        let pause = 0
        const inTime = <A>(effect: Effect.Effect<A, Failed>, what: string, notStarted: boolean) =>
          within(
            effect,
            duration,
            Effect.suspend(() => lost(call, notStarted, `No ${what} within ${Duration.toSeconds(duration)} s`))
          )
        const heard = (token: Redacted.Redacted) => {
          const authorized = isElsewhere ? request : authorize(token)(request)
          const sent = inTime(exchange({ ...call, token }, authorized, span, decode), "complete answer", false)
          return Effect.tapError(sent, ({ error }) =>
            Effect.map(Random.next, (chance) => {
              const asked = error._tag === "RateLimited" ? Duration.toMillis(error.retryAfter ?? 0) : 0
              // A little later, lest all processes come back at once.
              if (asked > 0) pause = asked + pauseAfter(0, chance)
            }))
        }
        // A token that takes its time comes before what stands around: after that, nothing holds the request up.
        const token = known === undefined ? inTime(credential(call), "token", true) : Effect.succeed(known)
        return Effect.ensuring(
          Effect.flatMap(token, (token) => around(heard(token))),
          Effect.sync(() => leave(pause))
        )
      })
      // By whatever method: a service that takes submits by GET charges for each.
      if (operation === "submit") return retry(attempt, ({ notStarted }) => notStarted)
      return method === "GET" || operation === "get" ? retry(attempt, constTrue) : attempt
    }
    return Effect.suspend(() => {
      let notStarted = false
      // The span is to end with the error itself, which a tracer knows by its tag.
      const spanned = Effect.useSpan(
        `${provider}.${operation}`,
        { kind: "client", attributes },
        (span) =>
          Effect.mapError(inSpan(span), (failed) => {
            notStarted = failed.notStarted
            return failed.error
          })
      )
      return Effect.mapError(shield(spanned), (error) => ({ error, notStarted }))
    })
  }

  const run: Transport["run"] = (operation, request, decode) => perform(operation, request, decode, identity)

  return {
    provider,
    instance,
    timeout,
    baseUrl,
    link: (url) => {
      const call: Answer.Call = { provider, instance, operation: "link" }
      const token = Effect.mapError(credential(call), ({ error }) => JobError.narrow("link", error))
      return Effect.map(token, (token) => {
        const { headers } = authorize(token)(HttpClientRequest.get(url))
        const redacted = Object.entries(headers).map(([name, value]) => [name, Redacted.make(value)] as const)
        return { url, headers: Object.fromEntries(redacted) }
      })
    },
    run,
    call: (operation, request, decode) =>
      Effect.mapError(run(operation, request, decode), ({ error }) => JobError.narrow(operation, error)),
    submit: (known, request, decode) => {
      const requested = Submission.requested({ ...known, provider, instance })
      // Each try is a submit of its own to the ledger, written once its turn has come: one that waits was not sent.
      const submitted = perform("submit", request, decode, (exchange) =>
        Effect.mapError(
          Ledger.submit(requested, (sending) =>
            Effect.mapError(exchange, ({ error, notStarted }) =>
              notStarted
                ? JobError.narrow("submit", error)
                : new JobError.SubmissionUncertain({
                  ...common({ operation: "submit" }, error.status),
                  ...(error.detail === undefined ? undefined : { detail: error.detail }),
                  ...(service.forgetsLost === true ? { recoverable: false } : undefined),
                  ...sending
                }))),
          (error) => ({ error, notStarted: error._tag !== "SubmissionUncertain" })
        ))
      return Effect.mapError(submitted, ({ error }) => JobError.narrow("submit", error))
    },
    decodeWebhook: (body, decode) =>
      Effect.flatMap(DateTime.now, (at) => {
        const value = decode(body, at, Headers.empty)
        return Result.isSuccess(value)
          ? Effect.succeed(value.success)
          : Effect.fail(surprise({ provider, instance, operation: "webhook", token: known }, value.failure, body))
      })
  }
})
