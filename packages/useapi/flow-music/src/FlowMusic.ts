/**
 * Flow Music, over useapi.net.
 *
 * **Details**
 *
 * What is certain, seen or unknown of the service stands in the package's `FACTS.md`. Effects are not here, whose parameters no page
 * names, nor what is answered at once and makes no job: lyrics and images.
 *
 * What is not certain is in one place each, so that it is changed in a line. In `internal/job.ts`: where a record echoes a reference
 * (`echoOf`), what a cancelled job's code is (`cancelled`), that a list's count says nothing of its jobs (`rowsOf`). Here: what is
 * always synchronous (`isWaitedFor`), and how long that may take (`patience`).
 *
 * @since 0.1.0
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import type * as Settings from "@media-jobs/core/Settings"
import * as Capacity from "@media-jobs/useapi/Capacity"
import * as Created from "@media-jobs/useapi/Created"
import * as LostSubmit from "@media-jobs/useapi/LostSubmit"
import * as UseApi from "@media-jobs/useapi/UseApi"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as FlowMusicRequest from "./FlowMusicRequest.ts"
import * as job from "./internal/job.ts"
import * as wire from "./internal/wire.ts"

const request = RequestSchema.tagged<FlowMusicRequest.Request>()

/**
 * A request for music of a description.
 *
 * **Example** (Music, and what is refused)
 *
 * ```ts import.meta.vitest
 * import { FlowMusic, FlowMusicRequest } from "@media-jobs/useapi-flow-music"
 *
 * const request = FlowMusic.music({ prompt: "a slow waltz about a lighthouse", model: "lyria-3.5" })
 * FlowMusicRequest.issues(request) // => []
 * FlowMusicRequest.issues({ ...request, prompt: "" }).map(({ field }) => field) // => ["prompt"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const music = request("Music")

/**
 * A request for a clip to go on.
 *
 * @since 0.1.0
 * @category requests
 */
export const extend = request("Extend")

/**
 * A request for a part of a clip to be made anew.
 *
 * @since 0.1.0
 * @category requests
 */
export const replace = request("Replace")

/**
 * A request for a clip in another style.
 *
 * @since 0.1.0
 * @category requests
 */
export const cover = request("Cover")

/**
 * A request for a clip with other words.
 *
 * @since 0.1.0
 * @category requests
 */
export const remix = request("Remix")

/**
 * A request for the parts of a clip, each alone: its submission holds the ended job.
 *
 * @since 0.1.0
 * @category requests
 */
export const stems = request("Stems")

/**
 * Flow Music behind one token.
 *
 * **When to use**
 *
 * Use `yield* FlowMusic.FlowMusic` in a program with one token, and {@link make} once for each token where there are several.
 *
 * **Details**
 *
 * - `list`: what runs on all accounts, but for stems.
 * - `get`: a job with one clip or two; what is no file of them, as the name that edits take, is its `output`.
 * - `cancel`: ends a job, which is paid all the same; of one that has ended it says the same, and changes nothing.
 * - `submit`: one job, which is not waited for; that of stems takes up to a minute, and its job has ended then.
 * - `recover`: the jobs that run and whose record does not speak against it; each costs a look. Whether a record repeats the reference
 *   of its submit is on no page, so all are candidates that repeat none.
 * - `upload`: images of at most 20 MB and audio of 40 MB, for the account that is named.
 * - `capacity`: of each account, by two requests; what is made of stems is not counted.
 * - `webhook`: takes the record of a job, once it has ended.
 *
 * @since 0.1.0
 * @category services
 */
export class FlowMusic extends Context.Service<
  FlowMusic,
  Provider.Provider<
    "list" | "get" | "cancel" | "submit" | "recover" | "upload" | "accounts" | "capacity" | "webhook",
    FlowMusicRequest.Request
  >
>()(
  "@media-jobs/useapi-flow-music/FlowMusic"
) {}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends UseApi.Options {}

const id = ProviderId.make("useapi-flow-music")
const root = "/v1/flowmusic"
const jobs = `${root}/jobs`
const jobPath = (segment: string) => `${jobs}/${segment}`

