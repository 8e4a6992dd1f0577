/**
 * Luma, over its current API, which its documents call the Agents API.
 *
 * **Details**
 *
 * Dream Machine, the one before it, has other models and other keys: `DreamMachine`.
 *
 * @since 0.1.0
 */
import * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as Form from "@media-jobs/adapter/Form"
import * as PathSegment from "@media-jobs/adapter/PathSegment"
import * as Records from "@media-jobs/adapter/Records"
import * as Wire from "@media-jobs/adapter/Wire"
import type { Artifact } from "@media-jobs/core/Artifact"
import type * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Settings from "@media-jobs/core/Settings"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import * as answer from "./internal/answer.ts"
import * as job from "./internal/job.ts"
import * as wire from "./internal/wire.ts"
import * as LumaRequest from "./LumaRequest.ts"

const typed = <const T extends string>(type: T) => <F extends object>(fields: F) => ({ ...fields, type })

/**
 * A request for a video.
 *
 * **Example** (A video that goes on from an image)
 *
 * ```ts import.meta.vitest
 * import { Luma, LumaRequest } from "@media-jobs/luma"
 *
 * const start_frame = { url: "https://example.com/lighthouse.png" }
 * const request = Luma.video({ prompt: "a lighthouse in the rain", video: { duration: "5s", start_frame } })
 * LumaRequest.issues(request) // => []
 * const longer = Luma.video({ prompt: "a lighthouse in the rain", video: { duration: "10s", start_frame } })
 * LumaRequest.issues(longer).map(({ field }) => field) // => ["video.start_frame"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const video: (fields: Omit<LumaRequest.Video, "type">) => LumaRequest.Video = typed("video")

/**
 * A request for a changed video.
 *
 * @since 0.1.0
 * @category requests
 */
export const videoEdit: (fields: Omit<LumaRequest.VideoEdit, "type">) => LumaRequest.VideoEdit = typed("video_edit")

/**
 * A request for a video in another aspect ratio.
 *
 * @since 0.1.0
 * @category requests
 */
export const videoReframe: (fields: Omit<LumaRequest.VideoReframe, "type">) => LumaRequest.VideoReframe = typed(
  "video_reframe"
)

/**
 * A request for an image.
 *
 * @since 0.1.0
 * @category requests
 */
export const image: (fields: Omit<LumaRequest.Image, "type">) => LumaRequest.Image = typed("image")

/**
 * A request for a changed image.
 *
 * @since 0.1.0
 * @category requests
 */
export const imageEdit: (fields: Omit<LumaRequest.ImageEdit, "type">) => LumaRequest.ImageEdit = typed("image_edit")

/**
 * Luma behind one key.
 *
 * **When to use**
 *
 * Use `yield* Luma.Luma` in a program with one key, and {@link make} once for each key where there are several.
 *
 * **Details**
 *
 * - `get`: links in it live an hour.
 * - `submit`: one generation. What a lost one became can't be found: the service lists nothing.
 * - `link`: asks for the generation again, which signs its links anew for an hour.
 * - `upload`: any file; its `reference` is the `file_id` of an image or video to work on. It waits until the service has taken
 *   the file in.
 *
 * **Gotchas**
 *
 * Nothing stops a generation: one that runs is paid, and holds its place among those that may run at once.
 *
 * @since 0.1.0
 * @category services
 */
export class Luma extends Context.Service<
  Luma,
  Provider.Provider<"get" | "submit" | "link" | "upload", LumaRequest.Request>
>()("@media-jobs/luma/Luma") {}

