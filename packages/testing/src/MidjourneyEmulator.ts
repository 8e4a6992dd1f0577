/**
 * Midjourney v3 as its document and its users describe it, for the emulator; the service itself closed on 2026-06-24.
 *
 * **Details**
 *
 * One call is documented, the list; the others are as pages and scripts of the vendor and of users show them, and of the
 * ways to start a job there is `POST /jobs/imagine` alone. Where nobody has looked this is what it does. Someone else's
 * job is not found; nor is an id that is none, or that has `:` encoded. A job that has ended is not cancelled, with 409.
 * The list leaves out channels that have no jobs. A parameter that is not known is refused.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Body from "./internal/body.ts"
import type { Owed } from "./internal/caller.ts"
import { choose } from "./internal/choose.ts"
import * as Lives from "./internal/lives.ts"
import { midjourneyMedia } from "./internal/midjourneyMedia.ts"
import { uuid } from "./internal/random.ts"
import * as replies from "./internal/replies.ts"
import { type Call, decodeId, type Live, type Route } from "./internal/service.ts"
import { iso, link, type World } from "./internal/world.ts"
import * as Reply from "./Reply.ts"

/**
 * The calls of Midjourney v3: three about jobs, one submit and the accounts.
 *
 * @since 0.1.0
 * @category models
 */
export type Operation =
  | "midjourney.list"
  | "midjourney.get"
  | "midjourney.cancel"
  | "midjourney.imagine"
  | "midjourney.accounts"

/**
 * A Discord channel, which is what Midjourney has for accounts, the same for every user of the emulator.
 *
 * **Details**
 *
 * It runs `maxJobs` jobs at once, 3, of which `maxImageJobs` images, 3, and `maxVideoJobs` videos, 3. One with an `error`
 * waits for a human to solve a CAPTCHA and answers 596 to submits.
 *
 * @since 0.1.0
 * @category models
 */
export interface Channel {
  readonly channel: string
  readonly maxJobs?: number | undefined
  readonly maxImageJobs?: number | undefined
  readonly maxVideoJobs?: number | undefined
  readonly error?: string | undefined
}

/**
 * The channels, the course of life and what nobody knows.
 *
 * **Details**
 *
 * - `channels`: the one of the document, `1234567890123456789`.
 * - `imageLife`, 1 minute, `videoLife`, 2 minutes: how long a job runs, which varies by the fraction `jitter`, 0.
 * - `replyRef`: where a record repeats it, in `response`, in `request` or at the top; users look in all three.
 * - `listsIdle`: whether the list shows channels that have no jobs.
 * - `refuses`: prompts that match are answered with 422.
 * - `retired`: the service has closed, and knows none of its endpoints.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly channels?: ReadonlyArray<Channel> | undefined
  readonly videoLife?: Duration.Input | undefined
  readonly imageLife?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly replyRef?: "response" | "request" | "top" | undefined
  readonly listsIdle?: boolean | undefined
  readonly refuses?: RegExp | undefined
  readonly retired?: boolean | undefined
}

/**
 * A job in the emulator's memory; its `account` is the channel.
 *
 * **Details**
 *
 * It runs until `endsAt`, milliseconds of the `Clock`, and then is what `outcome` says; `createdAt` is the instant that
 * `created` prints, from which `elapsed`, progress and the 62 days count. Its status is `created` for the first tenth of its
 * life, `started` for the second, `progress` after that. `stuck` is one whose stream was left. `listed` tells whether the
 * list shows it while it runs, or always, or never. Fields of `override` replace those of the record: a status word, a
 * `response`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends Lives.Life<"completed" | "failed" | "moderated"> {
  readonly verb: string
  readonly prompt: string
  readonly folder: string
  readonly stuck: boolean
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
}

/**
 * A job's course, to begin or to change.
 *
 * **Details**
 *
 * `state` is what the job is now; a finished one ended this instant. A running one ends after `duration`, before `speed`
 * is applied, as `outcome` says. One that failed or was moderated tells its `reason` as `error`.
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
 * Everything may be left out: an image of the first user and channel, made now, running. `account` is the channel, `id` is
 * any text, and `created` is printed as given. The job of a `user` that no token belongs to is foreign to all.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends Lives.Newborn<Job["outcome"]> {
  readonly verb?: string | undefined
  readonly prompt?: string | undefined
  readonly replyRef?: string | undefined
}

/**
 * The hands of a test on Midjourney.
 *
 * **Details**
 *
 * `change` keeps what it is not told, and dies where there is no such job.
 *
 * @since 0.1.0
 * @category models
 */
export interface MidjourneyEmulator extends Lives.Hands<Job, NewJob, Course> {}

const Imagine = Schema.Struct({
  prompt: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(5000)),
  channel: Schema.optionalKey(Schema.NonEmptyString),
  stream: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
  replyUrl: Body.Webhook,
  replyRef: Body.Webhook
})

