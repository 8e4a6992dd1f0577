/**
 * Luma, over useapi.net.
 *
 * @since 0.1.0
 */
import * as StatusWords from "@media-jobs/adapter/StatusWords"
import type * as Transport from "@media-jobs/adapter/Transport"
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
import { constVoid } from "effect/Function"
import * as HttpBody from "effect/http/HttpBody"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as LumaJob from "./LumaJob.ts"
import * as LumaRequest from "./LumaRequest.ts"
import * as LumaWire from "./LumaWire.ts"

export {
  /**
   * A request for four images.
   *
   * @since 0.1.0
   * @category requests
   */
  image,
  /**
   * A request for a video.
   *
   * @since 0.1.0
   * @category requests
   */
  video
} from "./LumaRequest.ts"

/**
 * What Luma can do. It can't stop a job that runs.
 *
 * @since 0.1.0
 * @category models
 */
export type Capability =
  | "list"
  | "get"
  | "remove"
  | "submit"
  | "recover"
  | "upload"
  | "accounts"
  | "capacity"
  | "webhook"

/**
 * Luma behind one token.
 *
 * **When to use**
 *
 * Use `yield* Luma.Luma` in a program with one token, and {@link make} once for each token where there are several.
 *
 * **Details**
 *
 * - `list`: every job in it is `Running`: the service lists what executes and says no more.
 * - `remove`: only what has ended; it cancels nothing.
 * - `submit`: a video request makes one job, an image request four.
 * - `recover`: the jobs that execute and agree with what was submitted in kind, model, account and time: Luma echoes nothing
 *   in its list, and doesn't list what has ended.
 * - `upload`: a JPEG, PNG or WebP of at most 20 MB for the account that is named; the service keeps it for 30 days.
 * - `accounts`, `capacity`: a limit counts requests of both kinds, and four images of one request are one; an account with a
 *   problem has room for none.
 * - `webhook`: takes the bodies of all three callbacks: one video, a batch of images, and a request that broke.
 *
 * @since 0.1.0
 * @category services
 */
export class Luma extends Context.Service<Luma, Provider.Provider<Capability, LumaRequest.Request>>()(
  "@media-jobs/useapi-luma/Luma"
) {}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends UseApi.Options {
  /** Whether each job keeps the service's own record as `raw`; it does not unless asked to. */
  readonly raw?: boolean | undefined
}

const decodeExecuting = Schema.decodeUnknownResult(LumaWire.Executing)
const decodeRecord = Schema.decodeUnknownResult(LumaWire.JobRecord)
const decodeDeleted = Schema.decodeUnknownResult(LumaWire.Deleted)
const decodeAccounts = Schema.decodeUnknownResult(LumaWire.Accounts)
const decodeBatch = Schema.decodeUnknownResult(LumaWire.Batch)
const decodeBroken = Schema.decodeUnknownResult(LumaWire.Broken)

const root = "/v1/luma"
const executing: UseApi.Request = { method: "GET", path: `${root}/jobs` }
const assets: Upload.Target = {
  path: `${root}/assets`,
  account: "the address of a Luma account",
  accepts: { "image/jpeg": 20, "image/png": 20, "image/webp": 20 }
}

