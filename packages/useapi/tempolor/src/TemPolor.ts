/**
 * TemPolor, over useapi.net.
 *
 * **Details**
 *
 * What is certain, seen or unknown of the service stands in the package's `FACTS.md`. Nothing cancels a job. Stems of an audio of
 * one's own are not here: what they are answered with is on no page.
 *
 * What is not certain is in one place each, so that it is changed in a line. In `internal/job.ts`: where a failure says why
 * (`reasonOf`), how long after its job a file may come (`filesWithin`), how long a link lives (`linkOf`). Here: what answers a
 * `DELETE` (`confirms`), how an upload is named and what it answers (`files`), where the history goes on and in which order it is
 * (`nextOf`, `isPast`).
 *
 * @since 0.1.0
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Pages from "@media-jobs/adapter/Pages"
import * as Query from "@media-jobs/adapter/Query"
import * as Records from "@media-jobs/adapter/Records"
import * as Removal from "@media-jobs/adapter/Removal"
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import type * as Job from "@media-jobs/core/Job"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import type * as Settings from "@media-jobs/core/Settings"
import * as Capacity from "@media-jobs/useapi/Capacity"
import * as LostSubmit from "@media-jobs/useapi/LostSubmit"
import * as Rows from "@media-jobs/useapi/Rows"
import * as UseApi from "@media-jobs/useapi/UseApi"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as job from "./internal/job.ts"
import * as wire from "./internal/wire.ts"
import * as TemPolorRequest from "./TemPolorRequest.ts"

const request = RequestSchema.tagged<TemPolorRequest.Request>()

/**
 * A request for a song.
 *
 * **Example** (A song, and one that is refused)
 *
 * ```ts import.meta.vitest
 * import { TemPolor, TemPolorRequest } from "@media-jobs/useapi-tempolor"
 *
 * const request = TemPolor.song({ prompt: "a slow waltz about a lighthouse" })
 * TemPolorRequest.issues(request) // => []
 * TemPolorRequest.issues({ ...request, lyrics: "" }).map(({ field }) => field) // => ["lyrics"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const song = request("Song")

/**
 * A request for music without voices.
 *
 * @since 0.1.0
 * @category requests
 */
export const instrumental = request("Instrumental")

/**
 * TemPolor behind one token.
 *
 * **When to use**
 *
 * Use `yield* TemPolor.TemPolor` in a program with one token, and {@link make} once for each token where there are several.
 *
 * **Details**
 *
 * - `list`: what the API tracks, each `Running`.
 * - `get`: of music that is done a second request asks for its MP3, which may be there some seconds later: until then it runs.
 * - `submit`: as many jobs as the service makes of it.
 * - `recover`: what is tracked with the very `replyRef`, or `replyUrl`, of the lost submit. Where there is none, or it gave neither,
 *   what its account has had made within a day of it too.
 * - `untrack`: frees the slot, and the job runs on and is paid. Nothing cancels one.
 * - `remove`: deletes music that has ended, after a look.
 * - `link`: the MP3 by a new link, since each lives a moment.
 * - `upload`: a voice as MP3 or WAV, or a melody as MIDI, for the account that is named.
 * - `webhook`: takes the record of a job, which comes with its progress too.
 *
 * @since 0.1.0
 * @category services
 */
export class TemPolor extends Context.Service<
  TemPolor,
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
    TemPolorRequest.Request
  >
>()(
  "@media-jobs/useapi-tempolor/TemPolor"
) {}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends UseApi.Options {}

const id = ProviderId.make("useapi-tempolor")
const root = "/v1/tempolor"
const scheduler = `${root}/scheduler/`
const jobPath = (segment: string) => `${root}/music/${segment}`

const routeOf = (request: TemPolorRequest.Request): Adapter.Route => ({
  path: jobPath(request._tag === "Song" ? "song" : "instrumental"),
  kind: "audio",
  model: request._tag === "Song" ? request.model_song : request.model_instrumental,
  account: request.user_id
})

/** A name must be given, or may be, and is told by no other. What a file's id is called, and how large one may be, is on no page. */
const files: UseApi.UploadTarget = {
  path: (mediaType) => `${root}/music/${mediaType === "audio/midi" ? "midi" : "cloned-voices"}?name=media-jobs`,
  query: "user_id",
  account: "the id of a TemPolor account",
  accepts: UseApi.within(Infinity, "audio/mpeg", "audio/wav", "audio/midi"),
  referenceOf: ({ id, itemId }) => Wire.word(itemId ?? id)
}

/** What asks for the next page of the history. */
const nextOf = (body: unknown): string | undefined => {
  const { cursor, nextCursor } = Wire.object(body)
  return Wire.word(nextCursor ?? cursor)
}

