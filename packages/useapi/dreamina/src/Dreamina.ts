/**
 * Dreamina, over useapi.net.
 *
 * **Details**
 *
 * One page of the service is known whole, that of the list; of the others the first part, and of a few things nothing.
 *
 * - Certain, from the vendor's pages: the list; a record while it runs, and when it ended; the requests of all five
 *   submits and that a submit answers with its job's record; the accounts and their `maxJobs`; what files it takes; that
 *   jobs are kept for 30 days; that a cancelled job is `failed` with the reason "Cancelled by user".
 * - Seen by users: `videoUrlWatermarked`, in place of `videoUrl`; ids must go out as they are, `:` and `@` included; uploads
 *   that take more than a minute; 596, once the session with the account is lost.
 * - Inferred from the vendor's other services: what a webhook brings, the record and the `replyRef`; that `replyRef` is
 *   echoed at all; what the errors about one job look like. What answers a cancel is on no page: any JSON with a
 *   success is a yes, and so is no body.
 *
 * @since 0.1.0
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Answer from "@media-jobs/adapter/Answer"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as Recovery from "@media-jobs/adapter/Recovery"
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import type * as Settings from "@media-jobs/core/Settings"
import type * as Submission from "@media-jobs/core/Submission"
import * as Capacity from "@media-jobs/useapi/Capacity"
import * as Endpoints from "@media-jobs/useapi/Endpoints"
import * as Rows from "@media-jobs/useapi/Rows"
import * as UseApi from "@media-jobs/useapi/UseApi"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Result from "effect/Result"
import * as DreaminaRequest from "./DreaminaRequest.ts"
import * as job from "./internal/job.ts"
import * as rules from "./internal/rules.ts"
import * as wire from "./internal/wire.ts"

const request = RequestSchema.tagged<DreaminaRequest.Request>()

/**
 * A request for a video.
 *
 * **Example** (A video that begins with an image)
 *
 * ```ts import.meta.vitest
 * import { Dreamina, DreaminaRequest } from "@media-jobs/useapi-dreamina"
 *
 * const request = Dreamina.video({ prompt: "rain", firstFrameRef: "US:user@example.com-image:w1", duration: 8 })
 * DreaminaRequest.issues(request) // => []
 * DreaminaRequest.issues({ ...request, ratio: "9:16" }).map(({ field }) => field) // => ["ratio"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const video = request("Video")

/**
 * A request for up to four images.
 *
 * @since 0.1.0
 * @category requests
 */
export const image = request("Image")

/**
 * A request for a video of twice the size.
 *
 * @since 0.1.0
 * @category requests
 */
export const upscaleVideo = request("UpscaleVideo")

/**
 * A request for a larger image.
 *
 * @since 0.1.0
 * @category requests
 */
export const upscaleImage = request("UpscaleImage")

/**
 * A request for a video of more frames a second.
 *
 * @since 0.1.0
 * @category requests
 */
export const interpolate = request("Interpolate")

/**
 * Dreamina behind one token.
 *
 * **When to use**
 *
 * Use `yield* Dreamina.Dreamina` in a program with one token, and {@link make} once for each token where there are several.
 *
 * **Details**
 *
 * - `list`: every job in it is `Running`: the service lists what executes and says no more. Images may not be listed: the
 *   page speaks of videos alone, a later text of both.
 * - `get`: by the letter in the id, from where videos or where images are read. An id without a letter that is known is
 *   looked for among the videos, which most jobs are, and then among the images.
 * - `cancel`: stops a job that runs, which then reads as `Cancelled`.
 * - `submit`: makes one job, also of four images. An upscale or an interpolation is a new job.
 * - `recover`: where the lost submit gave a `replyUrl`, the jobs that still execute and have the very same; so a URL that
 *   differs by submit finds the one. Else those of its kind, model and account that began no earlier. It knows nothing of
 *   jobs that have ended: the service doesn't list them.
 * - `upload`: JPEG, PNG and WebP of at most 10 MB, videos of 50 MB, audio of 15 MB, for the account that is named.
 * - `capacity`: an account's limit counts jobs of all kinds. An account with a problem has room for none, and one whose
 *   limit is not told is left out. It takes two requests: the accounts don't say what runs.
 * - `webhook`: takes the record of a job; of a request that broke it makes nothing, for it names none.
 *
 * @since 0.1.0
 * @category services
 */
export class Dreamina extends Context.Service<
  Dreamina,
  Provider.Provider<
    "list" | "get" | "cancel" | "submit" | "recover" | "upload" | "accounts" | "capacity" | "webhook",
    DreaminaRequest.Request
  >
>()(
  "@media-jobs/useapi-dreamina/Dreamina"
) {}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends UseApi.Options {}

const { id } = job
const root = "/v1/dreamina"
const scheduler = `${root}/scheduler`
const accounts = `${root}/accounts`

