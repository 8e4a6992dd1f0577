/**
 * Google Flow, over useapi.net.
 *
 * **Details**
 *
 * What is certain, seen or unknown of the service stands in the package's `FACTS.md`. A job can be neither cancelled nor
 * forgotten, and no limit of what an account may run at once is told. What the service answers at once and makes no job of, GIFs,
 * larger images and videos joined together, is not here.
 *
 * @since 0.1.0
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as Lists from "@media-jobs/adapter/Lists"
import * as Records from "@media-jobs/adapter/Records"
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import type { Artifact } from "@media-jobs/core/Artifact"
import type * as Job from "@media-jobs/core/Job"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import type * as Settings from "@media-jobs/core/Settings"
import * as Created from "@media-jobs/useapi/Created"
import * as Endpoints from "@media-jobs/useapi/Endpoints"
import * as LostSubmit from "@media-jobs/useapi/LostSubmit"
import * as UseApi from "@media-jobs/useapi/UseApi"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as GoogleFlowRequest from "./GoogleFlowRequest.ts"
import { exceptions } from "./internal/answer.ts"
import * as job from "./internal/job.ts"
import * as outputs from "./internal/outputs.ts"
import { accountOfRequest } from "./internal/rules.ts"
import * as wire from "./internal/wire.ts"

const request = RequestSchema.tagged<GoogleFlowRequest.Request>()

/**
 * A request for videos.
 *
 * **Example** (A video that begins with an image)
 *
 * ```ts import.meta.vitest
 * import { GoogleFlow, GoogleFlowRequest } from "@media-jobs/useapi-google-flow"
 *
 * const request = GoogleFlow.video({ prompt: "rain", startImage: "user:1-email:6140622e63-image:w1", duration: 8 })
 * GoogleFlowRequest.issues(request) // => []
 * GoogleFlowRequest.issues({ ...request, duration: 10 }).map(({ field }) => field) // => ["duration"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const video = request("Video")

/**
 * A request for images.
 *
 * @since 0.1.0
 * @category requests
 */
export const image = request("Image")

/**
 * A request for eight more seconds of a video.
 *
 * @since 0.1.0
 * @category requests
 */
export const extendVideo = request("ExtendVideo")

/**
 * A request for a video of more pixels.
 *
 * @since 0.1.0
 * @category requests
 */
export const upscaleVideo = request("UpscaleVideo")

/**
 * Google Flow behind one token.
 *
 * **When to use**
 *
 * Use `yield* GoogleFlow.GoogleFlow` in a program with one token, and {@link make} once for each token where there are several.
 *
 * **Details**
 *
 * - `list`: what executes, by the service's statistics: id, account and begin.
 * - `get`: for seven days. A job of several outputs succeeds with those that are there, and says which are missing.
 * - `submit`: makes one job. Of images the answer comes once they are made, which takes up to minutes, and the submission holds
 *   the ended job.
 * - `recover`: the jobs that execute or ended within a quarter of an hour, ten at most, and whose record repeats the reference of
 *   the lost submit; each costs a look. Without one, those that agree in kind, model, account and time.
 * - `link`: a fresh link to an output, good for about six hours; a thumbnail's is the one in the record.
 * - `upload`: JPEG, PNG and WebP of at most 20 MB, MP4 of at most 100 MB, for the account that is named.
 * - `accounts`: an account whose `health` is anything but "OK" has a problem.
 * - `webhook`: takes the record of a job.
 *
 * @since 0.1.0
 * @category services
 */
export class GoogleFlow extends Context.Service<
  GoogleFlow,
  Provider.Provider<
    "list" | "get" | "submit" | "recover" | "link" | "upload" | "accounts" | "webhook",
    GoogleFlowRequest.Request
  >
>()(
  "@media-jobs/useapi-google-flow/GoogleFlow"
) {}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends UseApi.Options {}

const id = ProviderId.make("useapi-google-flow")
const root = "/v1/google-flow"
const jobPath = (segment: string) => `${root}/jobs/${segment}`

/** Images take up to a minute and a half, and the service itself gives up after about three. */
const untilMade = Duration.minutes(4)
/** How long a fresh link lives. */
const linkLife = Duration.hours(6)

