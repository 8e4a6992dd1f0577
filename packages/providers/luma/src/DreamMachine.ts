/**
 * Luma's Dream Machine, over its own API, which came before the current one.
 *
 * **Details**
 *
 * It has the models of Ray 2 and Photon; a key of the current API, which begins with `luma-api-`, is refused here.
 *
 * @since 0.1.0
 */
import * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as Pages from "@media-jobs/adapter/Pages"
import * as Records from "@media-jobs/adapter/Records"
import * as Recovery from "@media-jobs/adapter/Recovery"
import * as Removal from "@media-jobs/adapter/Removal"
import * as Wire from "@media-jobs/adapter/Wire"
import type * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Settings from "@media-jobs/core/Settings"
import type * as Submission from "@media-jobs/core/Submission"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as DreamMachineRequest from "./DreamMachineRequest.ts"
import * as answer from "./internal/answer.ts"
import * as job from "./internal/job.ts"
import * as wire from "./internal/wire.ts"

const typed = <const T extends string>(generation_type: T) => <F extends object>(fields: F) => ({
  ...fields,
  generation_type
})

/**
 * A request for a video.
 *
 * **Example** (A video with a camera that moves, from one frame to another)
 *
 * ```ts import.meta.vitest
 * import { DreamMachine, DreamMachineRequest } from "@media-jobs/luma"
 *
 * const request = DreamMachine.video({
 *   model: "ray-2",
 *   prompt: "a lighthouse in the rain",
 *   keyframes: { frame0: { type: "image", url: "https://example.com/lighthouse.png" } },
 *   concepts: [{ key: "dolly_zoom" }]
 * })
 * DreamMachineRequest.issues(request) // => []
 * DreamMachineRequest.issues({ ...request, model: "photon-1" }).map(({ field }) => field) // => ["model"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const video: (fields: Omit<DreamMachineRequest.Video, "generation_type">) => DreamMachineRequest.Video = typed(
  "video"
)

/**
 * A request for an image.
 *
 * @since 0.1.0
 * @category requests
 */
export const image: (fields: Omit<DreamMachineRequest.Image, "generation_type">) => DreamMachineRequest.Image = typed(
  "image"
)

/**
 * Dream Machine behind one key.
 *
 * **When to use**
 *
 * Use `yield* DreamMachine.DreamMachine` in a program with one key, and {@link make} once for each key where there are several.
 * `Luma` has the newer models.
 *
 * **Details**
 *
 * - `list`: what executes, of the generations begun within `horizon`. It walks the pages up to the first that is wholly older,
 *   where they come newest first, or `pages` of them: a list that is cut there is not `complete`.
 * - `remove`: only what has ended; what it would do to one that runs is on no page, so that one is asked about first.
 * - `submit`: one generation. `UpscaleVideo` and `AddAudio` are asked of one that has ended; the id is the answer's.
 * - `recover`: what was begun within a day of the submit, ended or not, and agrees with its kind and model; where a record shows
 *   the address for callbacks, the one with the submit's own, and where it shows what it was asked for, those that were asked for the same.
 * - `webhook`: the body is the generation, and nothing signs it: it only wakes.
 * - `credits`: what is left in the account, in US cents.
 *
 * **Gotchas**
 *
 * Files to work on must be at addresses that the service can read until the job has ended: it takes no uploads.
 *
 * @since 0.1.0
 * @category services
 */
export class DreamMachine extends Context.Service<
  DreamMachine,
  & Provider.Provider<"list" | "get" | "remove" | "submit" | "recover" | "webhook", DreamMachineRequest.Request>
  & { readonly credits: Effect.Effect<number, JobError.Of<"accounts">> }
>()("@media-jobs/luma/DreamMachine") {}

/**
 * How to reach Dream Machine, and how far to look.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Adapter.Options {
  /** How old a generation can be that still executes; 2 hours unless given. An older one that is watched is asked for by itself. */
  readonly horizon?: Duration.Input | undefined
  /** How many pages of a hundred generations one `list` walks at most; 10 unless given. */
  readonly pages?: number | undefined
}

const defaultBaseUrl = "https://api.lumalabs.ai"
const root = "/dream-machine/v1"
const generations = `${root}/generations`

const what = "an API key of Luma's Dream Machine API"

const config = (given: Settings.Given<Options> = {}): Effect.Effect<Options, Config.ConfigError> =>
  Settings.config(given, { token: "LUMAAI_API_KEY", what, baseUrl: "LUMAAI_BASE_URL", defaultBaseUrl })

const variables: Descriptor.Descriptor["variables"] = [
  { name: "LUMAAI_API_KEY", what },
  { name: "LUMAAI_BASE_URL", what: "where the service answers", fallback: defaultBaseUrl }
]

const service: Adapter.Service = {
  id: ProviderId.make("luma-dream-machine"),
  token: what,
  baseUrl: defaultBaseUrl,
  rateLimitKey: "luma-dream-machine",
  // A page holds a hundred generations, each with its whole request.
  maxResponseBytes: 16 * 1024 * 1024,
  owns: job.owns,
  objection: job.objection,
  recoversEnded: true,
  answer: answer.ofDreamMachine,
  reply: { url: "callback_url", reference: "reference" }
}

const seenIn = Records.reader(wire.Generation, job.ofDreamMachine)
const decodePage = Schema.decodeUnknownResult(wire.Page)
const decodeCredits = Schema.decodeUnknownResult(wire.Credits)

