/**
 * Mureka v1 as what is known of it has it, for the emulator.
 *
 * **Details**
 *
 * Where nothing is known this is what it does. What is answered at once has ended at once: no answer is held back while something
 * is made. Bodies are read as JSON, not as multipart. An account runs any number of jobs unless told. Speech that is completed is one file,
 * as its `response` itself. Another user's job is not found. Ids are taken as they are and encoded. Of what the service makes no job of
 * (lyrics, videos, stems, voices) there is nothing.
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
import { choose } from "../useapi/internal/choose.ts"
import * as Creates from "../useapi/internal/creates.ts"
import { decode, digits } from "../useapi/internal/ids.ts"
import { parameter } from "../useapi/internal/parameter.ts"
import * as Scheduler from "../useapi/internal/scheduler.ts"
import * as useapi from "../useapi/internal/service.ts"
import { refuse } from "../useapi/internal/upload.ts"
import { fixtures } from "./internal/fixtures.ts"
import { endpoints, type ParsedRequest } from "./internal/parsedRequest.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * Answers of Mureka, put together from what is known of them; `ids` has those of their jobs and their account.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What Mureka says where it refuses.
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
 * - `accounts`, the same for every user of the emulator: one, `12345678901234`. One with an `error` answers 596. `maxJobs` of one are
 *   answered 429. Where there are several, each submit must name one.
 * - `life`, 45 seconds: how long a job runs, which varies by the fraction `jitter`, 0.
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

/**
 * A job in the emulator's memory; `works` are the numbers of what it makes, of which the last `missing` have no file.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends JobStore.StoredJob<"completed" | "failed">, Omit<ParsedRequest, "named" | "isAsync"> {
  readonly works: ReadonlyArray<string>
  readonly missing: number
}

/**
 * A job to put into the emulator's memory without a request, music unless its `verb` is `speech`.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly verb?: string | undefined
  readonly missing?: number | undefined
  readonly replyRef?: string | undefined
}

interface Account {
  readonly account: string
  readonly error?: string | undefined
  readonly maxJobs?: number | undefined
}

/**
 * Mureka through useapi.net.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  useapi.service({
    id: "useapi-mureka",
    cdns: [cdn],
    unauthorized: sentences.unauthorized,
    make: (world) => make(world, options)
  })

/**
 * Mureka with some jobs, unless `empty`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (empty: boolean) =>
  service({
    jitter: 0.25,
    jobs: empty ? [] : [
      { id: fixtures.ids.music, duration: "3 minutes" },
      { state: "completed" },
      { state: "completed", missing: 1 },
      { verb: "speech", state: "completed" },
      { state: "failed", reason: "Generation failed" }
    ]
  })

const isSpeech = ({ verb }: Pick<Job, "verb">): boolean => verb === "speech"

const make = (world: World, options: Options) => {
  const accounts = options.accounts ?? [{ account: fixtures.ids.account }]
  const store = JobStore.make<Job>(world, {
    life: () => options.life ?? "45 seconds",
    jitter: options.jitter,
    outcome: "completed"
  })

  const begin = (
    asked: Omit<ParsedRequest, "isAsync" | "named">,
    whose: Pick<Job, "user" | "account">,
    now: number,
    given: NewJob = {}
  ): Job => ({
    ...asked,
    ...store.begin(
      { ...whose, type: "audio" },
      () => `j${digits(world, 19)}${isSpeech(asked) ? "t" : "m"}-u${whose.user}-a${whose.account}-bot:mureka`,
      now,
      given
    ),
    works: Array.from({ length: isSpeech(asked) ? 1 : 2 }, () => `9${digits(world, 13)}`),
    missing: given.missing ?? 0
  })

  const work = (job: Job, number: string, index: number, now: number): Schema.JsonObject => {
    const link = world.link(cdn, number, now)
    const file = index < job.works.length - job.missing ? { mp3_url: link("song.mp3") } : undefined
    return isSpeech(job)
      ? { title: job.title, ...file, id: Number(number), duration_milliseconds: 4210, state: 3 }
      : {
        song_id: `user:${job.user}-mureka:${job.account}-song:${number}`,
        title: job.title,
        version: job.verb === "music/regenerate" ? `1.1.${index + 1}` : `${index + 1}`,
        duration_milliseconds: 151_480,
        ...file,
        cover: link("cover.jpg"),
        genres: ["waltz"],
        moods: ["calm"]
      }
  }

  const resultOf = (job: Job, now: number): Schema.JsonObject => {
    const [first = {}, ...rest] = job.works.map((number, i) => work(job, number, i, now))
    return isSpeech(job) ? first : { feed_id: Number(job.works[0]), state: 3, songs: [first, ...rest] }
  }

  const record = (job: Job, now: number): Schema.JsonObject => {
    const isRunning = store.isRunning(job, now)
    return {
      jobid: job.id,
      verb: job.verb,
      jobType: isSpeech(job) ? "tts" : "music",
      status: isRunning ? "created" : job.outcome,
      created: job.created,
      updated: iso(isRunning ? job.createdAt : job.endsAt),
      request: { ...job.request, account: job.account },
      ...(isRunning
        ? undefined
        : job.outcome === "completed"
        ? { response: resultOf(job, now) }
        : { error: job.reason ?? "Generation failed" }),
      ...job.override
    }
  }

  const get = ({ now, segment, user }: Call): Reply.Reply => {
    const job = store.find(decode(segment))
    return job === undefined || job.user !== user || now >= job.createdAt + retention
      ? sentences.jobNotFound
      : Reply.json(200, record(job, now))
  }

  const counts = (jobs: ReadonlyArray<Job>) => {
    const tts = jobs.filter(isSpeech).length
    return { total: jobs.length, music: jobs.length - tts, tts }
  }

  const list = (call: Call): Reply.Reply => {
    const named = parameter(call, "account")
    const jobs = store.listed(call.user, call.now).filter(({ account }) => account === (named ?? account))
    const busy = new Set(jobs.map(({ account }) => account))
    return Reply.json(200, {
      ...counts(jobs),
      accounts: Object.fromEntries(
        [...busy].map((busy) => {
          const own = jobs.filter(({ account }) => account === busy)
          const entries = own.map(({ createdAt, id, verb }) => ({
            jobid: id,
            verb,
            elapsed: Scheduler.elapsed(call.now - createdAt)
          }))
          return [busy, { ...counts(own), jobs: entries }]
        })
      ),
      availableAccounts: accounts.map(({ account }) => account)
    })
  }

  /** What accounts have made, newest first, as far as a page goes. */
  const history = (kind: (job: Job) => boolean) => (call: Call): Reply.Reply => {
    const [account, last, limit] = ["account", "last_id", "limit"].map((name) => parameter(call, name))
    const made = store.all().filter((job) =>
      job.user === call.user && kind(job) && job.outcome === "completed" && !store.isRunning(job, call.now) &&
      (account === undefined || job.account === account)
    ).toSorted((a, b) => b.endsAt - a.endsAt)
    const rows = made.flatMap((job) => job.works.map((number, i) => [number, work(job, number, i, call.now)] as const))
    const from = rows.findIndex(([number]) => number === last) + 1
    const page = rows.slice(from, from + Number(limit ?? 30))
    return Reply.json(200, {
      list: page.map(([, row]) => row),
      last_id: Number(page.at(-1)?.[0] ?? 0),
      more: from + page.length < rows.length
    })
  }

  /** The account that a call names, or that needs no name; else why not. */
  const accountOf = (user: string, named: string | undefined, now: number): Result.Result<string, Reply.Reply> =>
    named === undefined && accounts.length > 1
      ? Result.fail(sentences.badRequest("Parameter account is required"))
      : Result.map(
        choose(
          world,
          accounts,
          [({ account }) => account === (named ?? account), () => sentences.accountNotFound(named ?? "")],
          [({ error }) => error === undefined, () => sentences.sessionError],
          [
            ({ account, maxJobs = Infinity }) => store.running(user, account, now).length < maxJobs,
            () => sentences.busy
          ]
        ),
        ({ account }) => account
      )

  const submit =
    ({ parse }: (typeof endpoints)[keyof typeof endpoints]) => ({ body, now, user }: Call): Reply.Reply => {
      const asked = parse(body)
      if (Result.isFailure(asked)) return sentences.badRequest(asked.failure)
      const { isAsync, named, ...fields } = asked.success
      const account = accountOf(user, named, now)
      if (Result.isFailure(account)) return account.failure
      const begun = store.keep(begin(fields, { user, account: account.success }, now))
      if (isAsync) return Reply.json(201, record(begun, now))
      const done = store.change(begun, { state: "completed" }, now)
      return Reply.json(200, { jobid: done.id, ...resultOf(done, now) })
    }

  const upload = (call: Call): Reply.Reply => {
    const account = accountOf(call.user, parameter(call, "account"), call.now)
    if (Result.isFailure(account)) return account.failure
    const takes = { mediaTypes: ["audio/mpeg"], maxBytes: Infinity, valid: "Valid values" }
    const id = `9${digits(world, 13)}`
    return refuse(call, takes) ?? Reply.json(200, {
      id: `user:${call.user}-mureka:${account.success}-file:${id}`,
      url: world.link(cdn, id, call.now)("upload.mp3"),
      duration_milliseconds: 9120
    })
  }

  const listAccounts = (): Reply.Reply =>
    Accounts.list(accounts, ({ account }) => account, ({ account }) => ({ account, email: "user@example.com" }))

  const callbacks = (): ReadonlyArray<DueCallback> =>
    store.all().flatMap((job) => {
      const url = job.replyUrl ?? world.replyUrl
      if (url === undefined) return []
      return [["created", job.createdAt] as const, [job.outcome, job.endsAt] as const].map(([event, at], part) => ({
        job: job.id,
        event,
        part,
        url,
        at,
        body: () => record(job, at),
        retries: 0
      }))
    })

  return {
    controls: store.controls<NewJob>((job, { user }, now) => {
      const { replyRef, replyUrl, verb = "music/create" } = job
      const asked = {
        verb,
        title: "The lighthouse",
        request: { model: "V9", async: true, ...(replyUrl && { replyUrl }), ...(replyRef && { replyRef }) },
        replyUrl,
        replyRef
      }
      return begin(asked, { user, account: job.account ?? accounts[0]?.account ?? "" }, now, job)
    }, options.jobs),
    callbacks,
    routes: [
      { operation: "list", method: "GET", path: `${root}/jobs`, answer: list },
      { operation: "get", method: "GET", path: `${root}/jobs/:jobid`, answer: get },
      { operation: "music", method: "GET", path: `${root}/music`, answer: history((job) => !isSpeech(job)) },
      { operation: "spoken", method: "GET", path: `${root}/speech`, answer: history(isSpeech) },
      { operation: "motif", method: "POST", path: `${root}/files/motif/`, file: true, answer: upload },
      { operation: "accounts", method: "GET", path: `${root}/accounts`, answer: listAccounts },
      ...Creates.routes(root, endpoints, submit)
    ] as const
  }
}

const root = "/v1/mureka"

const retention = 7 * 86_400_000

/** No page names the host of its files. */
const cdn = "cos.mureka.ai"
