/**
 * PixVerse, over useapi.net.
 *
 * **Details**
 *
 * Of the vendor's pages the beginnings are known, and its scripts whole; what is not certain is in one place each, so that it is
 * changed in a line. In `internal/job.ts`: which sorts hide a job at work (`sorts`), what numbers mean (`names`), where an image is
 * (`links`). In `internal/wire.ts`: what an image's fields are called (`families`). Here: what a create may call its ids (`idsOf`), what
 * answers a `DELETE` (`confirms`), what a 404 to a look is (`exceptions`).
 *
 * @since 0.1.0
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Answer from "@media-jobs/adapter/Answer"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as Query from "@media-jobs/adapter/Query"
import * as Records from "@media-jobs/adapter/Records"
import * as Removal from "@media-jobs/adapter/Removal"
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import type * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type * as JobId from "@media-jobs/core/JobId"
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
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as job from "./internal/job.ts"
import * as wire from "./internal/wire.ts"
import * as PixVerseRequest from "./PixVerseRequest.ts"

const request = RequestSchema.tagged<PixVerseRequest.Request>()

/**
 * A request for a video of a text, of frames or by a template.
 *
 * **Example** (A video of a text needs a ratio)
 *
 * ```ts import.meta.vitest
 * import { PixVerse, PixVerseRequest } from "@media-jobs/useapi-pixverse"
 *
 * const request = PixVerse.video({ prompt: "a lighthouse in the rain", aspect_ratio: "16:9" })
 * PixVerseRequest.issues(request) // => []
 * PixVerseRequest.issues({ ...request, first_frame_path: "upload/1.png" }).map(({ field }) => field) // => ["aspect_ratio"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const video = request("CreateVideo")

/**
 * A request for a video of what images, videos and audios show.
 *
 * @since 0.1.0
 * @category requests
 */
export const fusion = request("Fusion")

/**
 * A request for an image that moves as a video does.
 *
 * @since 0.1.0
 * @category requests
 */
export const motionControl = request("MotionControl")

/**
 * A request for a video to go on.
 *
 * @since 0.1.0
 * @category requests
 */
export const extend = request("Extend")

/**
 * A request for a larger video.
 *
 * @since 0.1.0
 * @category requests
 */
export const upscale = request("Upscale")

/**
 * A request for up to four images.
 *
 * @since 0.1.0
 * @category requests
 */
export const image = request("CreateImage")

/**
 * A request for a piece of music.
 *
 * @since 0.1.0
 * @category requests
 */
export const music = request("Music")

/**
 * A request for a text to be spoken.
 *
 * @since 0.1.0
 * @category requests
 */
export const speech = request("Speech")

/**
 * PixVerse behind one token.
 *
 * **When to use**
 *
 * Use `yield* PixVerse.PixVerse` in a program with one token, and {@link make} once for each token where there are several.
 *
 * **Details**
 *
 * - `list`: what the API tracks, each `Running`: not what was begun with `off_peak_mode`, nor at PixVerse's own site.
 * - `get`: a video at work is answered as if it were not there, and is then looked for among the latest of its account, in a second
 *   request; `NotFound` is one that is in neither.
 * - `submit`: one job, and of several images as many as the answer names.
 * - `recover`: what is tracked with the very `replyRef`, or `replyUrl`, of the lost submit. Where there is none, or it gave neither, what of
 *   its kind its account has had made within a day of it too.
 * - `untrack`: frees the slot, and the job runs on and is paid. Nothing cancels one.
 * - `remove`: videos and images that have ended; for music and speech the service has none.
 * - `upload`: images, videos of at most 50 MB and audio, for the account that is named.
 *
 * @since 0.1.0
 * @category services
 */
export class PixVerse extends Context.Service<
  PixVerse,
  Provider.Provider<
    "list" | "get" | "submit" | "recover" | "untrack" | "remove" | "upload" | "accounts" | "capacity" | "webhook",
    PixVerseRequest.Request
  >
>()(
  "@media-jobs/useapi-pixverse/PixVerse"
) {}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends UseApi.Options {}

const id = ProviderId.make("useapi-pixverse")
const root = "/v2/pixverse"
const scheduler = `${root}/scheduler/`

const routeOf = Endpoints.routes<PixVerseRequest.Request>(root, {
  CreateVideo: ["video", "videos/create"],
  Fusion: ["video", "videos/create-fusion"],
  MotionControl: ["video", "videos/motion-control"],
  Extend: ["video", "videos/extend"],
  Upscale: ["video", "videos/upscale"],
  CreateImage: ["image", "images/create"],
  Music: ["audio", "music/create"],
  Speech: ["audio", "speech/create"]
}, ({ email }) => email)

/** The ids in the answer to a create: one under the name of its family, or a list, as several images may have. */
const idsOf = (body: unknown): Adapter.Accepted | undefined => {
  const { audio_id, image_id, image_ids, video_id } = Wire.object(body)
  return Records.accepted([video_id, image_id, image_ids, audio_id].flat().map(Wire.text))
}

/** What a 404 to a look at a job says is on no page; that of a page of the web is none of the service's. */
const exceptions: Answer.Rules["exceptions"] = ({ call, status, text }) =>
  call.operation === "get" && call.id !== undefined && status === 404 && !/html/i.test(text) ? "NotFound" : undefined

const objection = (id: string, operation: Adapter.AboutJob): string | undefined => {
  const sort = job.partsOf(id)?.sort
  if (sort === undefined) return "The id is not of a video, an image, music or a speech"
  return operation === "remove" && job.sorts[sort].kind === "audio"
    ? "Only videos and images can be removed"
    : undefined
}