const routeOf = (request: DreamMachineRequest.Request, { url }: Adapter.Reply): Adapter.Route => {
  const { kind, path } = DreamMachineRequest.routes[request.generation_type]
  const [of, model] = "id" in request ? [`/${encodeURIComponent(request.id)}`, undefined] : ["", request.model]
  const input = { ...request, id: undefined, reference: undefined, callback_url: undefined }
  const inputDigest = Recovery.inputDigest(input)
  return { path: generations + of + path, kind, model, inputDigest, body: { ...input, callback_url: url } }
}

/** What stands on a page, where it can be read. */
interface Entry {
  readonly seen: Adapter.Seen | undefined
  readonly at: DateTime.Utc
}

const isRead = (entry: Entry): entry is Entry & { readonly seen: Adapter.Seen } => entry.seen !== undefined

/** Whether a page, and so all behind it, is older: only where it is in the order that no document promises, newest first. */
const isOlder = (since: DateTime.Utc) => (entries: ReadonlyArray<Entry>): boolean => {
  const times = entries.map(({ seen }) => seen?.[0].createdAt?.epochMilliseconds ?? Infinity)
  return times.every((at, i) => at < since.epochMilliseconds && at <= (times[i - 1] ?? Infinity))
}

/** What a record says that its generation was asked for, and where it says that this reports. */
const askedOf = ([, record]: Adapter.Seen) => {
  const { callback_url, ...input } = Wire.object(Wire.object(record)["request"])
  return { inputDigest: Recovery.inputDigest(input), url: Wire.text(callback_url) }
}

/** The official client's base has the API's path at its end. */
const rootOf = (baseUrl: string | undefined): string | undefined =>
  baseUrl?.replace(/\/dream-machine(?:\/v\d+)?\/*$/, "")

/**
 * Dream Machine behind the given key.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<DreamMachine["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const horizon = yield* Settings.duration("horizon", options.horizon ?? "2 hours")
  const most = yield* Settings.count("pages", options.pages ?? 10, 1)
  const api = yield* Adapter.make(service, { ...options, baseUrl: rootOf(options.baseUrl) })
  const path = (segment: string) => `${generations}/${segment}`

  /** Generations by their pages; an offset counts what came, for a page may be shorter than was asked. */
  const walk = <const Op extends "list" | "recover">(operation: Op, since: DateTime.Utc, most?: number) =>
    Pages.walk<Op, Entry>(api, operation, {
      first: "0",
      most,
      enough: isOlder(since),
      ask: (offset) =>
        api.call(
          operation,
          { method: "GET", path: `${generations}?limit=100&offset=${offset}` },
          (body, at) =>
            Result.map(decodePage(body), ({ generations, has_more }) => ({
              // Of a page that doesn't say whether there are more, only an empty one is the last.
              next: has_more === true || has_more !== false && generations.length > 0
                ? `${Number(offset) + generations.length}`
                : undefined,
              entries: generations.map((record) => ({ seen: seenIn(record)[0], at }))
            }))
        )
    })

  const remove = api.command("remove", path)

  return {
    ...api.provide({
      list: api.reading((toJob) =>
        Effect.gen(function*() {
          const since = DateTime.subtractDuration(yield* DateTime.now, horizon)
          const { entries, whole } = yield* walk("list", since, most)
          const jobs = entries.filter(isRead).map(({ at, seen }) => toJob(seen, at))
          return { jobs: jobs.filter(({ isTerminal }) => !isTerminal), complete: whole && entries.every(isRead) }
        })
      ),
      get: api.get(path, wire.Generation, job.ofDreamMachine),
      // What a delete does to one that runs is on no page.
      remove: Removal.onceEnded(
        api,
        remove,
        (id) => Records.ask(api, "remove", id, path, wire.Generation, job.ofDreamMachine)
      ),
      submit: api.submit(DreamMachineRequest.issues, job.accepted(job.ofDreamMachine), routeOf),
      recover: (lost: Submission.LostSubmission) =>
        api.reading((toJob) =>
          Effect.flatMap(walk("recover", DateTime.subtract(lost.submittedAt, { hours: 24 })), ({ entries }) => {
            if (!entries.every(isRead)) return api.incomplete
            const candidates = entries.map(({ at, seen }) => {
              const { inputDigest, url } = askedOf(seen)
              return { job: toJob([{ ...seen[0], inputDigest }, seen[1]], at), url }
            })
              .filter(({ job, url }) =>
                Recovery.couldBe(lost)(job) && (lost.replyUrl === undefined || (url ?? lost.replyUrl) === lost.replyUrl)
              )
            const own = candidates.filter(({ url }) => url !== undefined && url === lost.replyUrl)
            return Effect.succeed((own.length > 0 ? own : candidates).map(({ job }) => job))
          })
        ),
      webhook: api.webhook(wire.Generation, job.ofDreamMachine)
    }),
    credits: Effect.map(
      api.call("accounts", { method: "GET", path: `${root}/credits` }, (body) => decodeCredits(body)),
      ({ credit_balance }) => credit_balance
    )
  }
})

/**
 * Dream Machine behind the given key, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<DreamMachine, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(DreamMachine, make(options))

/**
 * Dream Machine behind the key in `LUMAAI_API_KEY`, at `LUMAAI_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { DreamMachine } from "@media-jobs/luma"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const dreamMachine = yield* DreamMachine.DreamMachine
 *   return yield* dreamMachine.submit(DreamMachine.video({ model: "ray-2", prompt: "a lighthouse in the rain" }))
 * })
 *
 * Effect.provide(program, DreamMachine.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<DreamMachine, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(DreamMachine, Effect.flatMap(config(options), make))

/**
 * What tools must know of Dream Machine.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<DreamMachine, DreamMachine["Service"]> = {
  id: service.id,
  variables,
  kinds: DreamMachineRequest.kinds,
  tag: DreamMachine,
  layerConfig
}
