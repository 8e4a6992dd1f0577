/**
 * Runway's tasks, workflows, uploads and organization as its documents and its official client describe them, for the emulator.
 *
 * **Details**
 *
 * Where they show nothing this is what it does. Every task costs the same. One that failed has cost as much, one that was cancelled
 * nothing. Deleting what is not there is not found. A workflow has one node, takes any id, and its run is no task. Of a body, it is
 * checked which fields there are, and the values of those that have few. Another user's task is not found.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Durations from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { Call, Route, World } from "../EmulatedService.ts"
import * as EmulatedService from "../EmulatedService.ts"
import * as JobStore from "../JobStore.ts"
import * as Reply from "../Reply.ts"
import { fixtures } from "./internal/fixtures.ts"
import { partsIn } from "./internal/form.ts"
import { issuesIn, models, paths } from "./internal/models.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * Answers of Runway with the fields and words that its documents and users show, and values of our own.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What Runway says where it refuses.
   *
   * @since 0.1.0
   * @category sentences
   */
  sentences
}

/**
 * What tasks do, and what the organization may.
 *
 * **Details**
 *
 * - `life`: how long a task lives once it has a slot, 30 seconds, which varies by the fraction `jitter`, 0; for `startup` of it, 2
 *   seconds, it is pending.
 * - `concurrency`: how many tasks of one model run at once, 2; what goes beyond is throttled. `daily`: how many of one model may be
 *   created within 24 hours, 200.
 * - `credits`: what the organization has, 10,000. `price`: of a task, 5.
 * - `models`: those that the key may use, all. `endUser`: whether a create must tell its end user, which it need not.
 * - `jobs`: tasks that are there from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly life?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly startup?: Duration.Input | undefined
  readonly concurrency?: number | undefined
  readonly daily?: number | undefined
  readonly credits?: number | undefined
  readonly price?: number | undefined
  readonly models?: ReadonlyArray<string> | undefined
  readonly endUser?: boolean | undefined
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

/**
 * A task in the emulator's memory, or a workflow's run.
 *
 * **Details**
 *
 * It is throttled before `startsAt`, where that is not when it began. `files` are what it makes; `code` tells why it failed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends JobStore.StoredJob<"succeeded" | "failed" | "cancelled"> {
  readonly model: string
  readonly isRun: boolean
  readonly files: ReadonlyArray<string>
  readonly code: string | undefined
  readonly startsAt: number
}

/**
 * A task to put into the emulator's memory without a request; `reason` is its `failure`, `code` its `failureCode`.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly model?: string | undefined
  readonly isRun?: boolean | undefined
  readonly files?: ReadonlyArray<string> | undefined
  readonly code?: string | undefined
}

/**
 * A test's controls of Runway.
 *
 * @since 0.1.0
 * @category models
 */
export interface Controls extends JobStore.Controls<Job, NewJob> {}

const cdn = "dnznrvs05pmza.cloudfront.net"
const version = "2024-11-06"
const day = 86_400_000

/**
 * Runway, through its own API.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  EmulatedService.make({
    id: "runway",
    hosts: ["api.dev.runwayml.com"],
    cdns: [cdn],
    unauthorized: sentences.unauthorized,
    unknownPath: sentences.nothing,
    make: (world) => make(world, options)
  })

/**
 * Runway as a server begins with it: its documents print no tasks to hold.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (_empty: boolean) => service()

/** What sort of file an endpoint makes. */
const typeOf = (path: string): Job["type"] =>
  /image$|image_upscale/.test(path) ? "image" : /audio$|sound|speech|voice/.test(path) ? "audio" : "video"

const fileOf = { video: "mp4", image: "png", audio: "mp3" } as const

