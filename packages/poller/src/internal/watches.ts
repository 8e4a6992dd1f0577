import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as Duration from "effect/Duration"
import * as Exit from "effect/Exit"
import type { Cancellations } from "./cancellations.ts"
import type { EngineClock } from "./engineClock.ts"
import type { Metrics } from "./metrics.ts"
import type { Teaching } from "./teaching.ts"
import { Timers } from "./timers.ts"
import * as WatchedJob from "./watchedJob.ts"

/** Is told of all changes, and of the engine's end. */
export interface Listener {
  readonly change: (job: Job.Job) => void
  readonly close: () => void
}

/** The open watches: what they are told, and how they end. */
export interface Watches {
  readonly jobs: ReadonlyMap<JobId, WatchedJob.WatchedJob>
  readonly listeners: Set<Listener>
  /** Consumers run while they are told, and may leave or come back at once: what was watched may not be any more. */
  readonly isOpen: (watched: WatchedJob.WatchedJob) => boolean
  readonly add: (watched: WatchedJob.WatchedJob) => void
  readonly join: (watched: WatchedJob.WatchedJob, deadline: Duration.Duration) => WatchedJob.Watcher
  readonly leave: (watcher: WatchedJob.Watcher) => void
  /** Takes in what was known without asking, and tells where it is news. */
  readonly know: (watched: WatchedJob.WatchedJob, job: Job.Job) => void
  /** Takes in what the service has just told. */
  readonly merge: (watched: WatchedJob.WatchedJob, job: Job.Job, at: number) => void
  /** An ending that the engine concludes; not joined, for `Untracked` ranks below whatever was seen. */
  readonly conclude: (watched: WatchedJob.WatchedJob, tag: "Untracked" | "Expired" | "Cancelled") => void
  readonly end: (watched: WatchedJob.WatchedJob, ending: WatchedJob.Ending) => void
  readonly endAll: (ending: WatchedJob.Ending) => void
  readonly nextDeadline: () => number
  readonly expire: (at: number, listTrouble: string | undefined) => void
}

export const make = (options: {
  readonly provider: Provider.Identity
  readonly clock: EngineClock
  readonly teaching: Teaching
  readonly cancellations: Cancellations
  readonly metrics: Metrics
  /** Called with each job that has ended, before its watches are told. */
  readonly ended: (watched: WatchedJob.WatchedJob, job: Job.Job) => void
  /** Called once a job is watched no more. */
  readonly removed: (watched: WatchedJob.WatchedJob) => void
}): Watches => {
  const { cancellations, clock, ended, metrics, provider, removed, teaching } = options
  const jobs = new Map<JobId, WatchedJob.WatchedJob>()
  const deadlines = new Timers<WatchedJob.Watcher>()
  const listeners = new Set<Listener>()
  const isOpen = (watched: WatchedJob.WatchedJob) => jobs.get(watched.id) === watched

  const remove = (watched: WatchedJob.WatchedJob) => {
    jobs.delete(watched.id)
    removed(watched)
  }

  const leave = (watcher: WatchedJob.Watcher) => {
    watcher.ending ??= Exit.void
    deadlines.delete(watcher)
    const { watched } = watcher
    if (!WatchedJob.leave(watcher)) return
    metrics.watches(-1)
    if (watched.watcher === undefined && isOpen(watched)) remove(watched)
  }

  const notify = (watched: WatchedJob.WatchedJob) => {
    for (let { watcher } = watched; watcher !== undefined; watcher = watcher.next) watcher.resume?.()
  }

  /** Removed before watchers are notified, so that a watch that is opened during a notification begins anew. */
  const end = (watched: WatchedJob.WatchedJob, ending: WatchedJob.Ending) => {
    remove(watched)
    for (let { watcher } = watched; watcher !== undefined; watcher = watcher.next) {
      leave(watcher)
      watcher.ending = ending
      watcher.resume?.()
    }
  }

  const publish = (watched: WatchedJob.WatchedJob, job: Job.Job) => {
    if (job.isTerminal) {
      const endedAt = job.is("Succeeded", "Failed", "Cancelled")
        ? job.updatedAt && clock.timeOf(job.updatedAt)
        : undefined
      const wasWatched = endedAt !== undefined && endedAt >= watched.openedAt
      metrics.end(job.state._tag, wasWatched ? Math.max(0, clock.now() - endedAt) : undefined)
      teaching.ended(watched, job)
      ended(watched, job)
    }
    for (const { change } of listeners) change(job)
    if (job.isTerminal) end(watched, Exit.void)
    else notify(watched)
  }

  return {
    jobs,
    listeners,
    isOpen,
    add: (watched) => void jobs.set(watched.id, watched),
    join: (watched, deadline) => {
      const watcher = WatchedJob.join(watched, Duration.toMillis(deadline))
      metrics.watches(1)
      if (Number.isFinite(watcher.deadline)) deadlines.set(watcher, clock.now() + watcher.deadline)
      return watcher
    },
    leave,
    know: (watched, job) => {
      if (WatchedJob.merge(watched, cancellations.read(job)) && watched.job !== undefined) publish(watched, watched.job)
    },
    merge: (watched, job, at) => {
      const isNews = WatchedJob.merge(watched, cancellations.read(job))
      if (!job.isTerminal) teaching.runs(watched, at)
      if (isNews && watched.job !== undefined) publish(watched, watched.job)
    },
    conclude: (watched, tag) => {
      const job = new Job.Job({
        ...(watched.job ?? { id: watched.id, provider: provider.id, instance: provider.instance }),
        state: { _tag: cancellations.has(watched.id) ? "Cancelled" : tag },
        observedAt: clock.instantOf(clock.now())
      })
      watched.job = job
      publish(watched, job)
    },
    end,
    endAll: (ending) => {
      for (const watched of Array.from(jobs.values())) {
        end(watched, Exit.mapError(ending, (error) => JobError.ofJob(error, watched.id)))
      }
    },
    nextDeadline: () => deadlines.earliest?.dueAt ?? Infinity,
    expire: (at, listTrouble) => {
      for (
        let watcher = deadlines.earliest;
        watcher !== undefined && watcher.dueAt <= at;
        watcher = deadlines.earliest
      ) {
        const { deadline, watched } = watcher
        const trouble = watched.trouble?.message ?? listTrouble
        const job = watched.job && watched.answeredAt !== undefined
          ? Job.fromValid({ ...watched.job, observedAt: clock.instantOf(watched.answeredAt) })
          : watched.job
        watcher.ending = Exit.fail(
          new JobError.DeadlineExceeded({
            provider: provider.id,
            instance: provider.instance,
            operation: "watch",
            id: watched.id,
            deadline: Duration.millis(deadline),
            ...(job === undefined ? undefined : { job }),
            ...(trouble === undefined ? undefined : { detail: `the last trouble was: ${trouble}` })
          })
        )
        leave(watcher)
        watcher.resume?.()
      }
    }
  }
}
