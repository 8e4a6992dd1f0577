import type { MediaKind } from "@media-jobs/core/Artifact"
import type * as Job from "@media-jobs/core/Job"
import type { ProviderId } from "@media-jobs/core/ProviderId"
import type { Pace } from "../Pace.ts"
import { bornAt } from "./age.ts"
import type { EngineClock } from "./engineClock.ts"
import type { WatchedJob } from "./watchedJob.ts"

/** A job that is listed every second has told nothing new each time: the pace is told once it is so much older. */
const worthObserving = 1.05
/** An end that was found so much later, and that the service does not date, tells nothing of how long the job took. */
const undatedWithin = 60_000

/** What a pace learns from: the jobs that are taken to be alike. */
export interface Cohort {
  readonly provider: ProviderId
  readonly kind: MediaKind | undefined
  readonly model: string | undefined
}

export const cohortOf = (provider: ProviderId, { job }: WatchedJob): Cohort => ({
  provider,
  kind: job?.kind,
  model: job?.model
})

/** What the pace is told of watched jobs, stretch by stretch up to their ends. */
export interface Teaching {
  readonly runs: (watched: WatchedJob, at: number) => void
  readonly ended: (watched: WatchedJob, job: Job.Job) => void
}

export const make = (provider: ProviderId, pace: Pace, clock: EngineClock): Teaching => {
  /** Up to what age the pace knows of a job; what came before it was watched is not for the pace to know. */
  const observedAge = (watched: WatchedJob, born: number) => watched.observedAge ?? Math.max(0, watched.openedAt - born)

  return {
    runs: (watched, at) => {
      const born = pace.observe && bornAt(clock, watched)
      if (born === undefined) return
      const [from, to] = [observedAge(watched, born), at - born]
      if (to < from * worthObserving && watched.observedAge !== undefined) return
      pace.observe?.({ ...cohortOf(provider, watched), from, to, ended: false })
      watched.observedAge = Math.max(from, to)
    },
    // How long a job took is what the service says; else it is between the last look and this one.
    ended: (watched, job) => {
      const born = pace.observe && bornAt(clock, watched)
      if (born === undefined || !job.is("Succeeded", "Failed")) return
      const from = observedAge(watched, born)
      const { createdAt, updatedAt } = job
      const took = createdAt && updatedAt && updatedAt.epochMilliseconds - createdAt.epochMilliseconds
      // Of one that had ended before it was watched, others like it went unseen.
      if (watched.observedAge === undefined && (took === undefined ? from > undatedWithin : took < from)) return
      const to = Math.max(from, took ?? clock.now() - born)
      const cohort = cohortOf(provider, watched)
      if (took !== undefined) pace.observe?.({ ...cohort, from, to, ended: false })
      pace.observe?.({ ...cohort, from: took === undefined ? from : to, to, ended: true })
    }
  }
}
