/**
 * Runway v1 at useapi.net as what is known of it has it, for the emulator.
 *
 * **Details**
 *
 * Where nothing is known this is what it does. A create answers with the record of its task. The history is `{ tasks }`, newest first.
 * `DELETE /scheduler/{taskId}` answers 204, and that of a task that runs takes it out all the same. A reference comes back at the top of a
 * webhook's body, once at the end. The fields of a submit are known by name, and hardly looked at. Another user's task is not found.
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
import { decodeId } from "../useapi/internal/ids.ts"
import { parameter } from "../useapi/internal/parameter.ts"
import * as Scheduler from "../useapi/internal/scheduler.ts"
import * as useapi from "../useapi/internal/service.ts"
import { endpoints, parse, type ParsedRequest } from "./internal/endpoints.ts"
import { fixtures } from "./internal/fixtures.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * Answers of Runway through useapi.net, put together from what is known of them.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What Runway through useapi.net says where it refuses.
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
 * `accounts`, the same for every user of the emulator, is one, `user@example.com`, with five slots. One with an `error` answers 596. A task
 * is pending for 5 seconds of its `life`, which is 50 and varies by the fraction `jitter`, 0. `jobs` are there from the start.
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
 * A task in the emulator's memory; the last `lost` of its `count` artifacts have no link.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job
  extends JobStore.StoredJob<"SUCCEEDED" | "FAILED">, Omit<ParsedRequest, "email" | "maxJobs" | "type">
{
  readonly lost: number
}

/**
 * A task to put into the emulator's memory without a request, a video unless told.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly count?: number | undefined
  readonly lost?: number | undefined
  readonly replyRef?: string | undefined
}

/**
 * Runway through useapi.net.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  useapi.service({
    id: "useapi-runway",
    cdns: [cdn],
    unauthorized: sentences.unauthorized,
    make: (world) => make(world, options)
  })

/**
 * Runway with some tasks, unless `empty`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (empty: boolean) =>
  service({
    jitter: 0.25,
    jobs: empty ? [] : [
      { id: fixtures.ids.task, duration: "3 minutes" },
      { state: "SUCCEEDED" },
      { type: "image", count: 4, lost: 1, state: "SUCCEEDED" },
      { state: "FAILED", reason: "Generation failed" }
    ]
  })

const make = (world: World, options: Options) => {
  const accounts = options.accounts ?? [{ email: "user@example.com", maxJobs: 5 }]
  const store = JobStore.make<Job>(world, {
    life: () => options.life ?? "50 seconds",
    jitter: options.jitter,
    outcome: "SUCCEEDED"
  })

  const begin = (
    asked: Omit<ParsedRequest, "email" | "maxJobs">,
    whose: Pick<Job, "user" | "account" | "lost">,
    now: number,
    given?: NewJob
  ): Job => ({
    ...asked,
    ...store.begin(
      { ...whose, type: asked.type },
      () => `user:${whose.user}-runwayml:${whose.account}-task:${world.uuid()}`,
      now,
      given
    ),
    lost: whose.lost
  })

  const statusOf = (job: Job, now: number): string =>
    !store.isRunning(job, now) ? job.outcome : now - job.createdAt < 5000 ? "PENDING" : "RUNNING"

  const artifacts = (job: Job, now: number): ReadonlyArray<Schema.JsonObject> =>
    statusOf(job, now) !== "SUCCEEDED" ? [] : Array.from({ length: job.count }, (_, i) => {
      const id = `${job.id.replace(/^.*-task:/, "")}-${i + 1}`
      const link = world.link(cdn, id, now)
      return {
        assetId: job.id.replace(/-task:.*$/, `-asset:${id}`),
        id,
        createdAt: iso(job.endsAt),
        updatedAt: iso(job.endsAt),
        userId: 1234567,
        createdBy: 1234567,
        taskId: job.id,
        parentAssetGroupId: id,
        filename: "A lighthouse in the rain",
        ...(i < job.count - job.lost ? { url: link(files[job.type]) } : undefined),
        fileSize: "12345678",
        previewUrls: [link("preview.jpg")],
        metadata: { ...(job.type === "video" ? { duration: 5.2 } : undefined), dimensions: [1280, 720] }
      }
    })

  const record = (job: Job, now: number): Schema.JsonObject => {
    const status = statusOf(job, now)
    const ratio = Math.min(1, (now - job.createdAt) / (job.endsAt - job.createdAt))
    return {
      taskId: job.id,
      id: job.id.replace(/^.*-task:/, ""),
      name: "A lighthouse in the rain",
      image: null,
      createdAt: job.created,
      updatedAt: iso(Math.min(now, job.endsAt)),
      taskType: job.type,
      options: { ...job.options, watermark: false },
      status,
      error: status === "FAILED" ? job.reason ?? "Generation failed" : null,
      progressText: null,
      progressRatio: status === "PENDING" ? null : ratio.toFixed(2).replace(/\.?0+$/, ""),
      estimatedTimeToStartSeconds: status === "PENDING" ? 5 : null,
      artifacts: artifacts(job, now),
      ...job.override
    }
  }

  const about =
    (answer: (job: Job, call: Call) => Reply.Reply, missing: (id: string) => Reply.Reply) =>
    (call: Call): Reply.Reply => {
      const id = decodeId(call.segment)
      if (id === undefined || !idPattern.test(id)) return sentences.badRequest("taskId has incorrect format")
      const job = store.find(id)
      return job === undefined || job.user !== call.user ? missing(id) : answer(job, call)
    }

  const get = about((job, { now }) => Reply.json(200, record(job, now)), () => sentences.taskNotFound)

  const remove = about((job) => {
    store.forget(job.id)
    return Reply.json(200, { success: true })
  }, () => sentences.taskNotFound)

  const untrack = about(
    (job, call) =>
      store.listed(call.user, call.now).includes(job)
        ? Scheduler.untrack(store, job, call)
        : sentences.notTracked(job.id),
    sentences.notTracked
  )

  const list = ({ now, user }: Call): Reply.Reply =>
    Reply.json(
      200,
      store.listed(user, now).map((job) => ({ taskId: job.id, ...Scheduler.echoed(job) }))
    )

  const history = (call: Call): Reply.Reply => {
    const { now, user } = call
    const email = parameter(call, "email") ?? (accounts.length === 1 ? accounts[0]?.email : undefined)
    if (email === undefined) return sentences.badRequest("Parameter email is required")
    const [offset, limit] = ["offset", "limit"].map((name) => Number(parameter(call, name) ?? NaN))
    const isPage = (offset ?? -1) >= 0 && (offset ?? 0) <= 1000 && (limit ?? 0) >= 1 && (limit ?? 0) <= 1000
    if (offset === undefined || limit === undefined || !isPage) {
      return sentences.badRequest("Parameters offset and limit are required")
    }
    const statuses = parameter(call, "statuses")?.split(",")
    const tasks = store.all().filter((job) =>
      job.user === user && job.account === email && (statuses?.includes(statusOf(job, now)) ?? true)
    ).toSorted((a, b) => b.createdAt - a.createdAt)
    return Reply.json(200, { tasks: tasks.slice(offset, offset + limit).map((job) => record(job, now)) })
  }

  /** Any account that can take a task, unless one is named. */
  const accountOf = (
    user: string,
    named: string | undefined,
    now: number,
    maxJobs?: number
  ): Result.Result<Accounts.Account, Reply.Reply> =>
    choose(
      world,
      accounts,
      [({ email }) => email === (named ?? email), () => sentences.accountNotFound(named ?? "")],
      [({ error }) => error === undefined, () => sentences.sessionError],
      [
        (account) =>
          store.listed(user, now).filter((job) => job.account === account.email).length < (maxJobs ?? account.maxJobs),
        () => sentences.busy
      ]
    )

  const submit = (endpoint: typeof endpoints[keyof typeof endpoints]) => ({ body, now, user }: Call): Reply.Reply => {
    const parsed = parse(endpoint, body)
    if (Result.isFailure(parsed)) return sentences.badRequest(parsed.failure)
    const { email, maxJobs, ...asked } = parsed.success
    const account = accountOf(user, email, now, maxJobs)
    if (Result.isFailure(account)) return account.failure
    const job = store.keep(begin(asked, { user, account: account.success.email, lost: 0 }, now))
    return Reply.json(200, record(job, now))
  }

  const upload = (call: Call): Reply.Reply => {
    const { bytes, contentType, now, user } = call
    const account = accountOf(user, parameter(call, "email"), now, Infinity)
    if (Result.isFailure(account)) return account.failure
    if ((parameter(call, "name") ?? "") === "") return sentences.badRequest("Parameter name is required")
    if (!/^(?:image\/(?:png|jpeg|gif)|video\/|audio\/)/.test(contentType)) {
      return sentences.badRequest(`Content-Type ${contentType} is not supported`)
    }
    if (bytes === 0) return sentences.badRequest("Content is empty")
    const uuid = world.uuid()
    return Reply.json(200, {
      assetId: `user:${user}-runwayml:${account.success.email}-asset:${uuid}`,
      url: world.link(cdn, uuid, now)("image.png")
    })
  }

  const listAccounts = (): Reply.Reply =>
    Accounts.list(accounts, ({ email }) => email, ({ email, maxJobs }) => ({ email, maxJobs }))

  const callbacks = (): ReadonlyArray<DueCallback> =>
    Callbacks.callbacks(world, store.all().filter(({ listed }) => listed !== "never"), record)

  return {
    controls: store.controls<NewJob>((job, { type, user }, now) => {
      const { count = 1, lost = 0, replyRef, replyUrl } = job
      return begin(
        { type, count, replyUrl, replyRef, options: {} },
        { user, account: job.account ?? accounts[0]?.email ?? "", lost },
        now,
        job
      )
    }, options.jobs),
    callbacks,
    routes: [
      { operation: "list", method: "GET", path: `${root}/scheduler`, answer: list },
      { operation: "untrack", method: "DELETE", path: `${root}/scheduler/:taskId`, answer: untrack },
      { operation: "history", method: "GET", path: `${root}/tasks`, answer: history },
      { operation: "get", method: "GET", path: `${root}/tasks/:taskId`, answer: get },
      { operation: "remove", method: "DELETE", path: `${root}/tasks/:taskId`, answer: remove },
      { operation: "upload", method: "POST", path: `${root}/assets/`, file: true, answer: upload },
      { operation: "accounts", method: "GET", path: `${root}/accounts`, answer: listAccounts },
      ...Creates.routes(root, endpoints, submit)
    ] as const
  }
}

const root = "/v1/runwayml"
const idPattern = /^user:\d+-runwayml:.+-task:[\w-]+$/
/** No page names the host of its files. */
const cdn = "dnznrvs05pmza.cloudfront.net"
const files = { video: "video.mp4", image: "image.png", audio: "audio.mp3" } as const
