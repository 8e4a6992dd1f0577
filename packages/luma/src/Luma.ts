/**
 * Luma, over useapi.net.
 *
 * @since 0.1.0
 */
import type { Job } from "@media-jobs/core/Job"
import * as Draft from "@media-jobs/core/Draft"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Classify from "@media-jobs/useapi/Classify"
import * as JobIds from "@media-jobs/useapi/JobIds"
import * as StatusWords from "@media-jobs/useapi/StatusWords"
import * as UseApi from "@media-jobs/useapi/UseApi"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
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
export type Capability = "list" | "get" | "remove" | "submit" | "accounts" | "capacity" | "webhook"

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
 * - `accounts`, `capacity`: a limit counts requests of both kinds, and four images of one request are one; an account with a
 *   problem has room for none.
 * - `webhook`: takes the bodies of all three callbacks: one video, a batch of images, and a request that broke.
 *
 * @since 0.1.0
 * @category services
 */
export class Luma extends Context.Service<Luma, Provider.Provider<Capability, LumaRequest.Request>>()(
  "@media-jobs/luma/Luma"
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

/**
 * Luma behind the given token.
 *
 * **Example** (Two tokens in one program)
 *
 * ```ts
 * import { Luma } from "@media-jobs/luma"
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

  /** Refuses what the service would answer with "Invalid jobid". */
  const own = <A, E>(
    operation: "get" | "remove",
    id: JobId,
    call: () => Effect.Effect<A, E>
  ): Effect.Effect<A, E | JobError.InvalidJobId> => {
    const service = JobIds.service(id)
    if (id !== "" && (service === undefined || service === provider)) return call()
    const detail = id === "" ? "The id is empty" : `The id is one of ${service}`
    return Effect.fail(new JobError.InvalidJobId({ provider, instance, operation, id, detail }))
  }

  const toJob = (
    record: LumaWire.JobRecord,
    body: unknown,
    observedAt: DateTime.Utc,
    replyTo: ReplyTo.ReplyTo | undefined
  ) =>
    LumaJob.fromRecord(record, {
      instance,
      observedAt,
      reference: callersPart(record.replyRef, replyTo),
      ...rawOf(body)
    })

  const noted = (job: Job): Effect.Effect<Job> =>
    LumaJob.isKnown(job.providerStatus) ? Effect.succeed(job) : Effect.as(noteStatus(job.providerStatus ?? ""), job)

  const ask = <Op extends "accounts" | "capacity", A>(operation: Op, f: (accounts: LumaWire.Accounts) => A) =>
    api.call(
      operation,
      { method: "GET", path: `${root}/accounts`, none: 404 },
      (body) => Result.map(decodeAccounts(body ?? {}), f)
    )

  return Provider.make({ id: provider, instance, owns: (id) => id.endsWith("-bot:luma") }, {
    list: api.call(
      "list",
      { method: "GET", path: `${root}/jobs` },
      (body, observedAt) =>
        Result.map(decodeExecuting(body), ({ error, jobs }): Provider.Listing => {
          const seen = { instance, observedAt }
          if (options.raw !== true) {
            return { jobs: jobs.map((entry) => LumaJob.fromEntry(entry, seen)), complete: isAbsent(error) }
          }
          // The body was decoded to `jobs`, so the record of each entry stands where the entry does.
          const raws = (body as { readonly jobs: ReadonlyArray<unknown> }).jobs
          return {
            jobs: jobs.map((entry, i) => LumaJob.fromEntry(entry, { ...seen, ...rawOf(raws[i]) })),
            complete: isAbsent(error)
          }
        })
    ),

    get: (id: JobId) =>
      own("get", id, () =>
        Effect.flatMap(ReplyTo.ReplyTo, (replyTo) =>
          Effect.flatMap(
            api.call(
              "get",
              { method: "GET", path: `${root}/jobs`, id },
              (body, observedAt) => Result.map(decodeRecord(body), (record) => toJob(record, body, observedAt, replyTo))
            ),
            noted
          ))),

    remove: (id: JobId) =>
      own(
        "remove",
        id,
        () =>
          api.call("remove", { method: "DELETE", path: `${root}/jobs`, id }, (body) =>
            body === undefined ? Result.void : Result.map(decodeDeleted(body), constVoid))
      ),

    submit: Effect.fnUntraced(function*(request: LumaRequest.Request) {
      const refuse = (issues: ReadonlyArray<JobError.Issue>) =>
        Effect.fail(new JobError.InvalidRequest({ provider, instance, operation: "submit", issues }))
      const issues = LumaRequest.issues(request)
      if (issues.length > 0) return yield* refuse(issues)
      const { _tag, replyRef, replyUrl, ...fields } = request
      const replyTo = yield* ReplyTo.ReplyTo
      const reply = replyUrl === undefined && replyTo !== undefined
        ? yield* replyTo.address({ provider, instance, reference: replyRef })
        : { url: replyUrl, reference: replyRef }
      if (reply.reference !== undefined && reply.reference.length > 1024) {
        return yield* refuse([{
          field: "replyRef",
          message: "Expected less: with what is added to it, at most 1024 characters"
        }])
      }
      return yield* api.submit(
        Draft.make({
          kind: _tag === "Video" ? "video" : "image",
          model: fields.model,
          account: fields.email,
          reference: replyRef,
          replyUrl: reply.url,
          replyRef: reply.reference
        }),
        {
          method: "POST",
          path: `${root}/${_tag === "Video" ? "videos" : "images"}`,
          body: HttpBody.jsonUnsafe({ ...fields, replyUrl: reply.url, replyRef: reply.reference })
        }
      )
    }),

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

    webhook: Effect.fn("luma.webhook")(function*(body: unknown) {
      const observedAt = yield* DateTime.now
      const replyTo = yield* ReplyTo.ReplyTo
      const found = <A>(result: Result.Result<A, Schema.SchemaError>) =>
        Effect.mapError(Effect.fromResult(result), (error) =>
          new JobError.UnexpectedResponse({
            provider,
            instance,
            operation: "webhook",
            detail: JobError.scrub(error.message.slice(0, 2000))
          }))
      if (Predicate.hasProperty(body, "images")) {
        const { images, replyRef } = yield* found(decodeBatch(body))
        const raws = body.images as ReadonlyArray<unknown> // it was just decoded as a list
        return yield* Effect.forEach(
          images,
          (record, i) =>
            noted(toJob(replyRef === undefined ? record : { replyRef, ...record }, raws[i], observedAt, replyTo))
        )
      }
      if (Predicate.hasProperty(body, "error") && !Predicate.hasProperty(body, "type")) {
        const broken = yield* found(decodeBroken(body))
        return LumaJob.fromBroken(broken, {
          instance,
          observedAt,
          reference: callersPart(broken.replyRef, replyTo),
          ...rawOf(body)
        })
      }
      return [yield* noted(toJob(yield* found(decodeRecord(body)), body, observedAt, replyTo))]
    })
  })
})

const isAbsent = (value: unknown): boolean => value === undefined || value === null

/** Where there is a `ReplyTo`, an echo that it did not make is nobody's word. */
const callersPart = (echoed: string | null | undefined, replyTo: ReplyTo.ReplyTo | undefined): string | undefined =>
  typeof echoed !== "string" ? undefined : replyTo === undefined ? echoed : replyTo.callerReference(echoed)

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
 * import { Luma } from "@media-jobs/luma"
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
  options: Partial<Options> = {}
): Layer.Layer<Luma, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Luma, Effect.flatMap(UseApi.config(options), (found) => make({ ...options, ...found })))
