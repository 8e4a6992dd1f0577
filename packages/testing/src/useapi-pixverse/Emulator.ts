/**
 * PixVerse v2 as what is known of it has it, for the emulator.
 *
 * **Details**
 *
 * A video or an image at work is not found by its own path, and shown by the list of what its account had made, with a link that leads
 * nowhere yet. A job that was moderated has the number 7. Several images are several ids, which no page shows. A `DELETE` answers 204, and
 * one of what is at work 404. A reference comes back at the top of a webhook's body, once, at the end. The fields of a submit are known by
 * name, and hardly looked at.
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
import * as Accounts from "../useapi/internal/accounts.ts"
import * as Callbacks from "../useapi/internal/callbacks.ts"
import { choose } from "../useapi/internal/choose.ts"
import * as Creates from "../useapi/internal/creates.ts"
import { decodeId, digits } from "../useapi/internal/ids.ts"
import { parameter } from "../useapi/internal/parameter.ts"
import * as Scheduler from "../useapi/internal/scheduler.ts"
import * as useapi from "../useapi/internal/service.ts"
import { endpoints, parse, type ParsedRequest, type Sort, sorts } from "./internal/endpoints.ts"
import { fixtures } from "./internal/fixtures.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * Answers of PixVerse, put together from what is known of them.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What PixVerse says where it refuses.
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
 * `accounts`, the same for every user of the emulator, is one, `user@example.com`, with eight slots. One with an `error` answers 596 to
 * everything that needs it. A job waits for a tenth of its `life`, 1 minute, which varies by the fraction `jitter`, 0. `jobs` are there
 * from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly accounts?: ReadonlyArray<Accounts.Account> | undefined
  readonly life?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

/**
 * A job in the emulator's memory.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job
  extends
    JobStore.StoredJob<"completed" | "failed" | "moderated">,
    Pick<ParsedRequest, "model" | "replyRef" | "replyUrl" | "sort">
{}

/**
 * A job to put into the emulator's memory without a request, a video unless told; of audio it is music, unless it is a `speech`.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly speech?: boolean | undefined
  readonly replyRef?: string | undefined
}

/**
 * PixVerse through useapi.net.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  useapi.service({
    id: "useapi-pixverse",
    cdns: [cdn],
    unauthorized: sentences.unauthorized,
    make: (world) => make(world, options)
  })

/**
 * PixVerse with some jobs, unless `empty`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (empty: boolean) =>
  service({
    jitter: 0.25,
    jobs: empty ? [] : [
      { id: fixtures.ids.video, duration: "3 minutes" },
      { id: fixtures.ids.music, type: "audio", state: "completed" },
      { type: "image", state: "completed" },
      { state: "failed", reason: "Generation failed" }
    ]
  })

const make = (world: World, options: Options) => {
  const accounts = options.accounts ?? [{ email: "user@example.com", maxJobs: 8 }]
  const store = JobStore.make<Job>(world, {
    life: () => options.life ?? "1 minute",
    jitter: options.jitter,
    outcome: "completed"
  })

  const begin = (
    asked: Pick<Job, "model" | "replyRef" | "replyUrl" | "sort">,
    { account, user }: Pick<Job, "user" | "account">,
    now: number,
    given?: NewJob
  ): Job => ({
    ...asked,
    ...store.begin(
      { account, user, type: sorts[asked.sort].type },
      () => `user:${user}-pixverse:${account}-${asked.sort}:3${digits(world, 9)}`,
      now,
      given
    )
  })

  const tracked = (user: string, now: number) => store.listed(user, now)
  const statusOf = (job: Job, now: number): readonly [number: number, name: string, isFinal: boolean] => {
    if (!store.isRunning(job, now)) {
      if (job.outcome === "completed") return [1, "COMPLETED", true]
      return job.outcome === "failed" ? [8, "FAILED", true] : [7, "MODERATED", true]
    }
    // A page prints the flag of a video that waits as true.
    const isWaiting = now < job.createdAt + (job.endsAt - job.createdAt) / 10
    return isWaiting ? [5, "QUEUED", job.type !== "audio"] : [10, "GENERATING", false]
  }

  const record = (job: Job, now: number): Schema.JsonObject => {
    const { family } = sorts[job.sort]
    const [status, name, isFinal] = statusOf(job, now)
    const isDone = status === 1
    const isFailed = status === 7 || status === 8
    const link = world.link(cdn, job.id.replaceAll(/\W/g, "-"), now)
    const state = {
      [`${family}_status`]: status,
      [`${family}_status_name`]: name,
      [`${family}_status_final`]: isFinal
    }
    const times = {
      created_at: job.created,
      ...(family === "audio" ? { updated_at: iso(Math.min(now, job.endsAt)) } : {})
    }
    if (family === "audio") {
      return {
        audio_id: job.id,
        asset_id: 307489548427969,
        status: isDone ? "finish" : "processing",
        create_mode: job.sort === "music" ? "music" : "voice",
        model: job.model,
        url: isDone ? link("audio.mp3") : "",
        duration: isDone ? 60 : 0,
        credits: 20,
        ...times,
        ...state,
        ...(isFailed ? { fail_code: "music_generation_failed", fail_reason: job.reason ?? "" } : {}),
        ...job.override
      }
    }
    return {
      [`${family}_id`]: job.id,
      ...state,
      ...times,
      output_width: isDone ? 1280 : 0,
      output_height: isDone ? 720 : 0,
      original_video_id: 0,
      model: job.model,
      queue_data: { queue_time: 0, queue_count: 0 },
      ...(family === "video" ? { video_duration: 5 } : {}),
      url: isFailed ? "" : link(family === "video" ? "video.mp4" : "image.png"),
      img_id: 307489548427968,
      ...(family === "video" ? { img_url: link("cover.jpg") } : {}),
      ...(isFailed && job.reason !== undefined ? { error: job.reason } : {}),
      ...job.override
    }
  }

  const missing = (sort: Sort, id: string): Reply.Reply =>
    sorts[sort].type === "audio"
      ? sentences.audioNotFound(sort === "music" ? "Music" : "Speech", id)
      : sentences.videoNotFound

  const about =
    (sort: Sort, answer: (job: Job, now: number) => Reply.Reply | undefined) =>
    ({ now, segment, user }: Call): Reply.Reply => {
      const id = decodeId(segment)
      if (id === undefined || !id.includes(`-${sort}:`)) return sentences.invalidId
      const job = store.find(id)
      if (accounts.find(({ email }) => email === job?.account)?.error !== undefined) return sentences.sessionError
      return (job === undefined || job.user !== user ? undefined : answer(job, now)) ?? missing(sort, id)
    }

  const get = (sort: Sort) =>
    about(
      sort,
      (job, now) =>
        sorts[sort].type !== "audio" && store.isRunning(job, now) ? undefined : Reply.json(200, record(job, now))
    )

  const remove = (sort: Sort) =>
    about(sort, (job, now) => {
      if (store.isRunning(job, now)) return undefined
      store.forget(job.id)
      return Reply.empty(204)
    })

  /** Newest first; that of music has the speeches too. */
  const made = (sort: Sort) => (call: Call): Reply.Reply => {
    const email = parameter(call, "email") ?? accounts[0]?.email
    if (!accounts.some((account) => account.email === email)) return sentences.accountNotFound(email ?? "")
    const [offset, limit] = [Number(parameter(call, "offset") ?? 0), Number(parameter(call, "limit") ?? 40)]
    const found = store.all().filter((job) =>
      job.user === call.user && job.account === email &&
      (sort === "music" ? job.type === "audio" : job.sort === sort)
    ).toSorted((a, b) => b.createdAt - a.createdAt)
    const data = found.slice(offset, offset + limit).map((job) => record(job, call.now))
    const hasMore = found.length > offset + limit
    return Reply.json(200, {
      data,
      ...(sorts[sort].type === "audio" ? { next_offset: offset + data.length, has_more: hasMore } : {})
    })
  }

  const untrack = (call: Call): Reply.Reply => {
    const id = decodeId(call.segment)
    const job = tracked(call.user, call.now).find((job) => job.id === id)
    return job === undefined ? sentences.notRunning(id ?? call.segment) : Scheduler.untrack(store, job, call)
  }

  const rows = (user: string, now: number) =>
    tracked(user, now).map((job) => ({ id: job.id, type: job.sort, ...Scheduler.row(job, now) }))

  const executing = (user: string, email: string, now: number) =>
    tracked(user, now).filter((job) => job.account === email).length

  const capacity = ({ now, user }: Call): Reply.Reply =>
    Reply.json(200, {
      executing: rows(user, now),
      available: accounts.map(({ email, maxJobs }) => ({
        email,
        ...Scheduler.slots(maxJobs, executing(user, email, now))
      }))
    })

  const listAccounts = (): Reply.Reply =>
    Accounts.list(accounts, ({ email }) => email, ({ email, maxJobs }) => ({ email, maxJobs }))

  const submit = (endpoint: typeof endpoints[keyof typeof endpoints]) => ({ body, now, user }: Call): Reply.Reply => {
    const parsed = parse(endpoint, body)
    if (Result.isFailure(parsed)) return sentences.invalid(parsed.failure)
    const { count, email, isOffPeak, maxJobs, model, replyRef, replyUrl, sort } = parsed.success
    const chosen = choose(
      world,
      accounts,
      [(account) => (email ?? account.email) === account.email, () => sentences.accountNotFound(email ?? "")],
      [(account) => account.error === undefined, () => sentences.sessionError],
      [(account) => executing(user, account.email, now) < (maxJobs ?? account.maxJobs), () => sentences.busy]
    )
    if (Result.isFailure(chosen)) return chosen.failure
    const origin = { user, account: chosen.success.email }
    const ids = Array.from({ length: count }, () => {
      const job = begin({ model, replyRef, replyUrl, sort }, origin, now)
      return store.keep(isOffPeak ? { ...job, listed: "never" } : job).id
    })
    const name = `${sorts[sort].family}_id`
    return Reply.json(200, { [name]: ids.length === 1 ? ids[0] ?? "" : ids, cost_credits: 20 })
  }

  const upload = (call: Call): Reply.Reply => {
    const { bytes, contentType } = call
    // A script of the vendor's names none where any account will do.
    const email = parameter(call, "email") ?? accounts[0]?.email
    if (!accounts.some((account) => account.email === email)) return sentences.accountNotFound(email ?? "")
    const [kind, ending] = /^(image|video|audio)\/(\w+)$/.exec(contentType)?.slice(1) ?? []
    if (kind === undefined) return sentences.invalid(`Content-Type ${contentType} not supported`)
    if (bytes === 0) return sentences.invalid("Content is empty")
    const path = `upload/${world.uuid()}.${ending}`
    return Reply.json(200, kind === "image" ? { result: [{ path }] } : { path })
  }

  const callbacks = (): ReadonlyArray<DueCallback> =>
    Callbacks.callbacks(world, store.all().filter(({ listed }) => listed !== "never"), record)

  const uploads = { operation: "upload", method: "POST", file: true, answer: upload } as const
  const removable = ["video", "image"] as const
  return {
    controls: store.controls<NewJob>(
      (job, { type, user }, now) =>
        begin(
          {
            sort: type !== "audio" ? type : job.speech === true ? "speech" : "music",
            model: "v6",
            replyUrl: job.replyUrl,
            replyRef: job.replyRef
          },
          { user, account: job.account ?? accounts[0]?.email ?? "" },
          now,
          job
        ),
      options.jobs
    ),
    callbacks,
    routes: [
      {
        operation: "list",
        method: "GET",
        path: `${root}/scheduler`,
        answer: ({ now, user }: Call) => Reply.json(200, rows(user, now))
      },
      { operation: "capacity", method: "GET", path: `${root}/scheduler/available`, answer: capacity },
      { operation: "untrack", method: "DELETE", path: `${root}/scheduler/:id`, answer: untrack },
      { operation: "videos", method: "GET", path: `${root}/videos`, answer: made("video") },
      { operation: "images", method: "GET", path: `${root}/images`, answer: made("image") },
      { operation: "musics", method: "GET", path: `${root}/music`, answer: made("music") },
      { operation: "speeches", method: "GET", path: `${root}/speech`, answer: made("speech") },
      { operation: "getVideo", method: "GET", path: `${root}/videos/:id`, answer: get("video") },
      { operation: "getImage", method: "GET", path: `${root}/images/:id`, answer: get("image") },
      { operation: "getMusic", method: "GET", path: `${root}/music/:id`, answer: get("music") },
      { operation: "getSpeech", method: "GET", path: `${root}/speech/:id`, answer: get("speech") },
      ...removable.map((sort) => ({
        operation: "remove" as const,
        method: "DELETE",
        path: `${root}/${sorts[sort].folder}/:id`,
        answer: remove(sort)
      })),
      { ...uploads, path: `${root}/files` },
      { ...uploads, path: `${root}/files/` },
      { operation: "accounts", method: "GET", path: `${root}/accounts`, answer: listAccounts },
      { operation: "video", method: "POST", path: `${root}/videos/create-v4`, answer: submit(endpoints.video) },
      ...Creates.routes(root, endpoints, submit)
    ] as const
  }
}

const root = "/v2/pixverse"
/** No page names the host of its files. */
const cdn = "media.pixverse.ai"