const routeOf = Endpoints.routes<DreaminaRequest.Request>(root, {
  Video: ["video", "videos"],
  Image: ["image", "images"],
  UpscaleVideo: ["video", "videos/upscale"],
  UpscaleImage: ["image", "images/upscale"],
  Interpolate: ["video", "videos/interpolate"]
}, rules.accountOfRequest)

const rowsOf = (body: unknown): Result.Result<Adapter.Rows, string> =>
  Rows.byAccount(body, "executing", (entries) => [entries])

/** Megabytes, by the page of April 3, 2026. */
const assets: UseApi.UploadTarget = {
  path: `${root}/assets`,
  account: "the name of a Dreamina account, as in US:user@example.com",
  accepts: {
    ...UseApi.within(10, "image/jpeg", "image/png", "image/webp"),
    ...UseApi.within(50, "video/mp4", "video/quicktime", "video/webm"),
    ...UseApi.within(15, "audio/mpeg", "audio/mp3", "audio/wav", "audio/mp4", "audio/aac")
  }
}

/** 404 to an upscale or an interpolation is about the job that it names, in the service's own words. */
const exceptions: Answer.Rules["exceptions"] = ({ call, isOwn, status, text }) =>
  call.operation === "submit" && isOwn && status === 404 && /\bjob not found/i.test(text) ? "InvalidRequest" : undefined

/**
 * Dreamina behind the given token.
 *
 * **Example** (A video of an image)
 *
 * ```ts
 * import { Dreamina } from "@media-jobs/useapi-dreamina"
 * import { Effect, FileSystem, Redacted } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem
 *   const dreamina = yield* Dreamina.make({ token: Redacted.make("user:1-a") })
 *   const first = yield* dreamina.upload({
 *     account: "US:user@example.com",
 *     mediaType: "image/png",
 *     content: files.stream("lighthouse.png")
 *   })
 *   return yield* dreamina.submit(Dreamina.video({ prompt: "it begins to rain", firstFrameRef: first.reference }))
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Dreamina["Service"], Config.ConfigError, HttpClient.HttpClient> {
  // What answers a cancel is on no page.
  const confirms = UseApi.confirming("cancel")
  const api = yield* UseApi.make({ id, owns: (id) => id.endsWith(":dreamina"), exceptions, confirms }, options)
  const executing = api.listing(scheduler, rowsOf, wire.Entry, job.ofEntry)
  const get = (kind: job.Kind) => api.get((segment) => `${root}/${kind}s/${segment}`, wire.JobRecord, job.ofRecord)
  const [video, image] = [get("video"), get("image")]
  return api.provide({
    list: executing.list,
    get: (id: JobId) => {
      const kind = job.kindOf(id)
      if (kind !== undefined) return kind === "video" ? video(id) : image(id)
      return Effect.catchTag(video(id), "NotFound", () => image(id))
    },
    cancel: api.command("cancel", (segment) => `${scheduler}/${segment}`),
    submit: api.submit(DreaminaRequest.issues, routeOf, "account"),
    recover: (lost: Submission.LostSubmission) => {
      const { replyUrl, submittedAt } = lost
      const couldBe = Recovery.couldBe(replyUrl === undefined ? lost : { submittedAt })
      return Effect.map(
        executing.whole,
        (entries) =>
          entries.flatMap(({ job, record }) =>
            (replyUrl === undefined || record.replyUrl === replyUrl) && couldBe(job) ? [job] : []
          )
      )
    },
    upload: api.upload(assets),
    accounts: api.accounts(accounts),
    capacity: Effect.zipWith(
      Capacity.limits(api, accounts),
      api.call("capacity", { method: "GET", path: scheduler }, rowsOf),
      (accounts, { rows }) =>
        accounts.map((found): Provider.Capacity => ({
          ...found,
          executing: rows.filter(({ account }) => account === found.account).length
        })),
      { concurrent: true }
    ),
    webhook: api.webhook(wire.JobRecord, job.ofRecord)
  })
})

/**
 * Dreamina behind the given token, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Dreamina, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Dreamina, make(options))

/**
 * Dreamina behind the token in `USEAPI_TOKEN`, at `USEAPI_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { Dreamina } from "@media-jobs/useapi-dreamina"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const dreamina = yield* Dreamina.Dreamina
 *   return yield* dreamina.submit(Dreamina.video({ prompt: "a lighthouse in the rain", duration: 8 }))
 * })
 *
 * Effect.provide(program, Dreamina.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<Dreamina, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Dreamina, Effect.flatMap(UseApi.config(options), make))

/**
 * What tools must know of Dreamina.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<Dreamina, Dreamina["Service"]> = {
  id,
  variables: UseApi.variables,
  kinds: DreaminaRequest.kinds,
  tag: Dreamina,
  layerConfig
}
