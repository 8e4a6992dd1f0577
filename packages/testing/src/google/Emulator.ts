/**
 * Google's Interactions, files and webhooks as the Gemini API's documents and the official client describe them, for the emulator.
 *
 * **Details**
 *
 * Where they show nothing this is what it does. Cancelling what has ended changes nothing and is no error; deleting what runs deletes
 * it, and it is not known from then on. Another user's interaction is not found, as any that is not there. Both versions, `v1` and
 * `v1beta`, answer alike. What a model makes is told by its name, a video where that says nothing. The token that vouches for a call
 * to a request's own address has that address as its audience, and the event in it. An operation of the older API can be looked at
 * where a test puts one, by its name.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Call, DueCallback, Route, World } from "../EmulatedService.ts"
import * as EmulatedService from "../EmulatedService.ts"
import { iso } from "../internal/iso.ts"
import * as Media from "../internal/media.ts"
import * as StandardWebhooks from "../internal/standardWebhooks.ts"
import * as JobStore from "../JobStore.ts"
import * as Reply from "../Reply.ts"
import { fixtures } from "./internal/fixtures.ts"
import * as Keys from "./internal/keys.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * Answers of the Gemini API with the fields and words that its documents, its client and users show, and values of our own.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What the Gemini API says where it refuses.
   *
   * @since 0.1.0
   * @category sentences
   */
  sentences
}

/**
 * What interactions do, and what is not known of the service.
 *
 * **Details**
 *
 * - `life`: how long an interaction lives, 1 minute, which varies by the fraction `jitter`, 0; for `startup` of it, 1 second, it
 *   is queued.
 * - `processing`: how long a file is not ready after its interaction has completed, or it was uploaded; not at all unless told.
 * - `jobs`: interactions that are there from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly life?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly startup?: Duration.Input | undefined
  readonly processing?: Duration.Input | undefined
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

/**
 * An interaction in the emulator's memory, or an operation of the older API where its `id` is such a name.
 *
 * **Details**
 *
 * It is in progress from `startsAt`. A `blocked` one is completed with a text that refuses. `file` is what becomes of its file once
 * it is no longer processed, `hooks` where the request itself wants to be told.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends
  JobStore.StoredJob<
    "completed" | "blocked" | "failed" | "cancelled" | "incomplete" | "budget_exceeded" | "requires_action"
  >
{
  readonly model: string
  readonly input: Schema.Json
  readonly delivery: "uri" | "inline"
  readonly file: "ACTIVE" | "FAILED"
  readonly fileId: string
  readonly startsAt: number
  readonly hooks: ReadonlyArray<string>
  readonly metadata: Schema.Json | undefined
}

/**
 * An interaction to put into the emulator's memory without a request; `reason` is the message of its error.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly model?: string | undefined
  readonly delivery?: Job["delivery"] | undefined
  readonly file?: Job["file"] | undefined
}

/**
 * A webhook call, ready to be sent: header names in lower case, the body byte for byte as it was signed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Webhook {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/**
 * A test's controls of the Gemini API.
 *
 * **Details**
 *
 * - `webhook` is the call that tells of an interaction as it stands now, signed now: with a token for its own address, or with
 *   the `secret` where one is given.
 * - `rotate` has tokens signed with a new key; the one before it stays published.
 *
 * @since 0.1.0
 * @category models
 */
export interface Controls extends JobStore.Controls<Job, NewJob> {
  readonly webhook: (id: string, secret?: string) => Effect.Effect<Webhook>
  readonly rotate: Effect.Effect<void>
}

interface StoredFile {
  readonly id: string
  readonly user: string
  readonly displayName: string | undefined
  readonly mimeType: string
  readonly bytes: number
  readonly createdAt: number
  readonly readyAt: number
  readonly end: Job["file"]
  readonly source: "UPLOADED" | "GENERATED"
}

interface Hook {
  readonly id: string
  readonly user: string
  readonly name: string
  readonly uri: string
  readonly events: ReadonlyArray<string>
  readonly createdAt: number
  readonly secret: string
}

const host = "generativelanguage.googleapis.com"
const versions = ["v1", "v1beta"] as const
const fileLife = 172_800_000
const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

const kindOf = (model: string): Job["type"] =>
  /lyria|music|audio/i.test(model) ? "audio" : /image|banana/i.test(model) ? "image" : "video"
const media = {
  video: { name: "out.mp4", type: "video/mp4" },
  image: { name: "out.png", type: "image/png" },
  audio: { name: "out.mp3", type: "audio/mpeg" }
} as const
const closed = /^(?:veo-|imagen-|gemini-omni-flash-preview)/

