/**
 * Luma v1 as its documents describe it, for the emulator.
 *
 * **Details**
 *
 * Where the documents are silent this is what it does. A finished job leaves the list by itself and is read until it is
 * deleted; after that it is not found. Every answer that `POST /videos` and `POST /images` may give is in
 * `createdForms`. Bodies are read as JSON, not as multipart.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Random from "effect/Random"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { lumaMedia } from "./internal/lumaMedia.ts"
import * as Order from "./internal/lumaOrder.ts"
import { digits, uuid } from "./internal/random.ts"
import * as replies from "./internal/replies.ts"
import type { Call, Route } from "./internal/service.ts"
import * as Reply from "./Reply.ts"

/**
 * The calls of Luma v1: three about jobs, two submits and the accounts.
 *
 * @since 0.1.0
 * @category models
 */
export type Operation = "luma.list" | "luma.get" | "luma.remove" | "luma.video" | "luma.image" | "luma.accounts"

/**
 * A Luma account, the same for every user of the emulator.
 *
 * **Details**
 *
 * `concurrency` counts submits at work, not jobs: an image submit of four jobs holds one slot. An account with an `error`
 * answers 596 to everything that needs it. Jobs of an e-mail that has no account are not found.
 *
 * @since 0.1.0
 * @category models
 */
export interface Account {
  readonly email: string
  readonly concurrency: number
  readonly error?: string | undefined
}

/**
 * The accounts and the course of life.
 *
 * **Details**
 *
 * `accounts` is one account, `user@example.com`, with four slots. A video lives `videoLife`, 3 minutes; an image
 * `imageLife`, 45 seconds; either varies by the fraction `jitter`, 0. `created` turns the ids of a submit into its answer
 * and is `createdForms.documented`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly accounts?: ReadonlyArray<Account> | undefined
  readonly videoLife?: Duration.Input | undefined
  readonly imageLife?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly created?: ((ids: ReadonlyArray<string>) => Schema.Json) | undefined
}

/**
 * A job in the emulator's memory.
 *
 * **Details**
 *
 * It runs until `endsAt`, milliseconds of the `Clock`, and then is what `outcome` says. `listed` tells whether the list
 * shows it while it runs, as the documents have it, or always, or never. Fields of `override` replace those of `get`'s
 * answer: a status word, an `error`, a `response`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends Omit<Order.Order, "email"> {
  readonly id: string
  readonly user: string
  readonly account: string
  readonly created: string
  readonly generation: string
  readonly submission: string
  readonly endsAt: number
  readonly outcome: "completed" | "failed"
  readonly listed: "running" | "always" | "never"
  readonly override: { readonly [field: string]: Schema.Json }
}

/**
 * A job's course, to begin or to change.
 *
 * **Details**
 *
 * `state` is what the job is now; a finished one ended this instant. A running one ends after `duration`, before `speed`
 * is applied, as `outcome` says.
 *
 * @since 0.1.0
 * @category models
 */
export interface Course {
  readonly state?: "running" | "completed" | "failed" | undefined
  readonly duration?: Duration.Input | undefined
  readonly outcome?: Job["outcome"] | undefined
  readonly listed?: Job["listed"] | undefined
  readonly override?: Job["override"] | undefined
}

/**
 * A job to put into the emulator's memory without a request.
 *
 * **Details**
 *
 * Everything may be left out: a video of the first user and account, made now, running. `id` is any text, and `created`
 * is printed as given. The job of a `user` that no token belongs to is foreign to all.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends Course {
  readonly id?: string | undefined
  readonly type?: Job["type"] | undefined
  readonly user?: string | undefined
  readonly account?: string | undefined
  readonly model?: string | undefined
  readonly created?: string | undefined
  readonly exr?: boolean | undefined
  readonly replyUrl?: string | undefined
}

/**
 * The hands of a test on Luma.
 *
 * **Details**
 *
 * `change` keeps what it is not told, and dies where there is no such job.
 *
 * @since 0.1.0
 * @category models
 */
export interface LumaEmulator {
  readonly add: (job?: NewJob) => Effect.Effect<Job>
  readonly change: (id: string, course: Course) => Effect.Effect<Job>
  readonly jobs: Effect.Effect<ReadonlyArray<Job>>
}

/**
 * What the answer to a submit may look like; no document shows it.
 *
 * **Details**
 *
 * `documented` follows the documents' words: `jobid` for a video, several ids for images. Those in the singular tell the
 * first id only.
 *
 * @since 0.1.0
 * @category models
 */
