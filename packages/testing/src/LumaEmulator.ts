/**
 * Luma v1 as its documents describe it, for the emulator.
 *
 * **Details**
 *
 * Where the documents are silent this is what it does. A finished job leaves the list by itself and is read until it is
 * deleted; after that it is not found. Every answer that `POST /videos` and `POST /images` may give is in
 * `createdForms`. An upload that is too large is answered with 400. Bodies are read as JSON, not as multipart. Only ends are
 * reported to a `replyUrl`, once for each submit, and not again where that fails.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { Owed } from "./internal/caller.ts"
import { choose } from "./internal/choose.ts"
import * as Lives from "./internal/lives.ts"
import { lumaMedia } from "./internal/lumaMedia.ts"
import * as Order from "./internal/lumaOrder.ts"
import { uuid } from "./internal/random.ts"
import * as replies from "./internal/replies.ts"
import { type Call, decode, decodeId, type Route } from "./internal/service.ts"
import { refuse } from "./internal/upload.ts"
import { iso, link, type World } from "./internal/world.ts"
import * as Reply from "./Reply.ts"

/**
 * The calls of Luma v1: three about jobs, two submits, the upload of an image and the accounts.
 *
 * @since 0.1.0
 * @category models
 */
export type Operation =
  | "luma.list"
  | "luma.get"
  | "luma.remove"
  | "luma.video"
  | "luma.image"
  | "luma.upload"
  | "luma.accounts"

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
 * and is `createdForms.documented`. An upload may have `maxUpload` bytes, 20 MB.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly accounts?: ReadonlyArray<Account> | undefined
  readonly videoLife?: Duration.Input | undefined
  readonly imageLife?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly maxUpload?: number | undefined
  readonly created?: ((ids: ReadonlyArray<string>) => Schema.Json) | undefined
}

/**
 * A job in the emulator's memory.
 *
 * **Details**
 *
 * It runs until `endsAt`, milliseconds of the `Clock`, and then is what `outcome` says; `createdAt` is the instant that
 * `created` prints. `listed` tells whether the list shows it while it runs, as the documents have it, or always, or never.
 * Fields of `override` replace those of `get`'s answer: a status word, an `error`, a `response`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends Lives.Life<"completed" | "failed">, Omit<Order.Order, "email" | "type"> {
  readonly generation: string
  readonly submission: string
}

/**
 * A job's course, to begin or to change.
 *
 * **Details**
 *
 * `state` is what the job is now; a finished one ended this instant. A running one ends after `duration`, before `speed`
 * is applied, as `outcome` says. A failed one tells its `reason` as `error`, which no document shows and their samples
 * read, and none unless told.
 *
 * @since 0.1.0
 * @category models
 */
