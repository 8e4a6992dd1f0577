/**
 * Replicate's predictions, files and webhooks as its documents and its official client describe them, for the emulator.
 *
 * **Details**
 *
 * Where they show nothing this is what it does. Cancelling what has ended changes nothing and is no error. A record shows the
 * webhook that it was created with only where `echoesWebhook` says so. Another user's prediction is not found. The answer to a
 * file leaves out its checksums. What a model makes is told by its name, an image where that says nothing: one video or sound as a
 * text, images in a list. The official clients take `https` and `data` alone for files: where links have another scheme, as at a
 * server of this machine, those clients (by their `User-Agent`) are told files as `data`.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Call, DueCallback, Route, World } from "../EmulatedService.ts"
import * as EmulatedService from "../EmulatedService.ts"
import { fileIn } from "../internal/form.ts"
import { iso } from "../internal/iso.ts"
import * as Media from "../internal/media.ts"
import * as StandardWebhooks from "../internal/standardWebhooks.ts"
import * as JobStore from "../JobStore.ts"
import * as Reply from "../Reply.ts"
import { invalidIn } from "./internal/body.ts"
import { fixtures } from "./internal/fixtures.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * Answers of Replicate with the fields and words that its documents and users show, and values of our own.
   *
   * **Details**
   *
   * The ids in them are in Replicate's form, and made up.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What Replicate says where it refuses.
   *
   * @since 0.1.0
   * @category sentences
   */
  sentences
}

/**
 * What predictions do, and what is not known of the service.
 *
 * **Details**
 *
 * - `life`: how long a prediction lives, 30 seconds, which varies by the fraction `jitter`, 0; for `startup` of it, 2 seconds,
 *   it is starting.
 * - `required`: the names that an `input` must have, none. `models`: those that run without a version, any.
 * - `pageSize`: of lists, 100. `creates`, 600, and `others`, 3000, are how many calls a user may make in a minute.
 * - `secret`: what webhooks are signed with. `echoesWebhook`: whether records show where they are reported.
 * - `jobs`: predictions that are there from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly life?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly startup?: Duration.Input | undefined
  readonly required?: ReadonlyArray<string> | undefined
  readonly models?: ReadonlyArray<string> | undefined
  readonly pageSize?: number | undefined
  readonly creates?: number | undefined
  readonly others?: number | undefined
  readonly secret?: string | undefined
  readonly echoesWebhook?: boolean | undefined
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

/**
 * A prediction in the emulator's memory.
 *
 * **Details**
 *
 * It processes from `startsAt`; an hour after its end its data is removed. `type` is what its `output` is unless told.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends JobStore.StoredJob<"succeeded" | "failed" | "canceled" | "aborted"> {
  readonly model: string
  readonly version: string
  readonly input: Schema.Json
  /** What is told; else a file that stands in for what the model made. */
  readonly output: Schema.Json | undefined
  readonly startsAt: number
  readonly source: "api" | "web"
  readonly webhook: string | undefined
  readonly events: ReadonlyArray<string> | undefined
}

/**
 * A prediction to put into the emulator's memory without a request; `reason` is its `error`.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly model?: string | undefined
  readonly version?: string | undefined
  readonly output?: Schema.Json | undefined
  readonly source?: Job["source"] | undefined
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
 * A test's controls of Replicate.
 *
 * **Details**
 *
 * - `webhook` is the call that tells of a prediction as it stands now, signed now with the `secrets` given, each a signature,
 *   or with the one that signs.
 * - `rotate` changes the secret that signs.
 *
 * @since 0.1.0
 * @category models
 */
export interface Controls extends JobStore.Controls<Job, NewJob> {
  readonly webhook: (id: string, secrets?: ReadonlyArray<string>) => Effect.Effect<Webhook>
  readonly rotate: (secret: string) => Effect.Effect<void>
}

