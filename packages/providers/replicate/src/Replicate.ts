/**
 * Replicate, over its own HTTP API.
 *
 * @since 0.1.0
 */
import * as StatusWords from "@media-jobs/adapter/StatusWords"
import * as Transport from "@media-jobs/adapter/Transport"
import * as Draft from "@media-jobs/core/Draft"
import type { Job } from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type * as JobId from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Settings from "@media-jobs/core/Settings"
import type * as Submission from "@media-jobs/core/Submission"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import * as HttpBody from "effect/http/HttpBody"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Pages from "./internal/pages.ts"
import * as Upload from "./internal/upload.ts"
import * as ReplicateAnswer from "./ReplicateAnswer.ts"
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
 * How to reach Replicate, and how far to look: `token` is `r8_` and all, and `limit` is what the service allows of submits.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Transport.Options {
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

const what = "an API token of Replicate"

/** A page holds a hundred predictions with all that went in and came out, `data` URLs included. */
const longest = 64 * 1024 * 1024

/**
 * The options from the environment: `REPLICATE_API_TOKEN`, which must be there, and `REPLICATE_BASE_URL`; what is given here
 * is not looked up.
 *
 * @since 0.1.0
 * @category config
 */
export const config = (given: Settings.Given<Options> = {}): Config.Config<Options> =>
  Settings.config(given, { token: "REPLICATE_API_TOKEN", what, baseUrl: "REPLICATE_BASE_URL", defaultBaseUrl })

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
  const horizon = yield* Settings.duration("horizon", options.horizon ?? "2 hours")
  const pages = yield* Settings.count("pages", options.pages ?? 10, 1)
  const transport = yield* Transport.make({
    id: ReplicateJob.id,
    token: what,
    baseUrl: defaultBaseUrl,
    pace: "replicate",
    longest,
    classify: ReplicateAnswer.classify,
    words: ReplicateAnswer.words
  }, options)
  const { instance, provider } = transport
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
  /** An id becomes a part of a path: one that could become another is refused unsent. */
  const about = <const Op extends "get" | "cancel", A>(
    operation: Op,
    id: JobId.JobId,
    request: Transport.Request,
    decode: Transport.Decode<A>
  ) => {
    if (/^[\w-]+$/.test(id)) return transport.call(operation, { ...request, id }, decode)
    const detail = id === "" ? "The id is empty" : "The id is another service's"
    const error = new JobError.InvalidJobId({ provider, instance, operation, id, detail })
    return Effect.fail(JobError.narrow(operation, error))
  }

  const list = Effect.gen(function*() {
    const since = DateTime.subtractDuration(yield* DateTime.now, horizon)
    const { found, whole } = yield* Pages.walk(transport, {
      operation: "list",
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
    const { found } = yield* Pages.walk(transport, {
      operation: "recover",
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
      if (issues.length > 0) {
        return yield* new JobError.InvalidRequest({ provider, instance, operation: "submit", issues })
      }
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
      return yield* transport.submit(
        draft,
        {
          method: "POST",
          path: "version" in request ? "/predictions" : `/models/${request.model}/predictions`,
          body: HttpBody.jsonUnsafe(body)
        },
        (answer) => Result.map(decodePrediction(answer), ({ id }): readonly [JobId.JobId] => [id])
      )
    }
  )

  const operations = Provider.make({ id: provider, instance, owns: ReplicateJob.owns }, {
    list,

    get: (id: JobId.JobId) =>
      Effect.flatMap(about("get", id, { method: "GET", path: `/predictions/${id}` }, jobIn), noted),

    cancel: (id: JobId.JobId) =>
      about("cancel", id, { method: "POST", path: `/predictions/${id}/cancel` }, () => Result.succeed(constVoid())),

    submit,

    recover,

    upload: (file: Provider.Upload) => Upload.send(transport, file),

    webhook: (body: unknown) =>
      Effect.flatMap(transport.received(body, jobIn), (job) => Effect.map(noted(job), (job) => [job]))
  })

  return {
    ...operations,
    webhookSecret: Effect.mapError(
      transport.run(
        "webhook",
        { method: "GET", path: "/webhooks/default/secret" },
        (body) => Result.map(decodeSecret(body), ({ key }) => Redacted.make(key))
      ),
      // A call that is about no job fails as any such does.
      ({ error }) => JobError.narrow("accounts", error)
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
  options: Settings.Given<Options> = {}
): Layer.Layer<Replicate, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Replicate, Effect.flatMap(config(options), make))
