/**
 * Mureka, over useapi.net.
 *
 * **Details**
 *
 * What is certain, seen or unknown of the service stands in the package's `FACTS.md`. A job can be neither cancelled nor
 * forgotten, and no limit of what an account may run at once is told. What the service answers at once and makes no job of, lyrics,
 * videos of songs, stems and licences, is not here.
 *
 * What is not certain is in one place each, so that it is changed in a line. In `internal/job.ts`: how many songs there are
 * (`songsOfMusic`), which state is whole (`whole`), where speech has its file (`worksOf`), that all links mean done (`isMade`), how
 * an age is written (`elapsedForms`). Here: what a file is uploaded as, and under what name it comes back (`motifs`), and which 401 is the
 * account's (`exceptions`).
 *
 * @since 0.1.0
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Answer from "@media-jobs/adapter/Answer"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import type * as Settings from "@media-jobs/core/Settings"
import * as Created from "@media-jobs/useapi/Created"
import * as Endpoints from "@media-jobs/useapi/Endpoints"
import * as LostSubmit from "@media-jobs/useapi/LostSubmit"
import * as UseApi from "@media-jobs/useapi/UseApi"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as job from "./internal/job.ts"
import * as wire from "./internal/wire.ts"
import * as MurekaRequest from "./MurekaRequest.ts"

const request = RequestSchema.tagged<MurekaRequest.Request>()

/**
 * A request for songs of a description.
 *
 * **Example** (A song, and one that is refused)
 *
 * ```ts import.meta.vitest
 * import { Mureka, MurekaRequest } from "@media-jobs/useapi-mureka"
 *
 * const request = Mureka.create({ prompt: "a slow waltz about a lighthouse" })
 * MurekaRequest.issues(request) // => []
 * MurekaRequest.issues({ ...request, account: "first" }).map(({ field }) => field) // => ["account"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const create = request("Create")

/**
 * A request for songs of lyrics.
 *
 * @since 0.1.0
 * @category requests
 */
export const createAdvanced = request("CreateAdvanced")

/**
 * A request for music without voices.
 *
 * @since 0.1.0
 * @category requests
 */
export const createInstrumental = request("CreateInstrumental")

/**
 * A request for a song to go on.
 *
 * @since 0.1.0
 * @category requests
 */
export const extend = request("Extend")

/**
 * A request for a song that is made anew from some point on.
 *
 * @since 0.1.0
 * @category requests
 */
export const regenerate = request("Regenerate")

/**
 * A request for speech.
 *
 * @since 0.1.0
 * @category requests
 */
export const speech = request("Speech")

/**
 * Mureka behind one token.
 *
 * **When to use**
 *
 * Use `yield* Mureka.Mureka` in a program with one token, and {@link make} once for each token where there are several.
 *
 * **Details**
 *
 * - `list`: what runs on all accounts: id, account and age.
 * - `get`: for seven days, then `NotFound`. Music is two songs; a job has succeeded with those that are there, and says which is missing.
 * - `submit`: makes one job, without its answer's waiting for it.
 * - `recover`: the jobs that run and whose record repeats the reference of the lost submit; each costs a look. Without one, those
 *   that agree in model, account and time.
 * - `upload`: an MP3 that songs begin from, as `motif_id`, for the account that is named.
 * - `webhook`: takes the record of a job, which comes when it was created too.
 *
 * @since 0.1.0
 * @category services
 */
export class Mureka extends Context.Service<
  Mureka,
  Provider.Provider<"list" | "get" | "submit" | "recover" | "upload" | "accounts" | "webhook", MurekaRequest.Request>
>()(
  "@media-jobs/useapi-mureka/Mureka"
) {}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends UseApi.Options {}

const id = ProviderId.make("useapi-mureka")
const root = "/v1/mureka"
const jobPath = (segment: string) => `${root}/jobs/${segment}`

const toEndpoint = Endpoints.routes<MurekaRequest.Request>(root, {
  Create: ["audio", "music/create"],
  CreateAdvanced: ["audio", "music/create-advanced"],
  CreateInstrumental: ["audio", "music/create-instrumental"],
  Extend: ["audio", "music/extend"],
  Regenerate: ["audio", "music/regenerate"],
  Speech: ["audio", "speech"]
}, ({ account }) => account)

const routeOf = (request: MurekaRequest.Request): Adapter.Route => ({ ...toEndpoint(request), more: { async: true } })

/** The answer to a motif is the only one of an upload that a page shows. No page tells how large one may be. */
const motifs: UseApi.UploadTarget = {
  path: `${root}/files/motif/`,
  query: "account",
  account: "the number of a Mureka account",
  accepts: { "audio/mpeg": Infinity },
  referenceOf: ({ id }) => id
}

const accepted = Created.record(Created.orResult(wire.JobRecord), job.ofRecord)

/** The account's own password, which the service keeps, is refused with the status of a wrong token. */
const exceptions: Answer.Rules["exceptions"] = ({ isOwn, status, text }) =>
  isOwn && status === 401 && /username|password/i.test(text) ? "SessionExpired" : undefined

/**
 * Mureka behind the given token.
 *
 * **Example** (Songs that begin from a melody)
 *
 * ```ts
 * import { Mureka } from "@media-jobs/useapi-mureka"
 * import { Effect, FileSystem, Redacted } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem
 *   const mureka = yield* Mureka.make({ token: Redacted.make("user:1-a") })
 *   const account = "12345678901234"
 *   const hummed = yield* mureka.upload({ account, mediaType: "audio/mpeg", content: files.stream("hummed.mp3") })
 *   return yield* mureka.submit(
 *     Mureka.createAdvanced({ account, lyrics: "Light in the rain", motif_id: hummed.reference })
 *   )
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Mureka["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const api = yield* UseApi.make({ id, owns: (id) => id.endsWith("-bot:mureka"), exceptions }, options)
  const running = api.listing(`${root}/jobs`, job.rowsOf, wire.Entry, job.ofEntry)
  const look = api.look(jobPath, wire.JobRecord, job.ofRecord)

  return api.provide({
    list: running.list,
    get: api.get(jobPath, wire.JobRecord, job.ofRecord),
    submit: api.submit(MurekaRequest.issues, routeOf, "account", accepted),
    recover: LostSubmit.byLook(running.whole, look, true),
    upload: api.upload(motifs),
    accounts: api.accounts(`${root}/accounts`),
    webhook: api.webhook(wire.JobRecord, job.ofRecord)
  })
})

/**
 * Mureka behind the given token, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Mureka, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Mureka, make(options))

/**
 * Mureka behind the token in `USEAPI_TOKEN`, at `USEAPI_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { Mureka } from "@media-jobs/useapi-mureka"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const mureka = yield* Mureka.Mureka
 *   return yield* mureka.submit(Mureka.create({ prompt: "a slow waltz about a lighthouse" }))
 * })
 *
 * Effect.provide(program, Mureka.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<Mureka, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Mureka, Effect.flatMap(UseApi.config(options), make))

/**
 * What tools must know of Mureka.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<Mureka, Mureka["Service"]> = {
  id,
  variables: UseApi.variables,
  kinds: MurekaRequest.kinds,
  tag: Mureka,
  layerConfig
}
