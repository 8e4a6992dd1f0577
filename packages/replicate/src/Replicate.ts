/**
 * Replicate, over its own HTTP API.
 *
 * @since 0.1.0
 */
import * as Draft from "@media-jobs/core/Draft"
import type { Job } from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type * as JobId from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Submission from "@media-jobs/core/Submission"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import * as HttpBody from "effect/http/HttpBody"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Client from "./internal/client.ts"
import * as Checks from "./internal/options.ts"
import * as Pages from "./internal/pages.ts"
import * as StatusWords from "./internal/statusWords.ts"
import * as Upload from "./internal/upload.ts"
import * as ReplicateJob from "./ReplicateJob.ts"
import * as ReplicateRequest from "./ReplicateRequest.ts"
import * as ReplicateWire from "./ReplicateWire.ts"

/**
 * What Replicate can do. It forgets by itself, and has neither accounts nor slots to tell of.
 *
 * @since 0.1.0
 * @category models
 */
export type Capability = "list" | "get" | "cancel" | "submit" | "recover" | "upload" | "webhook"

/**
 * Replicate behind one token.
 *
 * **When to use**
 *
 * Use `yield* Replicate.Replicate` in a program with one token, and {@link make} once for each token where there are several.
 *
 * **Details**
 *
 * - `list`: what executes, of the predictions begun within `horizon`. It walks the pages, newest first, up to the first that
 *   is wholly older, or `pages` of them: a list that is cut there is not `complete`. A page that can't be had fails the list.
 * - `get`: an hour after its end a prediction of the API has lost its data: `Expired`.
 * - `cancel`: of a prediction that ended it changes nothing.
 * - `submit`: a `model` or a `version`, and the model's own `input`, as JSON.
 * - `recover`: what was begun within an hour of the submit, ended or not, and agrees with its model; where the service shows
 *   the webhook's address, the one with the submit's own.
 * - `upload`: any file; its `reference` is a URL for an `input`.
 * - `webhook`: the body is the prediction. Have `ReplicateWebhook` verify it first.
 * - `webhookSecret`: what the calls are signed with, as the service tells it.
 *
 * @since 0.1.0
 * @category services
 */
export class Replicate extends Context.Service<
  Replicate,
  Provider.Provider<Capability, ReplicateRequest.Request> & {
    readonly webhookSecret: Effect.Effect<Redacted.Redacted, JobError.CallError>
  }
>()("@media-jobs/replicate/Replicate") {}

/**
 * How to reach Replicate, and how far to look.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** The API token, `r8_` and all. */
  readonly token: Redacted.Redacted
  /** Where the API answers; `https://api.replicate.com/v1` unless a test or a proxy stands in. */
  readonly baseUrl?: string | undefined
  /** The application's own name for this token, where it has several; `default` else. Part of every job's identity. */
  readonly instance?: string | undefined
  /**
   * Requests a second; 10 unless given, which is what the service allows of submits. A `RateLimiter` that the application
   * provides is shared by all processes that use it.
   */
  readonly limit?: number | undefined
  /** How long one try may take from its sending to the last byte of its answer; 30 seconds unless given. */
  readonly timeout?: Duration.Input | undefined
  /** How often a call that may be repeated is tried again; 3 unless given. */
  readonly retries?: number | undefined
  /** The longest pause between two tries; 1 minute unless given. Where the service asks for more, the call fails at once. */
  readonly patience?: Duration.Input | undefined
  /**
   * How old a prediction can be that still executes; 2 hours unless given. The service stops what runs for 30 minutes, but not
   * what waits for a machine. An older one that is watched is asked for by itself.
   */
  readonly horizon?: Duration.Input | undefined
  /** How many pages of a hundred predictions one `list` walks at most; 10 unless given. */
  readonly pages?: number | undefined
  /** Whether each job keeps the service's own record as `raw`, output and all; it does not unless asked to. */
  readonly raw?: boolean | undefined
}

/**
 * The base of the live API.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultBaseUrl = "https://api.replicate.com/v1"

/**
 * The options from the environment: `REPLICATE_API_TOKEN`, which must be there, and `REPLICATE_BASE_URL`; what is given here
 * is not looked up.
 *
 * @since 0.1.0
 * @category config
 */
