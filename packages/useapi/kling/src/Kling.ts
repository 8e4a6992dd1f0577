/**
 * Kling, over useapi.net.
 *
 * **Details**
 *
 * Of the vendor's pages the beginnings are known, and its scripts whole; what is not certain is in one place each, so that it is
 * changed in a line. In `internal/job.ts`: which numbers mean that a task is at work (`working`), what done is called (`done`), where a
 * model may stand (`modelName`). Here: what answers a `DELETE /scheduler/{task_id}` (`confirms`), what refusals of a submit mean
 * (`exceptions`), how many tasks a page of the history has at most (`pageSize`), and what a webhook names (`recordsOf`).
 *
 * @since 0.1.0
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Answer from "@media-jobs/adapter/Answer"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Query from "@media-jobs/adapter/Query"
import * as Records from "@media-jobs/adapter/Records"
import * as Removal from "@media-jobs/adapter/Removal"
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import type * as Artifact from "@media-jobs/core/Artifact"
import type * as Job from "@media-jobs/core/Job"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import type * as Settings from "@media-jobs/core/Settings"
import * as Capacity from "@media-jobs/useapi/Capacity"
import * as Endpoints from "@media-jobs/useapi/Endpoints"
import * as LostSubmit from "@media-jobs/useapi/LostSubmit"
import * as Rows from "@media-jobs/useapi/Rows"
import * as UseApi from "@media-jobs/useapi/UseApi"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as job from "./internal/job.ts"
import * as wire from "./internal/wire.ts"
import * as KlingRequest from "./KlingRequest.ts"

const request = RequestSchema.tagged<KlingRequest.Request>()

/**
 * A request for a video of a text.
 *
 * **Example** (Two shots)
 *
 * ```ts import.meta.vitest
 * import { Kling, KlingRequest } from "@media-jobs/useapi-kling"
 *
 * const shots = { shot_1_prompt: "a lighthouse", shot_1_duration: 5, shot_2_prompt: "rain", shot_2_duration: 5 }
 * const request = Kling.textToVideo({ ...shots, email: "user@example.com" })
 * KlingRequest.issues(request) // => []
 * KlingRequest.issues({ ...request, prompt: "rain" }).map(({ field }) => field) // => ["prompt"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const textToVideo = request("TextToVideo")

/**
 * A request for a video from an image, to one, or between two.
 *
 * @since 0.1.0
 * @category requests
 */
export const framesToVideo = request("FramesToVideo")

/**
 * A request for a video of what is on up to four images.
 *
 * @since 0.1.0
 * @category requests
 */
export const elementsToVideo = request("ElementsToVideo")

/**
 * A request for an image with an effect.
 *
 * @since 0.1.0
 * @category requests
 */
export const effect = request("Effect")

/**
 * A request for a video of a text with references of all kinds.
 *
 * @since 0.1.0
 * @category requests
 */
export const omni = request("Omni")

/**
 * A request for a video to go on.
 *
 * @since 0.1.0
 * @category requests
 */
export const extend = request("Extend")

/**
 * A request for lips that follow an audio.
 *
 * @since 0.1.0
 * @category requests
 */
export const lipSync = request("LipSync")

/**
 * A request for an image that moves as a video does.
 *
 * @since 0.1.0
 * @category requests
 */
export const motion = request("Motion")

/**
 * A request for a sound to a video.
 *
 * @since 0.1.0
 * @category requests
 */
export const addSound = request("AddSound")

/**
 * A request for up to nine images.
 *
 * @since 0.1.0
 * @category requests
 */
export const image = request("Image")

/**
 * A request for a larger image.
 *
 * @since 0.1.0
 * @category requests
 */
export const upscaleImage = request("UpscaleImage")

/**
 * A request for an avatar that speaks.
 *
 * @since 0.1.0
 * @category requests
 */
export const avatar = request("Avatar")

/**
 * The id of a task by its number and its account, without which it can't be read where there are several.
 *
 * **Example** (A task that was begun elsewhere)
 *
 * ```ts import.meta.vitest
 * import { Kling } from "@media-jobs/useapi-kling"
 *
 * String(Kling.jobId("123456789", "user@example.com")) // => "user@example.com/123456789"
 * ```
 *
 * @since 0.1.0
 * @category conversions
 */
export const jobId: (task: string, account: string) => JobId = job.idOf

