/**
 * Midjourney v3 as its document and its users describe it, for the emulator; the service itself closed on 2026-06-24.
 *
 * **Details**
 *
 * One call is documented, the list; the others are as pages and scripts of the vendor and of users show them, and of the
 * ways to start a job there is `POST /jobs/imagine` alone, which makes a video where its prompt says `--video`. Where neither shows anything this is what it does. Another user's
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
import type { Call, DueCallback, World } from "../EmulatedService.ts"
import { iso } from "../internal/iso.ts"
import * as JobStore from "../JobStore.ts"
import * as Reply from "../Reply.ts"
import * as Body from "../useapi/internal/body.ts"
import { choose } from "../useapi/internal/choose.ts"
import { decodeId, newId } from "../useapi/internal/ids.ts"
import * as useapi from "../useapi/internal/service.ts"
import { fixtures } from "./internal/fixtures.ts"
import { media } from "./internal/media.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * The answers, ids and the program that Midjourney's document prints, and answers that none prints.
   *
   * **Details**
   *
   * The ids hold no address and are whole. Host and token of the sample are to be replaced.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What Midjourney says where it refuses.
   *
   * @since 0.1.0
   * @category sentences
   */
  sentences
}

/**
 * The channels, the course of life and what is not known of the service.
 *
 * **Details**
 *
 * - `channels` of Discord, which Midjourney has for accounts, the same for every user of the emulator: the one of the document,
 *   `1234567890123456789`. It runs `maxJobs` jobs at once, 3, of which `maxImageJobs` images, 3, and `maxVideoJobs` videos, 3. One
 *   with an `error` waits for a human to solve a CAPTCHA and answers 596 to submits.
 * - `imageLife`, 1 minute, `videoLife`, 2 minutes: how long a job runs, which varies by the fraction `jitter`, 0.
 * - `replyRef`: where a record repeats it, in `response`, in `request` or at the top; users look in all three.
 * - `listsIdle`: whether the list shows channels that have no jobs.
 * - `refuses`: prompts that match are answered with 422.
 * - `retired`: the service has closed, and knows none of its endpoints.
 * - `jobs`: those that are there from the start.
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
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

/**
 * A job in the emulator's memory; its `account` is the channel.
 *
 * **Details**
 *
 * `createdAt` is the instant from which `elapsed`, progress and the 62 days count. The status is `created` for the first tenth of
 * its life, `started` for the second, `progress` after that. `stuck` is one whose stream was left.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends JobStore.StoredJob<"completed" | "failed" | "moderated"> {
  readonly verb: string
  readonly prompt: string
  readonly folder: string
  readonly stuck: boolean
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
}

/**
 * A job to put into the emulator's memory without a request, an image of the first channel unless told.
 *
 * **Details**
 *
 * One that failed or was moderated tells its `reason` as `error`.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly verb?: string | undefined
  readonly prompt?: string | undefined
  readonly replyRef?: string | undefined
}

/**
 * Midjourney through useapi.net.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  useapi.service({ id: "useapi-midjourney", cdns: [cdn], make: (world) => make(world, options) })

/**
 * Midjourney with the jobs that its document prints, unless `empty`, and some that have ended.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (empty: boolean) => {
  const { first, second } = fixtures.ids
  const account = "1234567890123456789"
  return service({
    channels: [{ channel: "9876543210987654321" }, { channel: account }],
    jitter: 0.25,
    // The service counts a job's age, and forgets old ones: these are made now.
    jobs: empty ? [] : [
      { account, id: first, duration: "3 minutes" },
      { account, id: second, duration: "3 minutes" },
      { account, state: "completed" },
      { account, state: "failed" },
      { account, state: "moderated" }
    ]
  })
}

const Imagine = Schema.Struct({
  prompt: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(5000)),
  channel: Schema.optionalKey(Schema.NonEmptyString),
  stream: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
  replyUrl: Body.Webhook,
  replyRef: Body.Webhook
})

interface Channel {
  readonly channel: string
  readonly maxJobs?: number | undefined
  readonly maxImageJobs?: number | undefined
  readonly maxVideoJobs?: number | undefined
  readonly error?: string | undefined
}

const make = (world: World, options: Options) => {
  const channels = (options.channels ?? [{ channel: "1234567890123456789" }]).map(whole)
  const echo = options.replyRef ?? "response"
  const store = JobStore.make<Job>(world, {
    life: (type) => type === "video" ? options.videoLife ?? "2 minutes" : options.imageLife ?? "1 minute",
    jitter: options.jitter,
    outcome: "completed"
  })

  const begin = (
    asked: Pick<Job, "type" | "user" | "account" | "verb" | "prompt" | "replyUrl" | "replyRef">,
    now: number,
    given?: NewJob
  ): Job => ({
    ...asked,
    ...store.begin(asked, newId(world, asked, `c${asked.account}-bot:midjourney`), now, given),
    folder: world.uuid(),
    stuck: false
  })

  const record = (job: Job, now: number): Schema.JsonObject => {
    const running = store.isRunning(job, now)
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
          ? media(job.type, world.link(cdn, job.folder, now))
          : undefined),
        ...(echo === "response" ? replyRef : undefined)
      },
      ...(echo === "top" ? replyRef : undefined),
      ...(running || completed ? undefined : { error: job.reason ?? reasons[job.outcome] }),
      ...job.override
    }
  }

  /** Every event is reported; how often there is progress is not documented. */
  const callbacks = (): ReadonlyArray<DueCallback> =>
    store.all().flatMap((job) => {
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
      return events.map(([event, lived], part): DueCallback => {
        const at = createdAt + Math.ceil(lived * (endsAt - createdAt))
        return { job: id, event, part, url, at, body: () => record(job, at), retries: 0 }
      })
    })

  const channelOf = (name: string) => channels.find(({ channel }) => channel === name) ?? whole({ channel: name })

  const list = ({ now, user }: Call): Reply.Reply => {
    const shown = store.listed(user, now)
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
    const job = store.find(decodeId(segment))
    if (job?.user !== user) return sentences.jobNotFound
    return now >= job.createdAt + retention ? sentences.jobExpired(job.id) : answer(job, now)
  }

  const get = about((job, now) => Reply.json(200, record(job, now)))

  const cancel = about((job, now) => {
    if (!store.isRunning(job, now)) return sentences.cancelledTooLate(job.outcome)
    store.change(job, { state: "failed", reason: "Job cancelled by user" }, now)
    return Reply.empty(204)
  })

  const imagine = ({ body, now, user }: Call): Reply.Reply => {
    const parsed = Body.read(Imagine, [], body)
    if (Result.isFailure(parsed)) return Reply.error(400, parsed.failure)
    const { channel, prompt, replyRef, replyUrl, stream } = parsed.success
    if (options.refuses?.test(prompt) === true) return sentences.promptRefused
    const type = /(?:^|\s)(?:--|—)video(?:\s|$)/i.test(prompt) ? "video" : "image"
    const chosen = choose(
      world,
      channels,
      [(_) => (channel ?? _.channel) === _.channel, () => sentences.channelNotFound(channel ?? "")],
      [({ error }) => error === undefined, () => sentences.channelOnHold],
      [(_) => {
        const { images, total, videos } = totals(store.running(user, _.channel, now))
        return total < _.maxJobs && (type === "video" ? videos < _.maxVideoJobs : images < _.maxImageJobs)
      }, () => Reply.error(429, "Channel is at capacity")]
    )
    if (Result.isFailure(chosen)) return chosen.failure
    const { channel: account } = chosen.success
    const job = store.keep(begin({ type, user, account, verb: "imagine", prompt, replyUrl, replyRef }, now))
    return stream ? follow(job, now) : Reply.json(201, record(job, now))
  }

  /** The job's events; a caller that leaves before the last has a job that holds its slot for another 14 minutes. */
  const follow = (begun: Job, now: number): Reply.Reply => {
    const look = Effect.map(Clock.currentTimeMillis, (now) => ({ now, job: store.find(begun.id) ?? begun }))
    const leave = Effect.map(look, ({ job, now }) => {
      if (!store.isRunning(job, now)) return
      store.keep({ ...store.change(job, { duration: "14 minutes", outcome: "failed" }, now), stuck: true })
    })
    return {
      status: 200,
      headers: { "content-type": "text/event-stream" },
      body: event({ event: "initialized", message: "Job created", jobId: begun.id, seq: 0, ts: clock(now) }),
      tail: Stream.fromEffectSchedule(look, Schedule.spaced((begun.endsAt - now) / 10)).pipe(
        Stream.takeUntil(({ job, now }) => !store.isRunning(job, now)),
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

  return {
    controls: store.controls<NewJob>(
      ({ account, prompt, replyRef, replyUrl, type = "image", verb, ...given }, { user }, now) =>
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
        ),
      options.jobs
    ),
    callbacks,
    routes: options.retired === true ? [] : [
      { operation: "list", method: "GET", path: "/v3/midjourney/jobs", answer: list },
      { operation: "get", method: "GET", path: "/v3/midjourney/jobs/:jobid", answer: get },
      { operation: "cancel", method: "DELETE", path: "/v3/midjourney/jobs/:jobid", answer: cancel },
      { operation: "imagine", method: "POST", path: "/v3/midjourney/jobs/imagine", answer: imagine },
      { operation: "accounts", method: "GET", path: "/v3/midjourney/accounts", answer: listAccounts }
    ] as const
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

const cdn = "cdn.discordapp.com"

const retention = 62 * 86_400_000

/** `mm:ss`, with more than two digits for the minutes of a job that takes hours. */
const minutes = (millis: number): string => {
  const seconds = Math.max(0, Math.floor(millis / 1000))
  return [Math.floor(seconds / 60), seconds % 60].map((part) => `${part}`.padStart(2, "0")).join(":")
}

const clock = (millis: number): string => iso(millis).slice(11, 23)

const event = (data: Schema.Json): string => `data: ${JSON.stringify(data)}\n\n`
