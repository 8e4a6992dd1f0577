/**
 * Luma, over useapi.net.
 *
 * @since 0.1.0
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as Recovery from "@media-jobs/adapter/Recovery"
import * as Wire from "@media-jobs/adapter/Wire"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import type * as Settings from "@media-jobs/core/Settings"
import type * as Submission from "@media-jobs/core/Submission"
import * as Rows from "@media-jobs/useapi/Rows"
import * as UseApi from "@media-jobs/useapi/UseApi"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as job from "./internal/job.ts"
import * as wire from "./internal/wire.ts"
import * as LumaRequest from "./LumaRequest.ts"

/**
 * A request for a video.
 *
 * **Example** (A video of a lighthouse)
 *
 * ```ts import.meta.vitest
 * import { Luma, LumaRequest } from "@media-jobs/useapi-luma"
 *
 * const request = Luma.video({ prompt: "a lighthouse in the rain", duration: "10s" })
 * LumaRequest.issues(request) // => []
 * LumaRequest.issues({ ...request, dynamic_range: "hdr" }).map(({ field }) => field) // => ["duration"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const video = (fields: Omit<LumaRequest.Video, "_tag">): LumaRequest.Video => ({ ...fields, _tag: "Video" })

/**
 * A request for four images.
 *
 * @since 0.1.0
 * @category requests
 */
export const image = (fields: Omit<LumaRequest.Image, "_tag">): LumaRequest.Image => ({ ...fields, _tag: "Image" })

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
export class Luma extends Context.Service<
  Luma,
  Provider.Provider<
    "list" | "get" | "remove" | "submit" | "recover" | "upload" | "accounts" | "capacity" | "webhook",
    LumaRequest.Request
  >
>()(
  "@media-jobs/useapi-luma/Luma"
) {}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends UseApi.Options {}

const id = ProviderId.make("useapi-luma")
const root = "/v1/luma"
const accounts = `${root}/accounts`
const jobPath = (segment: string) => `${root}/jobs/${segment}`

const rowsOf = (body: unknown): Result.Result<Adapter.Rows, string> => {
  const { executing, jobs } = Wire.object(body)
  return Array.isArray(jobs)
    ? Result.succeed(Rows.of(body, [[jobs]], executing))
    : Result.fail("Expected a list at [\"jobs\"]")
}

const routeOf = ({ _tag, email: account, model }: LumaRequest.Request): Adapter.Route =>
  _tag === "Video"
    ? { path: `${root}/videos`, kind: "video", model, account }
    : { path: `${root}/images`, kind: "image", model, account }

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
  const api = yield* UseApi.make({ id, owns: (id) => id.endsWith("-bot:luma") }, options)
  const executing = api.listing(`${root}/jobs`, rowsOf, wire.Entry, job.ofEntry)
  return api.provide({
    list: executing.list,
    get: api.get(jobPath, wire.JobRecord, job.ofRecord),
    remove: api.command("remove", jobPath, wire.Deleted),
    submit: api.submit(LumaRequest.issues, routeOf, "email"),
    recover: (lost: Submission.LostSubmission) =>
      Effect.map(executing.whole, (entries) => entries.map(({ job }) => job).filter(Recovery.couldBe(lost))),
    upload: api.upload({
      path: `${root}/assets`,
      account: "the address of a Luma account",
      accepts: { "image/jpeg": 20, "image/png": 20, "image/webp": 20 }
    }),
    accounts: api.accounts(accounts),
    capacity: api.capacity(accounts, (account, { concurrency, executing }, isBroken) => {
      const limit = Wire.number(concurrency)
      return limit === undefined
        ? []
        : [{ account, limit: isBroken ? 0 : limit, executing: Wire.number(executing) ?? 0 }]
    }),
    webhook: api.webhook(wire.JobRecord, job.ofReported)
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

/**
 * What tools must know of Luma.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<Luma, Luma["Service"]> = {
  id,
  variables: UseApi.variables,
  kinds: LumaRequest.kinds,
  tag: Luma,
  layerConfig
}
