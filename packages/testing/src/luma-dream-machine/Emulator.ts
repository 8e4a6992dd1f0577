/**
 * Luma's Dream Machine as its OpenAPI document and its official client describe it, for the emulator.
 *
 * **Details**
 *
 * Where they show nothing this is what it does. A list is newest first and has all states. To upscale, and to add audio, makes a
 * generation of its own. What is deleted is gone, running or not, and its end is reported no more. Concepts are a list of a few.
 * A refusal of the limit has no `Retry-After`. A callback that fails is made again when the emulator's others are.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type { Call, DueCallback, Route, World } from "../EmulatedService.ts"
import * as EmulatedService from "../EmulatedService.ts"
import * as JobStore from "../JobStore.ts"
import * as Reply from "../Reply.ts"
import { fixtures } from "./internal/fixtures.ts"
import * as Parsed from "./internal/parsed.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * Answers of Dream Machine with the fields and words that its documents and users show, and values of our own.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What Dream Machine says where it refuses.
   *
   * @since 0.1.0
   * @category sentences
   */
  sentences
}

/**
 * What generations do, and what an account has.
 *
 * **Details**
 *
 * - `life`: how long a generation lives, 60 seconds, which varies by the fraction `jitter`, 0; for `startup` of it, 2 seconds,
 *   it is queued.
 * - `pageSize`: the most that a page of the list has, 100. `order`: of the list, newest first unless told.
 * - `createsPerMinute`: of videos 20 and of images 80 within 60 seconds.
 * - `credits`: in US cents, 1234.5.
 * - `jobs`: generations that are there from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly life?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly startup?: Duration.Input | undefined
  readonly pageSize?: number | undefined
  readonly order?: "newest" | "oldest" | undefined
  readonly createsPerMinute?: { readonly video: number; readonly image: number } | undefined
  readonly credits?: number | undefined
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

/**
 * A generation in the emulator's memory; it dreams from `startsAt`, in milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends JobStore.StoredJob<"completed" | "failed"> {
  readonly model: string
  readonly request: Schema.JsonObject
  readonly startsAt: number
  readonly callbackUrl: string | undefined
}

/**
 * A generation to put into the emulator's memory without a request; `reason` is its `failure_reason`.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly model?: string | undefined
  readonly request?: Schema.JsonObject | undefined
}

/**
 * A test's controls of Dream Machine; `webhook` is the body of the call that tells of a generation as it stands now.
 *
 * @since 0.1.0
 * @category models
 */
export interface Controls extends JobStore.Controls<Job, NewJob> {
  readonly webhook: (id: string) => Effect.Effect<Schema.JsonObject>
}

const host = "api.lumalabs.ai"
const root = "/dream-machine/v1"
const cdn = "storage.cdn-luma.com"
const minute = 60_000