/**
 * How to reach Luma: `token` is an API key, which begins with `luma-api-`.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Adapter.Options {}

const defaultBaseUrl = "https://agents.lumalabs.ai"
const generations = "/v1/generations"
const files = "/v1/files"

const what = "an API key of Luma's Agents API, which begins with luma-api-"

const config = (given: Settings.Given<Options> = {}): Effect.Effect<Options, Config.ConfigError> =>
  Settings.config(given, { token: "LUMA_AGENTS_API_KEY", what, baseUrl: "LUMA_BASE_URL", defaultBaseUrl })

const variables: Descriptor.Descriptor["variables"] = [
  { name: "LUMA_AGENTS_API_KEY", what },
  { name: "LUMA_BASE_URL", what: "where the service answers", fallback: defaultBaseUrl }
]

const service: Adapter.Service = {
  id: ProviderId.make("luma"),
  token: what,
  baseUrl: defaultBaseUrl,
  rateLimitKey: "luma",
  maxResponseBytes: 1024 * 1024,
  owns: job.owns,
  objection: job.objection,
  forgetsLost: true,
  answer: answer.ofAgents
}

const decodeFile = (body: unknown) => Schema.decodeUnknownResult(wire.File)(body)
const decodePlace = (body: unknown) => Schema.decodeUnknownResult(wire.Place)(body)

const settled: ReadonlySet<string> = new Set(["ready", "failed", "deleted"])
const isSettled = ({ state }: wire.File): boolean => settled.has(state)

/** A presigned address, in the parts that a request has. */
const placeOf = (url: string) => {
  const [, origin = "", path = ""] = /^(https?:\/\/[^/?#]+)(.*)$/s.exec(url) ?? []
  return { origin, path }
}

/** A request without a model is one for images, whatever its type says: both always go along. */
const routeOf = (request: LumaRequest.Request): Adapter.Route => {
  const kind = LumaRequest.kindOf(request)
  const model = request.model ?? LumaRequest.defaultModels[kind]
  return { path: generations, kind, model, body: { ...request, model } }
}

/** Files may be large, and lines slow. */
const uploadTimeout = Duration.minutes(10)

/** How often, a second apart, a file is asked for that is still taken in. */
const ingestLooks = 120

/**
 * Luma behind the given key.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Luma["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const api = yield* Adapter.make(service, options)
  const { instance, provider } = api
  const path = (segment: string) => `${generations}/${segment}`

  const about = (id: string) => `${files}/${PathSegment.encode(id) ?? ""}`
  const look = (id: string) => api.call("upload", { method: "GET", path: about(id) }, decodeFile)

  /** Only a file that is ready may be referred to. */
  const ready = Effect.fnUntraced(
    function*(file: wire.File): Effect.fn.Return<Provider.Uploaded, JobError.Of<"upload">> {
      const { failure_reason, id, state } = isSettled(file) ? file : yield* Effect.repeat(look(file.id), {
        until: isSettled,
        schedule: Schedule.spaced("1 second"),
        times: ingestLooks
      })
      if (state === "ready") return { reference: id }
      const common = { provider, instance, operation: "upload" } as const
      const message = Wire.sentence(failure_reason) ?? "Expected a file that the service takes"
      return yield* settled.has(state)
        ? new JobError.InvalidRequest({ ...common, issues: [{ field: "content", message }] })
        : new JobError.UnexpectedResponse({ ...common, detail: "The file is not ready, minutes after it was sent" })
    }
  )

  /** Straight to where the service keeps files; one whose length is not known goes through the service, which takes small ones. */
  const send = ({ length, mediaType }: Provider.Upload) => (content: Stream.Stream<Uint8Array, unknown>) => {
    const create = (body: HttpBody.HttpBody) => ({ method: "POST", path: files, body, timeout: uploadTimeout }) as const
    if (length === undefined) {
      return api.call("upload", create(Form.file("file", { length, mediaType })(content)), decodeFile)
    }
    const described = { mime_type: mediaType, size_bytes: length, filename: Form.nameOf({ mediaType }) }
    const created = api.call("upload", create(HttpBody.jsonUnsafe(described)), decodePlace)
    return Effect.flatMap(created, ({ id, upload: { headers, url } }) => {
      const body = HttpBody.stream(content, mediaType, length)
      const put = { method: "PUT", ...placeOf(url), headers, body, timeout: uploadTimeout } as const
      const complete = { method: "POST", path: `${about(id)}/complete` } as const
      return Effect.andThen(api.call("upload", put, () => Result.void), api.call("upload", complete, decodeFile))
    })
  }

  return api.provide({
    get: api.get(path, wire.Generation, job.ofAgents),
    submit: api.submit(LumaRequest.issues, job.accepted(job.ofAgents), routeOf),
    link: ({ id }: Job.Job, { kind, label }: Artifact) =>
      Records.ask(
        api,
        "link",
        id,
        path,
        wire.Generation,
        (record, at) => job.outputsOf(record, at).find((file) => file.kind === kind && file.label === label)
      ),
    upload: (file: Provider.Upload) =>
      api.upload(file, { send: (content) => Effect.flatMap(send(file)(content), ready) })
  })
})

/**
 * Luma behind the given key, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Luma, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Luma, make(options))

/**
 * Luma behind the key in `LUMA_AGENTS_API_KEY`, at `LUMA_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { Luma } from "@media-jobs/luma"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const luma = yield* Luma.Luma
 *   return yield* luma.submit(Luma.video({ prompt: "a lighthouse in the rain" }))
 * })
 *
 * Effect.provide(program, Luma.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<Luma, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Luma, Effect.flatMap(config(options), make))

/**
 * What tools must know of Luma.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<Luma, Luma["Service"]> = {
  id: service.id,
  variables,
  kinds: LumaRequest.kinds,
  tag: Luma,
  layerConfig
}
