/**
 * fal, over its own HTTP API.
 *
 * @since 0.1.0
 */
import * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as Pages from "@media-jobs/adapter/Pages"
import * as Query from "@media-jobs/adapter/Query"
import * as Records from "@media-jobs/adapter/Records"
import * as Recovery from "@media-jobs/adapter/Recovery"
import * as Wire from "@media-jobs/adapter/Wire"
import * as JobError from "@media-jobs/core/JobError"
import type * as JobId from "@media-jobs/core/JobId"
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
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as FalRequest from "./FalRequest.ts"
import * as FalWebhook from "./FalWebhook.ts"
import { rules } from "./internal/answer.ts"
import * as job from "./internal/job.ts"
import * as upload from "./internal/upload.ts"
import * as wire from "./internal/wire.ts"

export {
  /**
   * A request for sounds: music, speech.
   *
   * @since 0.1.0
   * @category requests
   */
  audio,
  /**
   * An endpoint by its id, with schemas of what it takes and makes.
   *
   * @since 0.1.0
   * @category requests
   */
  endpoint,
  /**
   * A file in an output, for the schema of one.
   *
   * @since 0.1.0
   * @category requests
   */
  File,
  /**
   * A request for images.
   *
   * @since 0.1.0
   * @category requests
   */
  image,
  /**
   * A request for a run of any endpoint, with its input as JSON.
   *
   * @since 0.1.0
   * @category requests
   */
  request,
  /**
   * A request for videos.
   *
   * @since 0.1.0
   * @category requests
   */
  video
} from "./FalRequest.ts"

/**
 * The id of a job, of the endpoint that it runs at, or its owner and app, and fal's `request_id`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const jobId: (endpoint: string, request: string) => JobId.JobId = job.idOf

/**
 * fal behind one key.
 *
 * **When to use**
 *
 * Use `yield* Fal.Fal` in a program with one key, and {@link make} once for each key where there are several.
 *
 * **Details**
 *
 * - `get`: the status, and once that is `COMPLETED` the result, which decides: a failed job is `COMPLETED` too. What the model made
 *   is the job's `output`, whole, beside its files. fal keeps results for an hour, of 10 KB and more for six minutes; one that is gone is `Expired`, its
 *   files may not be. While an account has no money fal refuses looks at what runs: `Unavailable`, and the job goes on.
 * - `cancel`: stops what waits. Of what runs it is a wish: it may end all the same, and is paid. One that has ended stays as it is.
 * - `submit`: any endpoint, with its input as JSON. fal checks that as the job begins, so a bad one is taken, and fails.
 * - `recover`: what the platform's history has of the endpoint, sent within a day of the submit, and ended, those with the very
 *   input of the submit where it has such; what still runs it does not show. A key that may not read it is `Unauthorized`.
 * - `upload`: any file; its `reference` is a URL for an `input`. More than 90 MiB, or of unknown length, goes in parts.
 * - `webhook`: a call does not say of which app its job is, so it names none: the address of the submit wakes what waits. Have
 *   `FalWebhook` verify it first.
 *
 * @since 0.1.0
 * @category services
 */
export class Fal extends Context.Service<
  Fal,
  Provider.Provider<"get" | "cancel" | "submit" | "recover" | "upload" | "webhook", FalRequest.Request>
>()("@media-jobs/fal/Fal") {}

/**
 * How to reach fal: `token` is the key, both parts with the colon between.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Adapter.Options {
  /** Where files are uploaded; `https://rest.fal.ai`, or `baseUrl` where that is not fal's own. */
  readonly storageUrl?: string | undefined
  /** Where the history is; `https://api.fal.ai`, or `baseUrl` where that is not fal's own. */
  readonly platformUrl?: string | undefined
}

const defaultBaseUrl = "https://queue.fal.run"
/** The queue alone, by either of its names: what else fal has is elsewhere. */
const queue = /^https:\/\/queue\.fal(?:\.run|run\.com)$/
const what = "an API key of fal, as in id:secret"