export interface Course extends Lives.Course<Job["outcome"]> {}

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
export interface NewJob extends Lives.Newborn<Job["outcome"]> {
  readonly model?: string | undefined
  readonly exr?: boolean | undefined
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
export interface LumaEmulator extends Lives.Hands<Job, NewJob, Course> {}

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
  world: World,
  options: Options = {}
): LumaEmulator & { readonly routes: ReadonlyArray<Route<Operation>>; readonly owed: () => ReadonlyArray<Owed> } => {
  const accounts = (options.accounts ?? [{ email: "user@example.com", concurrency: 4 }]).map((account) => ({
    ...account,
    userId: uuid(world.random)
  }))
  const created = options.created ?? createdForms.documented
  const lives = Lives.make<Job["outcome"], Job>(world, {
    video: options.videoLife ?? "3 minutes",
    image: options.imageLife ?? "45 seconds",
    jitter: options.jitter
  })
  const url = (folder: string, now: number) => link(world, "https://storage.cdn-luma.com", folder, now)

  /** When each submit that holds a slot lets go of it. */
  const slots = (user: string, email: string, now: number): ReadonlyMap<string, number> => {
    const ends = new Map<string, number>()
    for (const job of lives.running(user, email, now)) {
      ends.set(job.submission, Math.max(job.endsAt, ends.get(job.submission) ?? 0))
    }
    return ends
  }

  const begin = (
    order: Omit<Order.Order, "email">,
    { submission, ...whose }: Pick<Job, "user" | "account" | "submission">,
    now: number,
    given?: NewJob
  ): Job => {
    const generation = uuid(world.random)
    const ending = `email:${whose.account}-job:${generation}-bot:luma`
    return { ...order, ...lives.begin({ ...whose, type: order.type }, ending, now, given), generation, submission }
  }

  const about = (answer: (job: Job, account: Account, now: number) => Reply.Reply) => (call: Call): Reply.Reply => {
    const id = decodeId(call.segment)
    const job = lives.find(id)
    const user = job?.user ?? idPattern.exec(id ?? "")?.[1]
    if (user === undefined) return replies.invalidJobId
    if (user !== call.user) return replies.forbidden
    const account = accounts.find((account) => account.email === job?.account)
    return job === undefined || account === undefined ? replies.jobNotFound : answer(job, account, call.now)
  }

  const record = (job: Job, now: number): Schema.JsonObject => {
    const running = lives.isRunning(job, now)
    const completed = !running && job.outcome === "completed"
    return {
      jobid: job.id,
      type: job.type,
      status: running ? "pending" : job.outcome,
      created: job.created,
      updated: running ? null : iso(job.endsAt),
      response: completed ? lumaMedia(job, url(job.generation, now)) : null,
      credits: completed ? { dm_usage: job.type === "video" ? 20 : 5, dm_relaxed_usage: null } : null,
      ...(running || completed || job.reason === undefined ? undefined : { error: job.reason }),
      ...job.override
    }
  }

  const get = about((job, account, now) =>
    account.error === undefined ? Reply.json(200, record(job, now)) : replies.sessionError
  )

  /** One call for each submit, once the last of its jobs has ended. */
  const owed = (): ReadonlyArray<Owed> =>
    [...Map.groupBy(lives.all(), ({ submission }) => submission).values()].flatMap((jobs) => {
      const [first] = jobs
      const url = first?.replyUrl ?? world.replyUrl
      if (first === undefined || url === undefined) return []
      const at = Math.max(...jobs.map(({ endsAt }) => endsAt))
      const event = jobs.some(({ outcome }) => outcome === "completed") ? "completed" : "failed"
      const echoed = first.replyRef === undefined ? undefined : { replyRef: first.replyRef }
      const body = () =>
        first.type === "video"
          ? { ...record(first, at), ...echoed }
          : { jobid: first.id, type: "image", status: event, images: jobs.map((job) => record(job, at)), ...echoed }
      const broken = () => ({ status: "failed", error: "Internal error", ...echoed })
      return [{ service: "luma", job: first.id, event, part: 0, url, at, body, broken, retries: 0 }]
    })

  const remove = about((job, _, now) => {
    if (lives.isRunning(job, now)) return replies.notTerminal
    lives.forget(job.id)
    return Reply.json(200, { jobid: job.id, deleted: true })
  })

  const list = ({ now, user }: Call): Reply.Reply => {
    const shown = lives.listed(user, now)
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
    const chosen = choose(
      world.random,
      accounts,
      [(account) => (email ?? account.email) === account.email, () => replies.accountNotFound(email ?? "")],
      [(account) => account.error === undefined, () => replies.sessionError],
      [(account) => slots(user, account.email, now).size < account.concurrency, (full) => {
        const ends = full.flatMap((account) => [...slots(user, account.email, now).values()])
        const seconds = Math.ceil((Math.min(now + 3_600_000, ...ends) - now) / 1000)
        return Reply.error(429, "All slots are taken", { "retry-after": `${seconds}` })
      }]
    )
    if (Result.isFailure(chosen)) return chosen.failure
    const origin = { user, account: chosen.success.email, submission: uuid(world.random) }
    return Reply.json(200, created(Array.from({ length: count }, () => lives.keep(begin(order, origin, now)).id)))
  }

  const upload = (call: Call): Reply.Reply => {
    const email = decode(call.segment) ?? call.segment
    const account = accounts.find((account) => account.email === email)
    if (account === undefined) return replies.accountNotFound(email)
    if (account.error !== undefined) return replies.sessionError
    const refused = refuse(call, {
      mediaTypes: ["image/jpeg", "image/png", "image/webp"],
      maxBytes: options.maxUpload ?? 20 * 1_048_576,
      valid: "Valid"
    })
    if (refused !== undefined) return refused
    const id = uuid(world.random)
    const assetRef = `u${call.user}-email:${email}-image:${id}`
    return Reply.json(200, {
      assetRef,
      email,
      upload: { id, media: { url: url(id, call.now)(`image.${call.contentType.slice(6)}`) } }
    })
  }

  return {
    ...lives.hands<NewJob>((job, { type, user }, now) => {
      const origin = { user, account: job.account ?? accounts[0]?.email ?? "", submission: uuid(world.random) }
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
      return begin(order, origin, now, job)
    }),
    owed,
    routes: [
      { operation: "luma.list", method: "GET", path: "/v1/luma/jobs", answer: list },
      { operation: "luma.get", method: "GET", path: "/v1/luma/jobs/:jobid", answer: get },
      { operation: "luma.remove", method: "DELETE", path: "/v1/luma/jobs/:jobid", answer: remove },
      { operation: "luma.video", method: "POST", path: "/v1/luma/videos", answer: submit(Order.video, 1) },
      { operation: "luma.image", method: "POST", path: "/v1/luma/images", answer: submit(Order.image, 4) },
      { operation: "luma.upload", method: "POST", path: "/v1/luma/assets/:email", file: true, answer: upload },
      { operation: "luma.accounts", method: "GET", path: "/v1/luma/accounts", answer: listAccounts }
    ]
  }
}

const idPattern = /^j\d{13,}[a-z]-u(\d+)-.+-bot:luma$/