/**
 * Kling behind one token.
 *
 * **When to use**
 *
 * Use `yield* Kling.Kling` in a program with one token, and {@link make} once for each token where there are several.
 *
 * **Details**
 *
 * - `list`: what the API tracks, each `Running`: it tracks a task for an hour at most, and a longer one runs on unlisted.
 * - `get`: a task that was deleted, that moderation stopped, or that ran out of credits is `NotFound` alike. One with several works has
 *   succeeded with those that did, and says which are missing.
 * - `submit`: one task; its account must be named, in the request or in the submit's options.
 * - `recover`: what is tracked with the very `replyRef`, or `replyUrl`, of the lost submit. Where there is none, or it gave neither, all
 *   tasks of its account that began within a day of it and that nothing speaks against, those of Kling's own site among them.
 * - `untrack`: frees the slot, and the task runs on and is paid. Nothing cancels one.
 * - `remove`: deletes what a task made, which can't be undone; of a task that runs there is nothing to delete yet.
 * - `link`: the file without a watermark, by a second call; where there is none, with it.
 * - `upload`: images of at most 10 MB, videos of 100 MB, audio of 20 MB, for the account that is named.
 * - `webhook`: names its task only where the body holds the account, which no page says; else the call wakes by its address.
 *
 * @since 0.1.0
 * @category services
 */
export class Kling extends Context.Service<
  Kling,
  Provider.Provider<
    | "list"
    | "get"
    | "submit"
    | "recover"
    | "untrack"
    | "remove"
    | "link"
    | "upload"
    | "accounts"
    | "capacity"
    | "webhook",
    KlingRequest.Request
  >
>()(
  "@media-jobs/useapi-kling/Kling"
) {}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends UseApi.Options {}

const id = ProviderId.make("useapi-kling")
const root = "/v1/kling"
const scheduler = `${root}/scheduler`

const endpoints = {
  TextToVideo: ["video", "videos/text2video"],
  FramesToVideo: ["video", "videos/image2video-frames"],
  ElementsToVideo: ["video", "videos/image2video-elements"],
  Effect: ["video", "videos/image2video-effects"],
  Omni: ["video", "videos/omni"],
  Extend: ["video", "videos/extend"],
  LipSync: ["video", "videos/lipsync"],
  Motion: ["video", "videos/motion-create"],
  // Whether the work is the video with its sound or the sound alone is on no page.
  AddSound: [undefined, "videos/add-sound"],
  Image: ["image", "images/kolors"],
  UpscaleImage: ["image", "images/upscale"],
  Avatar: ["video", "avatars/video"]
} as const

const toEndpoint = Endpoints.routes<KlingRequest.Request>(root, endpoints, ({ email }) => email)

/** What the model is called depends on the kind. */
const routeOf = (request: KlingRequest.Request): Adapter.Route => {
  const { model_name, omni_version, version } = Wire.object(request)
  return { ...toEndpoint(request), model: Wire.first([model_name, version, omni_version], Wire.text) }
}

const acceptedOf = (body: unknown, { email }: KlingRequest.Request): Adapter.Accepted | undefined => {
  const task = wire.taskOf(Wire.object(body)["task"])
  return task === undefined ? undefined : { ids: [job.idOf(task, email)] }
}

const objection = (id: string) =>
  job.partsOf(id) === undefined ? "The id is not an account and a task's number" : undefined

/** The id's own path, with its account where that is known; ids of another form are refused before. */
const taskPath = (_: string, id: JobId): string => {
  const { account, task = "" } = job.partsOf(id) ?? {}
  return `${root}/tasks/${task}${Query.of({ email: account })}`
}

/** A submit's 500 may be moderation's, which its words tell; its 404 is about the account. */
const exceptions: Answer.Rules["exceptions"] = ({ call, isOwn, status, text }) => {
  if (call.operation !== "submit" || !isOwn) return undefined
  if (status === 404) return "AccountNotFound"
  const state = Failure.fromText(text)
  return status === 500 && state._tag === "Failed" && state.cause === "content" ? "InvalidRequest" : undefined
}

/** A record that names no account can't name its job: the call is left to wake by its address. */
const recordsOf = (body: unknown): ReadonlyArray<unknown> => {
  const { email, status, task } = Wire.object(body)
  return Wire.text(email) === undefined && status !== undefined && wire.taskOf(task) !== undefined ? [] : [body]
}

/** Of the history: a page that is full may hide what comes after it. */
const pageSize = 100
const day = 86_400_000

const fileTypes: Readonly<Record<string, string>> = { video: "MP4", audio: "MP3", image: "PNG" }