const config = (given: Settings.Given<Options> = {}): Effect.Effect<Options, Config.ConfigError> =>
  Settings.config(given, { token: "FAL_KEY", what, baseUrl: "FAL_BASE_URL", defaultBaseUrl })

const variables: Descriptor.Descriptor["variables"] = [
  { name: "FAL_KEY", what },
  { name: "FAL_BASE_URL", what: "where the service answers", fallback: defaultBaseUrl }
]

/** The keys are where the rest of fal is. */
const verifier = /* @__PURE__ */ Effect.flatMap(
  /* @__PURE__ */ Settings.optional("FAL_BASE_URL"),
  (url) =>
    FalWebhook.make({
      url: url === undefined || queue.test(url) ? undefined : `${url.replace(/\/+$/, "")}/.well-known/jwks.json`
    })
)

const service: Adapter.Service = {
  id: ProviderId.make("fal"),
  token: what,
  baseUrl: defaultBaseUrl,
  rateLimitKey: "fal",
  // Outputs may hold files as `data` URLs, and a page of the history a hundred of them.
  maxResponseBytes: 64 * 1024 * 1024,
  authorize: (token) => HttpClientRequest.setHeader("authorization", `Key ${Redacted.value(token)}`),
  owns: job.owns,
  objection: (id) => job.owns(id) ? undefined : "The id is none of owner, app and request: make it with Fal.jobId",
  segment: job.pathOf,
  // A result of 10 KB and more.
  keeps: Duration.minutes(6),
  answer: rules,
  reply: { url: "webhook", reference: "reference" }
}

const decodeEnded = Schema.decodeUnknownResult(wire.Ended)
const decodePage = Schema.decodeUnknownResult(wire.Page)
const decodeHook = Schema.decodeUnknownResult(wire.Hook)

/** The id is paid for, whatever else the answer says. */
const acceptedOf = (body: unknown, { model }: FalRequest.Request): Adapter.Accepted | undefined => {
  const id = Wire.text(Wire.object(body)["request_id"])
  return Records.accepted([id && job.idOf(model, id)])
}

const flag = (name: string, value: boolean | undefined, when = true) =>
  value === when ? { [name]: when ? "1" : "0" } : undefined

const routeOf = (asked: FalRequest.Request, { url }: Adapter.Reply): Adapter.Route => {
  const { hint, input, kind, lifecycle, maxQueueLength, model, noFallback, noRetry, priority, startTimeout, storeIO } =
    asked
  return {
    path: `/${job.endpointOf(model)}${Query.of({ fal_webhook: url, fal_max_queue_length: maxQueueLength })}`,
    kind,
    model,
    inputDigest: Recovery.inputDigest(input),
    headers: {
      ...(priority === undefined ? undefined : { "x-fal-queue-priority": priority }),
      ...(startTimeout === undefined
        ? undefined
        // The second is the older name of the first.
        : { "x-fal-request-start-timeout": `${startTimeout}`, "x-fal-request-timeout": `${startTimeout}` }),
      ...(hint === undefined ? undefined : { "x-fal-runner-hint": hint }),
      ...flag("x-fal-no-retry", noRetry),
      ...flag("x-app-fal-disable-fallback", noFallback),
      ...flag("x-fal-store-io", storeIO, false),
      ...(lifecycle === undefined
        ? undefined
        : { "x-fal-object-lifecycle-preference": JSON.stringify(lifecycle) })
    },
    body: input
  }
}

/** Clocks are hours off, or of another zone; one candidate too many is one look for the caller. */
const tolerance = { hours: 24 } as const

