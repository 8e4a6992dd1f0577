/**
 * Google's Gemini API: videos, music and images as background interactions.
 *
 * **Details**
 *
 * It lists no jobs, so a submit whose reply was lost can't be found again. Which part of a request an unsigned body of a call to a
 * request's own address vouches for is not documented: `GoogleWebhook` says what it checks.
 *
 * @since 0.1.0
 */
import * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as PathSegment from "@media-jobs/adapter/PathSegment"
import * as Records from "@media-jobs/adapter/Records"
import * as Removal from "@media-jobs/adapter/Removal"
import * as Wire from "@media-jobs/adapter/Wire"
import type { Artifact } from "@media-jobs/core/Artifact"
import type * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type * as JobId from "@media-jobs/core/JobId"
import type { JobState } from "@media-jobs/core/JobState"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Settings from "@media-jobs/core/Settings"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import type * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as GeminiRequest from "./GeminiRequest.ts"
import * as GoogleWebhook from "./GoogleWebhook.ts"
import { rules } from "./internal/answer.ts"
import * as job from "./internal/gemini/job.ts"
import * as wire from "./internal/gemini/wire.ts"
import { ofOperation, Operation } from "./internal/operation.ts"

/**
 * A request for a video with sound: `gemini-omni-1.1-flash` unless it names a model.
 *
 * **Example** (A video, and what is wrong with another)
 *
 * ```ts import.meta.vitest
 * import { Gemini, GeminiRequest } from "@media-jobs/google"
 *
 * const request = Gemini.video({ input: "a lighthouse in the rain", duration: 8 })
 * GeminiRequest.issues(request) // => []
 * GeminiRequest.issues(Gemini.video({ input: "", duration: 60 })).map(({ field }) => field) // => ["input", "duration"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const video = (fields: Omit<GeminiRequest.Video, "_tag">): GeminiRequest.Video => ({ _tag: "Video", ...fields })

/**
 * A request for music: `lyria-3.5` unless it names a model.
 *
 * @since 0.1.0
 * @category requests
 */
export const music = (fields: Omit<GeminiRequest.Music, "_tag">): GeminiRequest.Music => ({ _tag: "Music", ...fields })

/**
 * A request for an image: `gemini-3.1-flash-image` unless it names a model.
 *
 * @since 0.1.0
 * @category requests
 */
export const image = (fields: Omit<GeminiRequest.Image, "_tag">): GeminiRequest.Image => ({ _tag: "Image", ...fields })

/**
 * The Gemini API behind one key.
 *
 * **When to use**
 *
 * Use `yield* Gemini.Gemini` in a program with one key, and {@link make} once for each key where there are several.
 *
 * **Details**
 *
 * - `submit`: always in the background, results by link. No reference goes along.
 * - `get`: a completed interaction whose file is not ready yet is `Running`; one that was refused is completed for Google and
 *   `Failed` here, with cause `content`. It takes names of the older API too, `models/…/operations/…`.
 * - `cancel`: of an interaction that ended it changes nothing.
 * - `remove`: of one that has ended, which is asked first: what it does to one that runs is not known.
 * - `link`: the file at the API's own address, with the key, which goes nowhere else.
 * - `upload`: any file, by the resumable protocol, until it is ready; its `reference` is the `uri` of a part. It is kept 48 hours.
 * - `webhook`: the body names a job and no result. Have `GoogleWebhook` verify calls to a request's own address, and
 *   `StandardWebhooks` of `@media-jobs/webhooks` those to the project's.
 *
 * @since 0.1.0
 * @category services
 */
export class Gemini extends Context.Service<
  Gemini,
  Provider.Provider<"get" | "cancel" | "remove" | "submit" | "link" | "upload" | "webhook", GeminiRequest.Request>
>()("@media-jobs/google/Gemini") {}

/**
 * How to reach the Gemini API: `token` is an API key.
 *
 * @since 0.1.0
 * @category options
 */
export type Options = Adapter.Options

const defaultBaseUrl = "https://generativelanguage.googleapis.com"
const root = "/v1"
const what = "an API key of the Gemini API"

const config = (given: Settings.Given<Options> = {}): Effect.Effect<Options, Config.ConfigError> =>
  Settings.config(given, { token: "GEMINI_API_KEY", what, baseUrl: "GOOGLE_GEMINI_BASE_URL", defaultBaseUrl })

const variables: Descriptor.Descriptor["variables"] = [
  { name: "GEMINI_API_KEY", what },
  { name: "GOOGLE_GEMINI_BASE_URL", what: "where the Gemini API answers", fallback: defaultBaseUrl }
]

