/**
 * Luma's generations and files as its guides and its official client describe them, for the emulator.
 *
 * **Details**
 *
 * Where they show nothing this is what it does. A generation lasts 90 seconds and is `queued` for the first two. Files are `ready`
 * once they are complete, and are there until they are deleted. A form is answered with the file. Links lead to a host of storage
 * whose name is made up. That `layering` takes what `image` does is a guess.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { Call, Route, World } from "../EmulatedService.ts"
import * as EmulatedService from "../EmulatedService.ts"
import { fileIn } from "../internal/form.ts"
import { iso } from "../internal/iso.ts"
import * as JobStore from "../JobStore.ts"
import * as Reply from "../Reply.ts"
import { fixtures } from "./internal/fixtures.ts"
import * as Parsed from "./internal/parsed.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * Answers of Luma with the fields and words that its guides and its official client show, and values of our own.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What Luma says where it refuses.
   *
   * @since 0.1.0
   * @category sentences
   */
  sentences
}

/**
 * What generations do, and what a key may do.
 *
 * **Details**
 *
 * - `life`: how long a generation lives, 90 seconds, which varies by the fraction `jitter`, 0; for `startup` of it, 2 seconds,
 *   it is queued.
 * - `requestsPerMinute`: creates of a user within 60 seconds, 30. `concurrent`: generations of a user at a time, 10.
 * - `ingest`: how long a file is `pending` once it is complete, no time.
 * - `jobs`: generations that are there from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly life?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly startup?: Duration.Input | undefined
  readonly requestsPerMinute?: number | undefined
  readonly concurrent?: number | undefined
  readonly ingest?: Duration.Input | undefined
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

/**
 * A generation in the emulator's memory; it processes from `startsAt`, in milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends JobStore.StoredJob<"completed" | "failed"> {
  readonly model: string
  /** What it was asked as: `image_edit`, `video` and so on. */
  readonly asked: string
  readonly exr: boolean
  readonly startsAt: number
  readonly code: string
}

/**
 * A generation to put into the emulator's memory without a request; one that failed has `reason` and `code`.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly model?: string | undefined
  readonly asked?: string | undefined
  readonly exr?: boolean | undefined
  readonly code?: string | undefined
}

/**
 * A file that was given to the service, as its record shows it; `key` is what its address for the bytes holds.
 *
 * @since 0.1.0
 * @category models
 */
export interface File {
  readonly id: string
  readonly user: string
  readonly key: string
  readonly name: string | undefined
  readonly mediaType: string
  readonly size: number
  readonly purpose: string
  readonly createdAt: number
  readonly received: boolean
  readonly readyAt: number | undefined
  readonly deletedAt: number | undefined
  readonly failure: string | undefined
}

/**
 * A test's controls of Luma; `failFiles` has the files that come after it fail, for the reason given.
 *
 * @since 0.1.0
 * @category models
 */
export interface Controls extends JobStore.Controls<Job, NewJob> {
  readonly files: Effect.Effect<ReadonlyArray<File>>
  readonly failFiles: (reason: string | undefined) => Effect.Effect<void>
}

const host = "agents.lumalabs.ai"
const storage = "luma-agents-output.s3.us-west-2.amazonaws.com"
const minute = 60_000
const linkLife = 3600

