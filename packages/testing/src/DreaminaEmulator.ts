/**
 * Dreamina v1 as its document and its users describe it, for the emulator.
 *
 * **Details**
 *
 * One call is documented, the list; the others are as scripts of the vendor and of users show them. Where nobody has
 * looked this is what it does. Someone else's job is not found, nor any job after 30 days, nor one to be cancelled that has
 * ended, for it is not on the list. A record repeats the whole `replyUrl` in its request, but no `replyRef`. Any model's
 * name is taken, for they change by the month; any parameter that is not known is refused. An upload that is too large is
 * answered with 400. Bodies are read as JSON, not as multipart.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { Owed } from "./internal/caller.ts"
import { choose } from "./internal/choose.ts"
import { dreaminaMedia } from "./internal/dreaminaMedia.ts"
import * as Order from "./internal/dreaminaOrder.ts"
import * as Lives from "./internal/lives.ts"
import { digits, uuid } from "./internal/random.ts"
import * as replies from "./internal/replies.ts"
import { type Call, decode, decodeId, type Route } from "./internal/service.ts"
import { refuse } from "./internal/upload.ts"
import { iso, link, type World } from "./internal/world.ts"
import * as Reply from "./Reply.ts"

/**
 * The calls of Dreamina v1: the list and the cancelling of what is on it, a get for each kind, five submits, the upload of
 * a file and the accounts.
 *
 * @since 0.1.0
 * @category models
 */
export type Operation =
  | "dreamina.list"
  | "dreamina.cancel"
  | "dreamina.getVideo"
  | "dreamina.getImage"
  | "dreamina.video"
  | "dreamina.image"
  | "dreamina.upscaleVideo"
  | "dreamina.upscaleImage"
  | "dreamina.interpolate"
  | "dreamina.upload"
  | "dreamina.accounts"

/**
 * A Dreamina account, `REGION:email`, the same for every user of the emulator.
 *
 * **Details**
 *
 * `maxJobs` counts jobs at work. An account with an `error` answers 596 to submits and uploads. One with `credits` pays for
 * videos with them, 10 a second, and has them back from those that fail; without, it never runs out.
 *
 * @since 0.1.0
 * @category models
 */
export interface Account {
  readonly account: string
  readonly maxJobs: number
  readonly error?: string | undefined
  readonly credits?: number | undefined
}

/**
 * The accounts, the course of life and what nobody knows.
 *
 * **Details**
 *
 * - `accounts`: one account, `US:user@example.com`, with ten slots.
 * - `videoLife`, 2 minutes, `imageLife`, 1 minute: how long a job runs, which varies by the fraction `jitter`, 0.
 * - `mediaTypes`: of files, JPEG, PNG, WebP and MP4. `maxUpload`: their bytes, 10 MB.
 * - `cancelled`: the answer to a cancel, 200 with `jobid` and `status`.
 * - `outOfCredits`: the answer to a submit that no account can pay for, 412 "Not enough credits".
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
}

/**
 * A job in the emulator's memory.
 *
 * **Details**
 *
 * It runs until `endsAt`, milliseconds of the `Clock`, and then is what `outcome` says; `createdAt` is the instant that
 * `created` prints, from which `elapsedSeconds` and the 30 days count. `source` is the job that it upscales or interpolates.
 * `listed` tells whether the list shows it while it runs, or always, or never. Fields of `override` replace those of the
 * record: a status word, a `response`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends Lives.Life<"completed" | "failed">, Omit<Order.Order, "account" | "type"> {
  readonly submitId: string
  readonly upstream: string
  readonly source: string | undefined
}

/**
 * A job's course, to begin or to change.
 *
 * **Details**
 *
 * `state` is what the job is now; a finished one ended this instant. A running one ends after `duration`, before `speed`
 * is applied, as `outcome` says. A failed one tells its `reason` as `error`, and `fail_code: 2043` with `errorDetails`
 * unless it has one.
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
  readonly submitId?: string | undefined
}

/**
 * The hands of a test on Dreamina.
 *
 * **Details**
 *
 * `change` keeps what it is not told, and dies where there is no such job.
 *
 * @since 0.1.0
 * @category models
 */
export interface DreaminaEmulator extends Lives.Hands<Job, NewJob, Course> {}

/**
 * Dreamina's routes, and a test's hands on what stands behind them.
 *
 * @internal
 */
