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
  /** The snapshot that the consumer has. */
  seen: Job.Job | undefined
  /** Set when it ends apart from its cell: at its deadline, or left by its consumer. */
  ending: Ending | undefined
  /** Called once something new is there, while the consumer waits. */
  resume: (() => void) | undefined
}

/** One watched job, whoever watches it; due when it is to be asked by itself. */
export interface Cell extends Timed {
  readonly id: JobId
  readonly openedAt: number
  /** How many lists had been asked for when it was opened: those say nothing of it. */
  readonly openedAfter: number
  /** Nearly always one: an array costs a third of a set. */
  readonly watchers: Array<Watcher>
  submission: Submitted | undefined
  /** All snapshots so far, joined. */
  job: Job.Job | undefined
  ending: Ending | undefined
  /** When the service last spoke of it, in a list or by itself. */
  heardAt: number | undefined
  /** When it was last known to run. */
  aliveAt: number | undefined
  /** When it was last asked by itself. */
  provenAt: number | undefined
  /** The last list it was on. */
  listed: number
  /** Complete lists in a row that it was not on. */
  absences: number
  /** Failed looks in a row, how many of them the service answered strangely, and what the last one said. */
  failures: number
  surprises: number
  trouble: string | undefined
  /** The look under way. */
  looking: boolean
  fiber: Fiber.Fiber<unknown, unknown> | undefined
  /** A look was wished for while one was under way. */
  again: boolean
}

export const make = (id: JobId, openedAt: number, openedAfter: number, submission: Submitted | undefined): Cell => ({
  id,
  openedAt,
  openedAfter,
  watchers: [],
  submission,
  job: undefined,
  ending: undefined,
  heardAt: undefined,
  aliveAt: undefined,
  provenAt: undefined,
  listed: 0,
  absences: 0,
  failures: 0,
  surprises: 0,
  trouble: undefined,
  looking: false,
  fiber: undefined,
  again: false,
  dueAt: 0,
  slot: -1
})

/** The service has spoken of the job in plain words. */
export const trust = (cell: Cell, at: number): void => {
  cell.heardAt = at
  cell.failures = 0
  cell.surprises = 0
  cell.trouble = undefined
}

/** Takes a snapshot in; whether a consumer can see a difference. */
export const hear = (cell: Cell, job: Job.Job): boolean => {
  if (!job.isTerminal) cell.aliveAt = job.observedAt.epochMilliseconds
  const before = cell.job
  const after = before === undefined ? job : Job.join(before, job)
  cell.job = after
  return before === undefined || Job.changed(before, after)
}

/** When the job began, by the service's clock where it told; the clocks may differ. */
export const bornAt = ({ job, submission }: Cell): number | undefined =>
  (job?.createdAt ?? submission?.submittedAt)?.epochMilliseconds

/** How old the job is, in milliseconds. */
export const age = (cell: Cell, now: number): number => Math.max(0, now - (bornAt(cell) ?? cell.openedAt))