/**
 * fal behind the given key.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Fal["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const api = yield* Adapter.make(service, options)
  /** The same key at another of fal's hosts. */
  const at = (url: string | undefined, live: string) =>
    Adapter.make(
      { ...service, baseUrl: live },
      { ...options, baseUrl: url ?? (queue.test(api.baseUrl) ? live : api.baseUrl) }
    )
  const storage = yield* at(options.storageUrl, "https://rest.fal.ai")
  const platform = yield* at(options.platformUrl, "https://api.fal.ai")

  /** What became of a completed job, as its result says; where that is gone, and still is a moment later, as its status did. */
  const settled = (report: Adapter.Report, id: JobId.JobId): Effect.Effect<Adapter.Report, JobError.Of<"get">> =>
    report.providerStatus !== "COMPLETED" ? Effect.succeed(report) : api.about(
      "get",
      id,
      (segment) => ({ method: "GET", path: `/${segment}`, accepts: job.verdict }),
      (body, _at, headers) => {
        const units = Wire.number(headers["x-fal-billable-units"])
        return Result.succeed({
          ...report,
          state: job.ofResult(body, headers["x-fal-request-timeout-type"] === "user"),
          cost: units === undefined
            ? undefined
            : { amount: units, unit: "fal-billable-units", basis: "charged" as const }
        })
      }
    ).pipe(
      Effect.retry({ while: ({ _tag }) => _tag === "NotFound", times: 1, schedule: Schedule.spaced("2 seconds") }),
      Effect.catch((error) =>
        error._tag === "NotFound" || report.state._tag !== "Expired" ? Effect.succeed(report) : Effect.fail(error)
      )
    )

  return api.provide({
    get: api.get((segment) => `/${segment}/status?logs=1`, wire.Status, job.ofStatus, settled),
    cancel: api.command("cancel", (segment) => ({
      method: "PUT",
      path: `/${segment}/cancel`,
      accepts: (_, body) => Wire.object(body)["status"] === "ALREADY_COMPLETED" ? body : undefined
    })),
    submit: api.submit(FalRequest.issues, acceptedOf, routeOf),
    recover: ({ model, submittedAt }: Submission.LostSubmission) => {
      if (model === undefined) {
        const { instance, provider } = api
        const detail = "The submit's model is not known, and the history is asked by it"
        return Effect.fail(new JobError.UnexpectedResponse({ provider, instance, operation: "recover", detail }))
      }
      const from = DateTime.subtract(submittedAt, tolerance)
      const start = DateTime.formatIso(from)
      const queryOf = (cursor?: string) =>
        Query.of({ endpoint_id: model, start, expand: "payloads", limit: 100, cursor })
      return api.reading((toJob) =>
        Effect.map(
          Pages.walk<"recover", ReturnType<typeof toJob>>(api, "recover", {
            first: queryOf(),
            ask: (query) =>
              platform.call(
                "recover",
                { method: "GET", path: `/v1/models/requests/by-endpoint${query}` },
                (body, at) =>
                  Result.flatMap(decodePage(body), ({ has_more, items, next_cursor }) => {
                    const cursor = has_more === false ? undefined : Wire.text(next_cursor)
                    return Result.map(
                      Result.all(items.map((item) => Result.map(decodeEnded(item), (ended) => [ended, item] as const))),
                      (all) => ({
                        next: cursor === undefined ? undefined : queryOf(cursor),
                        entries: all.map(([ended, item]) => toJob([job.ofEnded(ended), item], at))
                      })
                    )
                  })
              )
          }),
          ({ entries }) =>
            entries.filter(({ createdAt, model: ran }) =>
              ran === model && (createdAt === undefined ||
                DateTime.between(createdAt, { minimum: from, maximum: DateTime.add(submittedAt, tolerance) }))
            )
        )
      )
    },
    upload: (file: Provider.Upload) => storage.upload(file, { send: upload.send(storage, file) }),
    webhook: (body: unknown) => api.decodeWebhook(body, (body) => Result.map(decodeHook(body), () => []))
  })
})

/**
 * fal behind the given key, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Fal, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Fal, make(options))

/**
 * fal behind the key in `FAL_KEY`, at `FAL_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { Fal } from "@media-jobs/fal"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const fal = yield* Fal.Fal
 *   return yield* fal.submit(Fal.image("fal-ai/flux/dev", { prompt: "a lighthouse in the rain" }))
 * })
 *
 * Effect.provide(program, Fal.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<Fal, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Fal, Effect.flatMap(config(options), make))

/**
 * What tools must know of fal.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<Fal, Fal["Service"]> = {
  id: service.id,
  variables,
  kinds: FalRequest.kinds,
  tag: Fal,
  signature: { verifier },
  layerConfig
}