/** Whether a page of the history is of before what is looked for, and so are the ones after it: its newest come first. */
const isPast = (submittedAt: DateTime.Utc) => (jobs: ReadonlyArray<Job.Job>): boolean =>
  jobs.every(({ createdAt }) =>
    createdAt !== undefined && DateTime.isLessThan(createdAt, DateTime.subtract(submittedAt, { days: 2 }))
  )

const seenIn = Records.reader(wire.Record, job.ofRecord)

/**
 * TemPolor behind the given token.
 *
 * **Example** (A song of a melody)
 *
 * ```ts
 * import { TemPolor } from "@media-jobs/useapi-tempolor"
 * import { Effect, FileSystem, Redacted } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem
 *   const tempolor = yield* TemPolor.make({ token: Redacted.make("user:1-a") })
 *   const account = "1234567"
 *   const melody = yield* tempolor.upload({ account, mediaType: "audio/midi", content: files.stream("waltz.mid") })
 *   return yield* tempolor.submit(
 *     TemPolor.song({ prompt: "a slow waltz", user_id: account, midiItemId: melody.reference })
 *   )
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<TemPolor["Service"], Config.ConfigError, HttpClient.HttpClient> {
  // What answers a delete of music is on no page.
  const confirms = UseApi.confirming("untrack", "remove")
  const api = yield* UseApi.make({ id, owns: (id) => job.accountOf(id) !== undefined, confirms }, options)
  const tracked = api.listing(scheduler, Rows.bare, wire.Entry, job.ofEntry)

  const file = <const Op extends "get" | "link">(operation: Op, id: JobId) =>
    api.about(
      operation,
      id,
      (segment) => ({ method: "GET", path: `${root}/music/download/${segment}?file_format=mp3` }),
      (body, at) => Result.fromNullishOr(job.linkOf(body, at), () => "The answer holds no link")
    )

  /** For some seconds the file of what is completed is answered as if there were none, or nothing completed. */
  const get = api.get(jobPath, wire.Record, job.ofRecord, (report, id) =>
    report.state !== Failure.withoutFile
      ? Effect.succeed(report)
      : Effect.zipWith(
        Effect.catchTag(file("get", id), ["NotFound", "InvalidJobId"], () => Effect.undefined),
        DateTime.now,
        (file, now) => job.completed(report, file, now)
      ))

  const history = (account: string, _: unknown, __: unknown, submittedAt: DateTime.Utc) =>
    Effect.map(
      Effect.forEach(["song", "instrumental"], (type) =>
        Pages.walk(api, "recover", {
          first: "",
          enough: isPast(submittedAt),
          ask: (cursor) => {
            const path = `${root}/music/${
              Query.of({ user_id: account, type, cursor: cursor === "" ? undefined : cursor })
            }`
            return LostSubmit.pageOf(
              api,
              path,
              "records",
              seenIn,
              (entries, { length }, body) => Result.succeed({ entries, next: length === 0 ? undefined : nextOf(body) })
            )
          }
        })),
      (found) => found.flatMap(({ entries }) => entries)
    )

  return api.provide({
    list: tracked.list,
    get,
    submit: api.submit(TemPolorRequest.issues, routeOf, "user_id"),
    recover: LostSubmit.byEcho(tracked.whole, history),
    untrack: api.command("untrack", (segment) => `${scheduler}${segment}`),
    // What a delete makes of music that is being made is on no page.
    remove: Removal.onceEnded(api, api.command("remove", jobPath), get),
    link: ({ id }: Job.Job) => file("link", id),
    upload: api.upload(files),
    accounts: api.accounts(`${root}/accounts`),
    capacity: Capacity.slots(api, `${scheduler}available`, "user_id"),
    webhook: api.webhook(wire.Record, job.ofRecord)
  })
})

/**
 * TemPolor behind the given token, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<TemPolor, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(TemPolor, make(options))

/**
 * TemPolor behind the token in `USEAPI_TOKEN`, at `USEAPI_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { TemPolor } from "@media-jobs/useapi-tempolor"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const tempolor = yield* TemPolor.TemPolor
 *   return yield* tempolor.submit(TemPolor.song({ prompt: "a slow waltz about a lighthouse" }))
 * })
 *
 * Effect.provide(program, TemPolor.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<TemPolor, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(TemPolor, Effect.flatMap(UseApi.config(options), make))

/**
 * What tools must know of TemPolor.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<TemPolor, TemPolor["Service"]> = {
  id,
  variables: UseApi.variables,
  kinds: TemPolorRequest.kinds,
  tag: TemPolor,
  layerConfig
}