/**
 * The secret that signs unless told otherwise.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultSecret = "whsec_bWVkaWEtam9icyBlbXVsYXRvciBzZWNyZXQhIQ=="

const host = "api.replicate.com"
const cdn = "replicate.delivery"
const hello = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa"
const minute = 60_000
const official = /^replicate-(?:javascript|python|go|swift|ruby)\//i

/** What models of a name make; of makers whose models all make one kind, their names too. */
const kindOf = (model: string): Job["type"] =>
  /music|audio|speech|voice|sound|song|tts|bark|lyria|riffusion/i.test(model)
    ? "audio"
    : /video|animat|motion|veo|sora|kling|hailuo|seedance|hunyuan|mochi|ltx|pixverse|luma\/ray|gen-?[34]-(?:turbo|aleph)|\bwan-|\b[ti]2v\b/i
        .test(model)
    ? "video"
    : "image"
const kept = 3_600_000

/**
 * Replicate, through its own API.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  EmulatedService.make({
    id: "replicate",
    hosts: [host],
    cdns: [cdn],
    root: true,
    unauthorized: sentences.unauthenticated,
    make: (world) => make(world, options)
  })

/**
 * Replicate as a server begins with it: its documents print no predictions to hold.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (_empty: boolean) => service()

const make = (world: World, options: Options) => {
  const startup = Duration.toMillis(options.startup ?? "2 seconds") / world.speed
  const pageSize = options.pageSize ?? 100
  const store = JobStore.make<Job>(world, {
    life: () => options.life ?? "30 seconds",
    jitter: options.jitter,
    outcome: "succeeded"
  })
  const calls = new Map<string, Array<number>>()
  let secret = options.secret ?? defaultSecret
  const newId = () => world.draw("abcdefghijklmnopqrstuvwxyz234567", 26)

  const begin = (
    { created, id, model = "media-jobs/lighthouse", output, source = "api", version = hello, ...job }: Partial<NewJob>,
    { type, user }: Pick<Job, "type" | "user">,
    now: number
  ): Job => ({
    ...store.begin({ type, user, account: "" }, newId, now, { created, id }),
    startsAt: now + startup,
    model,
    version,
    source,
    input: { prompt: "a lighthouse in the rain" },
    output,
    webhook: job.replyUrl,
    events: undefined
  })

  const statusOf = (job: Job, now: number): string =>
    !store.isRunning(job, now) ? job.outcome : now < job.startsAt ? "starting" : "processing"

  const outputOf = ({ id, type }: Job, now: number, isOfficial: boolean): Schema.Json => {
    const link = world.link(cdn, `emulator/${id}`, now)
    const file = (name: string) => isOfficial && !link(name).startsWith("https:") ? Media.inlined(name) : link(name)
    return type === "video" ? file("output.mp4") : type === "audio" ? file("output.mp3") : [file("out-0.webp")]
  }

  const record = (
    job: Job,
    now: number,
    { base, headers }: Pick<Call, "base" | "headers"> = { base: `https://${host}`, headers: {} }
  ): Schema.JsonObject => {
    const status = statusOf(job, now)
    const ended = !store.isRunning(job, now)
    const started = status !== "aborted" && Math.min(now, job.endsAt) >= job.startsAt
    const removed = ended && job.source === "api" && now >= job.endsAt + kept
    const url = `${base}/v1/predictions/${job.id}`
    return {
      id: job.id,
      model: job.model,
      version: job.version,
      input: removed ? {} : job.input,
      logs: !started || removed ? "" : bar(ended ? 1 : (now - job.startsAt) / (job.endsAt - job.startsAt)),
      output: status === "succeeded" && !removed
        ? job.output ?? outputOf(job, now, official.test(headers["user-agent"] ?? ""))
        : null,
      data_removed: removed,
      error: status === "failed" ? job.reason ?? "The model broke" : null,
      source: job.source,
      status,
      created_at: job.created,
      started_at: started ? iso(job.startsAt) : null,
      completed_at: ended ? iso(job.endsAt) : null,
      urls: { get: url, cancel: `${url}/cancel` },
      metrics: ended && started
        ? { predict_time: (job.endsAt - job.startsAt) / 1000, total_time: (job.endsAt - job.createdAt) / 1000 }
        : {},
      ...(options.echoesWebhook === true && job.webhook !== undefined ? { webhook: job.webhook } : undefined),
      ...job.override
    }
  }

  const list = (call: Call): Reply.Reply => {
    const { base, now, query, user } = call
    const asked = new URLSearchParams(query)
    const cursor = asked.get("cursor")
    const [after, before, last] = cursor === null
      ? [asked.get("created_after"), asked.get("created_before"), ""]
      : cursorOf(cursor)
    const bound = (text: string | null | undefined, otherwise: number): number => {
      const at = Date.parse(text ?? "")
      return Number.isNaN(at) ? otherwise : at
    }
    const shown = store.all().filter((job) =>
      job.user === user && job.createdAt >= bound(after, -Infinity) && job.createdAt < bound(before, Infinity)
    ).reverse().sort((a, b) => b.createdAt - a.createdAt)
    const from = last === "" ? 0 : shown.findIndex(({ id }) => id === last) + 1
    const page = shown.slice(from, from + pageSize)
    const more = from + pageSize < shown.length
    const next = Base64Url.encode(JSON.stringify([after ?? null, before ?? null, page.at(-1)?.id ?? ""]))
    return Reply.json(200, {
      next: more ? `${base}/v1/predictions?cursor=${next}` : null,
      previous: null,
      results: page.map((job) => {
        const { logs: _, ...rest } = record(job, now, call)
        return rest
      })
    })
  }

  const about = (answer: (job: Job, call: Call) => Reply.Reply) => (call: Call): Reply.Reply => {
    const job = store.find(call.segment)
    return job?.user === call.user ? answer(job, call) : sentences.notFound
  }

  const get = about((job, call) => Reply.json(200, record(job, call.now, call)))

  const cancel = about((job, call) => {
    const stopped = store.isRunning(job, call.now) ? store.change(job, { state: "canceled" }, call.now) : job
    return Reply.json(200, record(stopped, call.now, call))
  })

  const create = (byModel: boolean) => (call: Call): Reply.Reply => {
    const { body, headers, now, segment, user } = call
    const sent: unknown = Result.getOrUndefined(Result.try(() => JSON.parse(body)))
    if (!Predicate.isObject(sent)) return sentences.problem(400, "The body is no JSON object")
    const fields: { readonly [name: string]: unknown } = { ...sent }
    const { input, version, webhook, webhook_events_filter: events } = fields
    const wrong = invalidIn(fields, byModel, options.required ?? [])
    if (wrong.length > 0) return sentences.invalid(wrong)
    if (byModel && options.models?.includes(segment) === false) return sentences.notFound
    const [, model, hash] = /^(?:(.+?):?)??([0-9a-f]{64})?$/.exec(typeof version === "string" ? version : "") ?? []
    const named = byModel ? segment : model
    const job = store.keep({
      ...begin({ model: named, version: hash }, { type: kindOf(named ?? ""), user }, now),
      input: input as Schema.Json, // it was parsed from JSON, and is an object
      webhook: typeof webhook === "string" ? webhook : undefined,
      events: Array.isArray(events) ? events.map(String) : undefined
    })
    const wait = /^wait(?:=(\d+))?$/.exec(headers["prefer"] ?? "")
    if (wait === null) return Reply.json(201, record(job, now, call))
    const until = now + 1000 * Math.min(60, Math.max(1, Number(wait[1] ?? 60)))
    const look = Effect.map(Clock.currentTimeMillis, (now) => ({ now, job: store.find(job.id) ?? job }))
    const ended = Effect.repeat(look, {
      until: ({ job, now }) => now >= until || !store.isRunning(job, now),
      schedule: Schedule.spaced("100 millis")
    })
    return {
      ...Reply.json(201, {}),
      body: "",
      tail: Stream.fromEffect(Effect.map(ended, ({ job, now }) => JSON.stringify(record(job, now, call))))
    }
  }

  const file = (call: Call): Reply.Reply => {
    const { body, headers, now } = call
    const found = fileIn(body, headers["content-type"] ?? "", "content")
    if (found === undefined) return sentences.problem(400, "Missing content")
    const id = newId()
    return Reply.json(201, {
      id,
      name: found.name,
      content_type: found.type,
      size: found.size,
      metadata: {},
      created_at: iso(now),
      expires_at: iso(now + 86_400_000),
      urls: { get: `${call.base}/v1/files/${id}` }
    })
  }

  const route = <Operation extends string>(
    operation: Operation,
    method: string,
    path: string,
    answer: Route<Operation>["answer"],
    file?: "form"
  ): Route<Operation> => {
    const isCreate = operation === "create" || operation === "model"
    const limit = isCreate ? options.creates ?? 600 : options.others ?? 3000
    return {
      operation,
      method,
      path: `/v1${path}`,
      file,
      answer: (call) => {
        const key = `${call.user} ${isCreate}`
        const recent = (calls.get(key) ?? []).filter((at) => call.now - at < minute)
        calls.set(key, recent)
        const [oldest] = recent
        if (recent.length >= limit) {
          return sentences.throttled(Math.ceil(((oldest ?? call.now) + minute - call.now) / 1000))
        }
        recent.push(call.now)
        return answer(call)
      }
    }
  }

  const signatureOf = (job: Job, then: number, body: string, secrets: ReadonlyArray<string>) =>
    StandardWebhooks.headers(`msg_${job.id}-${statusOf(job, then)}`, body, secrets)

  /** The start and the end, as the filter says; without one, the end. Only the end is told again, for about a minute. */
  const callbacks = (): ReadonlyArray<DueCallback> =>
    store.all().flatMap((job) => {
      const { endsAt, events = ["completed"], id, outcome, startsAt, webhook: url } = job
      if (url === undefined) return []
      const about = (part: number, at: number, event: string, retries: number): DueCallback => ({
        job: id,
        event,
        part,
        url,
        at,
        retries,
        body: () => record(job, at),
        headers: (body) => Effect.suspend(() => signatureOf(job, at, body, [secret]))
      })
      return [
        ...(events.includes("start") && startsAt < endsAt ? [about(0, startsAt, "processing", 0)] : []),
        ...(events.includes("completed") ? [about(1, endsAt, outcome, 6)] : [])
      ]
    })

  const controls: Controls = {
    ...store.controls<NewJob>(begin, options.jobs),
    webhook: Effect.fnUntraced(function*(id, secrets) {
      const job = store.find(id)
      if (job === undefined) return yield* Effect.die(new Error("The emulator has no such prediction"))
      const now = yield* Clock.currentTimeMillis
      const body = JSON.stringify(record(job, now))
      return { url: job.webhook, headers: yield* signatureOf(job, now, body, secrets ?? [secret]), body }
    }),
    rotate: (next) => Effect.sync(() => void (secret = next))
  }

  return {
    controls,
    callbacks,
    routes: [
      route("list", "GET", "/predictions", list),
      route("create", "POST", "/predictions", create(false)),
      route("get", "GET", "/predictions/:id", get),
      route("cancel", "POST", "/predictions/:id/cancel", cancel),
      route("model", "POST", "/models/:owner/:name/predictions", create(true)),
      route("file", "POST", "/files", file, "form"),
      route("secret", "GET", "/webhooks/default/secret", () => Reply.json(200, { key: secret }))
    ]
  }
}

/** A progress bar as tqdm draws it over the one before. */
const bar = (done: number): string => {
  const steps = Math.floor(20 * done)
  const line = (n: number) => `${5 * n}%|${"█".repeat(n).padEnd(20)}| ${n}/20 [00:00<00:00, 1.00it/s]`
  return `Using seed: 7\n${line(0)}\r${line(steps)}\n`
}

const Cursor = Schema.fromJsonString(Schema.Array(Schema.NullOr(Schema.String)))

const cursorOf = (text: string): ReadonlyArray<string | null> =>
  Result.getOrElse(
    Result.flatMap(Base64Url.decodeString(text), Schema.decodeUnknownResult(Cursor)),
    () => [null, null, ""]
  )
