/**
 * Midjourney, over useapi.net, until it closed on June 24, 2026.
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
import * as UseApi from "@media-jobs/useapi/UseApi"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as MidjourneyJob from "./MidjourneyJob.ts"
import * as MidjourneyRequest from "./MidjourneyRequest.ts"
import * as MidjourneyWire from "./MidjourneyWire.ts"

export {
  /**
   * A request for four images or videos.
   *
   * @since 0.1.0
   * @category requests
   */
  imagine
} from "./MidjourneyRequest.ts"

/**
 * What Midjourney can do. It can't forget a job; it does so by itself after 62 days.
 *
 * @since 0.1.0
 * @category models
 */
export type Capability = "list" | "get" | "cancel" | "submit" | "recover" | "accounts" | "capacity" | "webhook"

/**
 * Midjourney behind one token.
 *
 * **When to use**
 *
 * Use `yield* Midjourney.Midjourney` in a program with one token, and {@link make} once for each token where there are
 * several. For new work use another service: this one closed on June 24, 2026, as `retired` says. Where the closed
 * service knows its endpoints no more, every call fails with `Discontinued`.
 *
 * **Details**
 *
 * An account is a Discord channel, named by its id.
 *
 * - `list`: every job in it is `Running`: the service lists what executes and says no more.
 * - `cancel`: stops a job that runs, which then reads as `Cancelled`.
 * - `submit`: makes one job of four results. It asks for the answer at once, never for the stream of events that the
 *   service gives unless told otherwise: whoever leaves that too early has a job that holds its slot for 14 minutes.
 * - `recover`: the jobs that still execute and echo the lost submit's `replyRef`; without one, those of its channel and
 *   kind.
 * - `capacity`: a channel has one limit for all jobs, one for images and one for videos; one with a problem has room
 *   for none. It takes two requests: the list may leave out a channel that runs nothing, and the accounts don't say
 *   what runs.
 * - `webhook`: takes the bodies of all events, from `created` to the last.
 *
 * **Gotchas**
 *
 * `SessionExpired` (596) is a channel on hold: someone has to answer Midjourney in Discord and then reset the channel
 * at useapi.net.
 *
 * A lost submit whose job has ended is on no list any more, and `recover` can't find it: look before it has run its
 * minute.
 *
 * @since 0.1.0
 * @category services
 */
export class Midjourney extends Context.Service<Midjourney, Provider.Provider<Capability, MidjourneyRequest.Request>>()(
  "@media-jobs/useapi-midjourney/Midjourney"
) {}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends UseApi.Options {
  /** Whether each job keeps the service's own record as `raw`; it does not unless asked to. */
  readonly raw?: boolean | undefined
}

/**
 * When the service closed.
 *
 * @since 0.1.0
 * @category constants
 */
export const retired: DateTime.Utc = DateTime.makeUnsafe("2026-06-24T00:00:00Z")

const decodeExecuting = Schema.decodeUnknownResult(MidjourneyWire.Executing)
const decodeRecord = Schema.decodeUnknownResult(MidjourneyWire.JobRecord)
const decodeAccounts = Schema.decodeUnknownResult(MidjourneyWire.Accounts)
const decodeBroken = Schema.decodeUnknownResult(MidjourneyWire.Broken)

const root = "/v3/midjourney"
const executing = { method: "GET", path: `${root}/jobs` } as const
const configured = { method: "GET", path: `${root}/accounts`, none: 404 } as const

