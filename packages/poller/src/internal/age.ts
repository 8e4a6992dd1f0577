import type { EngineClock } from "./engineClock.ts"
import type { WatchedJob } from "./watchedJob.ts"

/** A service's clock that puts a job's making further back than this is taken for wrong. */
const oldestBelieved = 86_400_000

/**
 * When a job began, as a time of the engine, never after it was first watched: by the clock that the submit went by, else by the
 * service's, where that can be right.
 */
export const bornAt = (clock: EngineClock, { job, openedAt, submittedAt }: WatchedJob): number | undefined => {
  if (submittedAt !== undefined) return submittedAt
  if (job?.createdAt === undefined) return undefined
  const createdAt = clock.timeOf(job.createdAt)
  return createdAt >= openedAt - oldestBelieved ? Math.min(createdAt, openedAt) : undefined
}

export const age = (clock: EngineClock, watched: WatchedJob, at: number): number =>
  Math.max(0, at - (bornAt(clock, watched) ?? watched.openedAt))
