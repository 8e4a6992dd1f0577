import * as Job from "@media-jobs/core/Job"
import type * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Submission from "@media-jobs/core/Submission"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { Timed } from "./timers.ts"

/** What the submit tells of a job before the service does. */
export type Submitted =
  & Pick<Submission.Submission, "submittedAt">
  & Partial<Pick<Submission.Submission, "kind" | "model">>

/** How a watch ended. */
export type Ending = Exit.Exit<void, JobError.WatchError>

/** One consumer of one job; due at its deadline. */
export interface Watcher extends Timed {
  readonly cell: Cell
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

/** What went wrong since the service last spoke in plain words. */
export interface Trouble {
  /** Failed looks in a row, and how many of them the service answered strangely. */
  readonly failures: number
  readonly surprises: number
  /** What the last one said. */
  readonly message: string
}

/** A look under way. */
export interface Look {
  fiber: Fiber.Fiber<unknown, unknown> | undefined
  /** Another was wished for meanwhile. */
  again: boolean
}

/**
 * One watched job, whoever watches it; due when it is to be asked by itself.
 *
 * There may be a hundred thousand: what few of them have is kept apart, and times are counted from the engine's start, for
 * small integers take no room of their own.
 */
export interface Cell extends Timed {
  readonly id: JobId
  readonly openedAt: number
  /** How many lists had been asked for when it was opened: those say nothing of it. */
  readonly openedAfter: number
  /** The last consumer to come; each knows the one before. */
  watcher: Watcher | undefined
  submission: Submitted | undefined
  /** All snapshots so far, joined; of several that look the same, the first. */
  job: Job.Job | undefined
  /** When the service last spoke of it, in a list or by itself. */
  heardAt: number | undefined
  /** When it was last asked by itself. */
  provenAt: number | undefined
  /** Up to what age the pace has been told of it. */
  toldAge: number | undefined
  /** The last list it was on. */
  listed: number
  /** Complete lists in a row that it was not on. */
  absences: number
  trouble: Trouble | undefined
  look: Look | undefined
}

export const make = (id: JobId, openedAt: number, openedAfter: number, submission: Submitted | undefined): Cell => ({
  id,
  openedAt,
  openedAfter,
  watcher: undefined,
  submission,
  job: undefined,
  heardAt: undefined,
  provenAt: undefined,
  toldAge: undefined,
  listed: 0,
  absences: 0,
  trouble: undefined,
  look: undefined,
  dueAt: 0,
  slot: -1
})

/** A new consumer of a job. */
export const join = (cell: Cell, deadline: number): Watcher =>
  cell.watcher = {
    cell,
    deadline,
    next: cell.watcher,
    seen: undefined,
    ending: undefined,
    resume: undefined,
    dueAt: 0,
    slot: -1
  }

/** Whether the consumer was still there. */
export const leave = (watcher: Watcher): boolean => {
  const { cell } = watcher
  if (cell.watcher === watcher) {
    cell.watcher = watcher.next
    return true
  }
  let before = cell.watcher
  while (before !== undefined && before.next !== watcher) before = before.next
  // Who leaves keeps its `next`: somebody may be on the way past it.
  if (before !== undefined) before.next = watcher.next
  return before !== undefined
}

/** The service has spoken of the job in plain words. */
export const trust = (cell: Cell, at: number): void => {
  cell.heardAt = at
  cell.trouble = undefined
}

/** Takes a snapshot in; whether a consumer can see a difference. Most look the same, and live no longer than their list. */
export const hear = (cell: Cell, job: Job.Job): boolean => {
  const before = cell.job
  if (before !== undefined && !Job.changed(before, job)) return false
  const after = before === undefined ? job : Job.join(before, job)
  if (before !== undefined && !Job.changed(before, after)) return false
  cell.job = after
  return true
}
