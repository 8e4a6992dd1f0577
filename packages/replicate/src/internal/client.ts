import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as Hash from "effect/Hash"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import type * as Schema from "effect/Schema"
import type * as Tracer from "effect/Tracer"
import * as Answer from "../ReplicateAnswer.ts"
import * as Wire from "./wire.ts"

/** Options that were checked. */
export interface Options {
  readonly provider: ProviderId
  readonly instance: Instance
  readonly token: Redacted.Redacted
  readonly baseUrl: string
  readonly limit: number
  readonly timeout: Duration.Duration
  readonly retries: number
  readonly patience: Duration.Duration
}

/** One call; `path` is sent as it stands, below the base. */
export interface Request<A> {
  readonly operation: Answer.Call["operation"]
  readonly method: "GET" | "POST"
  readonly path: string
  readonly id?: JobId.JobId | undefined
  readonly body?: HttpBody.HttpBody | undefined
  /** What a try may take where the options allow less. */
  readonly timeout?: Duration.Duration | undefined
  readonly decode: (body: unknown, receivedAt: DateTime.Utc) => Result.Result<A, Schema.SchemaError>
}

/** An error, and whether it is certain that the service has begun nothing because of the call. */
export interface Failed {
  readonly error: JobError.JobError
  readonly nothingBegun: boolean
}

export interface Client {
  readonly run: <A>(request: Request<A>) => Effect.Effect<A, Failed>
  /** What is not as documented, by its path and the service's words if it has any; never by its values. */
  readonly surprise: (
    operation: JobError.Operation,
    error: Schema.SchemaError,
    body: unknown,
    id?: JobId.JobId
  ) => JobError.UnexpectedResponse
}

const inMemory = RateLimiter.layer.pipe(Layer.provide(RateLimiter.layerStoreMemory))

/** Waits for a turn; the key may end in a store that others read, and holds 32 bits of the token's hash. */
const pacing = ({ baseUrl, limit, token }: Options, limiter: RateLimiter.RateLimiter) =>
  RateLimiter.sleep(limiter, {
    key: `replicate:${(Hash.string(`${baseUrl} ${Redacted.value(token)}`) >>> 0).toString(16)}`,
    algorithm: "token-bucket",
    // A bucket smaller than one request would make the first one wait.
    ...(limit >= 1 ? { limit, window: 1000 } : { limit: 1, window: 1000 / limit })
  })

/** Pauses that grow from half a second, each by chance a fifth longer or shorter, on top of what the service asks for. */
const pauses = ({ patience, retries }: Options, mayRepeat: (failed: Failed) => boolean) => {
  const asked = ({ error }: Failed) => JobError.retryAfterOf(error) ?? Duration.zero
  return Schedule.exponential("500 millis").pipe(
    Schedule.jittered,
    Schedule.upTo({ times: retries }),
    Schedule.setInputType<Failed>(),
    Schedule.while(({ input }) => mayRepeat(input) && Duration.isLessThanOrEqualTo(asked(input), patience)),
    Schedule.modifyDelay(({ duration, input }) =>
      Effect.succeed(Duration.sum(asked(input), Duration.min(duration, patience)))
    )
  )
}

/** A refusal begins nothing. A 408, a broken service and a success that can't be read leave it open. */
const isRefusal = (status: number): boolean => status >= 300 && status <= 499 && status !== 408

/**
 * From outside in, each call is: retried (reads where it helps, a submit while nothing was begun), paced, limited in time,
 * sent, classified, decoded. No URL and no trace header leaves the process, no redirect is followed.
 */