const verifier = /* @__PURE__ */ Effect.flatMap(
  /* @__PURE__ */ Settings.optional("GOOGLE_GEMINI_BASE_URL"),
  (baseUrl) => GoogleWebhook.make({ baseUrl })
)

const service: Adapter.Service = {
  id: ProviderId.make("google"),
  token: what,
  baseUrl: defaultBaseUrl,
  rateLimitKey: "google",
  // A later look may bring the bytes of a file in place of its link: of a clip in 4k, tens of megabytes.
  maxResponseBytes: 256 * 1024 * 1024,
  authorize: (token) => HttpClientRequest.setHeader("x-goog-api-key", Redacted.value(token)),
  owns: job.owns,
  objection: (id, operation) =>
    !job.isOperation(id)
      ? /^[\w.=-]+$/.test(id) ? undefined : "The id is another service's"
      : operation === "get"
      ? undefined
      : "An operation of the older API can only be looked at",
  segment: (id) => job.isOperation(id) ? id : PathSegment.encode(id),
  forgetsLost: true,
  answer: rules,
  reply: { url: "webhook", reference: "reference" }
}

const readFile = Schema.decodeUnknownResult(wire.File)
const decodeFile = (body: unknown) => readFile(body)

const seenIn = Records.reader(wire.Interaction, job.ofInteraction)

/** Of one that is completed at once nothing is seen yet: it is looked at, for its file. */
const acceptedOf = (body: unknown): Adapter.Accepted | undefined =>
  Records.accepted(
    [Wire.text(Wire.object(body)["id"])],
    seenIn(body).filter(([{ providerStatus }]) => providerStatus !== "completed")
  )

const kinds = {
  Video: ["video", "gemini-omni-1.1-flash"],
  Music: ["audio", "lyria-3.5"],
  Image: ["image", "gemini-3.1-flash-image"]
} as const

/** What is not said otherwise of the result is said of its form. */
const routeOf = (request: GeminiRequest.Request, { url }: Adapter.Reply): Adapter.Route => {
  const [kind, usual] = kinds[request._tag]
  const { _tag, duration, model = usual, reference: _, seed, task, webhook: _url, ...rest } = {
    duration: undefined,
    task: undefined,
    ...request
  }
  const { input, labels, previous_interaction_id, service_tier, ...format } = rest
  const whole = { model, input, labels, previous_interaction_id, service_tier, background: true, store: true }
  return {
    path: `${root}/interactions`,
    kind,
    model,
    body: {
      ...whole,
      response_format: { type: kind, delivery: "uri", ...format, duration: duration && `${duration}s` },
      generation_config: (task ?? seed) === undefined ? undefined : { seed, video_config: task && { task } },
      webhook_config: url && { uris: [url] }
    }
  }
}

/** A file as the service knows it: being made ready, there, or broken. */
const stateOfFile = ({ error, state }: wire.File): JobState | undefined =>
  state === "PROCESSING"
    ? { _tag: "Running" }
    : state === "FAILED"
    ? { _tag: "Failed", reason: Wire.sentence(error) ?? "The file can't be had", cause: "service" }
    : undefined

/** Files may be large, and lines slow. */
const uploadTimeout = Duration.minutes(10)

