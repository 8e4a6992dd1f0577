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
 *   echoed at all; what the errors about one job look like. What answers a cancel is known to nobody: any success is one.
 *
 * @since 0.1.0
 */
import * as StatusWords from "@media-jobs/adapter/StatusWords"
import * as Draft from "@media-jobs/core/Draft"
import type { Job } from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import type * as Settings from "@media-jobs/core/Settings"
import * as Classify from "@media-jobs/useapi/Classify"
import * as Recovery from "@media-jobs/useapi/Recovery"
import * as Reply from "@media-jobs/useapi/Reply"
import * as Upload from "@media-jobs/useapi/Upload"
import * as UseApi from "@media-jobs/useapi/UseApi"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as DreaminaJob from "./DreaminaJob.ts"
import * as DreaminaRequest from "./DreaminaRequest.ts"
import * as DreaminaWire from "./DreaminaWire.ts"

export {
  /**
   * A request for up to four images, which are one job.
   *
   * @since 0.1.0
   * @category requests
   */
  image,
  /**
   * A request for a video of more frames a second.
   *
   * @since 0.1.0
   * @category requests
   */
  interpolate,
  /**
   * A request for a larger image.
   *
   * @since 0.1.0
   * @category requests
   */
  upscaleImage,
  /**
   * A request for a video of twice the size.
   *
   * @since 0.1.0
   * @category requests
   */
  upscaleVideo,
  /**
   * A request for a video.
   *
   * @since 0.1.0
   * @category requests
   */
  video
} from "./DreaminaRequest.ts"

/**
 * What Dreamina can do.
 *
 * @since 0.1.0
 * @category models
 */
export type Capability =
  | "list"
  | "get"
  | "cancel"
  | "submit"
  | "recover"
  | "upload"
  | "accounts"
  | "capacity"
  | "webhook"

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
export class Dreamina extends Context.Service<Dreamina, Provider.Provider<Capability, DreaminaRequest.Request>>()(
  "@media-jobs/useapi-dreamina/Dreamina"
) {}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends UseApi.Options {
  /** Whether each job keeps the service's own record as `raw`; it does not unless asked to. */
  readonly raw?: boolean | undefined
}

const decodeExecuting = Schema.decodeUnknownResult(DreaminaWire.Executing)
const decodeRecord = Schema.decodeUnknownResult(DreaminaWire.JobRecord)
const decodeAccounts = Schema.decodeUnknownResult(DreaminaWire.Accounts)
const decodeBroken = Schema.decodeUnknownResult(DreaminaWire.Broken)

const root = "/v1/dreamina"
const scheduler = { method: "GET", path: `${root}/scheduler` } as const
const configured = { method: "GET", path: `${root}/accounts`, none: 404 } as const
const doors = {
  Video: ["video", "videos"],
  Image: ["image", "images"],
  UpscaleVideo: ["video", "videos/upscale"],
  UpscaleImage: ["image", "images/upscale"],
  Interpolate: ["video", "videos/interpolate"]
} as const