/**
 * Midjourney behind the given token.
 *
 * **Example** (What a lost submit became)
 *
 * ```ts
 * import { Midjourney } from "@media-jobs/useapi-midjourney"
 * import { Effect, Redacted } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const midjourney = yield* Midjourney.make({ token: Redacted.make("user:1-a") })
 *   const request = Midjourney.imagine({ prompt: "a lighthouse in the rain", replyRef: "order-7" })
 *   return yield* Effect.map(midjourney.submit(request), ({ ids }) => ids).pipe(
 *     Effect.catchTag("SubmissionUncertain", (lost) =>
 *       Effect.map(midjourney.recover(lost), (candidates) => candidates.map(({ id }) => id)))
 *   )
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Midjourney["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const api = yield* UseApi.make({ id: MidjourneyJob.id, retired: true }, options)
  const { instance, provider } = api
  const noteStatus = StatusWords.make({ provider, instance })
  // JSON, as it was parsed from the wire.
  const rawOf = (body: unknown) => options.raw === true ? { raw: body as Schema.Json } : undefined

  const toJob = (
    record: MidjourneyWire.JobRecord,
    body: unknown,
    observedAt: DateTime.Utc,
    replyTo: ReplyTo.ReplyTo | undefined
  ) =>
    MidjourneyJob.fromRecord(record, {
      instance,
      observedAt,
      reference: Reply.reference(MidjourneyJob.echoOf(record), replyTo),
      ...rawOf(body)
    })

  const note = ({ providerStatus }: Job): Effect.Effect<void> =>
    MidjourneyJob.isKnown(providerStatus) ? Effect.void : noteStatus(providerStatus ?? "")

  const listing = (body: unknown, observedAt: DateTime.Utc): Result.Result<Provider.Listing, Schema.SchemaError> =>
    Result.map(decodeExecuting(body), ({ channels, error }) => {
      // The body was decoded to `channels`, so the record of each entry stands where the entry does.
      const raws = (body as { readonly channels: Record<string, { readonly jobs: ReadonlyArray<unknown> }> }).channels
      return {
        jobs: Object.entries(channels).flatMap(([channel, { jobs }]) =>
          jobs.map((entry, i) =>
            MidjourneyJob.fromEntry(channel, entry, { instance, observedAt, ...rawOf(raws[channel]?.jobs[i]) })
          )
        ),
        complete: error === undefined || error === null
      }
    })

  /** One job, and whatever its record echoes, which is not always the caller's. */
  const look = (id: JobId) =>
    Effect.flatMap(ReplyTo.ReplyTo, (replyTo) =>
      Effect.tap(
        api.call("get", { ...executing, id }, (body, observedAt) =>
          Result.map(decodeRecord(body), (record) => ({
            job: toJob(record, body, observedAt, replyTo),
            echo: MidjourneyJob.echoOf(record)
          }))),
        ({ job }) => note(job)
      ))

  const reported = (
    body: unknown,
    observedAt: DateTime.Utc,
    replyTo: ReplyTo.ReplyTo | undefined
  ): Result.Result<ReadonlyArray<Job>, Schema.SchemaError> => {
    const record = decodeRecord(body)
    return Result.isFailure(record) && Result.isSuccess(decodeBroken(body))
      ? Result.succeed([])
      : Result.map(record, (record) => [toJob(record, body, observedAt, replyTo)])
  }

  return Provider.make({ id: provider, instance, owns: (id) => id.endsWith("-bot:midjourney"), retired }, {
    list: api.call("list", executing, listing),

    get: (id: JobId) => Effect.map(look(id), ({ job }) => job),

    cancel: (id: JobId) => api.call("cancel", { method: "DELETE", path: `${root}/jobs`, id }, () => Result.void),

    submit: Effect.fnUntraced(function*(request: MidjourneyRequest.Request) {
      const issues = MidjourneyRequest.issues(request)
      if (issues.length > 0) {
        return yield* new JobError.InvalidRequest({ provider, instance, operation: "submit", issues })
      }
      const { channel, prompt } = request
      const reply = yield* Reply.address(api, request)
      return yield* api.submit(
        Draft.make({
          kind: MidjourneyRequest.kindOf(request),
          account: channel,
          reference: request.replyRef,
          ...reply
        }),
        {
          method: "POST",
          path: `${root}/jobs/imagine`,
          body: HttpBody.jsonUnsafe({ prompt, channel, stream: false, ...reply })
        }
      )
    }),

    recover: Effect.fnUntraced(function*(lost: Provider.Lost) {
      const { kind: _, replyRef, ...known } = lost
      const jobs = yield* Recovery.whole(api, api.call("recover", executing, listing))
      if (replyRef === undefined) return jobs.filter(Recovery.couldBe(lost))
      const echoed = yield* Effect.forEach(
        // The kind was read out of the prompt; beside an echo it has nothing to say.
        jobs.filter(Recovery.couldBe(known)),
        ({ id }) =>
          Effect.map(look(id), ({ echo, job }) => echo === replyRef ? [job] : []).pipe(
            // Forgotten since it was listed, or someone else's.
            Effect.catchTag(["NotFound", "Forbidden"], () => Effect.succeed([])),
            Effect.mapError((error) => JobError.narrow("recover", error))
          ),
        { concurrency: 4 }
      )
      return echoed.flat()
    }),

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

    capacity: Effect.zipWith(
      api.call("capacity", executing, (body) => Result.map(decodeExecuting(body), ({ channels }) => channels)),
      api.call("capacity", configured, (body) => decodeAccounts(body ?? {})),
      (channels, accounts) =>
        Object.entries({ ...accounts, ...channels }).flatMap(([account, found]) =>
          capacityOf(account, found, Classify.words(accounts[account]) !== undefined)
        ),
      { concurrent: true }
    ),

    webhook: (body: unknown) =>
      Effect.flatMap(ReplyTo.ReplyTo, (replyTo) =>
        Effect.tap(
          api.received(body, (body, observedAt) => reported(body, observedAt, replyTo)),
          (jobs) => Effect.forEach(jobs, note, { discard: true })
        ))
  })
})

const capacityOf = (
  account: string,
  limits: MidjourneyWire.Limits,
  onHold: boolean
): ReadonlyArray<Provider.Capacity> => {
  const room = (limit: number | undefined, executing = 0, kind?: "image" | "video"): ReadonlyArray<Provider.Capacity> =>
    limit === undefined ? [] : [{ account, ...(kind && { kind }), limit: onHold ? 0 : limit, executing }]
  return [
    ...room(limits.maxJobs, limits.total),
    ...room(limits.maxImageJobs, limits.images, "image"),
    ...room(limits.maxVideoJobs, limits.videos, "video")
  ]
}

/**
 * Midjourney behind the given token, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Midjourney, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Midjourney, make(options))

/**
 * Midjourney behind the token in `USEAPI_TOKEN`, at `USEAPI_BASE_URL` if that is set; what is given here is not looked
 * up.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<Midjourney, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Midjourney, Effect.flatMap(UseApi.config(options), make))