/**
 * Midjourney's routes, and a test's hands on what stands behind them.
 *
 * @internal
 */
export const make = (
  world: World,
  options: Options = {}
): MidjourneyEmulator & {
  readonly routes: ReadonlyArray<Route<Operation>>
  readonly owed: () => ReadonlyArray<Owed>
} => {
  const channels = (options.channels ?? [{ channel: "1234567890123456789" }]).map(whole)
  const echo = options.replyRef ?? "response"
  const lives = Lives.make<Job["outcome"], Job>(world, {
    video: options.videoLife ?? "2 minutes",
    image: options.imageLife ?? "1 minute",
    jitter: options.jitter
  })

  const begin = (
    asked: Pick<Job, "type" | "user" | "account" | "verb" | "prompt" | "replyUrl" | "replyRef">,
    now: number,
    given?: NewJob
  ): Job => ({
    ...asked,
    ...lives.begin(asked, `c${asked.account}-bot:midjourney`, now, given),
    folder: uuid(world.random),
    stuck: false
  })

  const record = (job: Job, now: number): Schema.JsonObject => {
    const running = lives.isRunning(job, now)
    const lived = Math.max(0, (now - job.createdAt) / (job.endsAt - job.createdAt))
    const stage = job.stuck || lived >= 0.2 ? "progress" : lived >= 0.1 ? "started" : "created"
    const completed = !running && job.outcome === "completed"
    const percent = running && stage === "progress" ? { progress_percent: Math.floor(100 * lived) } : undefined
    const replyRef = job.replyRef === undefined ? undefined : { replyRef: job.replyRef }
    return {
      jobid: job.id,
      verb: job.verb,
      status: running ? stage : job.outcome,
      created: job.created,
      ...(running && stage === "created" ? undefined : { updated: iso(running ? now : job.endsAt) }),
      request: {
        prompt: job.prompt,
        channel: job.account,
        ...(job.replyUrl === undefined ? undefined : { replyUrl: job.replyUrl }),
        ...(echo === "request" ? replyRef : undefined)
      },
      response: {
        content: `**${job.prompt}**`,
        ...percent,
        ...(completed
          ? midjourneyMedia(job.type, link(world, "https://cdn.discordapp.com", job.folder, now))
          : undefined),
        ...(echo === "response" ? replyRef : undefined)
      },
      ...(echo === "top" ? replyRef : undefined),
      ...(running || completed ? undefined : { error: job.reason ?? reasons[job.outcome] }),
      ...job.override
    }
  }

  /** Every event is reported; how often there is progress, nobody says. */
  const owed = (): ReadonlyArray<Owed> =>
    lives.all().flatMap((job) => {
      const { createdAt, endsAt, id, outcome, replyUrl: url = world.replyUrl } = job
      if (url === undefined) return []
      const events: ReadonlyArray<readonly [event: string, lived: number]> = [
        ["created", 0],
        ["started", 0.1],
        ["progress", 0.2],
        ["progress", 0.5],
        ["progress", 0.8],
        [outcome, 1]
      ]
      return events.map(([event, lived], part): Owed => {
        const at = createdAt + Math.ceil(lived * (endsAt - createdAt))
        return { service: "midjourney", job: id, event, part, url, at, body: () => record(job, at), retries: 0 }
      })
    })

  const channelOf = (name: string) => channels.find(({ channel }) => channel === name) ?? whole({ channel: name })

  const list = ({ now, user }: Call): Reply.Reply => {
    const shown = lives.listed(user, now)
    const idle = options.listsIdle === true ? channels.map(({ channel }) => channel) : []
    const names = new Set([...shown.map(({ account }) => account), ...idle])
    return Reply.json(200, {
      ...totals(shown),
      channels: Object.fromEntries(
        Array.from(names, (name) => {
          const { error: _, channel, ...limits } = channelOf(name)
          const jobs = shown.filter(({ account }) => account === name)
          const entry = (job: Job) => ({
            jobId: job.id,
            channel,
            jobType: job.type,
            created: job.created,
            elapsed: minutes(now - job.createdAt)
          })
          return [name, { ...totals(jobs), ...limits, jobs: jobs.map(entry) }]
        })
      )
    })
  }

  const about = (answer: (job: Job, now: number) => Reply.Reply) => ({ now, segment, user }: Call): Reply.Reply => {
    const job = lives.find(decodeId(segment))
    if (job?.user !== user) return replies.jobNotFound
    return now >= job.createdAt + retention ? replies.jobExpired(job.id) : answer(job, now)
  }

  const get = about((job, now) => Reply.json(200, record(job, now)))

  const cancel = about((job, now) => {
    if (!lives.isRunning(job, now)) return replies.cancelledTooLate(job.outcome)
    lives.steer(job, { state: "failed", reason: "Job cancelled by user" }, now)
    return Reply.empty(204)
  })

  const imagine = ({ body, now, user }: Call): Reply.Reply | Live => {
    const parsed = Body.read(Imagine, [], body, { onExcessProperty: "error" })
    if (Result.isFailure(parsed)) return Reply.error(400, parsed.failure)
    const { channel, prompt, replyRef, replyUrl, stream } = parsed.success
    if (options.refuses?.test(prompt) === true) return replies.promptRefused
    const chosen = choose(
      world.random,
      channels,
      [(_) => (channel ?? _.channel) === _.channel, () => replies.accountNotFound(channel ?? "", "channel")],
      [({ error }) => error === undefined, () => replies.channelOnHold],
      [(_) => {
        const { images, total } = totals(lives.running(user, _.channel, now))
        return total < _.maxJobs && images < _.maxImageJobs
      }, () => Reply.error(429, "Channel is at capacity")]
    )
    if (Result.isFailure(chosen)) return chosen.failure
    const { channel: account } = chosen.success
    const job = lives.keep(begin({ type: "image", user, account, verb: "imagine", prompt, replyUrl, replyRef }, now))
    return stream ? follow(job, now) : Reply.json(201, record(job, now))
  }

  /** The job's events; whoever leaves before the last has a job that holds its slot for another 14 minutes. */
  const follow = (begun: Job, now: number): Live => {
    const look = Effect.map(Clock.currentTimeMillis, (now) => ({ now, job: lives.find(begun.id) ?? begun }))
    const leave = Effect.map(look, ({ job, now }) => {
      if (!lives.isRunning(job, now)) return
      lives.keep({ ...lives.steer(job, { duration: "14 minutes", outcome: "failed" }, now), stuck: true })
    })
    return {
      status: 200,
      headers: { "content-type": "text/event-stream" },
      body: event({ event: "initialized", message: "Job created", jobId: begun.id, seq: 0, ts: clock(now) }),
      tail: Stream.fromEffectSchedule(look, Schedule.spaced((begun.endsAt - now) / 10)).pipe(
        Stream.takeUntil(({ job, now }) => !lives.isRunning(job, now)),
        Stream.map(({ job, now }) => ({ now, job: record(job, now) })),
        Stream.zipWithIndex,
        Stream.map(([{ job, now }, i]) =>
          event({ event: `midjourney_${job["status"]}`, job, seq: i + 1, ts: clock(now) })
        ),
        Stream.ensuring(leave)
      )
    }
  }

  const listAccounts = (): Reply.Reply =>
    channels.length === 0 ? Reply.empty(404) : Reply.json(
      200,
      Object.fromEntries(channels.map(({ error, ...channel }) => [channel.channel, {
        discord: "MTI...xyz",
        ...channel,
        ...(error === undefined ? undefined : { error })
      }]))
    )

  const routes: ReadonlyArray<Route<Operation>> = [
    { operation: "midjourney.list", method: "GET", path: "/v3/midjourney/jobs", answer: list },
    { operation: "midjourney.get", method: "GET", path: "/v3/midjourney/jobs/:jobid", answer: get },
    { operation: "midjourney.cancel", method: "DELETE", path: "/v3/midjourney/jobs/:jobid", answer: cancel },
    { operation: "midjourney.imagine", method: "POST", path: "/v3/midjourney/jobs/imagine", answer: imagine },
    { operation: "midjourney.accounts", method: "GET", path: "/v3/midjourney/accounts", answer: listAccounts }
  ]

  return {
    ...lives.hands<NewJob>(({ account, prompt, replyRef, replyUrl, type = "image", verb, ...given }, { user }, now) =>
      begin(
        {
          type,
          user,
          account: account ?? channels[0]?.channel ?? "",
          verb: verb ?? "imagine",
          prompt: prompt ?? "a lighthouse in the rain",
          replyUrl,
          replyRef
        },
        now,
        given
      )
    ),
    owed,
    routes: options.retired === true ? [] : routes
  }
}

const whole = ({ channel, error, maxImageJobs = 3, maxJobs = 3, maxVideoJobs = 3 }: Channel) => ({
  channel,
  maxJobs,
  maxImageJobs,
  maxVideoJobs,
  error
})

const totals = (jobs: ReadonlyArray<Job>) => {
  const images = jobs.filter(({ type }) => type === "image").length
  return { total: jobs.length, images, videos: jobs.length - images }
}

const reasons = { completed: "", failed: "Failed to process your command", moderated: "Possible content violation" }

const retention = 62 * 86_400_000

/** `mm:ss`, with more than two digits for the minutes of a job that takes hours. */
const minutes = (millis: number): string => {
  const seconds = Math.max(0, Math.floor(millis / 1000))
  return [Math.floor(seconds / 60), seconds % 60].map((part) => `${part}`.padStart(2, "0")).join(":")
}

const clock = (millis: number): string => iso(millis).slice(11, 23)

const event = (data: Schema.Json): string => `data: ${JSON.stringify(data)}\n\n`
