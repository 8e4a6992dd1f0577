/**
 * MiniMax (Hailuo), over useapi.net.
 *
 * **Details**
 *
 * Five families of jobs in one service: videos, images, songs, speech, and what an agent makes. What is certain, seen or unknown of it
 * stands in the package's `FACTS.md`.
 *
 * @since 0.1.0
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Answer from "@media-jobs/adapter/Answer"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as Lists from "@media-jobs/adapter/Lists"
import * as Records from "@media-jobs/adapter/Records"
import * as Recovery from "@media-jobs/adapter/Recovery"
import * as Removal from "@media-jobs/adapter/Removal"
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import type * as Settings from "@media-jobs/core/Settings"
import type * as Submission from "@media-jobs/core/Submission"
import * as Capacity from "@media-jobs/useapi/Capacity"
import * as Endpoints from "@media-jobs/useapi/Endpoints"
import * as Rows from "@media-jobs/useapi/Rows"
import * as UseApi from "@media-jobs/useapi/UseApi"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as job from "./internal/job.ts"
import { accountOfRequest } from "./internal/rules.ts"
import * as wire from "./internal/wire.ts"
import * as MiniMaxRequest from "./MiniMaxRequest.ts"

const request = RequestSchema.tagged<MiniMaxRequest.Request>()

/**
 * A request for a video.
 *
 * **Example** (A video that begins with an image)
 *
 * ```ts import.meta.vitest
 * import { MiniMax, MiniMaxRequest } from "@media-jobs/useapi-minimax"
 *
 * const request = MiniMax.video({ prompt: "rain", fileID: "user:1-minimax:2-file:3" })
 * MiniMaxRequest.issues(request) // => []
 * MiniMaxRequest.issues({ ...request, account: "4" }).map(({ field }) => field) // => ["fileID"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const video = request("Video")

/**
 * A request for a video from a template.
 *
 * @since 0.1.0
 * @category requests
 */
export const templateVideo = request("TemplateVideo")

/**
 * A request for images.
 *
 * @since 0.1.0
 * @category requests
 */
export const image = request("Image")

/**
 * A request for a song.
 *
 * @since 0.1.0
 * @category requests
 */
export const music = request("Music")

/**
 * A request for speech.
 *
 * @since 0.1.0
 * @category requests
 */
export const speech = request("Speech")

/**
 * A request to an agent.
 *
 * @since 0.1.0
 * @category requests
 */
export const agent = request("Agent")

/**
 * MiniMax behind one token.
 *
 * **When to use**
 *
 * Use `yield* MiniMax.MiniMax` in a program with one token, and {@link make} once for each token where there are several.
 *
 * **Details**
 *
 * - `list`: what executes, by two requests, of which one is for agents' jobs.
 * - `get`: where the id says that its job is. Not found is mostly what was moderated and removed after it was made.
 * - `cancel`: asks that a video be stopped, which may fail, or ends speech; nothing else can be.
 * - `untrack`: frees the slot of a video or an image, which runs on and is paid.
 * - `remove`: deletes what has ended, after a look, but for agents' jobs.
 * - `submit`: each image of a request is a job of its own.
 * - `recover`: what still executes, by its reference; of agents' jobs all that agree in account.
 * - `upload`: PNG, JPEG, MP3, WAV and MP4, for the account that is named.
 * - `capacity`: of videos alone: what else runs is not counted.
 * - `webhook`: takes the record of a job.
 *
 * @since 0.1.0
 * @category services
 */
export class MiniMax extends Context.Service<
  MiniMax,
  Provider.Provider<
    | "list"
    | "get"
    | "cancel"
    | "untrack"
    | "remove"
    | "submit"
    | "recover"
    | "upload"
    | "accounts"
    | "capacity"
    | "webhook",
    MiniMaxRequest.Request
  >
>()(
  "@media-jobs/useapi-minimax/MiniMax"
) {}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends UseApi.Options {}

const id = ProviderId.make("useapi-minimax")
const root = "/v1/minimax"

const folders = { video: "videos", image: "images", music: "music", audio: "speech", agent: "agent" } as const

const jobPath = (segment: string, id: string) => `${root}/${folders[job.familyOf(id) ?? "video"]}/${segment}`

const tracked = (segment: string) => `${root}/scheduler/${segment}`

const toCancel = (videoId: string) =>
  ({ method: "POST", path: `${root}/videos/cancel`, body: HttpBody.jsonUnsafe({ videoId }) }) as const

const isSpeech = (id: string): boolean => job.familyOf(id) === "audio"

const toEndpoint = Endpoints.routes<MiniMaxRequest.Request>(root, {
  Video: ["video", "videos/create"],
  TemplateVideo: ["video", "videos/agent-create"],
  Image: ["image", "images/create"],
  Music: ["audio", "music/create"],
  Speech: ["audio", "speech/create"],
  Agent: ["other", "agent"]
}, accountOfRequest)