export const make = Effect.fnUntraced(
  function*(options: Options): Effect.fn.Return<Client, never, HttpClient.HttpClient> {
    const { baseUrl, instance, provider, token } = options
    const client = yield* HttpClient.HttpClient
    const provided = yield* Effect.serviceOption(RateLimiter.RateLimiter)
    const limiter = Option.isSome(provided)
      ? provided.value
      : Context.get(yield* Effect.scoped(Layer.build(inMemory)), RateLimiter.RateLimiter)
    const turn = pacing(options, limiter)
    const authorized = HttpClientRequest.empty.pipe(HttpClientRequest.bearerToken(token), HttpClientRequest.acceptJson)
    const init = Option.getOrUndefined(yield* Effect.serviceOption(FetchHttpClient.RequestInit))
    const shield = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.updateContext(effect, (context) =>
        context.pipe(
          Context.add(HttpClient.TracerPropagationEnabled, false),
          Context.add(HttpClient.TracerDisabledWhen, constTrue),
          Context.add(FetchHttpClient.RequestInit, {
            ...init,
            ...Context.getOrUndefined(context, FetchHttpClient.RequestInit),
            redirect: "manual"
          })
        ))

    const readPauses = pauses(options, ({ error }) => JobError.isRetryable(error))
    const submitPauses = pauses(options, ({ error, nothingBegun }) => nothingBegun && JobError.isRetryable(error))

    const surprise: Client["surprise"] = (operation, error, body, id) => {
      const said = Answer.words(body)
      const detail = said === undefined ? error.message : `${error.message}: ${said}`
      const shown = JobError.scrub(detail.slice(0, 2000), id === undefined ? [] : [id])
      return new JobError.UnexpectedResponse({ provider, instance, operation, detail: shown })
    }

    const attempt = Effect.fnUntraced(
      function*<A>(request: Request<A>, span: Tracer.Span, lost: (sure: boolean, detail: string) => Failed) {
        const { body, decode, id, method, operation, path } = request
        const sent = HttpClientRequest.modify(authorized, { method, url: baseUrl + path, body })
        const response = yield* Effect.catch(client.execute(sent), ({ reason }) => {
          if (reason._tag === "StatusCodeError") return Effect.succeed(reason.response) // of a client with filterStatus
          const unsent = reason._tag === "EncodeError" || reason._tag === "InvalidUrlError"
          return Effect.fail(lost(unsent || Wire.neverLeft(reason.cause), Wire.describe(reason.cause)))
        })
        const { headers, status } = response
        span.attribute("status", status)
        const text = yield* Effect.mapError(
          Wire.read(response),
          ({ reason }) => lost(false, Wire.describe(reason.cause))
        )
        const receivedAt = yield* DateTime.now
        const failed = (error: JobError.JobError, nothingBegun: boolean): Effect.Effect<never, Failed> =>
          Effect.fail({ error, nothingBegun })
        if (text === undefined) {
          const detail = "The body is too long"
          return yield* failed(
            new JobError.UnexpectedResponse({ provider, instance, operation, status, detail }),
            false
          )
        }
        const call = { provider, instance, operation, id, token }
        const answer = Answer.classify(call, { status, text, retryAfter: headers["retry-after"], receivedAt })
        if (Result.isFailure(answer)) return yield* failed(answer.failure, isRefusal(status))
        const decoded = decode(answer.success, receivedAt)
        return Result.isSuccess(decoded)
          ? decoded.success
          : yield* failed(surprise(operation, decoded.failure, answer.success, id), false)
      }
    )

    return {
      surprise,
      run: (request) => {
        const { id, operation } = request
        if (id !== undefined && !/^[\w-]+$/.test(id)) {
          const detail = id === "" ? "The id is empty" : "The id is another service's"
          const error = new JobError.InvalidJobId({ provider, instance, operation, id, detail })
          return Effect.fail({ error, nothingBegun: true })
        }
        const attributes = { provider, instance, ...(id === undefined ? undefined : { job: JobId.fingerprint(id) }) }
        const duration = Duration.max(options.timeout, request.timeout ?? Duration.zero)
        const lost = (nothingBegun: boolean, detail: string): Failed => {
          const shown = JobError.scrub(detail, [Redacted.value(token), ...(id === undefined ? [] : [id])])
          return { nothingBegun, error: new JobError.Unavailable({ provider, instance, operation, detail: shown }) }
        }
        return Effect.useSpan(`${provider}.${operation}`, { kind: "client", attributes }, (span) => {
          const once = Effect.mapError(turn, () => lost(true, "The rate limiter's store failed")).pipe(
            Effect.andThen(Effect.timeoutOrElse(attempt(request, span, lost), {
              duration,
              orElse: () => Effect.fail(lost(false, `No complete answer within ${Duration.toSeconds(duration)} s`))
            })),
            shield
          )
          return request.method === "GET"
            ? Effect.retry(once, readPauses)
            : operation === "submit"
            ? Effect.retry(once, submitPauses)
            : once
        })
      }
    }
  }
)
