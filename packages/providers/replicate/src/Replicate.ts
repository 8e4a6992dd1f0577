/**
 * Replicate, over its own HTTP API.
 *
 * @since 0.1.0
 */
import * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as Form from "@media-jobs/adapter/Form"
import * as Pages from "@media-jobs/adapter/Pages"
import * as Recovery from "@media-jobs/adapter/Recovery"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireTime from "@media-jobs/adapter/WireTime"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Settings from "@media-jobs/core/Settings"
import type * as Submission from "@media-jobs/core/Submission"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { rules } from "./internal/answer.ts"
import * as job from "./internal/job.ts"
import * as recovery from "./internal/recovery.ts"
import * as wire from "./internal/wire.ts"
import * as ReplicateRequest from "./ReplicateRequest.ts"

/**
 * A request for one prediction of a model or of a version.
 *
 * **Example** (One of each)
 *
 * ```ts import.meta.vitest
 * import { Replicate, ReplicateRequest } from "@media-jobs/replicate"
 *
 * const request = Replicate.prediction({
 *   model: "black-forest-labs/flux-schnell",
 *   input: { prompt: "a lighthouse in the rain" }
 * })
 * ReplicateRequest.issues(request) // => []
 * ReplicateRequest.issues({ version: "latest", input: {} }).map(({ field }) => field) // => ["version"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const prediction = (request: ReplicateRequest.Request): ReplicateRequest.Request => request

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
 * - `recover`: what was begun within a day of the submit, ended or not, and agrees with its model; where the service shows
 *   the webhook's address, the one with the submit's own, and where it still shows the input, those with the submit's own.
 * - `upload`: any file; its `reference` is a URL for an `input`.
 * - `webhook`: the body is the prediction. Have `StandardWebhooks` of `@media-jobs/webhooks` verify it first.
 * - `webhookSecret`: what the calls are signed with, as the service tells it.
 *
 * @since 0.1.0
 * @category services
 */
export class Replicate extends Context.Service<
  Replicate,
  & Provider.Provider<"list" | "get" | "cancel" | "submit" | "recover" | "upload" | "webhook", ReplicateRequest.Request>
  & {
    readonly webhookSecret: Effect.Effect<Redacted.Redacted, JobError.Of<"accounts">>
  }
>()("@media-jobs/replicate/Replicate") {}

/**
 * How to reach Replicate, and how far to look: `token` is `r8_` and all, and `limit` is what the service allows of submits.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Adapter.Options {
  /**
   * How old a prediction can be that still executes; 2 hours unless given. The service stops what runs for 30 minutes, but not
   * what waits for a machine. An older one that is watched is asked for by itself.
   */
  readonly horizon?: Duration.Input | undefined
  /** How many pages of a hundred predictions one `list` walks at most; 10 unless given. */
  readonly pages?: number | undefined
}

const defaultBaseUrl = "https://api.replicate.com"
const root = "/v1"

const what = "an API token of Replicate"

const config = (given: Settings.Given<Options> = {}): Effect.Effect<Options, Config.ConfigError> =>
  Settings.config(given, { token: "REPLICATE_API_TOKEN", what, baseUrl: "REPLICATE_BASE_URL", defaultBaseUrl })

const variables: Descriptor.Descriptor["variables"] = [
  { name: "REPLICATE_API_TOKEN", what },
  { name: "REPLICATE_BASE_URL", what: "where the service answers", fallback: defaultBaseUrl }
]

const service: Adapter.Service = {
  id: ProviderId.make("replicate"),
  token: what,
  baseUrl: defaultBaseUrl,
  rateLimitKey: "replicate",
  // A page holds a hundred predictions with all that went in and came out, `data` URLs included.
  maxResponseBytes: 64 * 1024 * 1024,
  owns: job.owns,
  recoversEnded: true,
  objection: (id) => /^[\w-]+$/.test(id) ? undefined : "The id is another service's",
  answer: rules,
  reply: { url: "webhook", reference: "reference" }
}

const decodePrediction = Schema.decodeUnknownResult(wire.Prediction)
const decodePage = Schema.decodeUnknownResult(wire.Page)
const decodeUploaded = Schema.decodeUnknownResult(wire.Uploaded)
const decodeSecret = Schema.decodeUnknownResult(wire.Secret)

const seen = (body: unknown) =>
  Result.map(decodePrediction(body), (prediction): Adapter.Seen => [job.ofPrediction(prediction), body])

/** The id is paid for, whatever else of the prediction can be read. */
const acceptedOf = (body: unknown): Adapter.Accepted | undefined => {
  const id = Wire.text(Wire.object(body)["id"])
  const one = Result.getOrUndefined(seen(body))
  return id === undefined ? undefined : { ids: [JobId.make(id)], seen: one && [one] }
}

/** Of an address that the application gives, only the end is worth a call. */
const routeOf = (request: ReplicateRequest.Request, { url }: Adapter.Reply): Adapter.Route => {
  const { input, webhook, webhook_events_filter: events } = request
  return {
    path: "version" in request ? `${root}/predictions` : `${root}/models/${request.model}/predictions`,
    model: "version" in request ? request.version : request.model,
    inputDigest: Recovery.inputDigest(input),
    body: {
      ...("version" in request ? { version: request.version } : undefined),
      input,
      webhook: url,
      webhook_events_filter: events ?? (webhook === undefined && url !== undefined ? ["completed"] : undefined)
    }
  }
}

