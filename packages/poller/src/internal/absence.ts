/**
 * When a job that the service does not find is believed to be gone: the one rule, of the engine and of single steps.
 *
 * Services show new jobs late, and answer a stray "not found" among good looks. So one such answer ends nothing that was
 * seen or submitted.
 */

/** Answers in a row that the service does not find the job, and when the first came, in milliseconds of any clock. */
export interface Absence {
  readonly times: number
  readonly since: number
}

/** What else is known of a job that is not found. */
export interface Evidence {
  /** The service has told of it before. */
  readonly seen: boolean
  /** A handle or a submission says that there was such a job. */
  readonly submitted: boolean
  /** It was cancelled, by the service's own word. */
  readonly cancelled: boolean
}

/** `unknown`: there never was such a job, as far as anything tells. */
export type Verdict = "Expired" | "Cancelled" | "Untracked" | "unknown"

const believedTimes = 3
const believedAfter = 60_000
/** Of a provider that can't be asked about one job, a job that leaves the list has most likely ended. */
const listsBelieved = 2

/** So long after an absence, a look at the latest tells whether the job is back. */
export const lookAgainWithin = 30_000

export const again = (before: Absence | undefined, at: number): Absence => ({
  times: (before?.times ?? 0) + 1,
  since: before?.since ?? at
})

const lasts = ({ since, times }: Absence, at: number): boolean => times >= believedTimes && at - since >= believedAfter

/** What `NotFound` means; `undefined` where the job is to be asked for again. */
export const ofLook = (
  absence: Absence,
  { cancelled, seen, submitted }: Evidence,
  at: number,
  status: number | undefined
): Verdict | undefined => {
  if (cancelled) return "Cancelled"
  if (status === 410) return "Expired"
  if (!seen && !submitted) return "unknown"
  return lasts(absence, at) ? "Expired" : undefined
}

/** What the absence from complete lists means, of a provider that has nothing else; `undefined` as above. */
export const ofLists = (absence: Absence, { seen, submitted }: Evidence, at: number): "Untracked" | undefined =>
  (!seen && submitted ? lasts(absence, at) : absence.times >= listsBelieved) ? "Untracked" : undefined
