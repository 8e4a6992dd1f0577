/**
 * fal's queue, storage, history and webhooks as its documents and its official clients describe them, for the emulator.
 *
 * **Details**
 *
 * Where they show nothing this is what it does. A result that is no longer kept is a 404 with a sentence, and its status stays
 * `COMPLETED`. A job that runs and is cancelled ends at once, unless `stubborn`. Input is checked as the job begins, never at the
 * submit. The history shows what has ended, cancelled ones too. What a model makes is told by its name, an image where that says nothing. At a
 * server all hosts answer in one folder too, and the address for an upload is at the host that gave it.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Call, DueCallback, Route, World } from "../EmulatedService.ts"
import * as EmulatedService from "../EmulatedService.ts"
import { iso } from "../internal/iso.ts"
import * as JobStore from "../JobStore.ts"
import * as Reply from "../Reply.ts"
import { fixtures } from "./internal/fixtures.ts"
import * as sentences from "./internal/sentences.ts"
import * as Signature from "./internal/signature.ts"

export {
  /**
   * Answers of fal with the fields and words that its documents and users show, and values of our own.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What fal says where it refuses.
   *
   * @since 0.1.0
   * @category sentences
   */
  sentences
}

/**
 * What jobs do, and what is not known of the service.
 *
 * **Details**
 *
 * - `life`: how long a job lives, 30 seconds, which varies by the fraction `jitter`, 0; for `queued` of it, 2 seconds, it waits.
 * - `required`: the names that an input must have, none. `endpoints`: the owner and app of those that are there, any.
 * - `stubborn`: a job that runs goes on to its end though it was cancelled. `history`: whether the key may read it; it may.
 * - `jobs`: jobs that are there from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly life?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly queued?: Duration.Input | undefined
  readonly required?: ReadonlyArray<string> | undefined
  readonly endpoints?: ReadonlyArray<string> | undefined
  readonly stubborn?: boolean | undefined
  readonly history?: boolean | undefined
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

/**
 * A job in the emulator's memory.
 *
 * **Details**
 *
 * `endpoint` is what was called, `app` its owner and app, which its addresses have. It runs from `startsAt`. `output` is the
 * whole answer of the model, else one with a file that stands in. `answer` is the result of one that failed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends JobStore.StoredJob<"succeeded" | "failed" | "cancelled"> {
  readonly endpoint: string
  readonly app: string
  readonly input: Schema.Json
  readonly output: Schema.Json | undefined
  readonly answer: Reply.Reply | undefined
  readonly startsAt: number
  readonly webhook: string | undefined
  readonly headers: Call["headers"]
}

/**
 * A job to put into the emulator's memory without a request; `reason` is what its model says as it fails.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly endpoint?: string | undefined
  readonly input?: Schema.Json | undefined
  readonly output?: Schema.Json | undefined
  readonly answer?: Reply.Reply | undefined
}

/**
 * A webhook call, ready to be sent: header names in lower case, the body byte for byte as it was signed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Webhook {
  readonly url: string | undefined
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/**
 * A file that was uploaded, as far as it has come; `parts` are the bytes of each part of one in parts.
 *
 * @since 0.1.0
 * @category models
 */
export interface Upload {
  readonly url: string
  readonly contentType: string
  readonly bytes: number
  readonly parts: ReadonlyArray<number>
  readonly isComplete: boolean
}

/**
 * A test's controls of fal.
 *
 * **Details**
 *
 * - `webhook` is the call that tells of a job that has ended, signed now with the `key` given, or with the one that signs.
 * - `rotate` changes the key that signs and is published. `keys` are the two that there are.
 * - `uploads`: the files that were begun.
 *
 * @since 0.1.0
 * @category models
 */
export interface Controls extends JobStore.Controls<Job, NewJob> {
  readonly webhook: (id: string, key?: Key) => Effect.Effect<Webhook>
  readonly rotate: (key: Key) => Effect.Effect<void>
  readonly uploads: Effect.Effect<ReadonlyArray<Upload>>
}

/**
 * A key pair that signs webhooks.
 *
 * @since 0.1.0
 * @category models
 */
export type Key = Signature.Key

/**
 * The emulator's two key pairs, of which the first signs unless told otherwise.
 *
 * @since 0.1.0
 * @category constants
 */
export const keys: readonly [Key, Key] = Signature.keys

const queue = "queue.fal.run"
const sync = "fal.run"
const platform = "api.fal.ai"
const storage = ["rest.fal.ai", "rest.alpha.fal.ai"] as const
const cdn = "v3b.fal.media"
const hour = 3_600_000
/** Results of so many bytes are kept for six minutes alone. */
const large = 10 * 1024