export const createdForms = {
  documented: (ids) =>
    ids.length === 1 ? { jobid: ids[0] ?? "", status: "created" } : { jobids: ids, status: "created" },
  jobid: (ids) => ({ jobid: ids[0] ?? "" }),
  jobId: (ids) => ({ jobId: ids[0] ?? "" }),
  job_id: (ids) => ({ job_id: ids[0] ?? "" }),
  id: (ids) => ({ id: ids[0] ?? "" }),
  jobids: (ids) => ({ jobids: ids }),
  jobIds: (ids) => ({ jobIds: ids }),
  job_ids: (ids) => ({ job_ids: ids }),
  ids: (ids) => ({ ids }),
  jobs: (ids) => ({ jobs: ids.map((jobid) => ({ jobid, status: "created" })) }),
  jobStrings: (ids) => ({ jobs: ids }),
  array: (ids) => ids,
  records: (ids) => ids.map((jobid) => ({ jobid, status: "created" }))
} satisfies { readonly [name: string]: (ids: ReadonlyArray<string>) => Schema.Json }

/**
 * Luma's routes, and a test's hands on what stands behind them.
 *
 * @internal
 */
export const make = (
  world: {
    readonly random: typeof Random.Random.Service
    readonly users: ReadonlyArray<string>
    readonly speed: number
    readonly mediaOrigin: string
  },
  options: Options = {}
): LumaEmulator & { readonly routes: ReadonlyArray<Route<Operation>> } => {
  const accounts = (options.accounts ?? [{ email: "user@example.com", concurrency: 4 }]).map((account) => ({
    ...account,
    userId: uuid(world.random)
  }))
  const created = options.created ?? createdForms.documented
  const jobs = new Map<string, Job>()

  const isRunning = (job: Job, now: number) => now < job.endsAt

  const after = (now: number, life: Duration.Input) => now + Duration.toMillis(life) / world.speed

  const drawLife = (type: Job["type"]): number => {
    const middle = type === "video" ? options.videoLife ?? "3 minutes" : options.imageLife ?? "45 seconds"
    const deviation = (options.jitter ?? 0) * (2 * world.random.nextDoubleUnsafe() - 1)
    return Duration.toMillis(middle) * (1 + deviation)
  }

  /** When each submit that holds a slot lets go of it. */
  const slots = (user: string, email: string, now: number): ReadonlyMap<string, number> => {
    const ends = new Map<string, number>()
    for (const job of jobs.values()) {
      if (job.user !== user || job.account !== email || !isRunning(job, now)) continue
      ends.set(job.submission, Math.max(job.endsAt, ends.get(job.submission) ?? 0))
    }
    return ends
  }

  const keep = (job: Job): Job => {
    jobs.set(job.id, job)
    return job
  }

  const begin = (
    order: Omit<Order.Order, "email">,
    origin: Pick<Job, "user" | "account" | "submission">,
    now: number,
    created = iso(now)
  ): Job => {
    const generation = uuid(world.random)
    const stamp = created.replaceAll(/\D/g, "").slice(4)
    return {
      ...order,
      ...origin,
      id: `j${stamp}${digits(world.random, 6)}${order.type.charAt(0)}-u${origin.user}` +
        `-email:${origin.account}-job:${generation}-bot:luma`,
      created,
      generation,
      endsAt: after(now, drawLife(order.type)),
      outcome: "completed",
      listed: "running",
      override: {}
    }
  }

  const steer = (job: Job, { duration, listed, outcome, override, state }: Course, now: number): Job => {
    const ended = state === "completed" || state === "failed" ? state : undefined
    const life = duration ?? (state === "running" && !isRunning(job, now) ? drawLife(job.type) : undefined)
    return keep({
      ...job,
      endsAt: ended !== undefined ? now : life !== undefined ? after(now, life) : job.endsAt,
      outcome: ended ?? outcome ?? job.outcome,
      listed: listed ?? job.listed,
      override: override ?? job.override
    })
  }

  const about = (answer: (job: Job, account: Account, now: number) => Reply.Reply) => (call: Call): Reply.Reply => {
    const id = decodeId(call.segment)
    const job = jobs.get(id ?? "")
    const user = job?.user ?? idPattern.exec(id ?? "")?.[1]
    if (user === undefined) return replies.invalidJobId
    if (user !== call.user) return replies.forbidden
    const account = accounts.find((account) => account.email === job?.account)
    return job === undefined || account === undefined ? replies.jobNotFound : answer(job, account, call.now)
  }

  const get = about((job, account, now) => {
    if (account.error !== undefined) return replies.sessionError
    const running = isRunning(job, now)
    const completed = !running && job.outcome === "completed"
    return Reply.json(200, {
      jobid: job.id,
      type: job.type,
      status: running ? "pending" : job.outcome,
      created: job.created,
      updated: running ? null : iso(job.endsAt),
      response: completed ? lumaMedia(job, `${world.mediaOrigin}/${job.generation}`) : null,
      credits: completed ? { dm_usage: job.type === "video" ? 20 : 5, dm_relaxed_usage: null } : null,
      ...job.override
    })
  })

  const remove = about((job, _, now) => {
    if (isRunning(job, now)) return replies.notTerminal
    jobs.delete(job.id)
    return Reply.json(200, { jobid: job.id, deleted: true })
  })

  const list = ({ now, user }: Call): Reply.Reply => {
    const shown = [...jobs.values()].filter((job) =>
      job.user === user && (job.listed === "always" || (job.listed === "running" && isRunning(job, now)))
    )
    return Reply.json(200, {
      executing: shown.length,
      jobs: shown.map((job) => ({
        jobid: job.id,
        type: job.type,
        account: job.account,
        model: job.model,
        created: job.created,
        ...(job.replyUrl === undefined ? undefined : { replyUrl: "configured" })
      }))
    })
  }

  const listAccounts = ({ now, user }: Call): Reply.Reply => {
    if (accounts.length === 0) return Reply.empty(404)
    const expires = `${iso(now + 60 * 86_400_000).slice(0, 19).replace("T", " ")} UTC`
    return Reply.json(
      200,
      Object.fromEntries(accounts.map(({ concurrency, email, error, userId }) => [email, {
        account: email,
        email,
        user_id: userId,
        concurrency,
        luma_session_expires: expires,
        updated: iso(now).slice(0, 10),
        refresh_count: 0,
        executing: slots(user, email, now).size,
        ...(error === undefined ? undefined : { error })
      }]))
    )
  }

  const submit = (read: typeof Order.video, count: number) => ({ body, now, user }: Call): Reply.Reply => {
    const parsed = read(body)
    if (Result.isFailure(parsed)) return Reply.error(400, parsed.failure)
    const { email, ...order } = parsed.success
    const named = accounts.filter((account) => email === undefined || account.email === email)
    if (named.length === 0) return replies.accountNotFound(email ?? "")
    const able = named.filter((account) => account.error === undefined)
    if (able.length === 0) return replies.sessionError
    const free = able.filter((account) => slots(user, account.email, now).size < account.concurrency)
    const account = free[Math.floor(world.random.nextDoubleUnsafe() * free.length)]
    if (account === undefined) {
      const ends = able.flatMap((account) => [...slots(user, account.email, now).values()])
      const seconds = Math.ceil((Math.min(now + 3_600_000, ...ends) - now) / 1000)
      return Reply.error(429, "All slots are taken", { "retry-after": `${seconds}` })
    }
    const origin = { user, account: account.email, submission: uuid(world.random) }
    return Reply.json(200, created(Array.from({ length: count }, () => keep(begin(order, origin, now)).id)))
  }

  return {
    add: (job = {}) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const { type = "video" } = job
        const origin = {
          user: job.user ?? world.users[0] ?? "",
          account: job.account ?? accounts[0]?.email ?? "",
          submission: uuid(world.random)
        }
        const order = {
          type,
          model: job.model ?? (type === "video" ? "ray-v3-flash" : "photon-v2"),
          width: 1280,
          height: 720,
          seconds: 5,
          exr: job.exr ?? false,
          replyUrl: job.replyUrl,
          replyRef: undefined
        }
        const begun = begin(order, origin, now, job.created)
        return steer({ ...begun, id: job.id ?? begun.id }, job, now)
      }),
    change: (id, course) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const job = jobs.get(id)
        if (job === undefined) return Effect.die(new Error("The emulator has no such job"))
        return Effect.succeed(steer(job, course, now))
      }),
    jobs: Effect.sync(() => [...jobs.values()]),
    routes: [
      { operation: "luma.list", method: "GET", path: "/v1/luma/jobs", answer: list },
      { operation: "luma.get", method: "GET", path: "/v1/luma/jobs/:jobid", answer: get },
      { operation: "luma.remove", method: "DELETE", path: "/v1/luma/jobs/:jobid", answer: remove },
      { operation: "luma.video", method: "POST", path: "/v1/luma/videos", answer: submit(Order.video, 1) },
      { operation: "luma.image", method: "POST", path: "/v1/luma/images", answer: submit(Order.image, 4) },
      { operation: "luma.accounts", method: "GET", path: "/v1/luma/accounts", answer: listAccounts }
    ]
  }
}

const idPattern = /^j\d{13,}[a-z]-u(\d+)-.+-bot:luma$/

/** The service's routing does not know `:` and `@` by their other names. */
const decodeId = (segment: string): string | undefined =>
  /%3a|%40/i.test(segment) ? undefined : Result.getOrUndefined(Result.try(() => decodeURIComponent(segment)))

const iso = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))