/**
 * Luma, through its current API.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  EmulatedService.make({
    id: "luma",
    hosts: [host],
    cdns: [storage],
    unauthorized: sentences.unauthorized,
    unknownPath: sentences.problem(404, "Not Found"),
    make: (world) => make(world, options)
  })

/**
 * Luma as a server begins with it: its guides print no generations to hold.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (_empty: boolean) => service()

const make = (world: World, options: Options) => {
  const startup = Duration.toMillis(options.startup ?? "2 seconds") / world.speed
  const ingest = Duration.toMillis(options.ingest ?? 0) / world.speed
  const limit = options.requestsPerMinute ?? 30
  const concurrent = options.concurrent ?? 10
  const store = JobStore.make<Job>(world, {
    life: () => options.life ?? "90 seconds",
    jitter: options.jitter,
    outcome: "completed"
  })
  const creates = new Map<string, ReadonlyArray<number>>()
  const files = new Map<string, File>()
  let failure: string | undefined

  const begin = (
    { asked, code = "generation_failed", created, exr = false, id, model }: Partial<NewJob>,
    { type, user }: Pick<Job, "type" | "user">,
    now: number
  ): Job => ({
    ...store.begin({ type, user, account: "" }, world.uuid, now, { created, id }),
    startsAt: now + startup,
    model: model ?? (type === "video" ? "ray-3.2" : "uni-1"),
    asked: asked ?? type,
    exr,
    code
  })

  /** Presigned anew for each look, for an hour. */
  const outputOf = ({ exr, id, type }: Job, now: number): ReadonlyArray<Schema.JsonObject> => {
    const link = world.link(storage, `emulator/${id}`, now)
    const signed = (file: string) => {
      const url = link(file)
      const signature = new URLSearchParams({
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Date": iso(now).replace(/[-:]|\.\d+/g, ""),
        "X-Amz-Expires": `${linkLife}`,
        "X-Amz-Signature": world.draw("0123456789abcdef", 64),
        expires: `${now + linkLife * 1000}`
      })
      return `${url}${url.includes("?") ? "&" : "?"}${signature}`
    }
    return [
      { type, url: signed(type === "video" ? "output.mp4" : "output.png") },
      ...(exr ? [{ type, url: signed("output.zip") }] : [])
    ]
  }

  const record = (job: Job, now: number): Schema.JsonObject => {
    const state = !store.isRunning(job, now) ? job.outcome : now < job.startsAt ? "queued" : "processing"
    return {
      id: job.id,
      type: job.asked,
      state,
      model: job.model,
      created_at: job.created,
      output: state === "completed" ? outputOf(job, now) : [],
      failure_reason: state === "failed" ? job.reason ?? "Generation failed" : null,
      failure_code: state === "failed" ? job.code : null,
      ...job.override
    }
  }

  const create = ({ body, now, user }: Call): Reply.Reply => {
    const recent = (creates.get(user) ?? []).filter((at) => now - at < minute)
    creates.set(user, recent)
    const [oldest = now] = recent
    if (recent.length >= limit) return sentences.rateLimited(limit, now, oldest + minute)
    const asked = Parsed.request(body)
    if ("status" in asked) return sentences.problem(asked.status, asked.detail)
    if (store.running(user, "", now).length >= concurrent) return sentences.tooManyJobs
    creates.set(user, [...recent, now])
    const { exr, isVideo, model, type } = asked
    const job = store.keep(begin({ asked: type, exr, model }, { type: isVideo ? "video" : "image", user }, now))
    return Reply.json(201, record(job, now), {
      "x-ratelimit-limit": `${limit}`,
      "x-ratelimit-remaining": `${limit - recent.length - 1}`,
      "x-ratelimit-reset": `${Math.ceil((oldest + minute) / 1000)}`
    })
  }

  const get = ({ now, segment, user }: Call): Reply.Reply => {
    const job = store.find(segment)
    return job?.user === user ? Reply.json(200, record(job, now)) : sentences.notFound
  }

  const stateOf = ({ deletedAt, failure, readyAt }: File, now: number): string =>
    deletedAt !== undefined
      ? "deleted"
      : readyAt === undefined || now < readyAt
      ? "pending"
      : failure === undefined
      ? "ready"
      : "failed"

  const shown = (file: File, now: number): Schema.JsonObject => ({
    id: file.id,
    state: stateOf(file, now),
    mime_type: file.mediaType,
    size_bytes: file.size,
    purpose: file.purpose,
    created_at: iso(file.createdAt),
    ...(file.name === undefined ? undefined : { filename: file.name }),
    ...(file.deletedAt === undefined ? undefined : { deleted_at: iso(file.deletedAt) }),
    ...(stateOf(file, now) === "failed" ? { failure_reason: file.failure ?? null } : undefined)
  })

  const keep = (file: File): File => {
    files.set(file.id, file)
    return file
  }

  const newFile = (
    file: Pick<File, "name" | "mediaType" | "size" | "purpose" | "received" | "readyAt">,
    { now, user }: Call
  ): File =>
    keep({
      ...file,
      id: world.uuid(),
      user,
      key: world.draw("0123456789abcdef", 32),
      createdAt: now,
      deletedAt: undefined,
      failure
    })

  const stored = (file: File, now: number, upload: Schema.JsonObject | null) =>
    Reply.json(201, { id: file.id, state: stateOf(file, now), file: shown(file, now), upload })

  const createFile = (call: Call): Reply.Reply => {
    const { base, body, contentType, headers, now } = call
    if (contentType === "multipart/form-data") {
      const part = fileIn(body, headers["content-type"] ?? "", "file")
      if (part === undefined) return sentences.problem(422, "file: field required")
      const file = newFile({
        name: part.name,
        mediaType: part.type,
        size: part.size,
        purpose: "input",
        received: true,
        readyAt: now + ingest
      }, call)
      return stored(file, now, null)
    }
    const sent: unknown = Result.getOrUndefined(Result.try((): unknown => JSON.parse(body)))
    const fields: { readonly [name: string]: unknown } = Predicate.isObject(sent) ? { ...sent } : {}
    const { filename, mime_type: mediaType, purpose = "input", size_bytes: size } = fields
    if (typeof mediaType !== "string") return sentences.problem(422, "mime_type: field required")
    if (typeof size !== "number" || size < 1 || size > 5 * 1024 ** 3) {
      return sentences.problem(422, "size_bytes: between 1 byte and 5 GiB")
    }
    const name = typeof filename === "string" ? filename : undefined
    const file = newFile(
      { name, mediaType, size, purpose: String(purpose), received: false, readyAt: undefined },
      call
    )
    return stored(file, now, {
      url: `${base}/uploads/${file.key}`,
      method: "PUT",
      headers: { "content-type": mediaType },
      expires_at: iso(now + linkLife * 1000)
    })
  }

  const put = ({ bytes, headers, segment }: Call): Reply.Reply => {
    const file = [...files.values()].find(({ key }) => key === segment)
    if (file === undefined) return Reply.empty(403)
    // Storage takes nothing in chunks.
    if (headers["transfer-encoding"] !== undefined) return Reply.empty(501)
    // What a signature does not cover, it refuses.
    if (headers["authorization"] !== undefined || headers["content-type"] !== file.mediaType || bytes !== file.size) {
      return Reply.empty(400)
    }
    keep({ ...file, received: true })
    return Reply.empty(200)
  }

  const aboutFile = (answer: (file: File, call: Call) => Reply.Reply) => (call: Call): Reply.Reply => {
    const file = files.get(call.segment)
    return file?.user === call.user ? answer(file, call) : sentences.fileNotFound
  }

  const getFile = aboutFile((file, { now }) => Reply.json(200, shown(file, now)))

  const completeFile = aboutFile((file, { now }) =>
    file.received
      ? Reply.json(200, shown(keep({ ...file, readyAt: file.readyAt ?? now + ingest }), now))
      : sentences.problem(409, "The file has not been uploaded")
  )

  const removeFile = aboutFile((file, { now }) => {
    keep({ ...file, deletedAt: now })
    return Reply.empty(204)
  })

  const listFiles = ({ now, query, user }: Call): Reply.Reply => {
    const asked = new URLSearchParams(query)
    const most = Math.min(100, Number(asked.get("limit") ?? 25))
    const own = [...files.values()].filter((file) =>
      file.user === user && (asked.get("state") ?? stateOf(file, now)) === stateOf(file, now) &&
      (asked.get("purpose") ?? file.purpose) === file.purpose
    ).reverse()
    const from = Number(asked.get("cursor") ?? 0)
    const more = from + most < own.length
    return Reply.json(200, {
      data: own.slice(from, from + most).map((file) => shown(file, now)),
      has_more: more,
      next_cursor: more ? `${from + most}` : null
    })
  }

  const route = <Operation extends string>(
    operation: Operation,
    method: string,
    path: string,
    answer: Route<Operation>["answer"],
    more?: Pick<Route<Operation>, "file" | "open">
  ): Route<Operation> => ({
    operation,
    method,
    path,
    ...more,
    answer: (call) => {
      const reply = answer(call)
      const id = call.headers["x-request-id"] ?? world.uuid()
      return { ...reply, headers: { ...reply.headers, "x-api-version": "2026-04-01", "x-request-id": id } }
    }
  })

  const controls: Controls = {
    ...store.controls<NewJob>(begin, options.jobs),
    files: Effect.sync(() => [...files.values()]),
    failFiles: (reason) => Effect.sync(() => void (failure = reason))
  }

  return {
    controls,
    routes: [
      route("create", "POST", "/v1/generations", create),
      route("get", "GET", "/v1/generations/:id", get),
      route("upload", "POST", "/v1/files", createFile, { file: "form" }),
      route("listFiles", "GET", "/v1/files", listFiles),
      route("getFile", "GET", "/v1/files/:id", getFile),
      route("completeFile", "POST", "/v1/files/:id/complete", completeFile),
      route("removeFile", "DELETE", "/v1/files/:id", removeFile),
      route("put", "PUT", "/uploads/:key", put, { file: true, open: true })
    ]
  }
}
