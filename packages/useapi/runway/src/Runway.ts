/**
 * Runway, over useapi.net.
 *
 * **Details**
 *
 * What is certain, seen or unknown of the service stands in the package's `FACTS.md`. What it answers at once and makes no task of is not
 * here: previews, larger images, transcripts.
 *
 * What is not certain is in one place each, so that it is changed in a line. In `internal/job.ts`: the word for a cancelled task
 * (`cancelled`), what an artifact is (`kindOf`) and how large (`sizeOf`), what answers a create (`accepted`). Here: where
 * the history has its tasks, should it be no bare list (`history`), what answers a `DELETE /scheduler/{taskId}` (`confirms`), how many
 * tasks a page of the history has at most (`pageSize`), what an upload is called (`assets`), and what a webhook holds (`recordsOf`).
 *
 * @since 0.1.0
 */
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as Query from "@media-jobs/adapter/Query"
import * as Records from "@media-jobs/adapter/Records"
import * as Removal from "@media-jobs/adapter/Removal"
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import * as JobError from "@media-jobs/core/JobError"
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
import * as RunwayRequest from "./RunwayRequest.ts"

const request = RequestSchema.tagged<RunwayRequest.Request>()

/**
 * A request for a video.
 *
 * **Example** (A video that begins with an image)
 *
 * ```ts import.meta.vitest
 * import { Runway, RunwayRequest } from "@media-jobs/useapi-runway"
 *
 * const imageAssetId1 = "user:1-runwayml:user@example.com-asset:6f1b"
 * const request = Runway.video({ model: "gen4.5", text_prompt: "rain", imageAssetId1 })
 * RunwayRequest.issues(request) // => []
 * RunwayRequest.issues({ ...request, email: "b@example.com" }).map(({ field }) => field) // => ["imageAssetId1"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const video = request("Video")

/**
 * A request for a video of more pixels.
 *
 * @since 0.1.0
 * @category requests
 */
export const upscaleVideo = request("UpscaleVideo")

/**
 * A request for one image, or four.
 *
 * @since 0.1.0
 * @category requests
 */
export const image = request("Image")

/**
 * A request for one image of Frames, or four.
 *
 * @since 0.1.0
 * @category requests
 */
export const frames = request("Frames")

/**
 * A request for a video slowed down.
 *
 * @since 0.1.0
 * @category requests
 */
export const slowMotion = request("SlowMotion")

/**
 * Runway through useapi.net, behind one token.
 *
 * **When to use**
 *
 * Use `yield* Runway.Runway` in a program with one token, and {@link make} once for each token where there are several.
 *
 * **Details**
 *
 * - `list`: what the API tracks, each `Running`.
 * - `get`: a task with several artifacts has succeeded with those that have a link, and says which are missing.
 * - `submit`: one task, on the account of its files or the one that is named, or on any.
 * - `recover`: what is tracked with the very `replyRef`, or `replyUrl`, of the lost submit. Where there is none, or it gave neither, all
 *   tasks of its account, if that is known, that began within a day of it, those of Runway's own site among them.
 * - `untrack`: frees the slot, and the task runs on and is paid; it is told by no webhook any more. Nothing cancels one.
 * - `remove`: takes a task out of its account's history, which can't be undone; one that runs is refused, since it is not known whether
 *   it would be stopped.
 * - `upload`: images, videos and audio, for the account that is named.
 * - `capacity`: what the accounts may run, less what the API tracks; what was begun elsewhere is not counted.
 * - `webhook`: takes the record of a task; one that does not name it whole wakes by its address.
 *
 * @since 0.1.0
 * @category services
 */
export class Runway extends Context.Service<
  Runway,
  Provider.Provider<
    "list" | "get" | "submit" | "recover" | "untrack" | "remove" | "upload" | "accounts" | "capacity" | "webhook",
    RunwayRequest.Request
  >
>()(
  "@media-jobs/useapi-runway/Runway"
) {}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends UseApi.Options {}

const id = ProviderId.make("useapi-runway")
const root = "/v1/runwayml"
const taskPath = (segment: string) => `${root}/tasks/${segment}`

const routeOf = Endpoints.routes<RunwayRequest.Request>(root, {
  Video: ["video", "videos/create"],
  UpscaleVideo: ["video", "videos/upscale"],
  Image: ["image", "images/create"],
  Frames: ["image", "frames/create"],
  SlowMotion: ["video", "super_slow_motion"]
}, RunwayRequest.accountOf)