export const make = (
  world: World,
  options: Options = {}
): DreaminaEmulator & {
  readonly routes: ReadonlyArray<Route<Operation>>
  readonly owed: () => ReadonlyArray<Owed>
} => {
  const accounts = options.accounts ?? [{ account: "US:user@example.com", maxJobs: 10 }]
  const lives = Lives.make<Job["outcome"], Job>(world, {
    video: options.videoLife ?? "2 minutes",
    image: options.imageLife ?? "1 minute",
    jitter: options.jitter
  })

  const begin = (
    order: Order.Order,
    whose: Pick<Job, "user" | "account">,
    now: number,
    given?: NewJob,
    source?: string
  ): Job => ({
    ...order,
    ...lives.begin({ ...whose, type: order.type }, `${whose.account}-bot:dreamina`, now, given),
    submitId: given?.submitId ?? uuid(world.random),
    upstream: digits(world.random, 19),
    source
  })

  const credits = ({ account, credits = Infinity }: Account, user: string, now: number): number =>
    lives.all().reduce(
      (left, job) =>
        job.user === user && job.account === account && (lives.isRunning(job, now) || job.outcome === "completed")
          ? left - job.cost
          : left,
      credits
    )

  const list = ({ now, user }: Call): Reply.Reply => {
    const shown = lives.listed(user, now)
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
    const job = lives.find(id)
    if (job === undefined && !idPattern.test(id)) return Result.fail(replies.invalidJobIdFormat)
    return job?.user !== user || now >= job.createdAt + retention
      ? Result.fail(replies.jobNotFound)
      : Result.succeed(job)
  }

  const about = (answer: (job: Job, now: number) => Reply.Reply) => (call: Call): Reply.Reply =>
    Result.match(find(decodeId(call.segment) ?? "", call), {
      onSuccess: (job) => answer(job, call.now),
      onFailure: (reply) => reply
    })

  const record = (job: Job, now: number): Schema.JsonObject => {
    const running = lives.isRunning(job, now)
    const completed = !running && job.outcome === "completed"
    const media = completed
      ? dreaminaMedia(job, job.upstream, link(world, job.type === "video" ? videoCdn : imageCdn, job.upstream, now))
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
        ...media,
        forecastCost: job.cost,
        ...(completed ? { finishTime: Math.floor(job.endsAt / 1000) } : undefined)
      },
      ...(running || completed ? undefined : failure(job)),
      code: 200,
      ...job.override
    }
  }

  const get = (type: Lives.Kind) =>
    about((job, now) => job.type === type ? Reply.json(200, record(job, now)) : replies.jobNotFound)

  const owed = (): ReadonlyArray<Owed> =>
    lives.all().flatMap((job) => {
      const url = job.replyUrl ?? world.replyUrl
      const { endsAt: at, id, outcome: event, replyRef } = job
      const body = () => ({ ...record(job, at), ...(replyRef === undefined ? undefined : { replyRef }) })
      return url === undefined ? [] : [{ service: "dreamina", job: id, event, part: 0, url, at, body, retries: 0 }]
    })

  const cancel = about((job, now) => {
    if (!lives.isRunning(job, now)) return replies.jobNotFound
    lives.steer(job, { state: "failed", reason: "Cancelled by user" }, now)
    return options.cancelled?.(job.id) ?? Reply.json(200, { jobid: job.id, status: "failed" })
  })

  const start = (order: Order.Order, { now, user }: Call, source?: string): Reply.Reply => {
    const limit = ({ maxJobs }: Account) => Math.min(maxJobs, order.maxJobs ?? maxJobs)
    const chosen = choose(
      world.random,
      accounts,
      [
        ({ account }) => (order.account ?? account) === account,
        () => replies.accountNotFound(order.account ?? "", "account")
      ],
      [({ error }) => error === undefined, () => replies.dreaminaSessionError],
      [(account) => credits(account, user, now) >= order.cost, () => options.outOfCredits ?? replies.outOfCredits],
      [
        (account) => lives.running(user, account.account, now).length < limit(account),
        () => Reply.error(429, "All accounts are at capacity")
      ]
    )
    if (Result.isFailure(chosen)) return chosen.failure
    const job = lives.keep(begin(order, { user, account: chosen.success.account }, now, undefined, source))
    return Reply.json(200, { jobid: job.id })
  }

  const submit = (read: typeof Order.video) => (call: Call): Reply.Reply =>
    Result.match(read(call.body), {
      onSuccess: (order) => start(order, call),
      onFailure: (because) => Reply.error(400, because)
    })

  const change = (type: Lives.Kind, read: typeof Order.upscaleVideo) => (call: Call): Reply.Reply => {
    const parsed = read(call.body)
    if (Result.isFailure(parsed)) return Reply.error(400, parsed.failure)
    const { imageIndex = 0, source, ...asked } = parsed.success
    const found = find(source, call)
    if (Result.isFailure(found)) return found.failure
    const job = found.success
    const done = (other: Job) => other.source === source && other.request["inputMode"] === asked.request["inputMode"]
    if (job.type !== type) return replies.jobNotFound
    if (lives.isRunning(job, call.now) || job.outcome === "failed") return Reply.error(400, "Job is not completed")
    if (imageIndex < 0 || imageIndex > 3) return Reply.error(400, "imageIndex is from 0 to 3")
    if (type === "video" && lives.all().some(done)) return Reply.error(400, "This was done to the video already")
    const scale = asked.request["inputMode"] === "upscale" ? 2 : 1
    const { account, height, model, seconds, width } = job
    const size = { width: width * scale, height: height * scale }
    return start({ ...asked, type, account, model, seconds, ...size, cost: 2 * seconds }, call, source)
  }

  const upload = (call: Call): Reply.Reply => {
    const account = decode(call.segment) ?? call.segment
    const found = accounts.find((_) => _.account === account)
    if (found === undefined) return replies.accountNotFound(account, "account")
    if (found.error !== undefined) return replies.dreaminaSessionError
    const refused = refuse(call, {
      mediaTypes: options.mediaTypes ?? ["image/jpeg", "image/png", "image/webp", "video/mp4"],
      maxBytes: options.maxUpload ?? 10 * 1_048_576,
      valid: "Valid values"
    })
    if (refused !== undefined) return refused
    const kind = call.contentType.split("/", 1).join()
    const uri = `s${call.bytes}-uri:tos-useast5-${digits(world.random, 19)}`
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
    ...lives.hands<NewJob>((job, { type, user }, now) => {
      const { model, replyUrl } = job
      const asked = {
        prompt: "a lighthouse in the rain",
        ...(model === undefined ? undefined : { model }),
        ...(replyUrl === undefined ? undefined : { replyUrl })
      }
      const order = Result.getOrThrow((type === "video" ? Order.video : Order.image)(JSON.stringify(asked)))
      return begin(order, { user, account: job.account ?? accounts[0]?.account ?? "" }, now, job)
    }),
    owed,
    routes: [
      { operation: "dreamina.list", method: "GET", path: "/v1/dreamina/scheduler", answer: list },
      { operation: "dreamina.cancel", method: "DELETE", path: "/v1/dreamina/scheduler/:jobid", answer: cancel },
      { operation: "dreamina.getVideo", method: "GET", path: "/v1/dreamina/videos/:jobid", answer: get("video") },
      { operation: "dreamina.getImage", method: "GET", path: "/v1/dreamina/images/:jobid", answer: get("image") },
      { operation: "dreamina.video", method: "POST", path: "/v1/dreamina/videos", answer: submit(Order.video) },
      { operation: "dreamina.image", method: "POST", path: "/v1/dreamina/images", answer: submit(Order.image) },
      {
        operation: "dreamina.upscaleVideo",
        method: "POST",
        path: "/v1/dreamina/videos/upscale",
        answer: change("video", Order.upscaleVideo)
      },
      {
        operation: "dreamina.upscaleImage",
        method: "POST",
        path: "/v1/dreamina/images/upscale",
        answer: change("image", Order.upscaleImage)
      },
      {
        operation: "dreamina.interpolate",
        method: "POST",
        path: "/v1/dreamina/videos/interpolate",
        answer: change("video", Order.interpolate)
      },
      {
        operation: "dreamina.upload",
        method: "POST",
        path: "/v1/dreamina/assets/:account",
        file: true,
        answer: upload
      },
      { operation: "dreamina.accounts", method: "GET", path: "/v1/dreamina/accounts", answer: listAccounts }
    ]
  }
}

const idPattern = /^j\d{13,}[a-z]-u\d+-.+:dreamina$/

const retention = 30 * 86_400_000

const videoCdn = "https://v3-web.douyinvod.com"
const imageCdn = "https://p9-sign.douyinpic.com"

const failure = ({ reason, type }: Job) =>
  reason === undefined
    ? { error: "fail_code: 2043", errorDetails: type === "video" ? "OutputVideoRisk" : "OutputImageRisk" }
    : { error: reason }
