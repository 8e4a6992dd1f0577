import * as Job from "@media-jobs/core/Job"
import type * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { Absence } from "./absence.ts"
import type { Timed } from "./timers.ts"
import type { Trouble } from "./trouble.ts"

/** How a watch ended. */
export type Ending = Exit.Exit<void, JobError.WatchError>

/** One consumer of one job; due at its deadline. */
export interface Watcher extends Timed {
  readonly watched: WatchedJob
  /** In milliseconds from its opening. */
  readonly deadline: number
  /** Another consumer of the same job. */
  next: Watcher | undefined
  /** The snapshot that the consumer has. */
  seen: Job.Job | undefined
  /** Set when it ends: with the job, at its deadline, or left by its consumer. */
  ending: Ending | undefined
  /** Called whenever something new is there. */
  resume: (() => void) | undefined
}

/** A look under way. */
export interface Look {
  fiber: Fiber.Fiber<unknown, unknown> | undefined
  /** Another was wished for meanwhile. */
  again: boolean
}

/**
 * One watched job, shared by all its watchers; due when it is to be asked for by itself.
 *
 * There may be a hundred thousand: what few of them have is kept apart, and times are counted from the engine's start, for
 * small integers take no room of their own.
 */
export interface WatchedJob extends Timed {
  readonly id: JobId
  readonly openedAt: number
  /** How many lists had been sent when it was opened: those say nothing of it. */
  readonly listsBefore: number
  /** The last consumer to come; each knows the one before. */
  watcher: Watcher | undefined
  /** By the clock that the submit went by, and never after it was opened. */
  submittedAt: number | undefined
  /** All snapshots so far, joined; of several that look the same, the first. */
  job: Job.Job | undefined
  /** When the service last told of it, in a list or by itself. */
  answeredAt: number | undefined
  /** When it was last asked for by itself. */
  verifiedAt: number | undefined
  /** Up to what age the pace has been told of it. */
  observedAge: number | undefined
  /** The last list it was on. */
  listed: number
  /** Since when the service does not find it. */
  absence: Absence | undefined
  trouble: Trouble | undefined
  look: Look | undefined
  /** The address that its submit gave the service to report to. */
  replyUrl: string | undefined
  /** Whether a webhook has told of it; undefined where no submit is known to have given an address. */
  wasCalled: boolean | undefined
}

export const make = (id: JobId, openedAt: number, listsBefore: number): WatchedJob => ({
  id,
  openedAt,
  listsBefore,
  watcher: undefined,
  submittedAt: undefined,
  job: undefined,
  answeredAt: undefined,
  verifiedAt: undefined,
  observedAge: undefined,
  listed: 0,
  absence: undefined,
  trouble: undefined,
  look: undefined,
  replyUrl: undefined,
  wasCalled: undefined,
  dueAt: 0,
  heapIndex: -1
})

/** A new consumer of a job. */
export const join = (watched: WatchedJob, deadline: number): Watcher =>
  watched.watcher = {
    watched,
    deadline,
    next: watched.watcher,
    seen: undefined,
    ending: undefined,
    resume: undefined,
    dueAt: 0,
    heapIndex: -1
  }

/** Takes a consumer out; whether it was still there. */
export const leave = (watcher: Watcher): boolean => {
  const { watched } = watcher
  if (watched.watcher === watcher) {
    watched.watcher = watcher.next
    return true
  }
  let before = watched.watcher
  while (before !== undefined && before.next !== watcher) before = before.next
  // The one that left keeps its `next`, for a notification may be on its way past it.
  if (before !== undefined) before.next = watcher.next
  return before !== undefined
}

/** The service has given a plain answer about the job. */
export const resetTrouble = (watched: WatchedJob, at: number): void => {
  watched.answeredAt = at
  watched.absence = undefined
  watched.trouble = undefined
}

/** Joins a snapshot in; whether a consumer can see a difference. Most look the same, and live no longer than their list. */
export const merge = (watched: WatchedJob, job: Job.Job): boolean => {
  const before = watched.job
  if (before !== undefined && !Job.changed(before, job)) return false
  const after = before === undefined ? job : Job.join(before, job)
  if (before !== undefined && !Job.changed(before, after)) return false
  watched.job = after
  return true
}
