/**
 * TemPolor v1 as what is known of it has it, for the emulator.
 *
 * **Details**
 *
 * Where nothing is known this is what it does. A request makes one job. A list of what was made is newest first, in pages of ten. An
 * untracked job leaves the list and the slots and reports no more, and is made all the same. What was deleted is not found, whether it was
 * made or not. Another user's job is not found. Of stems, and of lists of voices and melodies, there is nothing.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { Call, DueCallback, World } from "../EmulatedService.ts"
import * as JobStore from "../JobStore.ts"
import * as Reply from "../Reply.ts"
import * as Accounts from "../useapi/internal/accounts.ts"
import * as Callbacks from "../useapi/internal/callbacks.ts"
import { choose } from "../useapi/internal/choose.ts"
import { decodeId, digits } from "../useapi/internal/ids.ts"
import { parameter } from "../useapi/internal/parameter.ts"
import * as Scheduler from "../useapi/internal/scheduler.ts"
import * as useapi from "../useapi/internal/service.ts"
import { refuse } from "../useapi/internal/upload.ts"
import { fixtures } from "./internal/fixtures.ts"
import * as Parsed from "./internal/parsedRequest.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * Answers of TemPolor, put together from what is known of them; `ids` has those of their jobs and their account.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What TemPolor says where it refuses.
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
 * - `accounts`, the same for every user of the emulator: one, `1234567`, with five slots. One with an `error` answers 596.
 * - `life`, 1 minute: how long a job runs, which varies by the fraction `jitter`, 0.
 * - `filesAfter`, 3 seconds: for how long what has just been made can't be downloaded. What a test adds as made can be at once.
 * - `jobs`: those that are there from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly accounts?: ReadonlyArray<Account> | undefined
  readonly life?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly filesAfter?: Duration.Input | undefined
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

interface Account {
  readonly user_id: string
  readonly maxJobs: number
  readonly error?: string | undefined
}

/**
 * A job in the emulator's memory; its file is there `lag` milliseconds after its end.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job
  extends
    JobStore.StoredJob<"completed" | "failed">,
    Pick<Parsed.ParsedRequest, "sort" | "prompt" | "replyRef" | "replyUrl">
{
  readonly lag: number
}

/**
 * A job to put into the emulator's memory without a request, a song unless told.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly sort?: Job["sort"] | undefined
  readonly replyRef?: string | undefined
}

/**
 * TemPolor through useapi.net.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  useapi.service({
    id: "useapi-tempolor",
    cdns: [cdn],
    unauthorized: sentences.unauthorized,
    make: (world) => make(world, options)
  })

/**
 * TemPolor with some jobs, unless `empty`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (empty: boolean) =>
  service({
    jitter: 0.25,
    jobs: empty ? [] : [
      { id: fixtures.ids.song, duration: "3 minutes" },
      { id: fixtures.ids.instrumental, sort: "instrumental", state: "completed" },
      { state: "completed" },
      { state: "failed" }
    ]
  })

const make = (world: World, options: Options) => {
  const accounts = options.accounts ?? [{ user_id: fixtures.ids.account, maxJobs: 5 }]
  const store = JobStore.make<Job>(world, {
    life: () => options.life ?? "1 minute",
    jitter: options.jitter,
    outcome: "completed"
  })

  const begin = (
    { prompt, replyRef, replyUrl, sort }: Pick<Job, "sort" | "prompt" | "replyRef" | "replyUrl">,
    { account, user }: Pick<Job, "account" | "user">,
    now: number,
    given: NewJob = {}
  ): Job => ({
    prompt,
    replyRef,
    replyUrl,
    sort,
    lag: given.state === "completed" ? 0 : Duration.toMillis(options.filesAfter ?? "3 seconds") / world.speed,
    ...store.begin(
      { account, user, type: "audio" },
      () => `user:${user}-tempolor:${account}-job:${world.uuid().replaceAll("-", "")}`,
      now,
      given
    )
  })

  const record = (job: Job, now: number): Schema.JsonObject => {
    const running = store.isRunning(job, now)
    const [status, name] = running ? [0, "GENERATING"] : statuses[job.outcome]
    const part = job.id.slice(job.id.lastIndexOf(":") + 1)
    return {
      bizType: "AI_MUSIC",
      childType: job.sort.toUpperCase(),
      sourceType: "PROMPT",
      itemId: part,
      job_id: job.id,
      genItemId: part,
      userId: job.account,
      titleEn: "The lighthouse",
      cover: world.link(cdn, part, now)("cover.jpg"),
      mp3OssId: status === 30 ? `music/mp3/${part}` : "",
      wavOssId: status === 30 ? `music/wav/${part}` : "",
      status,
      status_name: name,
      status_final: !running,
      progress: running ? Math.floor(99 * (now - job.createdAt) / (job.endsAt - job.createdAt)) : 100,
      musicMaterial: { style: ["Waltz"], mood: ["Calm"], key: "C", bpm: 90 },
      createTime: job.createdAt,
      updateTime: Math.floor(Math.min(now, job.endsAt)),
      ltmMaterialExtendDto: { lyricsPrompt: "", description: job.prompt },
      ...(job.reason === undefined ? undefined : { message: job.reason }),
      ...job.override
    }
  }

  const about = (answer: (job: Job, call: Call) => Reply.Reply) => (call: Call): Reply.Reply => {
    const id = decodeId(call.segment)
    if (id === undefined || !/^user:\d+-tempolor:.+-job:/.test(id)) return sentences.invalidId
    const job = store.find(id)
    return job === undefined || job.user !== call.user ? sentences.notFound(id) : answer(job, call)
  }

  const get = about((job, { now }) => Reply.json(200, record(job, now)))

  const download = about((job, call) => {
    const format = parameter(call, "file_format") ?? "mp3"
    if (!["mp3", "wav", "stems"].includes(format)) return sentences.badRequest("file_format is not supported")
    if (store.isRunning(job, call.now)) return sentences.notCompleted(0)
    if (job.outcome !== "completed") return sentences.notCompleted(statuses[job.outcome][0])
    return call.now < job.endsAt + job.lag ? sentences.notFound(job.id) : Reply.json(200, {
      url: world.link(cdn, job.id.slice(job.id.lastIndexOf(":") + 1), call.now)(
        format === "wav" ? "song.wav" : "song.mp3"
      ),
      remainSeconds: 0
    })
  })

  const remove = about((job) => {
    store.forget(job.id)
    return Reply.json(200, {})
  })

  const untrack = about((job, call) =>
    store.listed(call.user, call.now).includes(job) ? Scheduler.untrack(store, job, call) : sentences.notRunning
  )

  const executing = (user: string, account: string, now: number) =>
    store.listed(user, now).filter((job) => job.account === account).length

  const rows = ({ now, user }: Call) =>
    store.listed(user, now).map((job) => ({ job_id: job.id, ...Scheduler.row(job, now) }))

  const capacity = (call: Call): Reply.Reply =>
    Reply.json(200, {
      executing: rows(call),
      available: accounts.map(({ maxJobs, user_id }) => ({
        user_id,
        ...Scheduler.slots(maxJobs, executing(call.user, user_id, call.now))
      }))
    })

  /** The account that a call about accounts is of; with several it must name one. */
  const named = (call: Call): Result.Result<string, Reply.Reply> => {
    const [first, ...more] = accounts
    const account = parameter(call, "user_id") ?? (more.length === 0 ? first?.user_id : undefined)
    if (account === undefined) return Result.fail(sentences.badRequest("Parameter user_id is required"))
    const found = accounts.find(({ user_id }) => user_id === account)
    if (found === undefined) return Result.fail(sentences.accountNotFound(account))
    return found.error === undefined ? Result.succeed(account) : Result.fail(sentences.sessionError)
  }

  const history = (call: Call): Reply.Reply => {
    const account = named(call)
    if (Result.isFailure(account)) return account.failure
    const sort = parameter(call, "type") ?? "song"
    const from = Number(parameter(call, "cursor") ?? 0)
    const found = store.all().filter((job) =>
      job.user === call.user && job.account === account.success && job.sort === sort
    ).toSorted((a, b) => b.createdAt - a.createdAt)
    const records = found.slice(from, from + pageSize).map((job) => record(job, call.now))
    return Reply.json(200, {
      records,
      ...(found.length > from + pageSize ? { cursor: `${from + pageSize}` } : undefined)
    })
  }

  const submit = (read: typeof Parsed.song) => ({ body, now, user }: Call): Reply.Reply => {
    const parsed = read(body)
    if (Result.isFailure(parsed)) return sentences.badRequest(parsed.failure)
    const asked = parsed.success
    const chosen = choose(
      world,
      accounts,
      [({ user_id }) => user_id === (asked.account ?? user_id), () => sentences.accountNotFound(asked.account ?? "")],
      [({ error }) => error === undefined, () => sentences.sessionError],
      [
        ({ maxJobs, user_id }) => executing(user, user_id, now) < Math.min(maxJobs, asked.maxJobs ?? maxJobs),
        () => sentences.busy
      ]
    )
    if (Result.isFailure(chosen)) return chosen.failure
    const { id } = store.keep(begin(asked, { user, account: chosen.success.user_id }, now))
    return Reply.json(200, { jobs: [id], unlimited: true })
  }

  const upload = (mediaTypes: ReadonlyArray<string>) => (call: Call): Reply.Reply => {
    const account = named(call)
    if (Result.isFailure(account)) return account.failure
    const name = parameter(call, "name") ?? ""
    return refuse(call, { mediaTypes, maxBytes: Infinity, valid: "Valid values" }) ??
      Reply.json(200, { itemId: `19${digits(world, 17)}`, name })
  }

  const listAccounts = (): Reply.Reply =>
    Accounts.list(accounts, ({ user_id }) => user_id, ({ maxJobs, user_id }) => ({ user_id, maxJobs }))

  /** One when half is done, and one at the end. */
  const callbacks = (): ReadonlyArray<DueCallback> =>
    Callbacks.callbacks(
      world,
      store.all().filter(({ listed }) => listed !== "never"),
      record,
      ({ createdAt, endsAt, outcome }) => [["progress", Math.floor((createdAt + endsAt) / 2)], [outcome, endsAt]]
    )

  return {
    controls: store.controls<NewJob>(
      (job, { user }, now) =>
        begin(
          {
            sort: job.sort ?? "song",
            prompt: "a slow waltz about a lighthouse",
            replyRef: job.replyRef,
            replyUrl: job.replyUrl
          },
          { user, account: job.account ?? accounts[0]?.user_id ?? "" },
          now,
          job
        ),
      options.jobs
    ),
    callbacks,
    routes: [
      { operation: "song", method: "POST", path: `${root}/music/song`, answer: submit(Parsed.song) },
      {
        operation: "instrumental",
        method: "POST",
        path: `${root}/music/instrumental`,
        answer: submit(Parsed.instrumental)
      },
      {
        operation: "list",
        method: "GET",
        path: `${root}/scheduler`,
        answer: (call: Call) => Reply.json(200, rows(call))
      },
      { operation: "available", method: "GET", path: `${root}/scheduler/available`, answer: capacity },
      { operation: "untrack", method: "DELETE", path: `${root}/scheduler/:job_id`, answer: untrack },
      { operation: "history", method: "GET", path: `${root}/music`, answer: history },
      { operation: "download", method: "GET", path: `${root}/music/download/:job_id`, answer: download },
      { operation: "get", method: "GET", path: `${root}/music/:job_id`, answer: get },
      { operation: "remove", method: "DELETE", path: `${root}/music/:job_id`, answer: remove },
      {
        operation: "voice",
        method: "POST",
        path: `${root}/music/cloned-voices`,
        file: true,
        answer: upload(["audio/mpeg", "audio/wav"])
      },
      { operation: "melody", method: "POST", path: `${root}/music/midi`, file: true, answer: upload(["audio/midi"]) },
      { operation: "accounts", method: "GET", path: `${root}/accounts`, answer: listAccounts }
    ] as const
  }
}

const root = "/v1/tempolor"

/** No page names the host of its files. */
const cdn = "cdn.tempolor.com"

const pageSize = 10

const statuses = { completed: [30, "COMPLETED"], failed: [10, "FAILED"] } as const
