import * as Job from "@media-jobs/core/Job"
import type * as JobError from "@media-jobs/core/JobError"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Watcher } from "./watchedJob.ts"

/** The watches that one consumer reads: one, or those of all jobs of a submission. */
export type Subscription = readonly [Watcher, ...Array<Watcher>]

/** How one of them ended: with the job, or early. */
export type Outcome = Exit.Exit<Job.Terminal, JobError.WatchError>

/** Calls back at whatever happens in any of them. */
export const listen = (watchers: Subscription, resume: (() => void) | undefined): void => {
  for (const watcher of watchers) watcher.resume = resume
}

/** How each ended, once all have. */
export const outcomes = (watchers: Subscription): ReadonlyArray<Outcome> | undefined =>
  watchers.every(({ ending }) => ending !== undefined) ? watchers.map(outcome) : undefined

const outcome = ({ ending, watched: { job } }: Watcher): Outcome =>
  ending !== undefined && Exit.isFailure(ending)
    ? Exit.failCause(ending.cause)
    : job !== undefined && Job.isTerminal(job)
    ? Exit.succeed(job)
    : Exit.interrupt()

/**
 * What its consumer has not seen yet: snapshots, then, once all watches have ended, the end.
 *
 * Whether there is something is asked where the fiber begins to wait: before, it may have yielded, and missed a call.
 */
export const pull = <E>(
  watchers: Subscription,
  end: (outcomes: ReadonlyArray<Outcome>) => Effect.Effect<never, E | Cause.Done>
): Effect.Effect<readonly [Job.Job, ...Array<Job.Job>], E | Cause.Done> =>
  Effect.callback((resume) => {
    const check = () => {
      const [first, ...rest] = unread(watchers)
      const ended = first === undefined ? outcomes(watchers) : undefined
      if (first === undefined && ended === undefined) return
      // To resume is to run, maybe up to the next wait.
      listen(watchers, undefined)
      resume(first !== undefined ? Effect.succeed([first, ...rest]) : end(ended ?? []))
    }
    listen(watchers, check)
    check()
    // A wait that is over takes nothing that another wait is for.
    return Effect.sync(() => listen(watchers, undefined))
  })

const unread = (watchers: Subscription): ReadonlyArray<Job.Job> => {
  const jobs: Array<Job.Job> = []
  for (const watcher of watchers) {
    const { seen, watched: { job } } = watcher
    if (job !== undefined && (seen === undefined || Job.changed(seen, job))) jobs.push(watcher.seen = job)
  }
  return jobs
}