/**
 * Kling behind the given token.
 *
 * **Example** (A video that begins with an image)
 *
 * ```ts
 * import { Kling } from "@media-jobs/useapi-kling"
 * import { Effect, FileSystem, Redacted } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem
 *   const kling = yield* Kling.make({ token: Redacted.make("user:1-a") })
 *   const email = "user@example.com"
 *   const first = yield* kling.upload({ account: email, mediaType: "image/png", content: files.stream("lighthouse.png") })
 *   return yield* kling.submit(Kling.framesToVideo({ email, image: first.reference, prompt: "it begins to rain" }))
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Kling["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const owns = (id: string) => job.partsOf(id) !== undefined
  // What answers an untrack has no body, and no page tells its status.
  const confirms = UseApi.confirming("untrack")
  const api = yield* UseApi.make({ id, owns, objection, exceptions, confirms }, options)
  const tracked = api.listing(scheduler, Rows.bare, wire.Entry, job.ofEntry)
  const get = api.get(taskPath, wire.TaskRecord, (record, _, id) => job.ofRecord(record, job.partsOf(id)))
  const remove = api.command("remove", taskPath, wire.Deleted)

  /** What the account made within a day of that time, at Kling's own site too. */
  const history = (account: string, _: unknown, __: unknown, submittedAt: DateTime.Utc) => {
    const query = Query.of({ email: account, pageSize, createdAfter: submittedAt.epochMilliseconds - day })
    const read = Records.reader(wire.Past, (record) => job.ofRecord(record, { account }))
    return LostSubmit.page(api, `${root}/tasks${query}`, "history", read, (_, { length }) => length >= pageSize)
  }

  return api.provide({
    list: tracked.list,
    get,
    submit: api.submit(KlingRequest.issues, routeOf, "email", acceptedOf),
    recover: LostSubmit.byEcho(tracked.whole, history),
    untrack: api.command("untrack", (_, id) => `${scheduler}/${job.partsOf(id)?.task ?? ""}`),
    // A task that runs has no works either, and the answer is the same.
    remove: Removal.explained(remove, get),
    link: Effect.fnUntraced(function*({ id }: Job.Job, made: Artifact.Artifact) {
      const find = (record: wire.TaskRecord) => job.sourceOf(record, made)
      const { artifact, workId } = yield* Records.ask(api, "link", id, taskPath, wire.TaskRecord, find)
      const { isProvisional, kind, url } = artifact
      if (workId === undefined || isProvisional !== true) return { url }
      const fields = { email: job.partsOf(id)?.account, workIds: workId, fileTypes: fileTypes[kind] ?? "MP4" }
      const path = () => `${root}/assets/download${Query.of(fields)}`
      const clean = Records.ask(api, "link", id, path, wire.Clean, ({ cdnUrl }) => Wire.link(cdnUrl))
      return { url: yield* Effect.orElseSucceed(clean, () => url) }
    }),
    upload: api.upload({
      path: `${root}/assets/`,
      query: "email",
      account: "the address of a Kling account",
      accepts: {
        ...UseApi.within(10, "image/png", "image/jpeg"),
        ...UseApi.within(100, "video/mp4", "video/quicktime"),
        ...UseApi.within(20, "audio/wav", "audio/mpeg", "audio/mp4", "audio/flac", "audio/aac", "audio/ogg")
      },
      // A video's has another name than an image's.
      referenceOf: ({ resourceUrl, url }) => Wire.text(url) ?? resourceUrl
    }),
    accounts: api.accounts(`${root}/accounts`),
    capacity: Capacity.slots(api, `${scheduler}/available`, "email"),
    webhook: api.webhook(
      wire.Reported,
      (record) => job.ofRecord(record, { account: Wire.text(record.email) }),
      recordsOf
    )
  })
})

/**
 * Kling behind the given token, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Kling, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Kling, make(options))

/**
 * Kling behind the token in `USEAPI_TOKEN`, at `USEAPI_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { Kling } from "@media-jobs/useapi-kling"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const kling = yield* Kling.Kling
 *   return yield* kling.submit(Kling.textToVideo({ prompt: "a lighthouse in the rain", email: "user@example.com" }))
 * })
 *
 * Effect.provide(program, Kling.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<Kling, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Kling, Effect.flatMap(UseApi.config(options), make))

/**
 * What tools must know of Kling.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<Kling, Kling["Service"]> = {
  id,
  variables: UseApi.variables,
  kinds: KlingRequest.kinds,
  tag: Kling,
  layerConfig
}
