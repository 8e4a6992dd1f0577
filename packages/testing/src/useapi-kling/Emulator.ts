/**
 * Kling v1 as what is known of it has it, for the emulator.
 *
 * **Details**
 *
 * Where nothing is known this is what it does. A task that fails has the number 50 and the name `failed`, and one that is
 * `moderated` is not found any more. `DELETE /scheduler/{task_id}` answers 204. A task that runs has the number 5 and no name. A reference
 * comes back at the top of a webhook's body, once at the start and once at the end. What a copy costs is not told. The fields of a
 * submit are known by name, and hardly looked at.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { Call, DueCallback, World } from "../EmulatedService.ts"
import * as JobStore from "../JobStore.ts"
import * as Reply from "../Reply.ts"
import * as Accounts from "../useapi/internal/accounts.ts"
import * as Callbacks from "../useapi/internal/callbacks.ts"
import * as Creates from "../useapi/internal/creates.ts"
import { digits } from "../useapi/internal/ids.ts"
import { parameter } from "../useapi/internal/parameter.ts"
import * as Scheduler from "../useapi/internal/scheduler.ts"
import * as useapi from "../useapi/internal/service.ts"
import { endpoints, parse, type ParsedRequest } from "./internal/endpoints.ts"
import { fixtures } from "./internal/fixtures.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * Answers of Kling, put together from what is known of them.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What Kling says where it refuses.
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
 * `accounts`, the same for every user of the emulator, is one, `user@example.com`, with five slots. One with an `error` answers 596
 * to everything that needs it. Where there are several, each call about a task must name one. A task lives `life`, 2 minutes, which
 * varies by the fraction `jitter`, 0. `jobs` are there from the start.
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
 * A task in the emulator's memory, with its id as a text; `lost` of its works have failed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job
  extends JobStore.StoredJob<"succeed" | "failed" | "moderated">, Omit<ParsedRequest, "email" | "maxJobs" | "type">
{
  readonly lost: number
}

/**
 * A task to put into the emulator's memory without a request, a video unless told; `count` works, one, of which the last `lost`, none,
 * fail.
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
 * Kling through useapi.net.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  useapi.service({
    id: "useapi-kling",
    cdns: [cdn],
    unauthorized: sentences.unauthorized,
    make: (world) => make(world, options)
  })

/**
 * Kling with some tasks, unless `empty`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (empty: boolean) =>
  service({
    jitter: 0.25,
    jobs: empty ? [] : [
      { id: `${fixtures.ids.task}`, duration: "3 minutes" },
      { state: "succeed" },
      { type: "image", count: 4, lost: 1, state: "succeed" },
      { state: "failed", reason: "Generation failed" }
    ]
  })

const make = (world: World, options: Options) => {
  const accounts = (options.accounts ?? [{ email: "user@example.com", maxJobs: 5 }]).map((account) => ({
    ...account,
    userId: Number(`1${digits(world, 6)}`)
  }))
  const store = JobStore.make<Job>(world, {
    life: () => options.life ?? "2 minutes",
    jitter: options.jitter,
    outcome: "succeed"
  })

  const begin = (
    asked: Omit<ParsedRequest, "email" | "maxJobs">,
    whose: Pick<Job, "user" | "account" | "lost">,
    now: number,
    given?: NewJob
  ): Job => ({
    ...asked,
    ...store.begin({ ...whose, type: asked.type }, () => `1${digits(world, 11)}`, now, given),
    lost: whose.lost
  })

  /** What the API counts and lists: an hour of it at most. */
  const tracked = (user: string, now: number): ReadonlyArray<Job> =>
    store.listed(user, now).filter((job) => now - job.createdAt < 3_600_000)

  /** The account that a call names, or that needs no name; else why not. */
  const accountOf = (
    email: string | undefined
  ): Result.Result<Accounts.Account & { readonly userId: number }, Reply.Reply> => {
    if (email === undefined && accounts.length > 1) return Result.fail(sentences.emailRequired)
    const found = accounts.find((account) => account.email === (email ?? accounts[0]?.email))
    if (found === undefined) return Result.fail(sentences.accountNotFound(email ?? ""))
    return found.error === undefined ? Result.succeed(found) : Result.fail(sentences.sessionError)
  }

  const answered = (answer: (call: Call, email: string) => Reply.Reply) => (call: Call): Reply.Reply => {
    const account = accountOf(parameter(call, "email"))
    return Result.isFailure(account) ? account.failure : answer(call, account.success.email)
  }

  const about = (answer: (job: Job, call: Call) => Reply.Reply, missing: (id: string) => Reply.Reply) =>
    answered((call, email) => {
      if (!/^\d+$/.test(call.segment)) return sentences.invalidTaskId
      const job = store.find(call.segment)
      return job === undefined || job.user !== call.user || job.account !== email
        ? missing(call.segment)
        : answer(job, call)
    })

  const statusOf = (job: Job, now: number, failed = job.outcome !== "succeed") =>
    store.isRunning(job, now)
      ? { status: 5, status_final: false }
      : failed
      ? { status: 50, status_name: "failed", status_final: true }
      : { status: 99, status_name: "succeed", status_final: true }

  const taskInfo = (job: Job) => ({ type: `m2v_${job.type}`, inputs: [], arguments: job.arguments, extraArgs: {} })
  const userId = (job: Job) => accounts.find(({ email }) => email === job.account)?.userId ?? 0

  const works = (job: Job, now: number): ReadonlyArray<Schema.JsonObject> =>
    store.isRunning(job, now) || job.outcome !== "succeed" ? [] : Array.from({ length: job.count }, (_, i) => {
      const isLost = i >= job.count - job.lost
      const link = world.link(cdn, `${job.id}-${i + 1}`, now)
      const size = { height: 720, width: 1280 }
      return {
        workId: Number(job.id) + i + 1,
        workItemId: Number(job.id) + i + 100,
        taskId: Number(job.id),
        userId: userId(job),
        type: `m2v_${job.type}`,
        ...statusOf(job, now, isLost),
        contentType: job.type,
        ...(isLost ? {} : {
          resource: { resource: link(files[job.type]), ...size, duration: 5041, resourceKey: `${job.id}-${i}` },
          cover: { resource: link("cover.jpg"), ...size, duration: 0, resourceKey: `${job.id}-${i}c` }
        }),
        starNum: 0,
        createTime: job.createdAt,
        taskInfo: taskInfo(job)
      }
    })

  const task = (job: Job, now: number): Schema.JsonObject => ({
    id: Number(job.id),
    userId: userId(job),
    type: `m2v_${job.type}`,
    scene: "NORMAL_CREATION",
    ...statusOf(job, now),
    taskInfo: taskInfo(job),
    favored: false,
    deleted: false,
    viewed: false,
    createTime: job.createdAt,
    updateTime: Math.min(job.endsAt, now),
    viewTime: 0
  })

  const record = (job: Job, now: number): Schema.JsonObject => ({
    ...statusOf(job, now),
    etaTime: Math.max(0, job.endsAt - now),
    etaTimeOverSla: false,
    queuingEtaTime: 0,
    originEtaTime: job.endsAt - job.createdAt,
    originQueuingEtaTime: 0,
    message: store.isRunning(job, now) ? "" : job.reason ?? "",
    task: task(job, now),
    works: works(job, now),
    ...job.override
  })

  const isGone = (job: Job, now: number): boolean => job.outcome === "moderated" && !store.isRunning(job, now)

  const get = about(
    (job, { now }) => isGone(job, now) ? sentences.taskNotFound : Reply.json(200, record(job, now)),
    () => sentences.taskNotFound
  )

  const remove = about((job, { now }) => {
    const workIds = works(job, now).map(({ workId }) => workId ?? 0)
    if (workIds.length === 0) return sentences.noWorks(job.id)
    store.forget(job.id)
    return Reply.json(200, { deleted: workIds.length, workIds })
  }, sentences.noWorks)

  const untrack = (call: Call): Reply.Reply => {
    const job = tracked(call.user, call.now).find(({ id }) => id === call.segment)
    return job === undefined ? sentences.notRunning(call.segment) : Scheduler.untrack(store, job, call)
  }

  const rows = (user: string, now: number) =>
    tracked(user, now).map((job) => ({ id: Number(job.id), email: job.account, ...Scheduler.row(job, now) }))

  const capacity = ({ now, user }: Call): Reply.Reply => {
    const executing = rows(user, now)
    return Reply.json(200, {
      executing,
      available: accounts.map(({ email, maxJobs }) => ({
        email,
        ...Scheduler.slots(maxJobs, executing.filter((row) => row.email === email).length)
      }))
    })
  }

  /** Newest first, as far as a page goes. */
  const history = answered((call, email) => {
    const [after, before] = [parameter(call, "createdAfter"), parameter(call, "createdBefore")]
    if (after !== undefined && before !== undefined) {
      return Reply.error(400, "createdAfter and createdBefore exclude each other")
    }
    const found = store.all().filter((job) =>
      job.user === call.user && job.account === email && !isGone(job, call.now) &&
      job.createdAt > Number(after ?? -Infinity) && job.createdAt < Number(before ?? Infinity)
    )
    const page = found.toSorted((a, b) => b.createdAt - a.createdAt).slice(0, Number(parameter(call, "pageSize") ?? 20))
    return Reply.json(200, { history: page.map((job) => ({ works: works(job, call.now), task: task(job, call.now) })) })
  })

  const download = answered((call, email) => {
    const workId = Number(parameter(call, "workIds"))
    const job = store.all().find((job) =>
      job.user === call.user && job.account === email && works(job, call.now).some((work) => work["workId"] === workId)
    )
    return job === undefined
      ? Reply.error(404, "No works found")
      : Reply.json(200, { cdnUrl: world.link(cdn, `${workId}`, call.now)(`clean-${files[job.type]}`) })
  })

  const listAccounts = ({ now }: Call): Reply.Reply =>
    Accounts.list(accounts, ({ email }) => email, ({ email, maxJobs, userId }) => ({
      email,
      session: { userId, ExpireTime: Math.floor(now / 1000) + 2_592_000, ExpireTimeUTC: "in 30 days" },
      maxJobs,
      password: "…secured…"
    }))

  const submit = (endpoint: typeof endpoints[keyof typeof endpoints]) => ({ body, now, user }: Call): Reply.Reply => {
    const parsed = parse(endpoint, body)
    if (Result.isFailure(parsed)) return Reply.error(400, parsed.failure)
    const { email, maxJobs, ...asked } = parsed.success
    const account = accountOf(email)
    if (Result.isFailure(account)) return account.failure
    const mine = tracked(user, now).filter((job) => job.account === account.success.email)
    if (mine.length >= (maxJobs ?? account.success.maxJobs)) return sentences.busy
    const job = store.keep(begin(asked, { user, account: account.success.email, lost: 0 }, now))
    const { id, scene, status, type, userId } = task(job, now)
    return Reply.json(200, {
      task: {
        id: id ?? 0,
        userId: userId ?? 0,
        type: type ?? "",
        scene: scene ?? "",
        status: status ?? 5,
        taskInfo: taskInfo(job)
      }
    })
  }

  const upload = answered(({ bytes, contentType, now }) => {
    const kind = /^(image|video|audio)\/(?:png|jpeg|mp4|quicktime|wav|mpeg|mp3|x-m4a|flac|aac|ogg)$/.exec(contentType)
      ?.[1]
    if (kind === undefined) {
      return Reply.error(
        400,
        `Content-Type ${contentType} is not supported. Valid values: image/png, image/jpeg, video/mp4, …`
      )
    }
    if (bytes === 0) return Reply.error(400, "Content is empty")
    const link = world.link(cdn, world.uuid(), now)
    return Reply.json(
      200,
      kind === "video"
        ? { status: 1, resourceUrl: link("video.mp4"), coverUrl: link("cover.jpg") }
        : { status: 3, url: link(kind === "image" ? "image.png" : "audio.mp3"), message: "", fileName: "upload" }
    )
  })

  const callbacks = (): ReadonlyArray<DueCallback> =>
    Callbacks.callbacks(
      world,
      store.all().filter((job) => job.listed !== "never" && job.endsAt - job.createdAt <= 3_600_000),
      record,
      ({ createdAt, endsAt, outcome }) => [
        ["progress", createdAt],
        ...(outcome === "moderated" ? [] : [[outcome, endsAt] as const])
      ]
    )

  const uploads = { operation: "upload", method: "POST", file: true, answer: upload } as const
  return {
    controls: store.controls<NewJob>(
      (job, { type, user }, now) =>
        begin(
          { type, count: job.count ?? 1, replyUrl: job.replyUrl, replyRef: job.replyRef, arguments: [] },
          { user, account: job.account ?? accounts[0]?.email ?? "", lost: job.lost ?? 0 },
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
      { operation: "untrack", method: "DELETE", path: `${root}/scheduler/:task_id`, answer: untrack },
      { operation: "history", method: "GET", path: `${root}/tasks`, answer: history },
      { operation: "get", method: "GET", path: `${root}/tasks/:task_id`, answer: get },
      { operation: "remove", method: "DELETE", path: `${root}/tasks/:task_id`, answer: remove },
      { operation: "link", method: "GET", path: `${root}/assets/download`, answer: download },
      { ...uploads, path: `${root}/assets` },
      { ...uploads, path: `${root}/assets/` },
      { operation: "accounts", method: "GET", path: `${root}/accounts`, answer: listAccounts },
      ...Creates.routes(root, endpoints, submit)
    ] as const
  }
}

const root = "/v1/kling"
/** No page names the host of its files. */
const cdn = "cdn.klingai.com"
const files = { video: "video.mp4", image: "image.png", audio: "audio.mp3" } as const