/**
 * Luma behind the given token.
 *
 * **Example** (Two tokens in one program)
 *
 * ```ts
 * import { Luma } from "@media-jobs/useapi-luma"
 * import { Effect, Redacted } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const first = yield* Luma.make({ token: Redacted.make("user:1-a"), instance: "first" })
 *   const second = yield* Luma.make({ token: Redacted.make("user:2-b"), instance: "second" })
 *   return yield* Effect.all([first.list, second.list], { concurrency: "unbounded" })
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Luma["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const api = yield* UseApi.make({ id: LumaJob.id }, options)
  const { instance, provider } = api
  const noteStatus = StatusWords.make({ provider, instance })
  // JSON, as it was parsed from the wire.
  const rawOf = (body: unknown) => options.raw === true ? { raw: body as Schema.Json } : undefined

  const toJob = (
    record: LumaWire.JobRecord,
    body: unknown,
    observedAt: DateTime.Utc,
    replyTo: ReplyTo.ReplyTo | undefined
  ) =>
    LumaJob.fromRecord(record, {
      instance,
      observedAt,
      reference: Reply.reference(record.replyRef, replyTo),
      ...rawOf(body)
    })

  const reported = (
    body: unknown,
    observedAt: DateTime.Utc,
    replyTo: ReplyTo.ReplyTo | undefined
  ): Result.Result<ReadonlyArray<Job>, Schema.SchemaError> => {
    if (Predicate.hasProperty(body, "images")) {
      const raws = body.images as ReadonlyArray<unknown> // read only once it was decoded as a list
      return Result.map(
        decodeBatch(body),
        ({ images, replyRef }) =>
          images.map((record, i) =>
            toJob(replyRef === undefined ? record : { replyRef, ...record }, raws[i], observedAt, replyTo)
          )
      )
    }
    return Predicate.hasProperty(body, "error") && !Predicate.hasProperty(body, "type")
      ? Result.map(decodeBroken(body), (broken) =>
        LumaJob.fromBroken(broken, {
          instance,
          observedAt,
          reference: Reply.reference(broken.replyRef, replyTo),
          ...rawOf(body)
        }))
      : Result.map(decodeRecord(body), (record) => [toJob(record, body, observedAt, replyTo)])
  }

  const noted = (job: Job): Effect.Effect<Job> =>
    LumaJob.isKnown(job.providerStatus) ? Effect.succeed(job) : Effect.as(noteStatus(job.providerStatus ?? ""), job)

  const ask = <Op extends "accounts" | "capacity", A>(operation: Op, f: (accounts: LumaWire.Accounts) => A) =>
    api.call(
      operation,
      { method: "GET", path: `${root}/accounts`, none: 404 },
      (body) => Result.map(decodeAccounts(body ?? {}), f)
    )

  const listing: Transport.Decode<Provider.Listing> = (body, observedAt) =>
    Result.map(decodeExecuting(body), ({ error, jobs }): Provider.Listing => {
      const seen = { instance, observedAt }
      if (options.raw !== true) {
        return { jobs: jobs.map((entry) => LumaJob.fromEntry(entry, seen)), complete: Predicate.isNullish(error) }
      }
      // The body was decoded to `jobs`, so the record of each entry stands where the entry does.
      const raws = (body as { readonly jobs: ReadonlyArray<unknown> }).jobs
      return {
        jobs: jobs.map((entry, i) => LumaJob.fromEntry(entry, { ...seen, ...rawOf(raws[i]) })),
        complete: Predicate.isNullish(error)
      }
    })

  return Provider.make({ id: provider, instance, owns: (id) => id.endsWith("-bot:luma") }, {
    list: api.call("list", executing, listing),

    get: (id: JobId) =>
      Effect.flatMap(ReplyTo.ReplyTo, (replyTo) =>
        Effect.flatMap(
          api.call(
            "get",
            { method: "GET", path: `${root}/jobs`, id },
            (body, observedAt) => Result.map(decodeRecord(body), (record) => toJob(record, body, observedAt, replyTo))
          ),
          noted
        )),

    remove: (id: JobId) =>
      api.call(
        "remove",
        { method: "DELETE", path: `${root}/jobs`, id },
        (body) => body === undefined ? Result.void : Result.map(decodeDeleted(body), constVoid)
      ),

    submit: Effect.fnUntraced(function*(request: LumaRequest.Request) {
      const issues = LumaRequest.issues(request)
      if (issues.length > 0) {
        return yield* new JobError.InvalidRequest({ provider, instance, operation: "submit", issues })
      }
      const { _tag, replyRef: reference, replyUrl: _, ...fields } = request
      const reply = yield* Reply.address(api, request)
      return yield* api.submit(
        Draft.make({
          kind: _tag === "Video" ? "video" : "image",
          model: fields.model,
          account: fields.email,
          reference,
          ...reply
        }),
        {
          method: "POST",
          path: `${root}/${_tag === "Video" ? "videos" : "images"}`,
          body: HttpBody.jsonUnsafe({ ...fields, ...reply })
        }
      )
    }),

    recover: (lost: Provider.Lost) =>
      Effect.map(
        Recovery.whole(api, api.call("recover", executing, listing)),
        (jobs) => jobs.filter(Recovery.couldBe(lost))
      ),

    upload: (file: Provider.Upload) => Upload.send(api, assets, file),

    accounts: ask("accounts", (accounts) =>
      Object.entries(accounts).map(([account, found]): Provider.Account => {
        const problem = Classify.words(found)
        return problem === undefined ? { account } : { account, problem }
      })),

    capacity: ask(
      "capacity",
      (accounts) =>
        Object.entries(accounts).flatMap(([account, found]): ReadonlyArray<Provider.Capacity> => {
          const { concurrency, executing } = found
          if (typeof concurrency !== "number") return []
          return [{ account, limit: Classify.words(found) === undefined ? concurrency : 0, executing: executing ?? 0 }]
        })
    ),

    webhook: (body: unknown) =>
      Effect.flatMap(ReplyTo.ReplyTo, (replyTo) =>
        Effect.flatMap(
          api.received(body, (body, observedAt) => reported(body, observedAt, replyTo)),
          (jobs) =>
            jobs.every((job) => LumaJob.isKnown(job.providerStatus))
              ? Effect.succeed(jobs)
              : Effect.forEach(jobs, noted)
        ))
  })
})

/**
 * Luma behind the given token, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Luma, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Luma, make(options))

/**
 * Luma behind the token in `USEAPI_TOKEN`, at `USEAPI_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { Luma } from "@media-jobs/useapi-luma"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const luma = yield* Luma.Luma
 *   return yield* luma.submit(Luma.video({ prompt: "a lighthouse in the rain" }))
 * })
 *
 * Effect.provide(program, Luma.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<Luma, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Luma, Effect.flatMap(UseApi.config(options), make))
