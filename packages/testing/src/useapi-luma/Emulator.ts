/**
 * Luma v1 as its documents describe it, for the emulator.
 *
 * **Details**
 *
 * Where the documents are silent this is what it does. A finished job leaves the list by itself and is read until it is
 * deleted; after that it is not found. Every answer that `POST /videos` and `POST /images` may give is in
 * `createdForms`. An upload that is too large is answered with 400. Bodies are read as JSON, not as multipart. Only ends are
 * reported to a `replyUrl`, once for each submit, and not again where that fails. A parameter that is not known is refused.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { Call, DueCallback, World } from "../EmulatedService.ts"
import { iso } from "../internal/iso.ts"
import * as JobStore from "../JobStore.ts"
import * as Reply from "../Reply.ts"
import { choose } from "../useapi/internal/choose.ts"
import { decode, decodeId, newId } from "../useapi/internal/ids.ts"
import * as useapi from "../useapi/internal/service.ts"
import { refuse } from "../useapi/internal/upload.ts"
import { fixtures } from "./internal/fixtures.ts"
import { media } from "./internal/media.ts"
import * as Parsed from "./internal/parsedRequest.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * The answers, ids and programs that Luma's documents print, and answers that none prints.
   *
   * **Details**
   *
   * Of the ids, `polled` and `listed` are one job on the pages; they differ in one byte, the space, and so do their requests. The
   * `samples` are named after what they do.
   *
   * **Gotchas**
   *
   * The samples say `https://api.useapi.net` and `YOUR_API_TOKEN`: replace both before running one.
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
 * The accounts and the course of life.
 *
 * **Details**
 *
 * `accounts`, the same for every user of the emulator, is one, `user@example.com`, with four slots: `concurrency` counts submits at
 * work, not jobs, so that an image submit of four jobs holds one. An account with an `error` answers 596 to everything that needs
 * it. Jobs of an e-mail that has no account are not found. A video lives `videoLife`, 3 minutes; an image
 * `imageLife`, 45 seconds; either varies by the fraction `jitter`, 0. `created` turns the ids of a submit into its answer
 * and is `createdForms.documented`. An upload may have `maxUpload` bytes, 20 MB. `jobs` are there from the start.
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
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

/**
 * A job in the emulator's memory.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends JobStore.StoredJob<"completed" | "failed">, Omit<Parsed.ParsedRequest, "email" | "type"> {
  readonly generation: string
  readonly submission: string
}

/**
 * A job to put into the emulator's memory without a request, a video unless told.
 *
 * **Details**
 *
 * A failed one tells its `reason` as `error`, which no document shows and their samples read, and none unless told.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly model?: string | undefined
  readonly exr?: boolean | undefined
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
 * Luma through useapi.net.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  useapi.service({ id: "useapi-luma", cdns: [cdn], make: (world) => make(world, options) })

/**
 * Luma with the jobs that its documents print, unless `empty`, and some that have ended.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (empty: boolean) => {
  const { completedImage, listed, listedImage, polled } = fixtures.ids
  const account = "docs@example.com"
  const created = "2026-03-26T14:05:30.123Z"
  return service({
    accounts: [{ email: "user@example.com", concurrency: 4 }, { email: account, concurrency: 4 }],
    jitter: 0.25,
    jobs: empty ? [] : [
      { account, created, id: listed, duration: "3 minutes" },
      { account, created, id: polled, duration: "3 minutes" },
      { account, created: "2026-03-26T14:07:30.456Z", id: listedImage, type: "image", duration: "1 minute" },
      { account, created, id: completedImage, type: "image", state: "completed" },
      { account, state: "completed" },
      { account, state: "failed" }
    ]
  })
}

interface Account {
  readonly email: string
  readonly concurrency: number
  readonly error?: string | undefined
}

const make = (world: World, options: Options) => {
  const accounts = (options.accounts ?? [{ email: "user@example.com", concurrency: 4 }]).map((account) => ({
    ...account,
    userId: world.uuid()
  }))
  const created = options.created ?? createdForms.documented
  const store = JobStore.make<Job>(world, {
    life: (type) => type === "video" ? options.videoLife ?? "3 minutes" : options.imageLife ?? "45 seconds",
    jitter: options.jitter,
    outcome: "completed"
  })

  /** When each submit that holds a slot lets go of it. */
  const slots = (user: string, email: string, now: number): ReadonlyMap<string, number> => {
    const ends = new Map<string, number>()
    for (const job of store.running(user, email, now)) {
      ends.set(job.submission, Math.max(job.endsAt, ends.get(job.submission) ?? 0))
    }
    return ends
  }

  const begin = (
    asked: Omit<Parsed.ParsedRequest, "email">,
    { submission, ...whose }: Pick<Job, "user" | "account" | "submission">,
    now: number,
    given?: NewJob
  ): Job => {
    const generation = world.uuid()
    const ending = `email:${whose.account}-job:${generation}-bot:luma`
    const owner = { ...whose, type: asked.type }
    return { ...asked, ...store.begin(owner, newId(world, owner, ending), now, given), generation, submission }
  }

  const about = (answer: (job: Job, account: Account, now: number) => Reply.Reply) => (call: Call): Reply.Reply => {
    const id = decodeId(call.segment)
    const job = store.find(id)
    const user = job?.user ?? idPattern.exec(id ?? "")?.[1]
    if (user === undefined) return sentences.invalidJobId
    if (user !== call.user) return sentences.forbidden
    const account = accounts.find((account) => account.email === job?.account)
    return job === undefined || account === undefined ? sentences.jobNotFound : answer(job, account, call.now)
  }

  const record = (job: Job, now: number): Schema.JsonObject => {
    const running = store.isRunning(job, now)
    const completed = !running && job.outcome === "completed"
    return {
      jobid: job.id,
      type: job.type,
      status: running ? "pending" : job.outcome,
      created: job.created,
      updated: running ? null : iso(job.endsAt),
      response: completed ? media(job, world.link(cdn, job.generation, now)) : null,
      credits: completed ? { dm_usage: job.type === "video" ? 20 : 5, dm_relaxed_usage: null } : null,
      ...(running || completed || job.reason === undefined ? undefined : { error: job.reason }),
      ...job.override
    }
  }

  const get = about((job, account, now) =>
    account.error === undefined ? Reply.json(200, record(job, now)) : sentences.sessionError
  )

  /** One call for each submit, once the last of its jobs has ended. */
  const callbacks = (): ReadonlyArray<DueCallback> =>
    [...Map.groupBy(store.all(), ({ submission }) => submission).values()].flatMap((jobs) => {
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
      return [{ job: first.id, event, part: 0, url, at, body, broken, retries: 0 }]
    })

  const remove = about((job, _, now) => {
    if (store.isRunning(job, now)) return sentences.notTerminal
    store.forget(job.id)
    return Reply.json(200, { jobid: job.id, deleted: true })
  })

  const list = ({ now, user }: Call): Reply.Reply => {
    const shown = store.listed(user, now)
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

  const submit = (read: typeof Parsed.video, count: number) => ({ body, now, user }: Call): Reply.Reply => {
    const parsed = read(body)
    if (Result.isFailure(parsed)) return Reply.error(400, parsed.failure)
    const { email, ...asked } = parsed.success
    const chosen = choose(
      world,
      accounts,
      [(account) => (email ?? account.email) === account.email, () => sentences.accountNotFound(email ?? "")],
      [(account) => account.error === undefined, () => sentences.sessionError],
      [(account) => slots(user, account.email, now).size < account.concurrency, (full) => {
        const ends = full.flatMap((account) => [...slots(user, account.email, now).values()])
        const seconds = Math.ceil((Math.min(now + 3_600_000, ...ends) - now) / 1000)
        return Reply.error(429, "All slots are taken", { "retry-after": `${seconds}` })
      }]
    )
    if (Result.isFailure(chosen)) return chosen.failure
    const origin = { user, account: chosen.success.email, submission: world.uuid() }
    return Reply.json(200, created(Array.from({ length: count }, () => store.keep(begin(asked, origin, now)).id)))
  }

  const upload = (call: Call): Reply.Reply => {
    const email = decode(call.segment) ?? call.segment
    const account = accounts.find((account) => account.email === email)
    if (account === undefined) return sentences.accountNotFound(email)
    if (account.error !== undefined) return sentences.sessionError
    const refused = refuse(call, {
      mediaTypes: ["image/jpeg", "image/png", "image/webp"],
      maxBytes: options.maxUpload ?? 20 * 1_048_576,
      valid: "Valid"
    })
    if (refused !== undefined) return refused
    const id = world.uuid()
    const assetRef = `u${call.user}-email:${email}-image:${id}`
    return Reply.json(200, {
      assetRef,
      email,
      upload: { id, media: { url: world.link(cdn, id, call.now)(`image.${call.contentType.slice(6)}`) } }
    })
  }

  return {
    controls: store.controls<NewJob>((job, { type, user }, now) => {
      const origin = { user, account: job.account ?? accounts[0]?.email ?? "", submission: world.uuid() }
      const asked = {
        type,
        model: job.model ?? (type === "video" ? "ray-v3-flash" : "photon-v2"),
        width: 1280,
        height: 720,
        seconds: 5,
        exr: job.exr ?? false,
        replyUrl: job.replyUrl,
        replyRef: undefined
      }
      return begin(asked, origin, now, job)
    }, options.jobs),
    callbacks,
    routes: [
      { operation: "list", method: "GET", path: "/v1/luma/jobs", answer: list },
      { operation: "get", method: "GET", path: "/v1/luma/jobs/:jobid", answer: get },
      { operation: "remove", method: "DELETE", path: "/v1/luma/jobs/:jobid", answer: remove },
      { operation: "video", method: "POST", path: "/v1/luma/videos", answer: submit(Parsed.video, 1) },
      { operation: "image", method: "POST", path: "/v1/luma/images", answer: submit(Parsed.image, 4) },
      { operation: "upload", method: "POST", path: "/v1/luma/assets/:email", file: true, answer: upload },
      { operation: "accounts", method: "GET", path: "/v1/luma/accounts", answer: listAccounts }
    ] as const
  }
}

const cdn = "storage.cdn-luma.com"
const idPattern = /^j\d{13,}[a-z]-u(\d+)-.+-bot:luma$/