const toEndpoint = Endpoints.routes<GoogleFlowRequest.Request>(root, {
  Video: ["video", "videos"],
  Image: ["image", "images"],
  ExtendVideo: ["video", "videos/extend"],
  UpscaleVideo: ["video", "videos/upscale"]
}, accountOfRequest)

/** All but images can be made without the answer's waiting for it; they refuse to be asked. */
const routeOf = (request: GoogleFlowRequest.Request): Adapter.Route => ({
  ...toEndpoint(request),
  ...(request._tag === "Image" ? { timeout: untilMade } : { more: { async: true } })
})

const assets: UseApi.UploadTarget = {
  path: `${root}/assets`,
  account: "the address of a Google Flow account",
  accepts: { "image/jpeg": 20, "image/png": 20, "image/webp": 20, "video/mp4": 100 },
  referenceOf: ({ mediaGenerationId }) => Wire.object(mediaGenerationId)["mediaGenerationId"]
}

/**
 * Google Flow behind the given token.
 *
 * **Example** (A video of an image)
 *
 * ```ts
 * import { GoogleFlow } from "@media-jobs/useapi-google-flow"
 * import { Effect, FileSystem, Redacted } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem
 *   const flow = yield* GoogleFlow.make({ token: Redacted.make("user:1-a") })
 *   const first = yield* flow.upload({
 *     account: "user@example.com",
 *     mediaType: "image/png",
 *     content: files.stream("lighthouse.png")
 *   })
 *   return yield* flow.submit(GoogleFlow.video({ prompt: "it begins to rain", startImage: first.reference }))
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<GoogleFlow["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const api = yield* UseApi.make({ id, owns: (id) => id.endsWith("-bot:google-flow"), exceptions }, options)
  const statistics = (option: "executing" | "history") =>
    api.listing(`${root}/jobs?options=${option}`, job.rowsOf(option), wire.Entry, job.ofEntry)
  const [executing, history] = [statistics("executing"), statistics("history")]
  const look = api.look(jobPath, wire.JobRecord, job.ofRecord)

  /** What executes and what has ended, each once. */
  const listed = Effect.map(
    Lists.both(executing, history).whole,
    (found) => [...new Map(found.map((one) => [one.job.id, one])).values()]
  )

  return api.provide({
    list: executing.list,
    get: api.get(jobPath, wire.JobRecord, job.ofRecord),
    submit: api.submit(
      GoogleFlowRequest.issues,
      routeOf,
      "email",
      Created.record(Created.orResult(wire.JobRecord), job.ofRecord)
    ),
    recover: LostSubmit.byLook(listed, look, true),
    link: Effect.fnUntraced(function*({ id }: Job.Job, { label, url }: Artifact) {
      const { name } = yield* Records.ask(api, "link", id, jobPath, wire.JobRecord, ({ response }) => ({
        name: outputs.mediaIdOf(response, label)
      }))
      if (name === undefined) return { url }
      const path = `${root}/assets/${encodeURIComponent(name)}`
      return yield* api.call("link", { method: "GET", path, id }, (body, at) => {
        const fresh = Wire.link(Wire.object(body)["url"])
        return fresh === undefined
          ? Result.fail("The answer holds no link")
          : Result.succeed({ url: fresh, expiresAt: DateTime.addDuration(at, linkLife) })
      })
    }),
    upload: api.upload(assets),
    accounts: api.accounts(`${root}/accounts`),
    webhook: api.webhook(wire.JobRecord, job.ofRecord)
  })
})

/**
 * Google Flow behind the given token, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<GoogleFlow, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(GoogleFlow, make(options))

/**
 * Google Flow behind the token in `USEAPI_TOKEN`, at `USEAPI_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { GoogleFlow } from "@media-jobs/useapi-google-flow"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const flow = yield* GoogleFlow.GoogleFlow
 *   return yield* flow.submit(GoogleFlow.video({ prompt: "a lighthouse in the rain", count: 2 }))
 * })
 *
 * Effect.provide(program, GoogleFlow.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<GoogleFlow, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(GoogleFlow, Effect.flatMap(UseApi.config(options), make))

/**
 * What tools must know of Google Flow.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<GoogleFlow, GoogleFlow["Service"]> = {
  id,
  variables: UseApi.variables,
  kinds: GoogleFlowRequest.kinds,
  tag: GoogleFlow,
  layerConfig
}
