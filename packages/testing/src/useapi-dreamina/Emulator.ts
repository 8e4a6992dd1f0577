/**
 * Dreamina v1 as its document and its users describe it, for the emulator.
 *
 * **Details**
 *
 * One call is documented, the list; the others are as scripts of the vendor and of users show them. Where they show
 * nothing this is what it does. Another user's job is not found, nor any job after 30 days, nor one to be cancelled that has
 * ended, for it is not on the list. A record repeats the whole `replyUrl` in its request, but no `replyRef`. Any model's
 * name is taken, for they change by the month; any parameter that is not known is refused. An upload that is too large is
 * answered with 400. Bodies are read as JSON, not as multipart.
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
import { decode, decodeId, digits, newId } from "../useapi/internal/ids.ts"
import * as useapi from "../useapi/internal/service.ts"
import { refuse } from "../useapi/internal/upload.ts"
import { fixtures } from "./internal/fixtures.ts"
import { media } from "./internal/media.ts"
import * as Parsed from "./internal/parsedRequest.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * The answers, the id and the program that Dreamina's document prints, and answers and ids that none prints.
   *
   * **Details**
   *
   * Of the ids, `intact` is the one that the document prints, as the service means it, `intactImage` one of an image. Host and token
   * of the sample are to be replaced.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What Dreamina says where it refuses.
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
 * - `accounts`, `REGION:email`, the same for every user of the emulator: one, `US:user@example.com`, with ten slots. `maxJobs` counts
 *   jobs at work. An account with an `error` answers 596 to submits and uploads. One with `credits` pays for videos with them, 10 a
 *   second, and has them back from those that fail; without, it never runs out.
 * - `videoLife`, 2 minutes, `imageLife`, 1 minute: how long a job runs, which varies by the fraction `jitter`, 0.
 * - `mediaTypes`: of files, JPEG, PNG, WebP and MP4. `maxUpload`: their bytes, 10 MB.
 * - `cancelled`: the answer to a cancel, 200 with `jobid` and `status`.
 * - `outOfCredits`: the answer to a submit that no account can pay for, 412 "Not enough credits".
 * - `jobs`: those that are there from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly accounts?: ReadonlyArray<Account> | undefined
  readonly videoLife?: Duration.Input | undefined
  readonly imageLife?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly mediaTypes?: ReadonlyArray<string> | undefined
  readonly maxUpload?: number | undefined
  readonly cancelled?: ((jobid: string) => Reply.Reply) | undefined
  readonly outOfCredits?: Reply.Reply | undefined
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

/**
 * A job in the emulator's memory.
 *
 * **Details**
 *
 * `createdAt` is the instant from which `elapsedSeconds` and the 30 days count. `source` is the job that it upscales or
 * interpolates.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job
  extends JobStore.StoredJob<"completed" | "failed">, Omit<Parsed.ParsedRequest, "account" | "type">
{
  readonly submitId: string
  readonly upstream: string
  readonly source: string | undefined
}

/**
 * A job to put into the emulator's memory without a request, a video unless told.
 *
 * **Details**
 *
 * A failed one tells its `reason` as `error`, and `fail_code: 2043` with `errorDetails` unless it has one.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly model?: string | undefined
  readonly submitId?: string | undefined
}

/**
 * Dreamina through useapi.net.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  useapi.service({ id: "useapi-dreamina", cdns: [videoCdn, imageCdn], make: (world) => make(world, options) })

/**
 * Dreamina with the job that its document prints, unless `empty`, and some that have ended.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (empty: boolean) => {
  const { intact, printed } = fixtures.ids
  const account = "US:docs@example.com"
  return service({
    accounts: [{ account: "US:user@example.com", maxJobs: 10 }, { account, maxJobs: 10 }],
    jitter: 0.25,
    // The service counts a job's age, and forgets old ones: these are made now.
    jobs: empty ? [] : [
      { account, id: printed, duration: "3 minutes", replyUrl: "https://your-domain.com/webhook" },
      { account, id: intact, duration: "3 minutes" },
      { account, type: "image", duration: "3 minutes" },
      { account, type: "image", state: "completed" },
      { account, state: "completed" },
      { account, state: "failed" }
    ]
  })
}

interface Account {
  readonly account: string
  readonly maxJobs: number
  readonly error?: string | undefined
  readonly credits?: number | undefined
}

const make = (world: World, options: Options) => {
  const accounts = options.accounts ?? [{ account: "US:user@example.com", maxJobs: 10 }]
  const store = JobStore.make<Job>(world, {
    life: (type) => type === "video" ? options.videoLife ?? "2 minutes" : options.imageLife ?? "1 minute",
    jitter: options.jitter,
    outcome: "completed"
  })

  const begin = (
    asked: Parsed.ParsedRequest,
    whose: Pick<Job, "user" | "account">,
    now: number,
    given?: NewJob,
    source?: string
  ): Job => {
    const owner = { ...whose, type: asked.type }
    return {
      ...asked,
      ...store.begin(owner, newId(world, owner, `${whose.account}-bot:dreamina`), now, given),
      submitId: given?.submitId ?? world.uuid(),
      upstream: digits(world, 19),
      source
    }
  }

  const credits = ({ account, credits = Infinity }: Account, user: string, now: number): number =>
    store.all().reduce(
      (left, job) =>
        job.user === user && job.account === account && (store.isRunning(job, now) || job.outcome === "completed")
          ? left - job.cost
          : left,
      credits
    )

  const list = ({ now, user }: Call): Reply.Reply => {
    const shown = store.listed(user, now)
    const entry = (job: Job) => ({
      jobid: job.id,
      submitId: job.submitId,
      model: job.model,
      elapsedSeconds: Math.max(0, Math.floor((now - job.createdAt) / 1000)),
      ...(job.replyUrl === undefined ? undefined : { replyUrl: job.replyUrl })
    })
    const accounts = [...Map.groupBy(shown, ({ account }) => account)]
    return Reply.json(200, {
      executing: Object.fromEntries(accounts.map(([account, jobs]) => [account, jobs.map(entry)])),
      total: shown.length
    })
  }

  const find = (id: string, { now, user }: Call): Result.Result<Job, Reply.Reply> => {
    const job = store.find(id)
    if (job === undefined && !idPattern.test(id)) return Result.fail(sentences.invalidJobId)
    return job?.user !== user || now >= job.createdAt + retention
      ? Result.fail(sentences.jobNotFound)
      : Result.succeed(job)
  }

  const about = (answer: (job: Job, now: number) => Reply.Reply) => (call: Call): Reply.Reply =>
    Result.match(find(decodeId(call.segment) ?? "", call), {
      onSuccess: (job) => answer(job, call.now),
      onFailure: (reply) => reply
    })

  const record = (job: Job, now: number): Schema.JsonObject => {
    const running = store.isRunning(job, now)
    const completed = !running && job.outcome === "completed"
    const made = completed
      ? media(job, job.upstream, world.link(job.type === "video" ? videoCdn : imageCdn, job.upstream, now))
      : undefined
    return {
      jobid: job.id,
      type: job.type,
      status: running ? "created" : job.outcome,
      model: job.model,
      created: job.created,
      ...(running ? undefined : { updated: iso(job.endsAt) }),
      request: job.request,
      response: {
        ...made,
        forecastCost: job.cost,
        ...(completed ? { finishTime: Math.floor(job.endsAt / 1000) } : undefined)
      },
      ...(running || completed ? undefined : failure(job)),
      code: 200,
      ...job.override
    }
  }

  const get = (type: JobStore.StoredJob<string>["type"]) =>
    about((job, now) => job.type === type ? Reply.json(200, record(job, now)) : sentences.jobNotFound)

  const callbacks = (): ReadonlyArray<DueCallback> =>
    store.all().flatMap((job) => {
      const url = job.replyUrl ?? world.replyUrl
      const { endsAt: at, id, outcome: event, replyRef } = job
      const body = () => ({ ...record(job, at), ...(replyRef === undefined ? undefined : { replyRef }) })
      return url === undefined ? [] : [{ job: id, event, part: 0, url, at, body, retries: 0 }]
    })

  const cancel = about((job, now) => {
    if (!store.isRunning(job, now)) return sentences.jobNotFound
    store.change(job, { state: "failed", reason: "Cancelled by user" }, now)
    return options.cancelled?.(job.id) ?? Reply.json(200, { jobid: job.id, status: "failed" })
  })

  const start = (asked: Parsed.ParsedRequest, { now, user }: Call, source?: string): Reply.Reply => {
    const limit = ({ maxJobs }: Account) => Math.min(maxJobs, asked.maxJobs ?? maxJobs)
    const chosen = choose(
      world,
      accounts,
      [
        ({ account }) => (asked.account ?? account) === account,
        () => sentences.accountNotFound(asked.account ?? "")
      ],
      [({ error }) => error === undefined, () => sentences.sessionError],
      [(account) => credits(account, user, now) >= asked.cost, () => options.outOfCredits ?? sentences.outOfCredits],
      [
        (account) => store.running(user, account.account, now).length < limit(account),
        () => Reply.error(429, "All accounts are at capacity")
      ]
    )
    if (Result.isFailure(chosen)) return chosen.failure
    const job = store.keep(begin(asked, { user, account: chosen.success.account }, now, undefined, source))
    return Reply.json(200, { jobid: job.id })
  }

  const submit = (read: typeof Parsed.video) => (call: Call): Reply.Reply =>
    Result.match(read(call.body), {
      onSuccess: (asked) => start(asked, call),
      onFailure: (because) => Reply.error(400, because)
    })

  const change =
    (type: JobStore.StoredJob<string>["type"], read: typeof Parsed.upscaleVideo) => (call: Call): Reply.Reply => {
      const parsed = read(call.body)
      if (Result.isFailure(parsed)) return Reply.error(400, parsed.failure)
      const { imageIndex = 0, source, ...asked } = parsed.success
      const found = find(source, call)
      if (Result.isFailure(found)) return found.failure
      const job = found.success
      const done = (other: Job) => other.source === source && other.request["inputMode"] === asked.request["inputMode"]
      if (job.type !== type) return sentences.jobNotFound
      if (store.isRunning(job, call.now) || job.outcome === "failed") return Reply.error(400, "Job is not completed")
      if (imageIndex < 0 || imageIndex > 3) return Reply.error(400, "imageIndex is from 0 to 3")
      if (type === "video" && store.all().some(done)) return Reply.error(400, "This was done to the video already")
      const scale = asked.request["inputMode"] === "upscale" ? 2 : 1
      const { account, height, model, seconds, width } = job
      const size = { width: width * scale, height: height * scale }
      return start({ ...asked, type, account, model, seconds, ...size, cost: 2 * seconds }, call, source)
    }

  const upload = (call: Call): Reply.Reply => {
    const account = decode(call.segment) ?? call.segment
    const found = accounts.find((_) => _.account === account)
    if (found === undefined) return sentences.accountNotFound(account)
    if (found.error !== undefined) return sentences.sessionError
    const refused = refuse(call, {
      mediaTypes: options.mediaTypes ?? ["image/jpeg", "image/png", "image/webp", "video/mp4"],
      maxBytes: options.maxUpload ?? 10 * 1_048_576,
      valid: "Valid values"
    })
    if (refused !== undefined) return refused
    const kind = call.contentType.split("/", 1).join()
    const uri = `s${call.bytes}-uri:tos-useast5-${digits(world, 19)}`
    return Reply.json(
      200,
      kind === "image"
        ? { assetRef: `${account}-image:w1280:h720:${uri}`, width: 1280, height: 720 }
        : { assetRef: `${account}-${kind}:${uri}` }
    )
  }

  const listAccounts = ({ now }: Call): Reply.Reply =>
    accounts.length === 0 ? Reply.empty(404) : Reply.json(
      200,
      Object.fromEntries(accounts.map(({ account, error, maxJobs }) => [account, {
        account,
        email: account.slice(account.indexOf(":") + 1),
        region: account.slice(0, account.indexOf(":")),
        maxJobs,
        sessionExpires: iso(now + 60 * 86_400_000),
        ...(error === undefined ? undefined : { error })
      }]))
    )

  return {
    controls: store.controls<NewJob>((job, { type, user }, now) => {
      const { model, replyUrl } = job
      const body = JSON.stringify({ prompt: "a lighthouse in the rain", model, replyUrl })
      const asked = Result.getOrThrow((type === "video" ? Parsed.video : Parsed.image)(body))
      return begin(asked, { user, account: job.account ?? accounts[0]?.account ?? "" }, now, job)
    }, options.jobs),
    callbacks,
    routes: [
      { operation: "list", method: "GET", path: "/v1/dreamina/scheduler", answer: list },
      { operation: "cancel", method: "DELETE", path: "/v1/dreamina/scheduler/:jobid", answer: cancel },
      { operation: "getVideo", method: "GET", path: "/v1/dreamina/videos/:jobid", answer: get("video") },
      { operation: "getImage", method: "GET", path: "/v1/dreamina/images/:jobid", answer: get("image") },
      { operation: "video", method: "POST", path: "/v1/dreamina/videos", answer: submit(Parsed.video) },
      { operation: "image", method: "POST", path: "/v1/dreamina/images", answer: submit(Parsed.image) },
      {
        operation: "upscaleVideo",
        method: "POST",
        path: "/v1/dreamina/videos/upscale",
        answer: change("video", Parsed.upscaleVideo)
      },
      {
        operation: "upscaleImage",
        method: "POST",
        path: "/v1/dreamina/images/upscale",
        answer: change("image", Parsed.upscaleImage)
      },
      {
        operation: "interpolate",
        method: "POST",
        path: "/v1/dreamina/videos/interpolate",
        answer: change("video", Parsed.interpolate)
      },
      { operation: "upload", method: "POST", path: "/v1/dreamina/assets/:account", file: true, answer: upload },
      { operation: "accounts", method: "GET", path: "/v1/dreamina/accounts", answer: listAccounts }
    ] as const
  }
}

const idPattern = /^j\d{13,}[a-z]-u\d+-.+:dreamina$/

const retention = 30 * 86_400_000

const videoCdn = "v3-web.douyinvod.com"
const imageCdn = "p9-sign.douyinpic.com"

const failure = ({ reason, type }: Job) =>
  reason === undefined
    ? { error: "fail_code: 2043", errorDetails: type === "video" ? "OutputVideoRisk" : "OutputImageRisk" }
    : { error: reason }
