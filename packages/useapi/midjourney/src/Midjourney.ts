/**
 * Midjourney, over useapi.net, until it closed on June 24, 2026.
 *
 * @since 0.1.0
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as Recovery from "@media-jobs/adapter/Recovery"
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import type * as Settings from "@media-jobs/core/Settings"
import type * as Submission from "@media-jobs/core/Submission"
import * as Rows from "@media-jobs/useapi/Rows"
import * as UseApi from "@media-jobs/useapi/UseApi"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as job from "./internal/job.ts"
import * as wire from "./internal/wire.ts"
import * as MidjourneyRequest from "./MidjourneyRequest.ts"

/**
 * A request for four images or videos.
 *
 * **Example** (Four images of a cat)
 *
 * ```ts import.meta.vitest
 * import { Midjourney, MidjourneyRequest } from "@media-jobs/useapi-midjourney"
 *
 * const request = Midjourney.imagine({ prompt: "a cat in a hat --ar 16:9" })
 * MidjourneyRequest.issues(request) // => []
 * MidjourneyRequest.kindOf(request) // => "image"
 * MidjourneyRequest.issues({ ...request, channel: "general" }).map(({ field }) => field) // => ["channel"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const imagine = RequestSchema.tagged<MidjourneyRequest.Request>()("Imagine")

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
 *   service gives unless told otherwise: a job whose stream is left too early holds its slot for 14 minutes.
 * - `recover`: the jobs that still execute and echo the lost submit's `replyRef`; without one, those of its channel and
 *   kind.
 * - `capacity`: a channel has one limit for all jobs, one for images and one for videos; one with a problem has room
 *   for none. It takes two requests: the list may leave out a channel that runs nothing, and the accounts don't say
 *   what runs.
 * - `webhook`: takes the bodies of all events, from `created` to the last.
 *
 * **Gotchas**
 *
 * `SessionExpired` (596) is a channel on hold: answer Midjourney in Discord, then reset the channel at useapi.net.
 *
 * A lost submit whose job has ended is on no list any more, and `recover` can't find it: look before it has run its
 * minute.
 *
 * @since 0.1.0
 * @category services
 */
export class Midjourney extends Context.Service<
  Midjourney,
  Provider.Provider<
    "list" | "get" | "cancel" | "submit" | "recover" | "accounts" | "capacity" | "webhook",
    MidjourneyRequest.Request
  >
>()(
  "@media-jobs/useapi-midjourney/Midjourney"
) {}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends UseApi.Options {}

/** When the service closed. */
const retired = DateTime.makeUnsafe("2026-06-24T00:00:00Z")

const id = ProviderId.make("useapi-midjourney")
const root = "/v3/midjourney"
const jobs = `${root}/jobs`
const accounts = `${root}/accounts`
const jobPath = (segment: string) => `${jobs}/${segment}`

const channelsOf = (body: unknown): Result.Result<Readonly<Record<string, unknown>>, string> => {
  const { channels } = Wire.object(body)
  return Predicate.isObject(channels)
    ? Result.succeed(Wire.object(channels))
    : Result.fail("Expected an object at [\"channels\"]")
}

const rowsOf = (body: unknown): Result.Result<Adapter.Rows, string> => Rows.byAccount(body, "channels")

/** It asks for the answer at once, never for the stream of events that the service gives unless told otherwise. */
const routeOf = (request: MidjourneyRequest.Request): Adapter.Route => ({
  path: `${jobs}/imagine`,
  kind: MidjourneyRequest.kindOf(request),
  account: request.channel,
  more: { stream: false }
})

/** A channel has one limit for all jobs, one for images and one for videos; one on hold has room for none. */
const capacityOf = (
  account: string,
  limits: Readonly<Record<string, unknown>>,
  onHold: boolean
): ReadonlyArray<Provider.Capacity> =>
  ([
    ["maxJobs", "total", undefined],
    ["maxImageJobs", "images", "image"],
    ["maxVideoJobs", "videos", "video"]
  ] as const).flatMap(([most, count, kind]) => {
    const limit = Wire.number(limits[most])
    const executing = Wire.number(limits[count]) ?? 0
    return limit === undefined ? [] : [{ account, ...(kind && { kind }), limit: onHold ? 0 : limit, executing }]
  })

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
  const api = yield* UseApi.make({ id, owns: (id) => id.endsWith("-bot:midjourney"), retired }, options)
  const executing = api.listing(jobs, rowsOf, wire.Entry, job.ofEntry)
  const look = api.look(jobPath, wire.JobRecord, job.ofRecord)
  return api.provide({
    list: executing.list,
    get: (id: JobId) => Effect.map(look(id), ({ job }) => job),
    cancel: api.command("cancel", jobPath),
    submit: api.submit(MidjourneyRequest.issues, routeOf, "channel"),
    recover: Effect.fnUntraced(function*(lost: Submission.LostSubmission) {
      const { kind: _, replyRef, ...known } = lost
      // The kind was read out of the prompt; beside an echo it has nothing to say.
      const couldBe = Recovery.couldBe(replyRef === undefined ? lost : known)
      const candidates = (yield* executing.whole).map(({ job }) => job).filter(couldBe)
      if (replyRef === undefined) return candidates
      const echoed = yield* Effect.forEach(
        candidates,
        ({ id }) =>
          Effect.map(look(id), ({ job, report }) => report.echo === replyRef ? [job] : []).pipe(
            // Forgotten since it was listed, or of another user.
            Effect.catchTag(["NotFound", "Forbidden"], () => Effect.succeed([])),
            Effect.mapError((error) => JobError.narrow("recover", error))
          ),
        { concurrency: 4 }
      )
      return echoed.flat()
    }),
    accounts: api.accounts(accounts),
    capacity: Effect.zipWith(
      api.call("capacity", { method: "GET", path: jobs }, channelsOf),
      api.capacity(accounts, (account, found, onHold) => [[account, { found, onHold }] as const]),
      (channels, configured) => {
        const known = new Map(configured)
        return [...new Set([...known.keys(), ...Object.keys(channels)])].flatMap((account) => {
          const { found, onHold = false } = known.get(account) ?? {}
          return capacityOf(account, Wire.object(channels[account] ?? found), onHold)
        })
      },
      { concurrent: true }
    ),
    webhook: api.webhook(wire.JobRecord, job.ofRecord)
  })
})

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

/**
 * What tools must know of Midjourney.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<Midjourney, Midjourney["Service"]> = {
  id,
  variables: UseApi.variables,
  kinds: MidjourneyRequest.kinds,
  tag: Midjourney,
  layerConfig
}