/** Songs are made without a report; an agent answers at once only where it is asked to. */
const routeOf = (request: MiniMaxRequest.Request): Adapter.Route => {
  const { _tag, ...fields } = request
  const more = _tag === "Agent" ? { async: true } : undefined
  return { ...toEndpoint(request), more, body: _tag === "Music" ? fields : undefined }
}

/** Each account's jobs, with how many these are said to be. */
const agents = (body: unknown) => {
  const summary = Wire.object(Wire.object(body)["summary"])
  return Rows.byAccount(body, "executing", (jobs, account) => [jobs, Wire.object(summary[account])["executing"]])
}

/**
 * 502 to a submit says that Hailuo is busy: the vendor's own script sends again, as after a 429. It does so after a 504 too, of which
 * no page says that nothing has begun: Hailuo may have, and not said so in time.
 */
const exceptions: Answer.Rules["exceptions"] = ({ call, isOwn, status }) =>
  call.operation === "submit" && isOwn && status === 502 ? "RateLimited" : undefined

/** The families of which jobs can be let go of, in each way that there is. */
const able: { readonly [O in Adapter.AboutJob]?: ReadonlyArray<job.Family> } = {
  cancel: ["video", "audio"],
  untrack: ["video", "image"],
  remove: ["video", "image", "music", "audio"]
}

const objection = (id: string, operation: Adapter.AboutJob): string | undefined => {
  const [family, families] = [job.familyOf(id), able[operation]]
  return family === undefined || families?.includes(family) !== false
    ? undefined
    : `MiniMax can ${operation} ${families.join(" and ")} jobs alone`
}

/**
 * MiniMax behind the given token.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<MiniMax["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const owns = (id: string) => job.familyOf(id) !== undefined
  // What answers a cancel or a delete is on no page.
  const confirms = UseApi.confirming("cancel", "untrack", "remove")
  const api = yield* UseApi.make({ id, owns, objection, exceptions, confirms }, options)
  const listed = Lists.both(
    api.listing(`${root}/scheduler/`, Rows.bare, wire.Entry, job.ofEntry),
    api.listing(`${root}/agent/jobs`, agents, wire.Entry, job.ofEntry)
  )
  const get = api.get(jobPath, wire.NamedRecord, (record) => job.ofRecord(record))
  const getSpeech = api.get(jobPath, wire.JobRecord, (record, _, id) => job.ofSpeech(record, id))
  const look = (id: JobId) =>
    isSpeech(id)
      ? Records.ask(api, "remove", id, jobPath, wire.JobRecord, (record) => job.ofSpeech(record, id))
      : Records.ask(api, "remove", id, jobPath, wire.NamedRecord, (record) => job.ofRecord(record))

  return api.provide({
    list: listed.list,
    get: (id: JobId) => (isSpeech(id) ? getSpeech : get)(id),
    cancel: api.command("cancel", (segment, id) => isSpeech(id) ? tracked(segment) : toCancel(id)),
    untrack: api.command("untrack", tracked),
    // What a delete makes of a job that runs is on no page, so it is looked at first.
    remove: Removal.onceEnded(api, api.command("remove", jobPath), look),
    submit: api.submit(MiniMaxRequest.issues, routeOf, "account", job.accepted),
    recover: (lost: Submission.LostSubmission) =>
      Effect.map(listed.whole, (found) =>
        found.flatMap(({ job, record: { replyRef } }) => {
          const agrees = lost.replyRef === undefined || replyRef === lost.replyRef || job.kind === "other"
          return agrees && Recovery.couldBe(lost)(job) ? [job] : []
        })),
    // How large a file may be is on no page.
    upload: api.upload({
      path: `${root}/files/`,
      query: "account",
      account: "the digits of a MiniMax account",
      accepts: UseApi.within(Infinity, "image/png", "image/jpeg", "audio/mpeg", "audio/mp3", "audio/wav", "video/mp4"),
      referenceOf: ({ fileID }) => fileID
    }),
    accounts: api.accounts(`${root}/accounts`),
    capacity: Effect.map(
      Capacity.slots(api, `${root}/scheduler/available`, "account"),
      (slots) => slots.map((one): Provider.Capacity => ({ ...one, kind: "video" }))
    ),
    webhook: api.webhook(wire.NamedRecord, (record) => job.ofRecord(record))
  })
})

/**
 * MiniMax behind the given token, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<MiniMax, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(MiniMax, make(options))

/**
 * MiniMax behind the token in `USEAPI_TOKEN`, at `USEAPI_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { MiniMax } from "@media-jobs/useapi-minimax"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const miniMax = yield* MiniMax.MiniMax
 *   return yield* miniMax.submit(MiniMax.video({ prompt: "a lighthouse in the rain" }))
 * })
 *
 * Effect.provide(program, MiniMax.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<MiniMax, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(MiniMax, Effect.flatMap(UseApi.config(options), make))

/**
 * What tools must know of MiniMax.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<MiniMax, MiniMax["Service"]> = {
  id,
  variables: UseApi.variables,
  kinds: MiniMaxRequest.kinds,
  tag: MiniMax,
  layerConfig
}