/**
 * Luma's Dream Machine, through its own API; at a server it is in the folder of `luma` too.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  EmulatedService.make({
    id: "luma-dream-machine",
    hosts: [host],
    cdns: [cdn],
    beside: "luma",
    unauthorized: sentences.unauthorized,
    unknownPath: sentences.problem(404, "Not Found"),
    make: (world) => make(world, options)
  })

/**
 * Dream Machine as a server begins with it: its documents print no generations to hold.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (_empty: boolean) => service()

const make = (world: World, options: Options) => {
  const startup = Duration.toMillis(options.startup ?? "2 seconds") / world.speed
  const pageSize = options.pageSize ?? 100
  const limits = options.createsPerMinute ?? { video: 20, image: 80 }
  const store = JobStore.make<Job>(world, {
    life: () => options.life ?? "60 seconds",
    jitter: options.jitter,
    outcome: "completed"
  })
  const creates = new Map<string, ReadonlyArray<number>>()

  const begin = (
    { created, id, model, replyUrl, request }: Partial<NewJob>,
    { type, user }: Pick<Job, "type" | "user">,
    now: number
  ): Job => {
    const named = model ?? (type === "video" ? "ray-2" : "photon-1")
    return {
      ...store.begin({ type, user, account: "" }, world.uuid, now, { created, id }),
      startsAt: now + startup,
      model: named,
      request: request ?? { model: named, prompt: "a lighthouse in the rain" },
      callbackUrl: replyUrl
    }
  }

  const stateOf = (job: Job, now: number): string =>
    !store.isRunning(job, now) ? job.outcome : now < job.startsAt ? "queued" : "dreaming"

  const record = (job: Job, now: number): Schema.JsonObject => {
    const { id, type } = job
    const state = stateOf(job, now)
    const link = world.link(cdn, `emulator/${id}`, now)
    return {
      id,
      generation_type: type,
      state,
      failure_reason: state === "failed" ? job.reason ?? "Prompt processing failed" : null,
      created_at: job.created,
      assets: state !== "completed" ? null : type === "video"
        ? { video: link("video.mp4") }
        : { image: link("image.jpg") },
      model: job.model,
      request: job.request,
      ...job.override
    }
  }

  const create = (kind: string, type: "video" | "image", status = 201) => (call: Call): Reply.Reply => {
    const { body, now, segment, user } = call
    const source = segment === "" ? undefined : store.find(segment)
    if (segment !== "" && source?.user !== user) return sentences.notFound
    const key = `${user} ${type}`
    const recent = (creates.get(key) ?? []).filter((at) => now - at < minute)
    if (recent.length >= limits[type]) return sentences.throttled
    const fields = Parsed.fieldsOf(body)
    const wrong = Parsed.wrongIn(kind, fields)
    if (wrong !== undefined) {
      return typeof wrong === "string" ? sentences.problem(400, wrong) : sentences.invalid(wrong)
    }
    creates.set(key, [...recent, now])
    const { callback_url: replyUrl, model = source?.model } = fields
    const job = store.keep(begin(
      {
        model: typeof model === "string" ? model : undefined,
        replyUrl: typeof replyUrl === "string" ? replyUrl : undefined,
        request: { generation_type: kind, ...fields }
      },
      { type, user },
      now
    ))
    return Reply.json(status, record(job, now))
  }

  const list = ({ now, query, user }: Call): Reply.Reply => {
    const asked = new URLSearchParams(query)
    const limit = Math.min(pageSize, Number(asked.get("limit") ?? 100))
    const offset = Number(asked.get("offset") ?? 0)
    const own = store.all().filter((job) => job.user === user).sort((a, b) => a.createdAt - b.createdAt)
    if (options.order !== "oldest") own.reverse()
    const generations = own.slice(offset, offset + limit).map((job) => record(job, now))
    return Reply.json(200, {
      has_more: offset + limit < own.length,
      count: generations.length,
      limit,
      offset,
      generations
    })
  }

  const about = (answer: (job: Job, call: Call) => Reply.Reply) => (call: Call): Reply.Reply => {
    const job = store.find(call.segment)
    return job?.user === call.user ? answer(job, call) : sentences.notFound
  }

  const remove = about(({ id }) => {
    store.forget(id)
    return Reply.empty(204)
  })

  /** Each state but the first, to the address that the request named. */
  const callbacks = (): ReadonlyArray<DueCallback> =>
    store.all().flatMap((job) => {
      const { callbackUrl: url, endsAt, id, outcome, startsAt } = job
      if (url === undefined) return []
      const due = (part: number, at: number, event: string): DueCallback => ({
        job: id,
        event,
        part,
        url,
        at,
        retries: 3,
        body: () => record(job, at)
      })
      return [...(startsAt < endsAt ? [due(0, startsAt, "dreaming")] : []), due(1, endsAt, outcome)]
    })

  const route = <Operation extends string>(
    operation: Operation,
    method: string,
    path: string,
    answer: Route<Operation>["answer"]
  ): Route<Operation> => ({ operation, method, path: root + path, answer })

  const controls: Controls = {
    ...store.controls<NewJob>(begin, options.jobs),
    webhook: (id) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const job = store.find(id)
        return job === undefined
          ? Effect.die(new Error("The emulator has no such generation"))
          : Effect.succeed(record(job, now))
      })
  }

  return {
    controls,
    callbacks,
    routes: [
      route("list", "GET", "/generations", list),
      route("create", "POST", "/generations", create("video", "video")),
      route("video", "POST", "/generations/video", create("video", "video")),
      route("image", "POST", "/generations/image", create("image", "image")),
      route("modifyVideo", "POST", "/generations/video/modify", create("modify_video", "video")),
      route("reframeVideo", "POST", "/generations/video/reframe", create("reframe_video", "video")),
      route("reframeImage", "POST", "/generations/image/reframe", create("reframe_image", "image")),
      route(
        "concepts",
        "GET",
        "/generations/concepts/list",
        () => Reply.json(200, ["dolly_zoom", "orbit_left", "pan_right"])
      ),
      route(
        "cameraMotions",
        "GET",
        "/generations/camera_motion/list",
        () => Reply.json(200, ["camera orbit left", "camera pan right"])
      ),
      route("upscale", "POST", "/generations/:id/upscale", create("upscale_video", "video", 200)),
      route("audio", "POST", "/generations/:id/audio", create("add_audio", "video", 200)),
      route("get", "GET", "/generations/:id", about((job, { now }) => Reply.json(200, record(job, now)))),
      route("remove", "DELETE", "/generations/:id", remove),
      route("credits", "GET", "/credits", () => Reply.json(200, { credit_balance: options.credits ?? 1234.5 })),
      route("ping", "GET", "/ping", () => Reply.json(200, { message: "pong" }))
    ]
  }
}