export const config = (given: Partial<Options> = {}): Config.Config<Options> =>
  Config.map(
    Config.all({
      token: given.token === undefined
        ? Config.mapEffect(Config.option(Config.Redacted("REPLICATE_API_TOKEN")), (token) =>
          Option.isSome(token)
            ? Checks.checkToken("REPLICATE_API_TOKEN", token.value)
            : Checks.refuse("REPLICATE_API_TOKEN is not set: set it to an API token of Replicate"))
        : Config.succeed(given.token),
      baseUrl: given.baseUrl === undefined
        ? Config.mapEffect(Config.withDefault(Config.String("REPLICATE_BASE_URL"), defaultBaseUrl), (url) =>
          Checks.checkBaseUrl("REPLICATE_BASE_URL", url))
        : Config.succeed(given.baseUrl)
    }),
    (found) => ({ ...given, ...found })
  )

const decodePrediction = Schema.decodeUnknownResult(ReplicateWire.Prediction)
const decodeSecret = Schema.decodeUnknownResult(ReplicateWire.Secret)

/**
 * Replicate behind the given token.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Replicate["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const provider = ReplicateJob.id
  const instance = yield* Checks.checkInstance("instance", options.instance)
  const horizon = yield* Checks.checkDuration("horizon", options.horizon ?? "2 hours")
  const pages = yield* Checks.checkNumber("pages", options.pages ?? 10, 1, true)
  const client = yield* Client.make({
    provider,
    instance,
    token: yield* Checks.checkToken("token", options.token),
    baseUrl: yield* Checks.checkBaseUrl("baseUrl", options.baseUrl ?? defaultBaseUrl),
    limit: yield* Checks.checkNumber("limit", options.limit ?? 10, Number.MIN_VALUE, false),
    timeout: yield* Checks.checkDuration("timeout", options.timeout ?? "30 seconds"),
    retries: yield* Checks.checkNumber("retries", options.retries ?? 3, 0, true),
    patience: yield* Checks.checkDuration("patience", options.patience ?? "1 minute")
  })
  const noteStatus = StatusWords.make({ provider, instance })

  const toJob = (prediction: ReplicateWire.Prediction, body: unknown, observedAt: DateTime.Utc): Job =>
    ReplicateJob.fromPrediction(prediction, {
      instance,
      observedAt,
      ...(options.raw === true ? { raw: body as Schema.Json } : undefined) // as it was parsed from the wire
    })
  const jobIn = (body: unknown, observedAt: DateTime.Utc) =>
    Result.map(decodePrediction(body), (prediction) => toJob(prediction, body, observedAt))
  const noted = (job: Job): Effect.Effect<Job> =>
    ReplicateJob.isKnown(job.providerStatus)
      ? Effect.succeed(job)
      : Effect.as(noteStatus(job.providerStatus ?? ""), job)
  const narrowed = <Op extends Exclude<JobError.Operation, "watch">>(operation: Op) => ({ error }: Client.Failed) =>
    JobError.narrow(operation, error)
  const refusal = (operation: "submit" | "upload", issues: ReadonlyArray<JobError.Issue>) =>
    new JobError.InvalidRequest({ provider, instance, operation, issues })

  const list = Effect.gen(function*() {
    const since = DateTime.subtractDuration(yield* DateTime.now, horizon)
    const { found, whole } = yield* Pages.walk(client, {
      operation: "list",
      instance,
      query: { created_after: DateTime.formatIso(since) },
      since,
      most: pages
    })
    const executing = found.filter(({ prediction }) => !ReplicateJob.hasEnded(prediction))
    const jobs = executing.map(({ body, observedAt, prediction }) => toJob(prediction, body, observedAt))
    yield* Effect.forEach(jobs, noted, { discard: true })
    return { jobs, complete: whole }
  })

  const recover = Effect.fnUntraced(function*(lost: Provider.Lost) {
    const [from, to] = ReplicateRequest.spanOf(lost).map((millis) => DateTime.makeUnsafe(millis))
    if (from === undefined || to === undefined) return [] // a span has two ends
    const { found } = yield* Pages.walk(client, {
      operation: "recover",
      instance,
      query: { created_after: DateTime.formatIso(from), created_before: DateTime.formatIso(to) },
      since: from,
      most: Infinity
    })
    const candidates = found.filter(({ prediction }) => ReplicateRequest.couldBe(lost)(prediction))
    const own = candidates.filter(({ prediction: { webhook } }) => webhook === lost.replyUrl)
    return (lost.replyUrl !== undefined && own.length > 0 ? own : candidates).map(({ body, observedAt, prediction }) =>
      toJob(prediction, body, observedAt)
    )
  })

  const submit = Effect.fnUntraced(
    function*(
      request: ReplicateRequest.Request
    ): Effect.fn.Return<Submission.Submission, JobError.SubmitError> {
      const issues = ReplicateRequest.issues(request)
      if (issues.length > 0) return yield* refusal("submit", issues)
      const { input, reference, webhook, webhook_events_filter: events } = request
      const replyTo = webhook === undefined ? yield* ReplyTo.ReplyTo : undefined
      const address = replyTo === undefined ? undefined : yield* replyTo.address({ provider, instance, reference })
      const replyUrl = webhook ?? address?.url
      const filter = events ?? (address === undefined ? undefined : ["completed"])
      const draft = Draft.make({ model: ReplicateRequest.modelOf(request), reference, replyUrl })
      const body = {
        ...("version" in request ? { version: request.version } : undefined),
        input,
        ...(replyUrl === undefined ? undefined : { webhook: replyUrl }),
        ...(filter === undefined ? undefined : { webhook_events_filter: filter })
      }
      return yield* Submission.send({ ...draft, provider, instance }, (submittedAt) =>
        client.run({
          operation: "submit",
          method: "POST",
          path: "version" in request ? "/predictions" : `/models/${request.model}/predictions`,
          body: HttpBody.jsonUnsafe(body),
          decode: (answer) => Result.map(decodePrediction(answer), ({ id }): readonly [JobId.JobId] => [id])
        }).pipe(Effect.mapError(({ error, nothingBegun }) =>
          nothingBegun ? JobError.narrow("submit", error) : new JobError.SubmissionUncertain({
            provider,
            instance,
            operation: "submit",
            ...(error.status === undefined ? undefined : { status: error.status }),
            ...(error.detail === undefined ? undefined : { detail: error.detail }),
            submittedAt,
            ...draft
          })
        )))
    }
  )

  const operations = Provider.make({ id: provider, instance, owns: ReplicateJob.owns }, {
    list: Effect.mapError(list, narrowed("list")),

    get: (id: JobId.JobId) =>
      client.run({ operation: "get", method: "GET", path: `/predictions/${id}`, id, decode: jobIn }).pipe(
        Effect.mapError(narrowed("get")),
        Effect.flatMap(noted)
      ),

    cancel: (id: JobId.JobId) =>
      Effect.mapError(
        client.run({
          operation: "cancel",
          method: "POST",
          path: `/predictions/${id}/cancel`,
          id,
          decode: () => Result.succeed(constVoid())
        }),
        narrowed("cancel")
      ),

    submit,

    recover: (lost: Provider.Lost) => Effect.mapError(recover(lost), narrowed("recover")),

    upload: (file: Provider.Upload) =>
      Effect.mapError(
        Upload.send(client, (issue) => refusal("upload", [issue]), file),
        (failed) => "nothingBegun" in failed ? narrowed("upload")(failed) : failed
      ),

    webhook: (body: unknown) =>
      Effect.flatMap(DateTime.now, (observedAt) => {
        const job = jobIn(body, observedAt)
        return Result.isSuccess(job)
          ? Effect.map(noted(job.success), (job) => [job])
          : Effect.fail(client.surprise("webhook", job.failure, body))
      })
  })

  return {
    ...operations,
    webhookSecret: Effect.mapError(
      client.run({
        operation: "webhook",
        method: "GET",
        path: "/webhooks/default/secret",
        decode: (body) => Result.map(decodeSecret(body), ({ key }) => Redacted.make(key))
      }),
      // A call that is about no job fails as any such does.
      narrowed("accounts")
    )
  }
})

/**
 * Replicate behind the given token, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Replicate, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Replicate, make(options))

/**
 * Replicate behind the token in `REPLICATE_API_TOKEN`, at `REPLICATE_BASE_URL` if that is set; what is given here is not
 * looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { Replicate } from "@media-jobs/replicate"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const replicate = yield* Replicate.Replicate
 *   return yield* replicate.submit({
 *     model: "black-forest-labs/flux-schnell",
 *     input: { prompt: "a lighthouse in the rain" }
 *   })
 * })
 *
 * Effect.provide(program, Replicate.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Partial<Options> = {}
): Layer.Layer<Replicate, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Replicate, Effect.flatMap(config(options), make))
