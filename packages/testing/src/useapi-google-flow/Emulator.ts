/**
 * Google Flow v1 as its pages and its users describe it, for the emulator.
 *
 * **Details**
 *
 * Where they show nothing this is what it does. What is answered at once has ended at once: no answer is held back while
 * something is made. Bodies are read as JSON, not as multipart. An account runs any number of jobs unless told. Of what the
 * service makes no job of (voices, characters, GIFs) there is nothing.
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
import { media, mediaGenerationId, partsOf } from "./internal/media.ts"
import * as Parsed from "./internal/parsedRequest.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * Answers of Google Flow, put together from what its pages, its scripts and its users show; `ids` has one as it is live, and
   * one as pages print it, with its address masked.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What Google Flow says where it refuses.
   *
   * @since 0.1.0
   * @category sentences
   */
  sentences
}

/**
 * The accounts, the course of life and what is not known of the service.
 *
 * **Details**
 *
 * - `accounts`, the same for every user of the emulator: one, `user@example.com`. One whose `health` is not "OK" answers 596.
 *   `maxJobs` of one are answered 429.
 * - `videoLife`, 90 seconds: how long a job runs, which varies by the fraction `jitter`, 0.
 * - `jobs`: those that are there from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly accounts?: ReadonlyArray<Account> | undefined
  readonly videoLife?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

/**
 * A job in the emulator's memory.
 *
 * **Details**
 *
 * `outputs` are the names of what it makes, of which the last `missing` fail.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job
  extends JobStore.StoredJob<"completed" | "failed">, Omit<Parsed.ParsedRequest, "email" | "type" | "count">
{
  readonly project: string
  readonly outputs: ReadonlyArray<string>
  readonly missing: number
}

/**
 * A job to put into the emulator's memory without a request, a video unless told, of one output unless there is a `count`.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly count?: number | undefined
  readonly missing?: number | undefined
  readonly replyRef?: string | undefined
}

/**
 * Google Flow through useapi.net.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  useapi.service({ id: "useapi-google-flow", cdns: [cdn], make: (world) => make(world, options) })

/**
 * Google Flow with jobs of both kinds, unless `empty`, some of which have ended.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (empty: boolean) =>
  service({
    jitter: 0.25,
    jobs: empty ? [] : [
      { id: fixtures.ids.masked, duration: "3 minutes" },
      { duration: "3 minutes", count: 2 },
      { state: "completed", count: 4, missing: 1 },
      { type: "image", state: "completed" },
      { state: "failed" }
    ]
  })

interface Account {
  readonly email: string
  readonly health?: string | undefined
  readonly error?: string | undefined
  readonly maxJobs?: number | undefined
}

const make = (world: World, options: Options) => {
  const accounts = options.accounts ?? [{ email: "user@example.com" }]
  const store = JobStore.make<Job>(world, {
    life: () => options.videoLife ?? "90 seconds",
    jitter: options.jitter,
    outcome: "completed"
  })

  const begin = (
    { count, ...asked }: Parsed.ParsedRequest,
    whose: Pick<Job, "user" | "account">,
    now: number,
    given: NewJob = {}
  ): Job => {
    const owner = { ...whose, type: asked.type }
    return {
      ...asked,
      ...store.begin(owner, newId(world, owner, `email:${whose.account}-bot:google-flow`), now, given),
      project: world.uuid(),
      outputs: Array.from({ length: given.count ?? count }, () => world.uuid()),
      missing: given.missing ?? 0
    }
  }

  const resultOf = (job: Job, now: number): Schema.JsonObject => ({
    media: media(job, (folder) => world.link(cdn, folder, now)),
    ...(job.type === "video" ? { remainingCredits: 12_000 } : undefined),
    captcha: { service: "Emulated", taskId: job.project, durationMs: 1000, attempts: [] }
  })

  const record = (job: Job, now: number): Schema.JsonObject => {
    const running = store.isRunning(job, now)
    const completed = !running && job.outcome === "completed"
    const reason = job.reason ?? "Internal error encountered."
    return {
      jobid: job.id,
      type: job.type,
      status: running ? now - job.createdAt < 5000 ? "created" : "started" : job.outcome,
      created: job.created,
      ...(running ? undefined : { updated: iso(job.endsAt) }),
      request: { ...job.request, email: masked(job.account), count: job.outputs.length },
      ...(running
        ? { response: { operations: job.outputs.map(pending) } }
        : completed
        ? { response: resultOf(job, now) }
        : {
          response: { error: { code: 500, message: reason, status: "INTERNAL" } },
          error: "API error: 500",
          errorDetails: reason,
          code: 500
        }),
      ...job.override
    }
  }

  const find = (id: string | undefined, { now, user }: Call): Result.Result<Job, Reply.Reply> => {
    if (id === undefined || !idPattern.test(id)) return Result.fail(sentences.invalidJobId)
    const job = store.find(id)
    if (job === undefined) return Result.fail(sentences.jobNotFound)
    if (job.user !== user) return Result.fail(sentences.forbidden)
    return now >= job.createdAt + retention ? Result.fail(sentences.jobExpired) : Result.succeed(job)
  }

  const get = (call: Call): Reply.Reply =>
    Result.match(find(decodeId(call.segment), call), {
      onSuccess: (job) => Reply.json(200, record(job, call.now)),
      onFailure: (reply) => reply
    })

  const statistics = ({ now, query, user }: Call): Reply.Reply => {
    const asked = (new URLSearchParams(query).get("options") ?? "summary").split(",")
    const unknown = asked.find((option) => !["summary", "executing", "history"].includes(option))
    if (unknown !== undefined) return sentences.badRequest(`Option ${unknown} not supported`)
    const own = store.all().filter((job) => job.user === user)
    const listed = store.listed(user, now)
    const ended = own.filter((job) => !store.isRunning(job, now) && now - job.endsAt <= 15 * 60_000)
    const group = (type?: string): Schema.JsonObject => {
      const of = (jobs: ReadonlyArray<Job>) => jobs.filter((job) => type === undefined || job.type === type)
      const summary = accounts.map(({ email }) => {
        const count = (jobs: ReadonlyArray<Job>) => of(jobs).filter(({ account }) => account === email).length
        const [executing, failed] = [count(listed), count(ended.filter(({ outcome }) => outcome === "failed"))]
        const completed = count(ended) - failed
        const score = executing + completed + 10 * failed
        return [email, { executing, completed, failed, rateLimited: 0, avgResponseTime: 60_000, score }] as const
      })
      return {
        summary: Object.fromEntries(summary),
        ...(asked.includes("executing")
          ? { executing: Object.fromEntries(of(listed).map((job) => [job.id, executing(job, now)])) }
          : undefined),
        ...(asked.includes("history")
          ? {
            history: Object.fromEntries(
              of(ended).toSorted((a, b) => b.endsAt - a.endsAt).slice(0, 10).map((job) => [job.id, history(job)])
            )
          }
          : undefined)
      }
    }
    const emails = accounts.map(({ email }) => email)
    return Reply.json(200, { emails, videos: group("video"), images: group("image"), combined: group() })
  }

  const start = (asked: Parsed.ParsedRequest, { now, user }: Call): Reply.Reply => {
    const chosen = choose(
      world,
      accounts,
      [({ email }) => (asked.email ?? email) === email, () => sentences.accountNotFound(asked.email ?? "")],
      [
        ({ error, health = "OK" }) => error === undefined && health === "OK",
        ([first]) => sentences.accountError(first?.email ?? "")
      ],
      [
        ({ email, maxJobs = Infinity }) => store.running(user, email, now).length < maxJobs,
        (tried) => sentences.noEligibleAccount(iso(now + 1_800_000), 1800, tried.map(({ email }) => email))
      ]
    )
    if (Result.isFailure(chosen)) return chosen.failure
    const begun = store.keep(begin(asked, { user, account: chosen.success.email }, now))
    if (asked.isAsync) return Reply.json(201, record(begun, now))
    const done = store.change(begun, { state: "completed" }, now)
    return Reply.json(200, { jobId: done.id, ...resultOf(done, now) })
  }

  const submit = (read: typeof Parsed.video) => (call: Call): Reply.Reply =>
    Result.match(read(call.body, Math.floor(world.random() * 1_000_000)), {
      onSuccess: (asked) => start(asked, call),
      onFailure: sentences.badRequest
    })

  const upload = (call: Call): Reply.Reply => {
    const email = call.segment === "" ? accounts[0]?.email ?? "" : decode(call.segment) ?? call.segment
    const found = accounts.find((account) => account.email === email)
    if (found === undefined) return sentences.accountNotFound(email)
    if (found.error !== undefined || (found.health ?? "OK") !== "OK") return sentences.accountError(email)
    const isVideo = call.contentType === "video/mp4"
    const refused = refuse(call, {
      mediaTypes: ["image/png", "image/jpeg", "image/webp", "video/mp4"],
      maxBytes: (isVideo ? 100 : 20) * 1_048_576,
      valid: "Valid values"
    })
    if (refused !== undefined) return refused
    const uuid = world.uuid()
    return Reply.json(200, {
      media: { name: uuid },
      ...(isVideo ? { durationSeconds: 8 } : { workflow: { name: uuid } }),
      mediaGenerationId: {
        mediaGenerationId: mediaGenerationId(call.user, email, isVideo ? "video" : "image", uuid)
      },
      width: 1280,
      height: 720,
      email
    })
  }

  const asset = ({ now, segment, user }: Call): Reply.Reply => {
    const name = decode(segment) ?? ""
    const parts = partsOf(name)
    if (parts === undefined) return sentences.badRequest(`Invalid mediaGenerationId format: ${name}`)
    if (parts.user !== user) return sentences.forbidden
    const file = parts.type === "video" ? "video.mp4" : "image.jpg"
    return Reply.json(200, { url: world.link(cdn, parts.uuid, now)(file), mediaGenerationId: name })
  }

  const account = ({ email, error, health = "OK" }: Account, now: number): Schema.JsonObject => ({
    health,
    ...(error === undefined ? undefined : { error }),
    created: iso(now - 86_400_000),
    sessionData: { expires: iso(now + 86_400_000) },
    project: `media-jobs-${email.length}`
  })

  const listAccounts = ({ now }: Call): Reply.Reply =>
    Reply.json(200, Object.fromEntries(accounts.map((one) => [one.email, account(one, now)])))

  const getAccount = ({ now, segment }: Call): Reply.Reply => {
    const email = decode(segment) ?? segment
    const found = accounts.find((one) => one.email === email)
    if (found === undefined) return sentences.accountNotFound(email)
    return Reply.json(200, { ...account(found, now), credits: { credits: 12_000 }, models: { videoModels: [] } })
  }

  const callbacks = (): ReadonlyArray<DueCallback> =>
    store.all().flatMap((job) => {
      const url = job.replyUrl ?? world.replyUrl
      const { endsAt: at, id, outcome: event } = job
      return url === undefined ? [] : [{ job: id, event, part: 0, url, at, body: () => record(job, at), retries: 0 }]
    })

  return {
    controls: store.controls<NewJob>((job, { type, user }, now) => {
      const { replyRef, replyUrl } = job
      const body = JSON.stringify({ prompt: "a lighthouse in the rain", replyUrl, replyRef })
      const asked = Result.getOrThrow((type === "video" ? Parsed.video : Parsed.image)(body, 7))
      return begin(asked, { user, account: job.account ?? accounts[0]?.email ?? "" }, now, job)
    }, options.jobs),
    callbacks,
    routes: [
      { operation: "list", method: "GET", path: `${root}/jobs`, answer: statistics },
      { operation: "get", method: "GET", path: `${root}/jobs/:jobid`, answer: get },
      { operation: "video", method: "POST", path: `${root}/videos`, answer: submit(Parsed.video) },
      { operation: "image", method: "POST", path: `${root}/images`, answer: submit(Parsed.image) },
      { operation: "extendVideo", method: "POST", path: `${root}/videos/extend`, answer: submit(Parsed.extend) },
      { operation: "upscaleVideo", method: "POST", path: `${root}/videos/upscale`, answer: submit(Parsed.upscale) },
      { operation: "upload", method: "POST", path: `${root}/assets`, file: true, answer: upload },
      { operation: "upload", method: "POST", path: `${root}/assets/:email`, file: true, answer: upload },
      { operation: "asset", method: "GET", path: `${root}/assets/:mediaGenerationId`, answer: asset },
      { operation: "accounts", method: "GET", path: `${root}/accounts`, answer: listAccounts },
      { operation: "account", method: "GET", path: `${root}/accounts/:email`, answer: getAccount }
    ] as const
  }
}

const root = "/v1/google-flow"

const idPattern = /^j\d{13,}[vi]-u\d+-email:.+-bot:google-flow$/

const retention = 7 * 86_400_000

const cdn = "flow-content.google"

const pending = (name: string): Schema.JsonObject => ({
  operation: { name },
  sceneId: name,
  status: "MEDIA_GENERATION_STATUS_PENDING"
})

/** As records show an address: `us***@example.com`. */
const masked = (email: string): string => email.replace(/^(..).*@/, "$1***@")

const executing = (job: Job, now: number): Schema.JsonObject => {
  const seconds = Math.max(0, Math.floor((now - job.createdAt) / 1000))
  const two = (value: number) => String(value).padStart(2, "0")
  return {
    email: job.account,
    timestamp: job.createdAt,
    elapsed: `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`
  }
}

const history = (job: Job): Schema.JsonObject => ({
  email: job.account,
  timestamp: job.createdAt,
  httpStatus: job.outcome === "completed" ? 200 : 500,
  responseTime: job.endsAt - job.createdAt
})