/**
 * The Gemini API behind the given key.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Gemini["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const api = yield* Adapter.make(service, options)
  const { instance, provider } = api
  const base = new URL(api.baseUrl)

  /** The id of a file that only the key opens: one at the API's own address, or at that of what stands in for it. */
  const fileOf = (url: string): string | undefined => {
    const at = URL.parse(url)
    return at?.origin === base.origin || at?.origin === defaultBaseUrl
      ? /\/files\/([^/:?#]+)(?::download)?$/.exec(at.pathname)?.[1]
      : undefined
  }

  /**
   * What becomes of a job whose record is completed: all its files must be there too. One odd answer about one takes none away. The
   * older API, which tells no times, makes none any more.
   */
  const withFiles = (report: Adapter.Report, id: JobId.JobId): Effect.Effect<Adapter.Report, JobError.Of<"get">> => {
    if (report.state._tag !== "Succeeded") return Effect.succeed(report)
    const files = report.state.artifacts.flatMap(({ url }) => fileOf(url) ?? [])
    const { createdAt, updatedAt = createdAt } = report
    const gone = Effect.map(DateTime.now, (now): JobState => ({
      _tag: job.isOperation(id) || DateTime.isLessThan(DateTime.addDuration(updatedAt ?? now, job.kept), now)
        ? "Expired"
        : "Running"
    }))
    const stateOf = (file: string) =>
      api.call("get", { method: "GET", path: `${root}/files/${file}`, id }, decodeFile).pipe(
        Effect.map(stateOfFile),
        Effect.catchTags({
          NotFound: () => gone,
          Forbidden: () => Effect.undefined,
          UnexpectedResponse: () => Effect.undefined
        })
      )
    return Effect.map(Effect.forEach(files, stateOf), (states) => {
      const [first = report.state, ...others] = states.filter((state) => state !== undefined)
      return { ...report, state: [first, ...others].find(({ _tag }) => _tag !== "Running") ?? first }
    })
  }

  const interaction = (id: string) => `${root}/interactions/${id}`
  const getInteraction = api.get(interaction, wire.Interaction, job.ofInteraction, withFiles)
  const getOperation = api.get((id) => `/v1beta/${id}`, Operation, ofOperation, withFiles)
  const forget = api.command("remove", interaction)

  /** Where the next part of an upload goes, at the base: the key goes nowhere else. */
  const below = (url: string): string | undefined => {
    const at = URL.parse(url)
    const prefix = base.pathname.replace(/\/$/, "")
    return at === null ? undefined : at.pathname.slice(at.pathname.startsWith(prefix) ? prefix.length : 0) + at.search
  }

  return api.provide({
    get: (id: JobId.JobId) => job.isOperation(id) ? getOperation(id) : getInteraction(id),
    cancel: api.command("cancel", (id) => ({ method: "POST", path: `${interaction(id)}/cancel` })),
    remove: Removal.onceEnded(
      api,
      forget,
      (id) => Records.ask(api, "remove", id, interaction, wire.Interaction, job.ofInteraction)
    ),
    submit: api.submit(GeminiRequest.issues, acceptedOf, routeOf),
    link: (_: Job.Job, { url }: Artifact): Effect.Effect<Provider.Link, JobError.Of<"link">> => {
      const file = fileOf(url)
      return file === undefined
        ? Effect.succeed({ url })
        : api.link(`${api.baseUrl}${root}/files/${file}:download?alt=media`)
    },
    upload: (file: Provider.Upload) =>
      api.upload(file, {
        megabytes: 2048,
        send: Effect.fnUntraced(function*(content) {
          const { length, mediaType } = file
          const path = yield* api.call(
            "upload",
            {
              method: "POST",
              path: `/upload${root}/files`,
              emptyStatus: 200,
              headers: {
                "x-goog-upload-protocol": "resumable",
                "x-goog-upload-command": "start",
                "x-goog-upload-header-content-type": mediaType,
                ...(length === undefined ? undefined : { "x-goog-upload-header-content-length": `${length}` })
              },
              body: HttpBody.jsonUnsafe({ file: { mimeType: mediaType } })
            },
            (_body, _at, headers) =>
              Result.fromNullishOr(below(headers["x-goog-upload-url"] ?? ""), () => "It says not where the file goes")
          )
          const uploaded = yield* api.call(
            "upload",
            {
              method: "POST",
              path,
              headers: { "x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": "0" },
              body: HttpBody.stream(content, mediaType, length),
              timeout: uploadTimeout
            },
            (body) => decodeFile(Wire.object(body)["file"])
          )
          const name = fileOf(uploaded.uri) ?? ""
          const look = api.call("upload", { method: "GET", path: `${root}/files/${name}` }, decodeFile)
          const schedule = Schedule.upTo(Schedule.spaced("2 seconds"), { duration: uploadTimeout })
          const ready = name === "" || uploaded.state !== "PROCESSING"
            ? uploaded
            : yield* Effect.repeat(look, { while: ({ state }) => state === "PROCESSING", schedule })
          if (ready.state !== "FAILED") return { reference: ready.uri }
          const issues = [{ field: "content", message: `Expected a file of ${mediaType} that can be read` }]
          return yield* new JobError.InvalidRequest({ provider, instance, operation: "upload", issues })
        })
      }),
    webhook: api.webhook(wire.Event, job.ofEvent)
  })
})

/**
 * The Gemini API behind the given key, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Gemini, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Gemini, make(options))

/**
 * The Gemini API behind the key in `GEMINI_API_KEY`, at `GOOGLE_GEMINI_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { Gemini } from "@media-jobs/google"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const gemini = yield* Gemini.Gemini
 *   return yield* gemini.submit(Gemini.video({ input: "a lighthouse in the rain" }))
 * })
 *
 * Effect.provide(program, Gemini.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<Gemini, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Gemini, Effect.flatMap(config(options), make))

/**
 * What tools must know of the Gemini API.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<Gemini, Gemini["Service"]> = {
  id: service.id,
  variables,
  kinds: GeminiRequest.kinds,
  tag: Gemini,
  signature: { verifier },
  layerConfig
}