const mediaTypes = (
  "image/png image/jpeg image/gif video/mp4 video/quicktime video/3gpp video/x-matroska video/x-flv video/mpeg video/mp2t " +
  "video/x-msvideo video/webm video/ogg audio/wav audio/mpeg audio/flac audio/ogg"
).split(" ")

/** An upload must have a name, of which nothing is known to depend. Of no kind a page tells the largest file. */
const assets: UseApi.UploadTarget = {
  path: `${root}/assets/?name=upload`,
  query: "email",
  account: "the address of a Runway account",
  accepts: UseApi.within(Infinity, ...mediaTypes),
  referenceOf: ({ assetId }) => assetId
}

/** A body that does not name its task whole names none: the call is left to wake by its address. */
const recordsOf = (body: unknown): ReadonlyArray<unknown> => {
  const { status, taskId } = Wire.object(body)
  return status !== undefined && taskId === undefined ? [] : [body]
}

/** Of the history, newest first: a page that is full and does not reach back far enough hides what comes after it. */
const pageSize = 1000
const day = 86_400_000

/**
 * Runway behind the given token.
 *
 * **Example** (A video that begins with an image)
 *
 * ```ts
 * import { Runway } from "@media-jobs/useapi-runway"
 * import { Effect, FileSystem, Redacted } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem
 *   const runway = yield* Runway.make({ token: Redacted.make("user:1-a") })
 *   const account = "user@example.com"
 *   const first = yield* runway.upload({ account, mediaType: "image/png", content: files.stream("lighthouse.png") })
 *   return yield* runway.submit(
 *     Runway.video({ model: "gen4.5", text_prompt: "it begins to rain", imageAssetId1: first.reference })
 *   )
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Runway["Service"], Config.ConfigError, HttpClient.HttpClient> {
  // No page tells what answers an untrack that was done.
  const confirms = UseApi.confirming("untrack")
  const api = yield* UseApi.make({ id, owns: (id) => job.accountOf(id) !== undefined, confirms }, options)
  const tracked = api.listing(`${root}/scheduler/`, Rows.bare, wire.Entry, job.ofEntry)
  const remove = api.command("remove", taskPath, wire.Deleted)

  const look = (id: JobId) =>
    Records.ask(api, "remove", id, taskPath, wire.TaskRecord, (record) => job.ofRecord(record, id))

  /** What the account has made lately, at Runway's own site too. */
  const history = (email: string, _: unknown, __: unknown, submittedAt: DateTime.Utc) => {
    const since = submittedAt.epochMilliseconds - day
    const path = `${root}/tasks/${Query.of({ email, offset: 0, limit: pageSize })}`
    return LostSubmit.page(
      api,
      path,
      "tasks",
      job.seenIn,
      (jobs, { length }) =>
        length >= pageSize && !jobs.some(({ createdAt }) => (createdAt?.epochMilliseconds ?? since) < since)
    )
  }

  return api.provide({
    list: tracked.list,
    get: api.get(taskPath, wire.TaskRecord, (record, _, id) => job.ofRecord(record, id)),
    submit: api.submit(RunwayRequest.issues, routeOf, "email", job.accepted),
    recover: LostSubmit.byEcho(tracked.whole, history),
    untrack: api.command("untrack", (segment) => `${root}/scheduler/${segment}`),
    remove: Removal.onceEnded(api, remove, look),
    upload: api.upload(assets),
    accounts: api.accounts(`${root}/accounts`),
    capacity: Effect.gen(function*() {
      const limits = yield* Capacity.limits(api, `${root}/accounts`)
      const { complete, jobs } = yield* Effect.mapError(tracked.list, (error) => JobError.narrow("capacity", error))
      return limits.map(({ account, limit }): Provider.Capacity => {
        const executing = jobs.filter((job) => job.account === account).length
        return complete ? { account, limit, executing } : { account, limit }
      })
    }),
    webhook: api.webhook(wire.NamedTask, (record) => job.ofRecord(record, record.taskId), recordsOf)
  })
})

/**
 * Runway behind the given token, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Runway, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Runway, make(options))

/**
 * Runway behind the token in `USEAPI_TOKEN`, at `USEAPI_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { Runway } from "@media-jobs/useapi-runway"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const runway = yield* Runway.Runway
 *   return yield* runway.submit(Runway.video({ model: "gen4.5", text_prompt: "a lighthouse in the rain" }))
 * })
 *
 * Effect.provide(program, Runway.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<Runway, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Runway, Effect.flatMap(UseApi.config(options), make))

/**
 * What tools must know of Runway.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<Runway, Runway["Service"]> = {
  id,
  variables: UseApi.variables,
  kinds: RunwayRequest.kinds,
  tag: Runway,
  layerConfig
}