/** A prediction on a page, if its record can be read as one, and the record as it came. */
interface Entry {
  readonly prediction: wire.Prediction | undefined
  readonly record: unknown
  readonly at: DateTime.Utc
}

const isRead = (entry: Entry): entry is Entry & { readonly prediction: wire.Prediction } =>
  entry.prediction !== undefined

/** The query alone is taken of where the next page is: the token goes to no host but the base's. */
const queryOf = (next: string): string | undefined => {
  const found = /^[^?#]*\?([^#]+)/.exec(next)?.[1]
  return found === undefined || /[^\x21-\x7e]/.test(found) ? undefined : found
}

/** Files may be large, and lines slow. */
const uploadTimeout = Duration.minutes(10)

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
  const most = yield* Settings.count("pages", options.pages ?? 10, 1)
  const api = yield* Adapter.make(service, options)

  /** Predictions by their pages, newest first, up to the first page that is wholly older than `since`. */
  const walk = <const Op extends "list" | "recover">(
    operation: Op,
    { most, since, to }: { readonly since: DateTime.Utc; readonly to?: DateTime.Utc; readonly most?: number }
  ) => {
    const first = new URLSearchParams({
      created_after: DateTime.formatIso(since),
      ...(to && { created_before: DateTime.formatIso(to) })
    }).toString()
    return Pages.walk<Op, Entry>(api, operation, {
      first,
      most,
      enough: (entries) =>
        entries.every(({ prediction }) => {
          const at = WireTime.fromText(prediction?.created_at)
          return at !== undefined && DateTime.isLessThan(at, since)
        }),
      ask: (query) =>
        api.call(
          operation,
          { method: "GET", path: `${root}/predictions?${query}` },
          (body, at) =>
            Result.map(decodePage(body), ({ next, results }) => {
              const query = queryOf(Wire.text(next) ?? "")
              // Behind an address that can't be read there may be anything: as an entry that can't.
              const rest = query === undefined && next !== null ? [next] : []
              return {
                next: query,
                entries: [...results, ...rest].map((record) => ({
                  prediction: Result.getOrUndefined(decodePrediction(record)),
                  record,
                  at
                }))
              }
            })
        )
    })
  }

  return {
    ...api.provide({
      list: api.reading((toJob) =>
        Effect.gen(function*() {
          const since = DateTime.subtractDuration(yield* DateTime.now, horizon)
          const { entries, whole } = yield* walk("list", { since, most })
          return {
            jobs: entries.flatMap(({ at, prediction, record }) =>
              prediction === undefined || job.hasEnded(prediction)
                ? []
                : [toJob([job.ofPrediction(prediction), record], at)]
            ),
            complete: whole && entries.every(isRead)
          }
        })
      ),
      get: api.get((segment) => `${root}/predictions/${segment}`, wire.Prediction, job.ofPrediction),
      cancel: api.command("cancel", (segment) => ({ method: "POST", path: `${root}/predictions/${segment}/cancel` })),
      submit: api.submit(ReplicateRequest.issues, acceptedOf, routeOf),
      recover: (lost: Submission.LostSubmission) =>
        api.reading((toJob) => {
          const { from: since, to } = recovery.spanOf(lost)
          return Effect.flatMap(walk("recover", { since, to }), ({ entries }) => {
            if (!entries.every(isRead)) return api.incomplete
            const candidates = entries.filter(({ at, prediction }) => recovery.couldBe(lost)(prediction, at))
            const own = candidates.filter(({ prediction: { webhook } }) => webhook === lost.replyUrl)
            const found = lost.replyUrl !== undefined && own.length > 0 ? own : candidates
            return Effect.succeed(
              found.map(({ at, prediction, record }) => {
                const inputDigest = Recovery.inputDigest(prediction.input)
                return toJob([{ ...job.ofPrediction(prediction), inputDigest }, record], at)
              })
            )
          })
        }),
      upload: (file: Provider.Upload) =>
        api.upload(file, {
          send: (content) =>
            api.call(
              "upload",
              {
                method: "POST",
                path: `${root}/files`,
                body: Form.file("content", file)(content),
                timeout: uploadTimeout
              },
              (body) => Result.map(decodeUploaded(body), ({ urls }) => ({ reference: urls.get }))
            )
        }),
      webhook: api.webhook(wire.Prediction, job.ofPrediction)
    }),
    webhookSecret: Effect.mapError(
      api.run(
        "webhook",
        { method: "GET", path: `${root}/webhooks/default/secret` },
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

/**
 * What tools must know of Replicate.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<Replicate, Replicate["Service"]> = {
  id: service.id,
  variables,
  kinds: ReplicateRequest.kinds,
  tag: Replicate,
  signature: { secret: ({ webhookSecret }) => webhookSecret },
  layerConfig
}