/** The latest of an account; the longest page that the vendor's own pages ask for. */
const pageSize = 40
const latest = (sort: job.Sort, email: string, offset = 0): string =>
  `${root}/${job.sorts[sort].folder}/${Query.of({ email, limit: pageSize, offset })}`

/** How many of the latest a look goes through, each page a request: what waits for off-peak hours does so for a day. */
const deepest = 10 * pageSize

/** The records of a page, each as what was seen; an odd one costs no other. */
const seenIn = Records.reader(wire.Record, job.ofRecord)

/** By what an id says; ids of another form are refused before. */
const itemPath = (segment: string, id: JobId.JobId): string =>
  `${root}/${job.sorts[job.partsOf(id)?.sort ?? "video"].folder}/${segment}`

/**
 * PixVerse behind the given token.
 *
 * **Example** (A video that begins with an image)
 *
 * ```ts
 * import { PixVerse } from "@media-jobs/useapi-pixverse"
 * import { Effect, FileSystem, Redacted } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem
 *   const pixverse = yield* PixVerse.make({ token: Redacted.make("user:1-a") })
 *   const email = "user@example.com"
 *   const first = yield* pixverse.upload({ account: email, mediaType: "image/png", content: files.stream("lighthouse.png") })
 *   return yield* pixverse.submit(PixVerse.video({ email, prompt: "it begins to rain", first_frame_path: first.reference }))
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<PixVerse["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const owns = (id: string) => job.partsOf(id) !== undefined
  // What answers a `DELETE` is on no page.
  const confirms = UseApi.confirming("untrack", "remove")
  const api = yield* UseApi.make({ id, owns, objection, exceptions, confirms }, options)
  const tracked = api.listing(scheduler, Rows.bare, wire.Entry, job.ofEntry)
  const shown = api.get(itemPath, wire.Record, job.ofRecord)

  /** A video at work is shown by the list alone. */
  const get = (id: JobId.JobId): Effect.Effect<Job.Job, JobError.Of<"get">> => {
    const { account = "", sort = "music" } = job.partsOf(id) ?? {}
    if (!job.sorts[sort].isHidden) return shown(id)
    const page = (offset: number) =>
      api.reading((made) =>
        Records.ask(api, "get", id, () => latest(sort, account, offset), wire.Page, ({ data }, at) => ({
          found: data.flatMap(seenIn).map((seen) => made(seen, at)).find((job) => job.id === id),
          isLast: data.length < pageSize
        }))
      )
    const listed = (missing: JobError.NotFound, offset = 0): Effect.Effect<Job.Job, JobError.Of<"get">> =>
      Effect.flatMap(page(offset), ({ found, isLast }) => {
        if (found !== undefined) return Effect.succeed(found)
        if (isLast) return Effect.fail(missing)
        const next = offset + pageSize
        if (next < deepest) return listed(missing, next)
        const { instance, operation, provider } = missing
        // Whether it is there is not known.
        const detail = `It is not among the latest ${deepest} of its account`
        return Effect.fail(new JobError.Unavailable({ instance, operation, provider, id, detail }))
      })
    return Effect.catchTag(shown(id), "NotFound", (missing) => listed(missing))
  }

  /** What of that kind the account had made, as far as it can be the lost; a page that is full of it may hide more. */
  const history = (account: string, kind: string | undefined, couldBe: (job: Job.Job) => boolean) => {
    const sort = kind === "image" ? "image" : kind === "audio" ? "music" : "video"
    const isCut = (jobs: ReadonlyArray<Job.Job>) => jobs.filter(couldBe).length >= pageSize
    return LostSubmit.page(api, latest(sort, account), "data", seenIn, isCut)
  }

  return api.provide({
    list: tracked.list,
    get,
    submit: api.submit(PixVerseRequest.issues, routeOf, "email", idsOf),
    recover: LostSubmit.byEcho(tracked.whole, history),
    untrack: api.command("untrack", (segment) => `${scheduler}${segment}`),
    remove: Removal.explained(api.command("remove", itemPath), get),
    upload: api.upload({
      path: `${root}/files/`,
      query: "email",
      account: "the address of a PixVerse account",
      // How large an image or an audio may be is on no page.
      accepts: {
        ...UseApi.within(Infinity, "image/png", "image/jpeg", "image/gif", "image/webp", "audio/mpeg", "audio/wav"),
        "video/mp4": 50
      },
      // An image's has another place than that of a video.
      referenceOf: ({ path, result }) => Wire.text(Wire.object(Wire.array(result)[0])["path"]) ?? path
    }),
    accounts: api.accounts(`${root}/accounts`),
    capacity: Capacity.slots(api, `${scheduler}available/`, "email"),
    webhook: api.webhook(wire.Record, job.ofRecord, (body) => [body])
  })
})

/**
 * PixVerse behind the given token, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<PixVerse, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(PixVerse, make(options))

/**
 * PixVerse behind the token in `USEAPI_TOKEN`, at `USEAPI_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { PixVerse } from "@media-jobs/useapi-pixverse"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const pixverse = yield* PixVerse.PixVerse
 *   return yield* pixverse.submit(PixVerse.video({ prompt: "a lighthouse in the rain", aspect_ratio: "16:9" }))
 * })
 *
 * Effect.provide(program, PixVerse.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<PixVerse, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(PixVerse, Effect.flatMap(UseApi.config(options), make))

/**
 * What tools must know of PixVerse.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<PixVerse, PixVerse["Service"]> = {
  id,
  variables: UseApi.variables,
  kinds: PixVerseRequest.kinds,
  tag: PixVerse,
  layerConfig
}
