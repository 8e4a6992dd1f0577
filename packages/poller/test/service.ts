import * as Handle from "@media-jobs/core/Handle"
import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import type * as JobState from "@media-jobs/core/JobState"
import * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Submission from "@media-jobs/core/Submission"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"

export const provider = ProviderId.make("test")
export const instance = ProviderId.defaultInstance
export const ids = (n: number): ReadonlyArray<JobId.JobId> =>
  Array.from({ length: n }, (_, i) => JobId.make(`job-${i}`))
export const [a, b] = [JobId.make("job-a"), JobId.make("job-b")] as const

export const succeeded: JobState.JobState = { _tag: "Succeeded", artifacts: [] }
export const job = (id: JobId.JobId, state: JobState.JobState, fields: Partial<Job.Job> = {}): Job.Job =>
  new Job.Job({ id, provider, instance, state, observedAt: DateTime.makeUnsafe(0), ...fields })

export const handle = (id: JobId.JobId, seconds = 0): Handle.Handle =>
  new Handle.Handle({ provider, instance, id, submittedAt: DateTime.makeUnsafe(seconds * 1000) })
export const submission = (
  ids: Submission.Submission["ids"],
  fields: Partial<Submission.Submission> = {}
): Submission.Submission =>
  new Submission.Submission({ provider, instance, ids, submittedAt: DateTime.makeUnsafe(0), ...fields })

/** A logger that keeps the warnings. */
export const warnings = () => {
  const said: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    if (logLevel === "Warn") said.push(String(message))
  })
  return { said, layer: Logger.layer([logger]) }
}

const about = (operation: JobError.Operation) => ({ provider, instance, operation })
export const down = (operation: JobError.Operation = "list") => new JobError.Unavailable(about(operation))
export const strange = (operation: JobError.Operation = "list") => new JobError.UnexpectedResponse(about(operation))
export const refused = (operation: JobError.Operation = "list") => new JobError.Unauthorized(about(operation))
export const limited = (retryAfter: JobError.RateLimited["retryAfter"], operation: JobError.Operation = "list") =>
  new JobError.RateLimited({ ...about(operation), ...(retryAfter === undefined ? undefined : { retryAfter }) })

/** A service in memory, on the clock of the test: jobs that run until an instant, and scripts that overrule it. */
export const make = () => {
  const lives = new Map<JobId.JobId, { endsAt: number; state: JobState.JobState; listed: boolean }>()
  const calls: Array<{ readonly at: number; readonly what: "list" | JobId.JobId }> = []
  const cancelled: Array<JobId.JobId> = []
  const script: {
    list?: ((at: number) => Effect.Effect<Provider.Listing, JobError.Of<"list">> | undefined) | undefined
    get?: ((id: JobId.JobId, at: number) => Effect.Effect<Job.Job, JobError.Of<"get">> | undefined) | undefined
  } = {}

  const stateAt = (id: JobId.JobId, at: number): JobState.JobState => {
    const life = lives.get(id)
    return life !== undefined && at >= life.endsAt ? life.state : { _tag: "Running" }
  }
  const list = Effect.flatMap(Clock.currentTimeMillis, (at) => {
    calls.push({ at, what: "list" })
    return script.list?.(at) ?? Effect.succeed<Provider.Listing>({
      jobs: Array.from(lives).filter(([, life]) => life.listed && at < life.endsAt)
        .map(([id]) => job(id, { _tag: "Running" }, { observedAt: DateTime.makeUnsafe(at) })),
      complete: true
    })
  })
  const get = (id: JobId.JobId) =>
    Effect.flatMap(Clock.currentTimeMillis, (at): Effect.Effect<Job.Job, JobError.Of<"get">> => {
      calls.push({ at, what: id })
      return script.get?.(id, at) ?? (lives.has(id)
        ? Effect.succeed(job(id, stateAt(id, at), { observedAt: DateTime.makeUnsafe(at) }))
        : Effect.fail(new JobError.NotFound({ ...about("get"), id })))
    })
  const cancel = (id: JobId.JobId) => Effect.sync(() => void cancelled.push(id))
  const identity = { id: provider, instance, owns: () => true }

  return {
    script,
    calls,
    cancelled,
    /** Starts a job that runs for so many seconds from the epoch of the test. */
    run: (id: JobId.JobId, seconds: number, options: { state?: JobState.JobState; listed?: boolean } = {}) =>
      void lives.set(id, { endsAt: seconds * 1000, state: options.state ?? succeeded, listed: options.listed ?? true }),
    end: (id: JobId.JobId) => void lives.delete(id),
    lists: () => calls.filter((call) => call.what === "list").length,
    gets: (id?: JobId.JobId) =>
      calls.filter((call) => id === undefined ? call.what !== "list" : call.what === id).length,
    both: Provider.make(identity, { list, get, cancel }),
    listOnly: Provider.make(identity, { list }),
    getOnly: Provider.make(identity, { get })
  }
}