const make = (world: World, options: Options) => {
  const startup = Durations.toMillis(options.startup ?? "2 seconds") / world.speed
  const concurrency = options.concurrency ?? 2
  const daily = options.daily ?? 200
  const price = options.price ?? 5
  const store = JobStore.make<Job>(world, {
    life: () => options.life ?? "30 seconds",
    jitter: options.jitter,
    outcome: "succeeded"
  })
  /** When each user created tasks of each model; deleting one gives nothing back. */
  const created = new Map<string, Array<number>>()
  const spent = new Map<string, number>()
  /** Until when each upload is good, once its file is there. */
  const uploads = new Map<string, number | undefined>()

  const createdToday = (user: string, model: string, now: number) =>
    (created.get(`${user} ${model}`) ?? []).filter((at) => now - at < day)
  const creditsOf = (user: string) => (options.credits ?? 10_000) - (spent.get(user) ?? 0)

  /** Those of one model that have not ended, in the order in which they came. */
  const unfinished = ({ model, user }: Pick<Job, "model" | "user">, now: number) =>
    store.all().filter((job) => job.user === user && job.model === model && store.isRunning(job, now))

  /** When a slot is free for one more, beside these. */
  const freeAt = (before: ReadonlyArray<Job>, now: number): number =>
    before.map(({ endsAt }) => endsAt).toSorted((a, b) => a - b)[before.length - concurrency] ?? now

  /** A slot that was given back goes to those that wait, in their order. */
  const shift = (gone: Job, now: number): void => {
    const settled: Array<Job> = []
    for (const job of unfinished(gone, now)) {
      const startsAt = job.startsAt <= now ? job.startsAt : Math.max(now, freeAt(settled, now))
      settled.push(store.keep({ ...job, startsAt, endsAt: startsAt + job.endsAt - job.startsAt }))
    }
  }

  const begin = (
    { code, created, files, id, isRun = false, model = "gen4.5" }: Partial<NewJob>,
    { type, user }: Pick<Job, "type" | "user">,
    now: number
  ): Job => {
    const begun = store.begin({ type, user, account: "" }, world.uuid, now, { created, id })
    const startsAt = freeAt(unfinished({ model, user }, now), now)
    return {
      ...begun,
      startsAt,
      endsAt: startsAt + begun.endsAt - now,
      model,
      isRun,
      files: files ?? [`output.${fileOf[type]}`],
      code
    }
  }

  const statusOf = (job: Job, now: number): string => {
    if (!store.isRunning(job, now)) return job.outcome.toUpperCase()
    if (now < job.startsAt) return "THROTTLED"
    return now < Math.min(job.startsAt + startup, job.endsAt) ? "PENDING" : "RUNNING"
  }

  const record = (job: Job, now: number): Schema.JsonObject => {
    const status = statusOf(job, now)
    const hasEnded = !store.isRunning(job, now)
    const link = world.link(cdn, `emulator/${job.id}`, now)
    const urls = job.files.map((file) => {
      const url = link(file)
      // A look later has other links.
      return `${url}${url.includes("?") ? "&" : "?"}_jwt=${now}`
    })
    const output = job.isRun ? { video: urls } : urls
    const cost = { credits: status === "CANCELLED" ? 0 : price }
    return {
      id: job.id,
      createdAt: job.created,
      status,
      ...(status === "RUNNING"
        ? { progress: (now - job.startsAt) / Math.max(1, job.endsAt - job.startsAt), ...(job.isRun && { output: {} }) }
        : status === "SUCCEEDED"
        ? { output }
        : status === "FAILED"
        ? { failure: job.reason ?? "An unexpected error occurred.", ...(job.code && { failureCode: job.code }) }
        : undefined),
      ...(job.isRun ? undefined : hasEnded ? { cost } : { estimatedCost: { credits: price } }),
      ...job.override
    }
  }

  const about = (isRun: boolean, answer: (job: Job, call: Call) => Reply.Reply) => (call: Call): Reply.Reply => {
    const job = store.find(call.segment)
    return job?.user === call.user && job.isRun === isRun ? answer(job, call) : sentences.notFound
  }

  const remove = about(false, (job, { now }) => {
    store.forget(job.id)
    if (store.isRunning(job, now)) shift(job, now)
    return Reply.empty(204)
  })

  const fieldsIn = (body: string): Readonly<Record<string, unknown>> => {
    const sent: unknown = Result.getOrUndefined(Result.try(() => JSON.parse(body)))
    return Predicate.isObject(sent) ? { ...sent } : {}
  }

  /** The fields that refer to an upload which is not there. */
  const goneIn = (
    value: unknown,
    now: number,
    path: ReadonlyArray<string | number> = []
  ): ReadonlyArray<Schema.JsonObject> =>
    Predicate.isString(value)
      ? value.startsWith("runway://") && (uploads.get(value) ?? 0) <= now
        ? [{ code: "custom", message: "Failed to fetch asset. Received HTTP response code \"404\".", path: [...path] }]
        : []
      : Array.isArray(value)
      ? value.flatMap((inner, i) => goneIn(inner, now, [...path, i]))
      : Predicate.isObject(value)
      ? Object.entries(value).flatMap(([name, inner]) => goneIn(inner, now, [...path, name]))
      : []

  const create = (path: string) => ({ body, headers, now, user }: Call): Reply.Reply => {
    const fields = fieldsIn(body)
    if (options.endUser === true && headers["x-runway-on-behalf-of"] === undefined) return sentences.noEndUser
    const isRun = path === "workflows"
    const issues = [...(isRun ? [] : issuesIn(path, fields)), ...goneIn(fields, now)]
    if (issues.length > 0) return sentences.invalid(issues)
    const model = String(fields["model"] ?? path)
    if (options.models?.includes(model) === false) return sentences.notAvailable(model)
    const today = createdToday(user, model, now)
    if (today.length >= daily) return sentences.dailyLimit
    if (creditsOf(user) < price) return sentences.noCredits
    created.set(`${user} ${model}`, [...today, now])
    spent.set(user, (spent.get(user) ?? 0) + price)
    const type = typeOf(path)
    const count = Math.min(10, Number(fields["outputCount"] ?? 1))
    const files = Array.from({ length: count }, (_, i) => `output-${i}.${fileOf[type]}`)
    const { id } = store.keep(begin({ model, isRun, files }, { type, user }, now))
    const estimatedCost = { credits: price }
    if (isRun || path === "avatar_videos") return Reply.json(200, { id })
    return path.startsWith("generate/")
      ? Reply.json(200, {
        id,
        routing: {
          configId: String(fields["configId"]),
          estimatedCost,
          model: "gen4.5",
          provider: "runway",
          resolvedInput: {},
          resolvedSettings: { optimizeFor: "cost", priceCeiling: null }
        }
      })
      : Reply.json(200, { id, estimatedCost })
  }

  const upload = ({ base, body }: Call): Reply.Reply => {
    const { filename, type } = fieldsIn(body)
    if (!Predicate.isString(filename) || type !== "ephemeral") {
      return sentences.invalid([{ code: "invalid_type", path: ["filename"], message: "Invalid input" }])
    }
    const key = world.uuid()
    const runwayUri = `runway://${key}`
    uploads.set(runwayUri, undefined)
    return Reply.json(200, { uploadUrl: `${base}/ephemeral/${key}`, fields: { key, policy: "e30=" }, runwayUri })
  }

  /** As storage takes a form: its fields first, the file last, its length told, and no credential. */
  const storeFile = ({ body, headers, now, segment }: Call): Reply.Reply => {
    const uri = `runway://${segment}`
    const { names, size } = partsIn(body, headers["content-type"] ?? "")
    const refuse = (status: number, code: string): Reply.Reply => ({
      status,
      headers: { "content-type": "application/xml" },
      body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`
    })
    if (!uploads.has(uri) || headers["authorization"] !== undefined) return refuse(403, "AccessDenied")
    if (names.slice(0, 2).join() !== "key,policy" || names.at(-1) !== "file") return refuse(400, "InvalidArgument")
    if (size < 512) return refuse(400, "EntityTooSmall")
    uploads.set(uri, now + day)
    return Reply.empty(204)
  }

  const organization = ({ now, user }: Call): Reply.Reply => {
    const open = options.models ?? models
    return Reply.json(200, {
      creditBalance: creditsOf(user),
      tier: {
        maxMonthlyCreditSpend: 10_000,
        models: Object.fromEntries(
          open.map((model) => [model, { maxConcurrentGenerations: concurrency, maxDailyGenerations: daily }])
        )
      },
      usage: {
        models: Object.fromEntries(
          open.map((model) => [model, { dailyGenerations: createdToday(user, model, now).length }])
        )
      }
    })
  }

  const route = <Operation extends string>(
    operation: Operation,
    method: string,
    path: string,
    answer: Route<Operation>["answer"]
  ): Route<Operation> => ({
    operation,
    method,
    path: `/v1${path}`,
    answer: (call) => call.headers["x-runway-version"] === version ? answer(call) : sentences.wrongVersion
  })

  const get = (job: Job, { now }: Call) => Reply.json(200, record(job, now))

  return {
    controls: store.controls<NewJob>(begin, options.jobs) satisfies Controls,
    routes: [
      ...paths.map((path) => route("create", "POST", `/${path}`, create(path))),
      route("workflow", "POST", "/workflows/:id", create("workflows")),
      route("get", "GET", "/tasks/:id", about(false, get)),
      route("run", "GET", "/workflow_invocations/:id", about(true, get)),
      route("remove", "DELETE", "/tasks/:id", remove),
      route("upload", "POST", "/uploads", upload),
      {
        operation: "store",
        method: "POST",
        path: "/ephemeral/:key",
        file: "form",
        open: true,
        answer: storeFile
      } as const,
      route("accounts", "GET", "/organization", organization)
    ]
  }
}
