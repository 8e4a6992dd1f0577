/**
 * MiniMax v1 as its pages and its users describe it, for the emulator.
 *
 * **Details**
 *
 * Where they show nothing this is what it does. Images are answered with a list of records and one of `imageIds`. A cancelled
 * video and cancelled speech are failed with "Cancelled by user"; a cancel and a delete answer with an empty object, an untracked
 * job leaves the list and the slots, and runs on. What was deleted is not found. Only videos take the slots of accounts; of songs
 * each account runs one at a time. A webhook about speech has its id beside the record. Bodies are read as JSON, not as multipart.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { Call, DueCallback, World } from "../EmulatedService.ts"
import * as JobStore from "../JobStore.ts"
import * as Reply from "../Reply.ts"
import { choose } from "../useapi/internal/choose.ts"
import { decodeId, digits } from "../useapi/internal/ids.ts"
import * as useapi from "../useapi/internal/service.ts"
import { refuse } from "../useapi/internal/upload.ts"
import { fixtures } from "./internal/fixtures.ts"
import * as Parsed from "./internal/parsedRequest.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * Answers of MiniMax, put together from what its pages and its scripts show.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What MiniMax says where it refuses.
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
 * - `accounts`, the same for every user of the emulator: one, `923847293472394000`, with five slots. One with an `error` answers 596.
 * - `life`, 2 minutes: how long a job runs, which varies by the fraction `jitter`, 0.
 * - `jobs`: those that are there from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly accounts?: ReadonlyArray<Account> | undefined
  readonly life?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

type Family = Parsed.ParsedRequest["family"]

/**
 * A job in the emulator's memory; one that is `untracked` runs on.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends JobStore.StoredJob<"completed" | "failed" | "moderated"> {
  readonly family: Family
  readonly prompt: string
  readonly model: string
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
  readonly isUntracked: boolean
}

/**
 * A job to put into the emulator's memory without a request, a video unless told.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly family?: Family | undefined
  readonly replyRef?: string | undefined
}

/**
 * MiniMax through useapi.net.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) => ({
  ...useapi.service({ id: "useapi-minimax", cdns: [cdn], make: (world) => make(world, options) }),
  unauthorized: sentences.unauthorized
})

/**
 * MiniMax with jobs of all families, unless `empty`, some of which have ended.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (empty: boolean) =>
  service({
    jitter: 0.25,
    jobs: empty ? [] : [
      { duration: "3 minutes" },
      { family: "image", duration: "3 minutes" },
      { family: "agent", duration: "3 minutes" },
      { state: "completed" },
      { family: "music", state: "completed" },
      { family: "audio", state: "completed" },
      { family: "agent", state: "completed" },
      { state: "moderated" },
      { state: "failed" }
    ]
  })

interface Account {
  readonly account: string
  readonly maxJobs: number
  readonly error?: string | undefined
}

const make = (world: World, options: Options) => {
  const accounts = options.accounts ?? [{ account: "923847293472394000", maxJobs: 5 }]
  const store = JobStore.make<Job>(world, {
    life: () => options.life ?? "2 minutes",
    jitter: options.jitter,
    outcome: "completed"
  })

  const newId = (family: Family, user: string, account: string) => () =>
    family === "agent"
      ? `p${digits(world, 19)}-u${user}-a${account}-bot:minimax`
      : `user:${user}-minimax:${account}-${family}:${digits(world, 18)}`

  const begin = (
    { family, model, prompt, replyRef, replyUrl }: Parsed.ParsedRequest,
    { account, user }: Pick<Job, "user" | "account">,
    now: number,
    given: NewJob = {}
  ): Job => ({
    family,
    model,
    prompt,
    replyRef,
    replyUrl,
    ...store.begin(
      { user, account, type: types[family] },
      newId(family, user, account),
      now,
      given
    ),
    isUntracked: false
  })

  const link = (job: Job, now: number) => world.link(cdn, job.id.replaceAll(/\D/g, ""), now)

  const itemOf = (job: Job, now: number): Schema.JsonObject => {
    const running = store.isRunning(job, now)
    const [status, statusLabel] = running
      ? now - job.createdAt < 10_000 ? [11, "queued"] : [1, "processing"]
      : statuses[job.outcome]
    const url = link(job, now)
    const done = !running && job.outcome === "completed"
    const part = job.id.slice(job.id.lastIndexOf(":") + 1)
    return {
      id: part,
      desc: job.prompt,
      status,
      statusLabel,
      statusFinal: !running,
      percent: running ? 50 : 100,
      ...(job.reason === undefined ? undefined : { message: job.reason }),
      [`${job.family}Id`]: job.id,
      ...(job.family === "music"
        ? { title: job.prompt, ...(done ? { audio_url: url("song.mp3"), lyrics: "la" } : undefined) }
        : {
          width: 1366,
          height: 768,
          originFiles: [],
          canAppeal: false,
          canRetry: false,
          coverURL: done ? url("cover.jpg") : "",
          videoURL: done ? url(job.family === "image" ? "marked.jpg" : "marked.mp4") : "",
          ...(done ? { downloadURL: url(job.family === "image" ? "image.jpg" : "video.mp4") } : undefined)
        }),
      ...(job.family === "image"
        ? { modelID: job.model, createTime: job.createdAt, userIDStr: job.account, batchID: part, tags: [] }
        : undefined),
      ...job.override
    }
  }

  /** Of speech at work nothing is told but that, and its number of status stays 0. */
  const speechOf = (job: Job, now: number): Schema.JsonObject => {
    const statusFinal = !store.isRunning(job, now)
    const end = job.outcome === "completed"
      ? {
        audio_id: job.id,
        audio_review: 0,
        text: job.prompt,
        model: job.model,
        audio_url: link(job, now)("speech.mp3"),
        create_time: job.createdAt,
        cost_credit: job.prompt.length,
        status: 0
      }
      : { code: 500, error: job.reason ?? "Generation failed" }
    return {
      ...(statusFinal ? end : undefined),
      statusLabel: statusFinal ? job.outcome : "pending",
      statusFinal,
      ...job.override
    }
  }

  const agentOf = (job: Job, now: number): Schema.JsonObject => {
    const running = store.isRunning(job, now)
    const done = !running && job.outcome === "completed"
    return {
      jobId: job.id,
      status: running ? "started" : done ? "completed" : "failed",
      created: job.created,
      request: { prompt: job.prompt, models: job.model, async: true },
      ...(done
        ? {
          response: {
            projectID: "1",
            msg_content: "Here is your lighthouse",
            timestamp: job.endsAt,
            elapsedTime: "02:00",
            attachments: [{
              attachmentID: "1",
              type: 1,
              status: 3,
              file: {
                fileName: "lighthouse.mp4",
                fileUrl: link(job, now)("marked.mp4"),
                type: 1,
                extra: { width: "1280", height: "720", duration: "5.0", no_watermark_url: link(job, now)("video.mp4") }
              }
            }]
          }
        }
        : running
        ? undefined
        : { error: { message: job.reason ?? "Timed out", status: 504 } }),
      ...job.override
    }
  }
  const record = (job: Job, now: number) =>
    (job.family === "agent" ? agentOf : job.family === "audio" ? speechOf : itemOf)(job, now)

  const find = (family: Family | undefined, { segment, user }: Call): Job | undefined => {
    const job = store.find(decodeId(segment))
    return job?.user === user && (family ?? job.family) === job.family ? job : undefined
  }

  const get = (family: Family) => (call: Call): Reply.Reply => {
    const job = find(family, call)
    if (job !== undefined) return Reply.json(200, record(job, call.now))
    const id = decodeId(call.segment)
    return id === undefined || (family === "agent" && store.find(id) !== undefined)
      ? sentences.invalidId
      : sentences.notFound
  }

  const tracked = (user: string, now: number) => store.listed(user, now).filter(({ isUntracked }) => !isUntracked)

  /** An image's id may stand under the name of a video's. */
  const entry = (job: Job, now: number): Schema.JsonObject => ({
    [job.family === "image" ? "videoId" : `${job.family}Id`]: job.id,
    started: job.created,
    elapsed: elapsed(now - job.createdAt),
    ...(job.replyUrl === undefined ? undefined : { replyUrl: job.replyUrl }),
    ...(job.replyRef === undefined ? undefined : { replyRef: job.replyRef })
  })
  const isScheduled = ({ family }: Job) => family !== "agent"
  const scheduled = ({ now, user }: Call) => tracked(user, now).filter(isScheduled).map((job) => entry(job, now))

  const executing = (family: Family, user: string, account: string, now: number): number =>
    tracked(user, now).filter((job) => job.family === family && job.account === account).length

  /** Accounts without a free slot are not in it. */
  const available = (call: Call): Reply.Reply =>
    Reply.json(200, {
      executing: scheduled(call),
      available: accounts.filter(({ error }) => error === undefined).map(({ account, maxJobs }) => {
        const count = executing("video", call.user, account, call.now)
        const executingAudio = executing("audio", call.user, account, call.now)
        return { account, maxJobs, executing: count, available: maxJobs - count, executingAudio }
      }).filter(({ available }) => available > 0)
    })

  const agentJobs = ({ now, user }: Call): Reply.Reply => {
    const running = tracked(user, now).filter(({ family }) => family === "agent")
    const by = [...Map.groupBy(running, ({ account }) => account)]
    return Reply.json(200, {
      accounts: accounts.map(({ account }) => account),
      summary: Object.fromEntries(by.map(([account, jobs]) => [account, { executing: jobs.length }])),
      executing: Object.fromEntries(by.map(([account, jobs]) => [
        account,
        jobs.map((job) => ({ jobId: job.id, elapsed: elapsed(now - job.createdAt) }))
      ]))
    })
  }

  const submit = (read: typeof Parsed.video) => ({ body, now, user }: Call): Reply.Reply => {
    const parsed = read(body)
    if (Result.isFailure(parsed)) return sentences.badRequest(parsed.failure)
    const asked = parsed.success
    const limit = ({ maxJobs }: Account) =>
      asked.family === "video" ? Math.min(maxJobs, asked.maxJobs ?? maxJobs) : asked.family === "music" ? 1 : Infinity
    const chosen = choose(
      world,
      accounts,
      [
        ({ account }) => (asked.account ?? account) === account,
        () => sentences.accountNotFound(asked.account ?? "")
      ],
      [({ error }) => error === undefined, () => sentences.onHold],
      [
        (one) => executing(asked.family, user, one.account, now) < limit(one),
        () => sentences.busy
      ]
    )
    if (Result.isFailure(chosen)) return chosen.failure
    const { account } = chosen.success
    const jobs = Array.from({ length: asked.quantity }, () => store.keep(begin(asked, { user, account }, now)))
    const records = jobs.map((job) => record(job, now))
    if (asked.family === "image") {
      return Reply.json(200, { imageIds: jobs.map(({ id }) => id), images: records })
    }
    const [job] = jobs
    if (job !== undefined && asked.family === "agent" && !asked.isAsync) {
      return Reply.json(200, record(store.change(job, { state: "completed" }, now), now))
    }
    if (job !== undefined && asked.family === "audio") return Reply.json(201, { audioId: job.id })
    return Reply.json(200, asked.family === "music" ? records : records[0] ?? {})
  }

  const cancel = ({ body, now, user }: Call): Reply.Reply => {
    const json = Result.getOrUndefined(Result.try((): unknown => JSON.parse(body)))
    const job = store.find(String(Object(json).videoId))
    if (job?.user !== user || job.family !== "video" || !store.isRunning(job, now)) return sentences.notFound
    store.change(job, { state: "failed", reason: "Cancelled by user" }, now)
    return Reply.json(200, {})
  }

  const untrack = (call: Call): Reply.Reply => {
    const job = find(undefined, call)
    if (job === undefined || !isScheduled(job) || !tracked(call.user, call.now).includes(job)) {
      return sentences.notRunning(decodeId(call.segment) ?? "")
    }
    if (job.family === "audio") store.change(job, { state: "failed", reason: "Cancelled by user" }, call.now)
    else store.keep({ ...job, isUntracked: true })
    return Reply.json(200, {})
  }

  const remove = (family: Family) => (call: Call): Reply.Reply => {
    const job = find(family, call)
    if (job === undefined) return family === "audio" ? Reply.json(200, {}) : sentences.notFound
    const running = store.isRunning(job, call.now)
    if (family === "music" && running) return sentences.songRuns
    if (family === "audio" && running) return sentences.speechRuns
    if (family === "audio" && job.outcome !== "completed") return sentences.nothingGenerated
    store.forget(job.id)
    return Reply.json(200, family === "music" ? { musicId: job.id, deleted: true } : {})
  }

  const upload = (call: Call): Reply.Reply => {
    const account = new URLSearchParams(call.query).get("account") ?? accounts[0]?.account ?? ""
    const found = accounts.find((one) => one.account === account)
    if (found === undefined) return sentences.accountNotFound(account)
    if (found.error !== undefined) return sentences.onHold
    const refused = refuse(call, {
      mediaTypes: ["image/png", "image/jpeg", "audio/mpeg", "audio/mp3", "audio/wav", "video/mp4"],
      maxBytes: 100 * 1_048_576,
      valid: "Valid values"
    })
    const id = digits(world, 18)
    return refused ??
      Reply.json(200, { fileID: `user:${call.user}-minimax:${account}-file:${id}`, ossPath: `prod/${id}` })
  }

  const listAccounts = (): Reply.Reply =>
    Reply.json(
      200,
      Object.fromEntries(accounts.map(({ account, error, maxJobs }) => [
        account,
        { account, supportVideo: true, supportAudio: true, maxJobs, ...(error === undefined ? undefined : { error }) }
      ]))
    )

  const history = (family: Family) => ({ now, user }: Call): Reply.Reply =>
    Reply.json(
      200,
      store.all().filter((job) => job.user === user && job.family === family).map((job) => record(job, now))
    )

  const callbacks = (): ReadonlyArray<DueCallback> =>
    store.all().flatMap((job) => {
      const url = job.replyUrl ?? world.replyUrl
      const { endsAt: at, id, outcome: event, replyRef } = job
      const body = () => ({
        ...record(job, at),
        ...(job.family === "audio" ? { audioId: id } : undefined),
        ...(replyRef === undefined ? undefined : { replyRef })
      })
      return url === undefined || job.isUntracked ? [] : [{ job: id, event, part: 0, url, at, body, retries: 0 }]
    })

  const create = {
    video: Parsed.video,
    image: Parsed.image,
    music: Parsed.music,
    audio: Parsed.speech,
    agent: Parsed.agent
  }

  return {
    controls: store.controls<NewJob>((job, { user }, now) => {
      const { family = job.type === "image" ? "image" : job.type === "audio" ? "music" : "video", replyRef, replyUrl } =
        job
      const told = family === "music" ? undefined : { replyRef, replyUrl }
      const words = "a lighthouse in the rain"
      const input = family === "audio" ? { text: words, voice_id: "380426458095854" } : { prompt: words }
      const asked = Result.getOrThrow(create[family](JSON.stringify({ ...input, ...told })))
      return begin(asked, { user, account: job.account ?? accounts[0]?.account ?? "" }, now, job)
    }, options.jobs),
    callbacks,
    routes: [
      { operation: "video", method: "POST", path: `${root}/videos/create`, answer: submit(Parsed.video) },
      {
        operation: "templateVideo",
        method: "POST",
        path: `${root}/videos/agent-create`,
        answer: submit(Parsed.template)
      },
      { operation: "image", method: "POST", path: `${root}/images/create`, answer: submit(Parsed.image) },
      { operation: "music", method: "POST", path: `${root}/music/create`, answer: submit(Parsed.music) },
      { operation: "speech", method: "POST", path: `${root}/speech/create`, answer: submit(Parsed.speech) },
      { operation: "agent", method: "POST", path: `${root}/agent`, answer: submit(Parsed.agent) },
      { operation: "cancel", method: "POST", path: `${root}/videos/cancel`, answer: cancel },
      {
        operation: "list",
        method: "GET",
        path: `${root}/scheduler`,
        answer: (call: Call) => Reply.json(200, scheduled(call))
      },
      { operation: "available", method: "GET", path: `${root}/scheduler/available`, answer: available },
      { operation: "untrack", method: "DELETE", path: `${root}/scheduler/:id`, answer: untrack },
      { operation: "agentJobs", method: "GET", path: `${root}/agent/jobs`, answer: agentJobs },
      { operation: "videos", method: "GET", path: `${root}/videos`, answer: history("video") },
      { operation: "images", method: "GET", path: `${root}/images`, answer: history("image") },
      { operation: "get", method: "GET", path: `${root}/videos/:id`, answer: get("video") },
      { operation: "getImage", method: "GET", path: `${root}/images/:id`, answer: get("image") },
      { operation: "getMusic", method: "GET", path: `${root}/music/:id`, answer: get("music") },
      {
        operation: "voices",
        method: "GET",
        path: `${root}/speech/voices`,
        answer: () => Reply.json(200, { voice_list: voices, total: voices.length, has_more: false })
      },
      { operation: "getSpeech", method: "GET", path: `${root}/speech/:id`, answer: get("audio") },
      { operation: "getAgent", method: "GET", path: `${root}/agent/:id`, answer: get("agent") },
      { operation: "remove", method: "DELETE", path: `${root}/videos/:id`, answer: remove("video") },
      { operation: "removeImage", method: "DELETE", path: `${root}/images/:id`, answer: remove("image") },
      { operation: "removeMusic", method: "DELETE", path: `${root}/music/:id`, answer: remove("music") },
      { operation: "removeSpeech", method: "DELETE", path: `${root}/speech/:id`, answer: remove("audio") },
      { operation: "upload", method: "POST", path: `${root}/files`, file: true, answer: upload },
      { operation: "upload", method: "POST", path: `${root}/files/`, file: true, answer: upload },
      { operation: "accounts", method: "GET", path: `${root}/accounts`, answer: listAccounts }
    ] as const
  }
}

const root = "/v1/minimax"

const cdn = "cdn.hailuoai.video"

const types = { video: "video", image: "image", music: "audio", audio: "audio", agent: "video" } as const

const voices = [
  { voice_id: "380426458095854", voice_name: "Calm Woman", tag_list: ["English", "Female", "Adult"] },
  { voice_id: "380426458095855", voice_name: "Deep Man", tag_list: ["British", "Male", "Senior"] }
]

const statuses = {
  completed: [2, "completed"],
  failed: [3, "failed"],
  moderated: [14, "moderated"]
} as const

const elapsed = (millis: number): string => {
  const seconds = Math.max(0, Math.floor(millis / 1000))
  const two = (value: number) => String(value).padStart(2, "0")
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`
}