/** Megabytes, by the page of April 3, 2026. */
const assets: Upload.Target = {
  path: `${root}/assets`,
  account: "the name of a Dreamina account, as in US:user@example.com",
  accepts: {
    "image/jpeg": 10,
    "image/png": 10,
    "image/webp": 10,
    "video/mp4": 50,
    "video/quicktime": 50,
    "video/webm": 50,
    "audio/mpeg": 15,
    "audio/mp3": 15,
    "audio/wav": 15,
    "audio/mp4": 15,
    "audio/aac": 15
  }
}

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
  const api = yield* UseApi.make({ id: DreaminaJob.id }, options)
  const { instance, provider } = api
  const noteStatus = StatusWords.make({ provider, instance })
  // JSON, as it was parsed from the wire.
  const rawOf = (body: unknown) => options.raw === true ? { raw: body as Schema.Json } : undefined

  const toJob = (
    record: DreaminaWire.JobRecord,
    body: unknown,
    observedAt: DateTime.Utc,
    replyTo: ReplyTo.ReplyTo | undefined
  ) =>
    DreaminaJob.fromRecord(record, {
      instance,
      observedAt,
      reference: Reply.reference(DreaminaJob.echoOf(record), replyTo),
      ...rawOf(body)
    })

  const noted = (job: Job): Effect.Effect<Job> =>
    DreaminaJob.isKnown(job.providerStatus) ? Effect.succeed(job) : Effect.as(noteStatus(job.providerStatus ?? ""), job)

  /** Every entry of the list, as it is and as a job. */
  const executing = (body: unknown, observedAt: DateTime.Utc) =>
    Result.map(decodeExecuting(body), ({ error, executing }) => {
      // The body was decoded to `executing`, so the record of each entry stands where the entry does.
      const raws = (body as { readonly executing: Record<string, ReadonlyArray<unknown>> }).executing
      return {
        jobs: Object.entries(executing).flatMap(([account, entries]) =>
          entries.map((entry, i) => ({
            entry,
            job: DreaminaJob.fromEntry(account, entry, { instance, observedAt, ...rawOf(raws[account]?.[i]) })
          }))
        ),
        complete: error === undefined || error === null
      }
    })

  const look = (kind: DreaminaJob.Kind, id: JobId) =>
    Effect.flatMap(ReplyTo.ReplyTo, (replyTo) =>
      Effect.flatMap(
        api.call(
          "get",
          { method: "GET", path: `${root}/${kind}s`, id },
          (body, observedAt) => Result.map(decodeRecord(body), (record) => toJob(record, body, observedAt, replyTo))
        ),
        noted
      ))

  return Provider.make({ id: provider, instance, owns: (id) => id.endsWith(":dreamina") }, {
    list: api.call(
      "list",
      scheduler,
      (body, observedAt) =>
        Result.map(executing(body, observedAt), ({ complete, jobs }): Provider.Listing => ({
          jobs: jobs.map(({ job }) => job),
          complete
        }))
    ),

    get: (id: JobId) => {
      const kind = DreaminaJob.kindOf(id)
      return kind === undefined
        ? Effect.catchTag(look("video", id), "NotFound", () => look("image", id))
        : look(kind, id)
    },

    cancel: (id: JobId) => api.call("cancel", { method: "DELETE", path: `${root}/scheduler`, id }, () => Result.void),

    submit: Effect.fnUntraced(function*(request: DreaminaRequest.Request) {
      const issues = DreaminaRequest.issues(request)
      if (issues.length > 0) {
        return yield* new JobError.InvalidRequest({ provider, instance, operation: "submit", issues })
      }
      const { _tag, replyRef: reference, replyUrl: _, ...fields } = request
      const [kind, path] = doors[_tag]
      const reply = yield* Reply.address(api, request)
      const draft = Draft.make({
        kind,
        model: "model" in fields ? fields.model : undefined,
        account: DreaminaRequest.accountOf(request),
        reference,
        ...reply
      })
      return yield* Effect.mapError(
        api.submit(draft, {
          method: "POST",
          path: `${root}/${path}`,
          body: HttpBody.jsonUnsafe({ ...fields, ...reply })
        }),
        (error) => sourceNotFound(error) ? refusal(error) : error
      )
    }),

    recover: (lost: Provider.Lost) =>
      Effect.map(Recovery.whole(api, api.call("recover", scheduler, executing)), (entries) => {
        const { replyUrl, submittedAt } = lost
        const couldBe = Recovery.couldBe(replyUrl === undefined ? lost : { submittedAt })
        return entries.flatMap(({ entry, job }) =>
          (replyUrl === undefined || entry.replyUrl === replyUrl) && couldBe(job) ? [job] : []
        )
      }),

    upload: (file: Provider.Upload) => Upload.send(api, assets, file),

    accounts: api.call(
      "accounts",
      configured,
      (body) =>
        Result.map(
          decodeAccounts(body ?? {}),
          (accounts) =>
            Object.entries(accounts).map(([account, found]): Provider.Account => {
              const problem = Classify.words(found)
              return problem === undefined ? { account } : { account, problem }
            })
        )
    ),

    capacity: Effect.map(
      Effect.all([
        api.call("capacity", configured, (body) => decodeAccounts(body ?? {})),
        api.call("capacity", scheduler, (body) => decodeExecuting(body))
      ], { concurrency: 2 }),
      ([accounts, { executing }]) =>
        Object.entries(accounts).flatMap(([account, found]): ReadonlyArray<Provider.Capacity> =>
          found.maxJobs === undefined ? [] : [{
            account,
            limit: Classify.words(found) === undefined ? found.maxJobs : 0,
            executing: executing[account]?.length ?? 0
          }]
        )
    ),

    webhook: (body: unknown) =>
      Effect.flatMap(ReplyTo.ReplyTo, (replyTo) =>
        Effect.flatMap(
          api.received(body, (body, observedAt): Result.Result<ReadonlyArray<Job>, Schema.SchemaError> =>
            isNameless(body)
              ? Result.map(decodeBroken(body), () => [])
              : Result.map(decodeRecord(body), (record) => [toJob(record, body, observedAt, replyTo)])),
          (jobs) => Effect.forEach(jobs, noted)
        ))
  })
})

const isNameless = (body: unknown): boolean =>
  Predicate.hasProperty(body, "error") && !Predicate.hasProperty(body, "jobid") && !Predicate.hasProperty(body, "jobId")

/** 404 to an upscale or an interpolation is about the job that it names, in the service's own words. */
const sourceNotFound = (error: JobError.SubmitError): boolean =>
  error._tag === "UnexpectedResponse" && error.status === 404 && /\bjob not found/i.test(error.detail ?? "")

const refusal = ({ detail, instance, operation, provider }: JobError.SubmitError): JobError.InvalidRequest =>
  new JobError.InvalidRequest({
    provider,
    instance,
    operation,
    status: 404,
    ...(detail === undefined ? undefined : { detail }),
    issues: []
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
