/**
 * Flow Music v1 as what is known of it has it, for the emulator.
 *
 * **Details**
 *
 * Where nothing is known this is what it does. What is answered at once has ended at once: no answer is held back while something
 * is made. Bodies are read as JSON, not as a form. A request makes two clips, one for stems four. A record repeats its request and,
 * in webhooks, the reference beside its fields. Ids are taken as they are and encoded, and nothing expires. Of effects, lyrics, images
 * and downloads as MP3 there is nothing.
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
import { decode } from "../useapi/internal/ids.ts"
import * as useapi from "../useapi/internal/service.ts"
import { refuse } from "../useapi/internal/upload.ts"
import { fixtures } from "./internal/fixtures.ts"
import * as Parsed from "./internal/parsedRequest.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * Answers of Flow Music, put together from what is known of them; `ids` has those of a job, a clip and an account.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What Flow Music says where it refuses.
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
 * - `accounts`, the same for every user of the emulator: one, `user@example.com`, with four slots. One with an `error` answers 596.
 * - `life`, 90 seconds: how long a job runs, which varies by the fraction `jitter`, 0.
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

interface Account {
  readonly email: string
  readonly maxJobs: number
  readonly error?: string | undefined
}

/**
 * A job in the emulator's memory; `clips` are what it makes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job
  extends JobStore.StoredJob<"completed" | "failed">, Omit<Parsed.ParsedRequest, "named" | "isAsync">
{
  readonly clips: ReadonlyArray<string>
}

/**
 * A job to put into the emulator's memory without a request, which made music.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly replyRef?: string | undefined
}

/**
 * Flow Music through useapi.net.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  useapi.service({
    id: "useapi-flow-music",
    cdns: [cdn],
    unauthorized: sentences.unauthorized,
    make: (world) => make(world, options)
  })

/**
 * Flow Music with some jobs, unless `empty`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (empty: boolean) =>
  service({
    jitter: 0.25,
    jobs: empty ? [] : [
      { id: fixtures.ids.job, duration: "3 minutes" },
      { state: "completed" },
      { state: "failed", reason: "generation_failed" }
    ]
  })

const make = (world: World, options: Options) => {
  const accounts = options.accounts ?? [{ email: fixtures.ids.account, maxJobs: 4 }]
  const store = JobStore.make<Job>(world, {
    life: () => options.life ?? "90 seconds",
    jitter: options.jitter,
    outcome: "completed"
  })

  const begin = (
    { operation, replyRef, replyUrl, request, title }: Omit<Parsed.ParsedRequest, "isAsync" | "named">,
    { account, user }: Pick<Job, "account" | "user">,
    now: number,
    given: NewJob = {}
  ): Job => ({
    operation,
    replyRef,
    replyUrl,
    request,
    title,
    clips: Array.from({ length: operation === "stems" ? 4 : 2 }, () => world.uuid()),
    ...store.begin(
      { account, user, type: "audio" },
      () => `job:${world.uuid()}-user:${user}-${account}-bot:flowmusic`,
      now,
      given
    )
  })

  const clip = (job: Job, uuid: string, now: number): Schema.JsonObject => {
    const link = world.link(cdn, uuid, now)
    return {
      clip: `user:${job.user}-${job.account}-clip:${uuid}`,
      title: job.title,
      duration_s: 151.5,
      lyrics: "Light in the rain",
      seed: 7,
      lyrics_timing: [[0, 1.5]],
      created_at: iso(job.endsAt),
      audio_url: link("clip.m4a"),
      wav_url: link("clip.wav"),
      image_url: link("clip.jpg")
    }
  }

  const record = (job: Job, now: number): Schema.JsonObject => {
    const isRunning = store.isRunning(job, now)
    return {
      jobid: job.id,
      email: job.account,
      // The word of stems is in no record.
      ...(job.operation === undefined || job.operation === "stems" ? undefined : { operation: job.operation }),
      request: job.request,
      status: isRunning ? "pending" : job.outcome,
      created_at: job.created,
      ...(isRunning
        ? undefined
        : { completed_at: iso(job.endsAt), duration_ms: Math.max(0, job.endsAt - job.createdAt) }),
      ...(isRunning
        ? undefined
        : job.outcome === "completed"
        ? { clips: job.clips.map((uuid) => clip(job, uuid, now)) }
        : { error: { code: job.reason ?? "generation_failed", message: "The generation has ended" } }),
      ...job.override
    }
  }

  const about = (answer: (job: Job, now: number) => Reply.Reply) => ({ now, segment, user }: Call): Reply.Reply => {
    const job = store.find(decode(segment))
    if (job === undefined) return sentences.jobNotFound
    return job.user === user ? answer(job, now) : sentences.forbidden
  }

  const get = about((job, now) => Reply.json(200, record(job, now)))

  /** A job that has ended is only no longer among those that run, where it was not anyway. */
  const cancel = about((job, now) => {
    if (store.isRunning(job, now)) store.change(job, { state: "failed", reason: "user_cancelled" }, now)
    return Reply.empty(204)
  })

  const parameter = ({ query }: Call, name: string): string | undefined =>
    new URLSearchParams(query).get(name) ?? undefined

  const ofAccount = (user: string, account: string, now: number) =>
    store.listed(user, now).filter((job) => job.account === account)

  const list = ({ now, user }: Call): Reply.Reply =>
    Reply.json(
      200,
      Object.fromEntries(
        accounts.map(({ email, maxJobs }) => ({ email, maxJobs, jobs: ofAccount(user, email, now) }))
          .filter(({ jobs }) => jobs.length > 0)
          .map(({ email, jobs, maxJobs }) => [email, {
            running: jobs.length,
            maxJobs,
            jobs: jobs.map(({ created, id, operation }) => ({
              jobid: id,
              status: "pending",
              ...(operation === undefined ? undefined : { operation }),
              created_at: created
            }))
          }])
      )
    )

  /** Clips, newest first. */
  const history = (call: Call): Reply.Reply => {
    const email = parameter(call, "email")
    const [limit, offset] = [Number(parameter(call, "limit") ?? 30), Number(parameter(call, "offset") ?? 0)]
    const clips = store.all().filter((job) =>
      job.user === call.user && (email ?? job.account) === job.account && job.outcome === "completed" &&
      !store.isRunning(job, call.now)
    ).toSorted((a, b) => b.endsAt - a.endsAt).flatMap((job) => job.clips.map((uuid) => clip(job, uuid, call.now)))
    return Reply.json(200, { clips: clips.slice(offset, offset + limit) })
  }

  const submit = (read: typeof Parsed.music) => ({ body, now, user }: Call): Reply.Reply => {
    const parsed = read(body)
    if (Result.isFailure(parsed)) return sentences.badRequest(parsed.failure)
    const { isAsync, named, ...asked } = parsed.success
    const chosen = choose(
      world,
      accounts,
      [({ email }) => email === (named ?? email), () => sentences.accountNotFound(named ?? "")],
      [({ error }) => error === undefined, () => sentences.sessionError],
      [({ email, maxJobs }) => ofAccount(user, email, now).length < maxJobs, () => sentences.busy]
    )
    if (Result.isFailure(chosen)) return chosen.failure
    const begun = store.keep(begin(asked, { user, account: chosen.success.email }, now))
    return isAsync
      ? Reply.json(201, record(begun, now))
      : Reply.json(200, record(store.change(begun, { state: "completed" }, now), now))
  }

  const upload = (call: Call): Reply.Reply => {
    const email = parameter(call, "email") ?? accounts[0]?.email ?? ""
    const found = accounts.find((account) => account.email === email)
    if (found === undefined) return sentences.accountNotFound(email)
    if (found.error !== undefined) return sentences.sessionError
    const kind = call.contentType.startsWith("image/") ? "image" : "audio"
    const uuid = world.uuid()
    return refuse(call, { mediaTypes, maxBytes: (kind === "image" ? 20 : 40) * 1_048_576, valid: "Valid values" }) ??
      Reply.json(200, {
        id: `user:${call.user}-${email}-${kind}:${uuid}`,
        url: world.link(cdn, uuid, call.now)(kind === "image" ? "image.png" : "audio.wav"),
        kind,
        assetType: call.contentType,
        email,
        metadata_stripped: parameter(call, "stripMetadata") === "true",
        ...(kind === "audio" ? { clip_id: uuid, operation_id: uuid, is_flagged: false, duration_s: 9.12 } : undefined)
      })
  }

  const listAccounts = (): Reply.Reply =>
    Reply.json(
      200,
      Object.fromEntries(accounts.map(({ email, error, maxJobs }) => [email, {
        email,
        tier: "plus",
        maxJobs,
        ...(error === undefined ? undefined : { error })
      }]))
    )

  const callbacks = (): ReadonlyArray<DueCallback> =>
    store.all().flatMap((job) => {
      const url = job.replyUrl ?? world.replyUrl
      if (url === undefined) return []
      const { endsAt: at, id, outcome: event, replyRef } = job
      const body = () => ({ ...record(job, at), ...(replyRef === undefined ? undefined : { replyRef }) })
      return [{ job: id, event, part: 0, url, at, body, retries: 0 }]
    })

  return {
    controls: store.controls<NewJob>(
      (job, { user }, now) =>
        begin(
          {
            operation: undefined,
            title: "The lighthouse",
            request: { prompt: "a slow waltz about a lighthouse", model: "lyria-3-pro", mode: "async" },
            replyRef: job.replyRef,
            replyUrl: job.replyUrl
          },
          { user, account: job.account ?? accounts[0]?.email ?? "" },
          now,
          job
        ),
      options.jobs
    ),
    callbacks,
    routes: [
      { operation: "music", method: "POST", path: `${root}/music`, answer: submit(Parsed.music) },
      { operation: "edit", method: "POST", path: `${root}/music/edit`, answer: submit(Parsed.edited) },
      { operation: "history", method: "GET", path: `${root}/music`, answer: history },
      { operation: "list", method: "GET", path: `${root}/jobs`, answer: list },
      { operation: "get", method: "GET", path: `${root}/jobs/:jobid`, answer: get },
      { operation: "cancel", method: "DELETE", path: `${root}/jobs/:jobid`, answer: cancel },
      { operation: "upload", method: "POST", path: `${root}/files`, file: true, answer: upload },
      { operation: "accounts", method: "GET", path: `${root}/accounts`, answer: listAccounts }
    ] as const
  }
}

const root = "/v1/flowmusic"

/** No page names the host of its files. */
const cdn = "cdn.flowmusic.app"

const mediaTypes = ["image/jpeg", "image/png", "image/webp", "audio/mpeg", "audio/wav", "audio/mp4", "audio/aac"]