/** Stems are made while the request waits, 15 to 60 seconds, whatever it asks for. */
const isWaitedFor = (tag: FlowMusicRequest.Request["_tag"]): boolean => tag === "Stems"
const patience = Duration.minutes(3)

const routeOf = (request: FlowMusicRequest.Request): Adapter.Route => ({
  path: request._tag === "Music" ? `${root}/music` : `${root}/music/edit`,
  kind: "audio",
  model: "model" in request ? request.model : undefined,
  account: request.email,
  timeout: isWaitedFor(request._tag) ? patience : undefined,
  more: {
    operation: request._tag === "Music" ? undefined : request._tag.toLowerCase(),
    mode: isWaitedFor(request._tag) ? undefined : "async"
  }
})

const files: UseApi.UploadTarget = {
  path: `${root}/files`,
  query: "email",
  account: "the address of a Flow Music account",
  accepts: {
    ...UseApi.within(20, "image/jpeg", "image/png", "image/webp"),
    ...UseApi.within(40, "audio/mpeg", "audio/wav", "audio/mp4", "audio/aac")
  },
  referenceOf: ({ id }) => id
}

/**
 * Flow Music behind the given token.
 *
 * **Example** (Music of an image)
 *
 * ```ts
 * import { FlowMusic } from "@media-jobs/useapi-flow-music"
 * import { Effect, FileSystem, Redacted } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem
 *   const flowMusic = yield* FlowMusic.make({ token: Redacted.make("user:1-a") })
 *   const email = "user@example.com"
 *   const image = yield* flowMusic.upload({ account: email, mediaType: "image/png", content: files.stream("rain.png") })
 *   return yield* flowMusic.submit(FlowMusic.music({ email, prompt: "as it looks", refImage1: image.reference }))
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<FlowMusic["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const api = yield* UseApi.make({ id, owns: (id) => id.endsWith("-bot:flowmusic") }, options)
  const running = api.listing(jobs, job.rowsOf, wire.Entry, job.ofEntry)

  /** How many run on each account; one on which none do is not there. */
  const counts = api.call(
    "capacity",
    { method: "GET", path: jobs },
    (body) => Predicate.isObject(body) ? Result.succeed(Wire.object(body)) : Result.fail("Expected jobs by account")
  )
  const limits = Capacity.limits(api, `${root}/accounts`)

  return api.provide({
    list: running.list,
    get: api.get(jobPath, wire.JobRecord, job.ofRecord),
    cancel: api.command("cancel", jobPath),
    submit: api.submit(FlowMusicRequest.issues, routeOf, "email", Created.record(wire.JobRecord, job.ofRecord)),
    recover: LostSubmit.byLook(running.whole, api.look(jobPath, wire.JobRecord, job.ofRecord), false),
    upload: api.upload(files),
    accounts: api.accounts(`${root}/accounts`),
    capacity: Effect.zipWith(limits, counts, (limits, counts) =>
      limits.map((one): Provider.Capacity => ({
        ...one,
        executing: Wire.number(Wire.object(counts[one.account])["running"]) ?? 0
      }))),
    webhook: api.webhook(wire.JobRecord, job.ofRecord)
  })
})

/**
 * Flow Music behind the given token, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<FlowMusic, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(FlowMusic, make(options))

/**
 * Flow Music behind the token in `USEAPI_TOKEN`, at `USEAPI_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { FlowMusic } from "@media-jobs/useapi-flow-music"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const flowMusic = yield* FlowMusic.FlowMusic
 *   return yield* flowMusic.submit(FlowMusic.music({ prompt: "a slow waltz about a lighthouse" }))
 * })
 *
 * Effect.provide(program, FlowMusic.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<FlowMusic, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(FlowMusic, Effect.flatMap(UseApi.config(options), make))

/**
 * What tools must know of Flow Music.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<FlowMusic, FlowMusic["Service"]> = {
  id,
  variables: UseApi.variables,
  kinds: FlowMusicRequest.kinds,
  tag: FlowMusic,
  layerConfig
}