const objectOf = (value: unknown): { readonly [name: string]: unknown } => Predicate.isObject(value) ? { ...value } : {}
const textOf = (value: unknown): string | undefined => typeof value === "string" ? value : undefined
const parsed = (body: string): unknown => Result.getOrUndefined(Result.try(() => JSON.parse(body)))

/**
 * The Gemini API.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  EmulatedService.make({
    id: "google",
    hosts: [host],
    credential: (headers) => headers["x-goog-api-key"],
    unauthorized: (headers) => headers["x-goog-api-key"] === undefined ? sentences.noKey : sentences.invalidKey,
    unknownPath: sentences.problem(404, "Requested entity was not found."),
    make: (world) => make(world, options)
  })

/**
 * The Gemini API as a server begins with it: files are ready two seconds after their interactions.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (_empty: boolean) => service({ processing: "2 seconds" })

const make = (world: World, options: Options) => {
  const startup = Duration.toMillis(options.startup ?? "1 second") / world.speed
  const processing = Duration.toMillis(options.processing ?? 0) / world.speed
  const store = JobStore.make<Job>(world, {
    life: () => options.life ?? "1 minute",
    jitter: options.jitter,
    outcome: "completed"
  })
  const uploaded = new Map<string, StoredFile>()
  const removed = new Set<string>()
  const uploads = new Map<string, Pick<StoredFile, "user" | "displayName" | "mimeType" | "bytes">>()
  const hooks = new Map<string, Hook>()
  let generation = 0

  const begin = (
    { created, delivery = "inline", file = "ACTIVE", id, model = "gemini-omni-1.1-flash", ...job }: Partial<NewJob>,
    { type, user }: Pick<Job, "type" | "user">,
    now: number
  ): Job => ({
    ...store.begin({ type, user, account: "" }, () => `v1_${world.draw(`${alphabet}-_`, 40)}`, now, { created, id }),
    model,
    input: "a lighthouse in the rain",
    delivery,
    file,
    fileId: world.draw(alphabet, 12),
    startsAt: now + startup,
    hooks: job.replyUrl === undefined ? [] : [job.replyUrl],
    metadata: undefined
  })

  const statusOf = (job: Job, now: number): string =>
    store.isRunning(job, now)
      ? now < job.startsAt ? "queued" : "in_progress"
      : job.outcome === "blocked"
      ? "completed"
      : job.outcome

  const linkOf = (fileId: string, base: string): string => `${base}/v1beta/files/${fileId}:download?alt=media`

  const outputOf = (job: Job, base: string): Schema.JsonObject => {
    const { name, type } = media[job.type]
    return {
      type: job.type,
      mime_type: type,
      ...(job.delivery === "uri"
        ? { uri: linkOf(job.fileId, base) }
        : { data: Media.inlined(name).replace(/^[^,]*,|\s/g, "") })
    }
  }

  const record = (job: Job, now: number, base: string, withInput: boolean): Schema.JsonObject => {
    const status = statusOf(job, now)
    const isBlocked = job.outcome === "blocked"
    const output = isBlocked
      ? { type: "text", text: job.reason ?? "I can't make that." }
      : outputOf(job, base)
    const input = typeof job.input === "string" ? [{ type: "text", text: job.input }] : job.input
    return {
      id: job.id,
      object: "interaction",
      status,
      model: job.model,
      created: job.created,
      updated: iso(Math.min(now, store.isRunning(job, now) ? now : job.endsAt)),
      steps: [
        ...(withInput ? [{ type: "user_input", content: input }] : []),
        ...(status === "completed" ? [{ type: "model_output", content: [output] }] : [])
      ],
      ...(status === "completed"
        ? {
          usage: {
            total_tokens: 46_336,
            total_output_tokens: 46_336,
            output_tokens_by_modality: isBlocked ? [] : [{ modality: job.type, tokens: 46_336 }]
          }
        }
        : undefined),
      ...(status === "failed"
        ? { errors: [{ code: "internal", message: job.reason ?? "The model broke" }] }
        : undefined),
      ...job.override
    }
  }

  /** As the older API shows it, by which a job that has begun is not told from one that waits. */
  const operation = (job: Job, now: number, base: string): Schema.JsonObject => {
    if (store.isRunning(job, now)) return { name: job.id }
    const { outcome, reason } = job
    const response = outcome === "blocked"
      ? { raiMediaFilteredCount: 1, raiMediaFilteredReasons: [reason ?? "Veo could not generate 1 videos."] }
      : { generatedSamples: [{ video: { uri: linkOf(job.fileId, base) } }] }
    return {
      name: job.id,
      done: true,
      ...(outcome === "completed" || outcome === "blocked"
        ? { response: { generateVideoResponse: response } }
        : { error: { code: outcome === "cancelled" ? 1 : 13, message: reason ?? "The model broke", details: [] } }),
      ...job.override
    }
  }

  const fileOf = (id: string, now: number): StoredFile | undefined => {
    const job = store.all().find(({ fileId }) => fileId === id)
    const made = job !== undefined && job.outcome === "completed" && now >= job.endsAt
      ? {
        id,
        user: job.user,
        displayName: undefined,
        mimeType: media[job.type].type,
        bytes: Media.answer(`/${media[job.type].name}`, "", {}, now).bytes?.length ?? 0,
        createdAt: job.endsAt,
        readyAt: job.endsAt + processing,
        end: job.file,
        source: "GENERATED" as const
      }
      : undefined
    const found = uploaded.get(id) ?? made
    return found === undefined || removed.has(id) || now >= found.createdAt + fileLife ? undefined : found
  }

  const fileRecord = (file: StoredFile, now: number, base: string): Schema.JsonObject => ({
    name: `files/${file.id}`,
    ...(file.displayName === undefined ? undefined : { displayName: file.displayName }),
    mimeType: file.mimeType,
    sizeBytes: String(file.bytes),
    createTime: iso(file.createdAt),
    updateTime: iso(Math.min(now, file.readyAt)),
    expirationTime: iso(file.createdAt + fileLife),
    uri: `${base}/v1beta/files/${file.id}`,
    ...(file.source === "GENERATED" ? { downloadUri: linkOf(file.id, base) } : undefined),
    state: now < file.readyAt ? "PROCESSING" : file.end,
    source: file.source
  })

  const create = (call: Call): Reply.Reply => {
    const { base, body, now, user } = call
    const sent = objectOf(parsed(body))
    const { background, input, model, response_format, store: kept, webhook_config } = sent
    const format = objectOf(Array.isArray(response_format) ? response_format[0] : response_format)
    if (typeof model !== "string" || model === "") return sentences.invalid("Missing required parameter: model")
    if (input === undefined || input === "") return sentences.invalid("Missing required parameter: input")
    if (closed.test(model)) return sentences.retired(model)
    if (format["duration"] !== undefined && !/^\d+(?:\.\d+)?s$/.test(String(format["duration"]))) {
      return sentences.invalid("Invalid value at 'response_format.duration': a duration ends in s")
    }
    if (background === true && kept === false) return sentences.invalid("background requires store")
    const config = objectOf(webhook_config)
    const uris = Array.isArray(config["uris"]) ? config["uris"].filter(Predicate.isString) : []
    const job = store.keep({
      ...begin(
        { model, delivery: format["delivery"] === "uri" ? "uri" : "inline" },
        { type: kindOf(model), user },
        now
      ),
      input: input as Schema.Json, // it was parsed from JSON
      hooks: uris,
      metadata: config["user_metadata"] as Schema.Json | undefined // as it was parsed from JSON
    })
    if (background === true) return Reply.json(200, record(job, now, base, false))
    const ended = Effect.repeat(
      Effect.map(Clock.currentTimeMillis, (now) => ({ now, job: store.find(job.id) ?? job })),
      { until: ({ job, now }) => !store.isRunning(job, now), schedule: Schedule.spaced("100 millis") }
    )
    return {
      ...Reply.json(200, {}),
      body: "",
      tail: Stream.fromEffect(Effect.map(ended, ({ job, now }) => JSON.stringify(record(job, now, base, false))))
    }
  }

  const about = (answer: (job: Job, call: Call) => Reply.Reply) => (call: Call): Reply.Reply => {
    const job = store.find(decodeURIComponent(call.segment))
    return job?.user === call.user ? answer(job, call) : sentences.noInteraction
  }
  const get = about((job, { base, now }) => Reply.json(200, record(job, now, base, true)))
  const cancel = about((job, { base, now }) => {
    const stopped = store.isRunning(job, now) ? store.change(job, { state: "cancelled" }, now) : job
    return Reply.json(200, record(stopped, now, base, false))
  })
  const remove = about((job) => {
    store.forget(job.id)
    return Reply.json(200, {})
  })
  const look = ({ base, now, segment, user }: Call): Reply.Reply => {
    const [model, id] = segment.split("/")
    const job = store.find(`models/${model}/operations/${id}`)
    return job?.user === user ? Reply.json(200, operation(job, now, base)) : sentences.notFound("Operation")
  }

  const aboutFile = (answer: (file: StoredFile, call: Call) => Reply.Reply) => (call: Call): Reply.Reply => {
    const file = fileOf(call.segment, call.now)
    return file?.user === call.user ? answer(file, call) : sentences.notFound("File")
  }
  const file = aboutFile((file, { base, now }) => Reply.json(200, fileRecord(file, now, base)))
  const download = aboutFile((file, { headers, now }) =>
    file.source === "UPLOADED"
      ? sentences.problem(400, "Uploaded files can't be downloaded.")
      : now < file.readyAt
      ? sentences.problem(400, "The file is not ready.")
      : Media.answer(`/${Object.values(media).find(({ type }) => type === file.mimeType)?.name}`, "", headers, now)
  )
  const files = ({ base, now, user }: Call): Reply.Reply =>
    Reply.json(200, {
      files: [...uploaded.keys(), ...store.all().map(({ fileId }) => fileId)].flatMap((id) => {
        const file = fileOf(id, now)
        return file?.user === user ? [fileRecord(file, now, base)] : []
      })
    })

  const upload = (call: Call): Reply.Reply => {
    const { base, body, bytes, headers, now, query, user } = call
    const command = headers["x-goog-upload-command"] ?? ""
    if (command === "start") {
      const told = objectOf(objectOf(parsed(body))["file"])
      const mimeType = textOf(told["mimeType"]) ?? headers["x-goog-upload-header-content-type"]
      if (mimeType === undefined) return sentences.problem(400, "Missing mime type")
      const id = world.draw(alphabet, 24)
      uploads.set(id, { user, displayName: textOf(told["displayName"]), mimeType, bytes: 0 })
      const url = `${base}/upload/v1beta/files?upload_id=${id}&upload_protocol=resumable`
      return Reply.empty(200, { "x-goog-upload-url": url, "x-goog-upload-status": "active" })
    }
    const id = new URLSearchParams(query).get("upload_id") ?? ""
    const begun = uploads.get(id)
    if (begun === undefined || !command.includes("upload")) return sentences.problem(400, "Invalid upload")
    if (Number(headers["x-goog-upload-offset"]) !== begun.bytes) return sentences.problem(400, "Invalid offset")
    const whole = { ...begun, bytes: begun.bytes + bytes }
    uploads.set(id, whole)
    if (!command.includes("finalize")) return Reply.empty(200, { "x-goog-upload-status": "active" })
    uploads.delete(id)
    const stored: StoredFile = {
      ...whole,
      id: world.draw(alphabet, 12),
      createdAt: now,
      readyAt: now + processing,
      end: "ACTIVE",
      source: "UPLOADED"
    }
    uploaded.set(stored.id, stored)
    return Reply.json(200, { file: fileRecord(stored, now, base) }, { "x-goog-upload-status": "final" })
  }

  const hookRecord = ({ createdAt, events, id, name, uri }: Hook): Schema.JsonObject => ({
    id,
    name,
    uri,
    subscribed_events: [...events],
    state: "enabled",
    create_time: iso(createdAt),
    update_time: iso(createdAt)
  })
  const newSecret = () => `whsec_${Base64.encode(world.draw(alphabet, 32))}`
  const createHook = ({ body, now, user }: Call): Reply.Reply => {
    const { name, subscribed_events, uri } = objectOf(parsed(body))
    if (typeof uri !== "string" || !Array.isArray(subscribed_events)) return sentences.invalid("Missing uri or events")
    const hook: Hook = {
      id: world.draw(alphabet, 12),
      user,
      name: textOf(name) ?? "",
      uri,
      events: subscribed_events.map(String),
      createdAt: now,
      secret: newSecret()
    }
    hooks.set(hook.id, hook)
    return Reply.json(200, { ...hookRecord(hook), new_signing_secret: hook.secret })
  }
  const aboutHook = (answer: (hook: Hook) => Reply.Reply) => ({ segment, user }: Call): Reply.Reply => {
    const hook = hooks.get(segment)
    return hook?.user === user ? answer(hook) : sentences.refusal(404, "not_found", "Webhook not found")
  }

  const eventOf = (job: Job, now: number): Schema.JsonObject => {
    const isFailed = job.outcome !== "completed" && job.outcome !== "blocked"
    const type = job.outcome === "requires_action" ? job.outcome : isFailed ? "failed" : "completed"
    return {
      type: `interaction.${type}`,
      version: "v1",
      timestamp: iso(now),
      data: {
        id: job.id,
        ...(type === "failed" ? { error_code: "internal", error_message: job.reason ?? "The model broke" } : undefined)
      },
      ...(job.metadata === undefined ? undefined : { user_metadata: job.metadata })
    }
  }
  const idOf = (job: Job): string => `evt_${job.id}`

  /** The end is told, but that of a cancelled one is not; a request's own addresses stand in for the registered ones. */
  const callbacks = (): ReadonlyArray<DueCallback> =>
    store.all().flatMap((job) => {
      if (job.outcome === "cancelled") return []
      const at = job.endsAt
      const body = () => eventOf(job, at)
      const about = { job: job.id, event: job.outcome, at, body, retries: 6 }
      if (job.hooks.length > 0) {
        return job.hooks.map((url, part): DueCallback => ({
          ...about,
          part,
          url,
          headers: (body) => Effect.suspend(() => Keys.headers(idOf(job), body, url, generation))
        }))
      }
      return [...hooks.values()].filter(({ events, user }) =>
        user === job.user && events.includes(String(body()["type"]))
      ).map(({ secret, uri }, part): DueCallback => ({
        ...about,
        part,
        url: uri,
        headers: (body) => StandardWebhooks.headers(idOf(job), body, [secret])
      }))
    })

  const route = <Operation extends string>(
    operation: Operation,
    method: string,
    path: string,
    answer: Route<Operation>["answer"]
  ): ReadonlyArray<Route<Operation>> =>
    versions.map((version) => ({ operation, method, path: path.replace("VERSION", version), answer }))

  const controls: Controls = {
    ...store.controls<NewJob>(begin, options.jobs),
    webhook: Effect.fnUntraced(function*(id, secret) {
      const job = store.find(id)
      if (job === undefined) return yield* Effect.die(new Error("The emulator has no such interaction"))
      const [url = "https://app.test/hook"] = job.hooks
      const body = JSON.stringify(eventOf(job, yield* Clock.currentTimeMillis))
      const headers = secret === undefined
        ? yield* Keys.headers(idOf(job), body, url, generation)
        : yield* StandardWebhooks.headers(idOf(job), body, [secret])
      return { url, headers, body }
    }),
    rotate: Effect.sync(() => void generation++)
  }

  return {
    controls,
    callbacks,
    routes: [
      ...route("create", "POST", "/VERSION/interactions", create),
      ...route("get", "GET", "/VERSION/interactions/:id", get),
      ...route("cancel", "POST", "/VERSION/interactions/:id/cancel", cancel),
      ...route("remove", "DELETE", "/VERSION/interactions/:id", remove),
      ...route("getOperation", "GET", "/VERSION/models/:model/operations/:id", look),
      ...route("upload", "POST", "/upload/VERSION/files", upload),
      ...route("files", "GET", "/VERSION/files", files),
      ...route("download", "GET", "/VERSION/files/:id:download", download),
      ...route("file", "GET", "/VERSION/files/:id", file),
      ...route(
        "removeFile",
        "DELETE",
        "/VERSION/files/:id",
        aboutFile(({ id }) => {
          removed.add(id)
          return Reply.json(200, {})
        })
      ),
      ...route("createWebhook", "POST", "/VERSION/webhooks", createHook),
      ...route(
        "rotateWebhook",
        "POST",
        "/VERSION/webhooks/:id:rotateSigningSecret",
        aboutHook((hook) => {
          const secret = newSecret()
          hooks.set(hook.id, { ...hook, secret })
          return Reply.json(200, { secret })
        })
      ),
      ...route("getWebhook", "GET", "/VERSION/webhooks/:id", aboutHook((hook) => Reply.json(200, hookRecord(hook)))),
      ...route(
        "removeWebhook",
        "DELETE",
        "/VERSION/webhooks/:id",
        aboutHook((hook) => {
          hooks.delete(hook.id)
          return Reply.json(200, {})
        })
      ),
      ...route(
        "webhooks",
        "GET",
        "/VERSION/webhooks",
        ({ user }) =>
          Reply.json(200, { webhooks: [...hooks.values()].filter((hook) => hook.user === user).map(hookRecord) })
      ),
      {
        operation: "keys",
        method: "GET",
        path: "/.well-known/jwks.json",
        open: true,
        answer: () => Keys.published(generation)
      }
    ]
  }
}
