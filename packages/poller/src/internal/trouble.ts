import * as JobError from "@media-jobs/core/JobError"

/** What went wrong since the service last gave a plain answer. */
export interface Trouble {
  /** Failed calls in a row, and how many of them were answered strangely. */
  readonly failures: number
  readonly surprises: number
  /** The message of the last error. */
  readonly message: string
}

/** So many strange answers in a row pass. */
const surprisesAllowed = 5
/** A job just made has been forbidden to the token that made it, for a moment. */
const isStrange = ({ _tag }: JobError.JobError): boolean => _tag === "UnexpectedResponse" || _tag === "Forbidden"
export const slowestRetry = 60_000

export const again = (before: Omit<Trouble, "message"> | undefined, error: JobError.JobError): Trouble => ({
  failures: (before?.failures ?? 0) + 1,
  surprises: (before?.surprises ?? 0) + (isStrange(error) ? 1 : 0),
  message: error.message
})

/** Whether a wait goes on in spite of it: the one rule, of the engine and of single steps. */
export const passes = ({ surprises }: Trouble, error: JobError.JobError): boolean =>
  isStrange(error) ? surprises <= surprisesAllowed : JobError.isRetryable(error)