const kindOf = (endpoint: string): Job["type"] =>
  /music|audio|speech|voice|sound|tts|lyria|whisper/i.test(endpoint)
    ? "audio"
    : /video|veo|sora|kling|hailuo|seedance|hunyuan|ltx|luma|pixverse|\bwan\b|mochi|animat/i.test(endpoint)
    ? "video"
    : "image"

/** Owner and app of an endpoint, with the name space before them where it has one. */
const appOf = (endpoint: string): string =>
  endpoint.split("/").slice(0, /^(?:workflows|comfy)\//.test(endpoint) ? 3 : 2).join("/")

/**
 * fal, through its own API.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  EmulatedService.make({
    id: "fal",
    hosts: [queue, sync, ...storage, platform, cdn],
    cdns: [cdn],
    credential: (headers) => /^Key (.+)$/.exec(headers["authorization"] ?? "")?.[1],
    unauthorized: sentences.unauthenticated,
    make: (world) => make(world, options)
  })

/**
 * fal as a server begins with it: its documents print no jobs to hold.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (_empty: boolean) => service()

const make = (world: World, options: Options) => {
  const queued = Duration.toMillis(options.queued ?? "2 seconds") / world.speed
  const store = JobStore.make<Job>(world, {
    life: () => options.life ?? "30 seconds",
    jitter: options.jitter,
    outcome: "succeeded"
  })
  const uploads = new Map<string, Upload>()
  let key: Key = keys[0]

  const begin = (
    { answer, created, endpoint, id, input, output, replyUrl }: Partial<NewJob>,
    { type, user }: Pick<Job, "type" | "user">,
    now: number
  ): Job => {
    const named = endpoint ?? `fal-ai/lighthouse/${type}`
    return {
      ...store.begin({ type, user, account: "" }, world.uuid, now, { created, id }),
      startsAt: now + queued,
      endpoint: named,
      app: appOf(named),
      input: input ?? { prompt: "a lighthouse in the rain" },
      output,
      answer,
      webhook: replyUrl,
      headers: {}
    }
  }

  const outputOf = ({ app, id, input, output, type }: Job, now: number): Schema.Json => {
    if (output !== undefined) return output
    const link = world.link(cdn, `files/b/${id.slice(0, 8)}`, now)
    const { num_images: count = 1, prompt = "" } = input as { num_images?: number; prompt?: string } // whatever was sent
    const name = app.replace(/.*\//, "")
    switch (type) {
      case "video":
        return {
          video: { url: link(`${name}.mp4`), content_type: "video/mp4", file_name: `${name}.mp4`, file_size: 4012 },
          seed: 7
        }
      case "audio":
        return { audio: { url: link(`${name}.mp3`), content_type: "audio/mpeg", file_name: null, file_size: null } }
      case "image": {
        const images = Array.from({ length: count }, (_, i) => i === 0 ? name : `${name}-${i}`)
        return {
          images: images.map((name) => ({
            url: link(`${name}.webp`),
            width: 1024,
            height: 768,
            content_type: "image/webp"
          })),
          timings: { inference: 2.4 },
          seed: 7,
          has_nsfw_concepts: images.map(() => false),
          prompt
        }
      }
    }
  }

  /** What the result answers of a job that has ended. */
  const resultOf = (job: Job, now: number): Reply.Reply => {
    const missing = (options.required ?? []).filter((name) => !Predicate.hasProperty(job.input, name))
    const answer = job.outcome === "cancelled"
      ? sentences.problem(499, "Request was cancelled", "client_cancelled")
      : job.answer ?? (missing.length > 0
        ? Reply.json(422, {
          detail: missing.map((name) => ({ loc: ["body", name], msg: "field required", type: "value_error.missing" }))
        })
        : job.outcome === "failed"
        ? sentences.refused(500, "internal_server_error", job.reason ?? "The model broke")
        : Reply.json(200, outputOf(job, now), { "x-fal-billable-units": "1" }))
    const keeps = answer.body.length < large ? hour : hour / 10
    return now >= job.endsAt + keeps
      ? sentences.resultGone
      : { ...answer, headers: { ...answer.headers, "x-fal-request-id": job.id } }
  }

  const addresses = ({ app, id }: Job, base: string) => {
    const url = `${base}/${app}/requests/${id}`
    return { response_url: url, status_url: `${url}/status`, cancel_url: `${url}/cancel` }
  }

  const logsOf = (job: Job, now: number): Schema.Json => {
    const done = store.isRunning(job, now) ? (now - job.startsAt) / (job.endsAt - job.startsAt) : 1
    const steps = Math.floor(20 * done)
    return [
      { message: "Using seed: 7", level: "INFO", source: "USER", timestamp: iso(job.startsAt) },
      {
        message: `${5 * steps}%|${"█".repeat(steps).padEnd(20)}| ${steps}/20 [00:00<00:00,  1.00it/s]`,
        level: "STDERR",
        source: "USER",
        timestamp: iso(now)
      }
    ]
  }

  const status = (job: Job, now: number, base: string, logs = false): Schema.JsonObject => {
    const common = { request_id: job.id, ...addresses(job, base) }
    if (now < Math.min(job.startsAt, job.endsAt)) {
      const ahead = store.all().filter((one) =>
        one.app === job.app && one !== job && one.createdAt < job.createdAt && now < Math.min(one.startsAt, one.endsAt)
      )
      return { status: "IN_QUEUE", ...common, queue_position: ahead.length, logs: null, ...job.override }
    }
    const shown = { ...common, logs: logs ? logsOf(job, now) : null }
    if (store.isRunning(job, now)) return { status: "IN_PROGRESS", ...shown, ...job.override }
    const result = resultOf(job, job.endsAt)
    const type = result.headers["x-fal-error-type"]
    return {
      status: "COMPLETED",
      ...shown,
      metrics: { inference_time: Math.max(0, job.endsAt - job.startsAt) / 1000 },
      ...(result.status === 200 ? undefined : { error: `Invalid status code: ${result.status}` }),
      ...(type === undefined ? undefined : { error_type: type }),
      ...job.override
    }
  }

  const submit = (prefix: string, wait: boolean) => (call: Call): Reply.Reply => {
    const { body, headers, now, query, user } = call
    const endpoint = prefix + call.segment
    const input: unknown = Result.getOrUndefined(Result.try(() => JSON.parse(body)))
    if (options.endpoints?.includes(appOf(endpoint)) === false) return sentences.appNotFound(appOf(endpoint))
    const asked = new URLSearchParams(query)
    const most = asked.get("fal_max_queue_length")
    if (most !== null && !/^\d+$/.test(most)) return sentences.wrongQueueLength
    const waiting = store.all().filter((one) => one.app === appOf(endpoint) && now < Math.min(one.startsAt, one.endsAt))
    if (most !== null && waiting.length > Number(most)) return sentences.queueFull
    const created = begin({ endpoint, input: (input ?? {}) as Schema.Json }, { type: kindOf(endpoint), user }, now) // it was JSON
    const lacks = (options.required ?? []).some((name) => !Predicate.hasProperty(created.input, name))
    const job = store.keep({
      ...created,
      outcome: lacks ? "failed" : created.outcome,
      webhook: asked.get("fal_webhook") ?? undefined,
      headers
    })
    if (!wait) {
      return Reply.json(200, {
        status: "IN_QUEUE",
        request_id: job.id,
        ...addresses(job, call.base),
        logs: null,
        metrics: {},
        queue_position: waiting.length
      }, { "x-fal-request-id": job.id })
    }
    // The status goes out first, so it is the one that is known by now.
    const { body: whole, ...head } = resultOf(job, job.endsAt)
    const rest = Effect.repeat(Clock.currentTimeMillis, {
      until: (now) => now >= job.endsAt,
      schedule: Schedule.spaced("100 millis")
    })
    return { ...head, body: "", tail: Stream.fromEffect(Effect.as(rest, whole)) }
  }

  const about = (prefix: string, answer: (job: Job, call: Call) => Reply.Reply) => (call: Call): Reply.Reply => {
    const parts = (prefix + call.segment).split("/")
    const job = store.find(parts.pop())
    return job?.user === call.user && job.app === parts.join("/") ? answer(job, call) : sentences.notFound
  }

  const getStatus = (job: Job, call: Call): Reply.Reply => {
    const logs = /^(?:1|true)$/i.test(new URLSearchParams(call.query).get("logs") ?? "")
    return Reply.json(store.isRunning(job, call.now) ? 202 : 200, status(job, call.now, call.base, logs))
  }

  const stream = (job: Job, call: Call): Reply.Reply => {
    const look = Effect.map(Clock.currentTimeMillis, (now) => {
      const found = store.find(job.id) ?? job
      return {
        ended: !store.isRunning(found, now),
        text: `data: ${JSON.stringify(status(found, now, call.base, true))}\n\n`
      }
    })
    const events = Stream.fromEffectSchedule(look, Schedule.spaced("100 millis")).pipe(
      Stream.takeUntil(({ ended }) => ended),
      Stream.map(({ text }) => text)
    )
    return { status: 200, headers: { "content-type": "text/event-stream" }, body: "", tail: events }
  }

  const result = (job: Job, { base, now }: Call): Reply.Reply =>
    store.isRunning(job, now)
      ? Reply.json(400, { detail: "Request is still in progress", request_id: job.id, ...addresses(job, base) })
      : resultOf(job, now)

  const cancel = (job: Job, { now }: Call): Reply.Reply => {
    if (!store.isRunning(job, now)) return sentences.alreadyCompleted
    const waits = now < job.startsAt
    if (waits || options.stubborn !== true) store.change(job, { state: "cancelled" }, now)
    return waits ? Reply.json(200, { status: "OK" }) : Reply.json(202, { status: "CANCELLATION_REQUESTED" })
  }

  const initiate = (multipart: boolean) => ({ base, body, now }: Call): Reply.Reply => {
    const asked: unknown = Result.getOrUndefined(Result.try(() => JSON.parse(body)))
    const type = Predicate.hasProperty(asked, "content_type") ? asked.content_type : undefined
    const name = Predicate.hasProperty(asked, "file_name") ? asked.file_name : undefined
    if (typeof type !== "string" || typeof name !== "string") {
      return sentences.refused(422, "missing", "Field required", { loc: ["body", "content_type"] })
    }
    const id = world.draw("abcdefghijkmnpqrstuvwxyz23456789", 20)
    const url = world.link(cdn, `files/b/${id}`, now)(name)
    uploads.set(id, { url, contentType: type, bytes: 0, parts: [], isComplete: false })
    const at = base.startsWith("https:") ? `https://${cdn}` : base
    const signature = world.draw("0123456789abcdef", 32)
    return Reply.json(200, {
      upload_url: `${at}/files/upload/${multipart ? "parts/" : ""}${id}?signature=${signature}`,
      file_url: url
    })
  }

  const put = ({ bytes, segment }: Call): Reply.Reply => {
    const found = uploads.get(segment)
    if (found === undefined) return Reply.html(404, "Not Found")
    uploads.set(segment, { ...found, bytes, isComplete: true })
    return Reply.empty(200)
  }

  const part = ({ bytes, segment }: Call): Reply.Reply => {
    const [id = "", number] = segment.split("/")
    const found = uploads.get(id)
    if (found === undefined || Number(number) !== found.parts.length + 1) return Reply.html(404, "Not Found")
    uploads.set(id, { ...found, bytes: found.bytes + bytes, parts: [...found.parts, bytes] })
    return Reply.json(200, { partNumber: Number(number), etag: `"${id}-${number}"` })
  }

  const complete = ({ body, segment }: Call): Reply.Reply => {
    const found = uploads.get(segment)
    const expected = found?.parts.map((_, i) => ({ partNumber: i + 1, etag: `"${segment}-${i + 1}"` }))
    if (found === undefined || body !== JSON.stringify({ parts: expected })) return Reply.html(400, "Bad Request")
    uploads.set(segment, { ...found, isComplete: true })
    return Reply.json(200, {})
  }

  const history = (call: Call): Reply.Reply => {
    if (options.history === false) return sentences.adminOnly
    const asked = new URLSearchParams(call.query)
    const endpoints = asked.getAll("endpoint_id").flatMap((text) => text.split(","))
    if (endpoints.length === 0) {
      return sentences.refused(422, "missing", "Field required", { loc: ["query", "endpoint_id"] })
    }
    const bound = (name: string, otherwise: number): number => {
      const at = Date.parse(asked.get(name) ?? "")
      return Number.isNaN(at) ? otherwise : at
    }
    const limit = Number(asked.get("limit") ?? 50)
    const from = Number(asked.get("cursor") ?? 0)
    const found = store.all().filter((job) =>
      job.user === call.user && endpoints.includes(job.endpoint) && !store.isRunning(job, call.now) &&
      job.endsAt >= bound("start", call.now - 24 * hour) && job.endsAt < bound("end", Infinity)
    ).reverse().sort((a, b) => b.endsAt - a.endsAt)
    const items = found.slice(from, from + limit).map((job): Schema.JsonObject => {
      const answer = resultOf(job, job.endsAt)
      return {
        request_id: job.id,
        endpoint_id: job.endpoint,
        started_at: iso(job.startsAt),
        sent_at: iso(job.createdAt),
        ended_at: iso(job.endsAt),
        status_code: answer.status,
        duration: Math.max(0, job.endsAt - job.startsAt) / 1000,
        ...(asked.get("expand") === "payloads"
          ? { json_input: job.input, json_output: JSON.parse(answer.body) as Schema.Json } // it was made of JSON
          : undefined)
      }
    })
    const more = from + limit < found.length
    return Reply.json(200, { items, next_cursor: more ? `${from + limit}` : null, has_more: more })
  }

  const hookOf = (job: Job): Schema.JsonObject => {
    const { body, status } = resultOf(job, job.endsAt)
    return {
      request_id: job.id,
      gateway_request_id: job.id,
      status: status === 200 ? "OK" : "ERROR",
      ...(status === 200 ? undefined : { error: `Invalid status code: ${status}` }),
      payload: JSON.parse(body) as Schema.Json // it was made of JSON
    }
  }

  const callbacks = (): ReadonlyArray<DueCallback> =>
    store.all().flatMap((job) =>
      job.webhook === undefined ? [] : [{
        job: job.id,
        event: resultOf(job, job.endsAt).status === 200 ? "OK" : "ERROR",
        part: 0,
        url: job.webhook,
        at: job.endsAt,
        retries: 10,
        body: () => hookOf(job),
        headers: (body) => Effect.suspend(() => Signature.headers(job.id, job.user, body, key))
      }]
    )

  const controls: Controls = {
    ...store.controls<NewJob>(begin, options.jobs),
    webhook: Effect.fnUntraced(function*(id, by) {
      const job = store.find(id)
      if (job === undefined) return yield* Effect.die(new Error("The emulator has no such job"))
      const body = JSON.stringify(hookOf(job))
      return { url: job.webhook, headers: yield* Signature.headers(id, job.user, body, by ?? key), body }
    }),
    rotate: (next) => Effect.sync(() => void (key = next)),
    uploads: Effect.sync(() => [...uploads.values()])
  }

  /** The paths of a job, with and without a name space before its owner. */
  const ofJob = <Operation extends string>(
    operation: Operation,
    method: string,
    rest: string,
    answer: (job: Job, call: Call) => Reply.Reply
  ): ReadonlyArray<Route<Operation>> =>
    ["", "workflows/", "comfy/"].map((space) => ({
      operation,
      method,
      path: `/${space}:owner/:app/requests/:id${rest}`,
      answer: about(space, answer)
    }))

  const everywhere = <Operation extends string>(
    hosts: ReadonlyArray<string>,
    route: Omit<Route<Operation>, "host">
  ): ReadonlyArray<Route<Operation>> => [queue, ...hosts].map((host) => ({ ...route, host }))

  const begins = <Operation extends string>(operation: Operation, host: string, wait: boolean) =>
    ["workflows/", "comfy/", ""].flatMap((space) =>
      ["", "/:a", "/:a/:b", "/:a/:b/:c"].map((rest): Route<Operation> => ({
        operation,
        method: "POST",
        host,
        path: `/${space}:owner/:app${rest}`,
        answer: submit(space, wait)
      }))
    )

  return {
    controls,
    callbacks,
    routes: [
      ...ofJob("get", "GET", "/status", getStatus),
      ...ofJob("stream", "GET", "/status/stream", stream),
      ...ofJob("getResult", "GET", "", result),
      ...ofJob("getResult", "GET", "/response", result),
      ...ofJob("cancel", "PUT", "/cancel", cancel),
      ...everywhere(storage, {
        operation: "initiate",
        method: "POST",
        path: "/storage/upload/initiate",
        answer: initiate(false)
      }),
      ...everywhere(storage, {
        operation: "multipart",
        method: "POST",
        path: "/storage/upload/initiate-multipart",
        answer: initiate(true)
      }),
      ...everywhere([cdn, ...storage], {
        operation: "put",
        method: "PUT",
        path: "/files/upload/:id",
        file: true,
        open: true,
        answer: put
      }),
      ...everywhere([cdn, ...storage], {
        operation: "part",
        method: "PUT",
        path: "/files/upload/parts/:id/:number",
        file: true,
        open: true,
        answer: part
      }),
      ...everywhere([cdn, ...storage], {
        operation: "complete",
        method: "POST",
        path: "/files/upload/parts/:id/complete",
        open: true,
        answer: complete
      }),
      ...everywhere(storage, {
        operation: "keys",
        method: "GET",
        path: "/.well-known/jwks.json",
        open: true,
        answer: () => Reply.json(200, { keys: [Signature.published(key)] }, { "cache-control": "public, max-age=3600" })
      }),
      ...everywhere([platform], {
        operation: "history",
        method: "GET",
        path: "/v1/models/requests/by-endpoint",
        answer: history
      }),
      ...begins("submit", queue, false),
      ...begins("run", sync, true)
    ]
  }
}
