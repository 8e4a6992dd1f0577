import type { EngineClock } from "./engineClock.ts"
import type { WatchedJob } from "./watchedJob.ts"

/** When a job began, as a time of the engine: by the clock that the submit went by, else by the service's. */
export const bornAt = (clock: EngineClock, { job, submission }: WatchedJob): number | undefined => {
  const instant = submission?.submittedAt ?? job?.createdAt
  return instant === undefined ? undefined : clock.timeOf(instant)
}

export const age = (clock: EngineClock, watched: WatchedJob, at: number): number =>
  Math.max(0, at - (bornAt(clock, watched) ?? watched.openedAt))
