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
export const slowestRetry = 60_000

export const again = (before: Omit<Trouble, "message"> | undefined, error: JobError.JobError): Trouble => ({
  failures: (before?.failures ?? 0) + 1,
  surprises: (before?.surprises ?? 0) + (error._tag === "UnexpectedResponse" ? 1 : 0),
  message: error.message
})

/** Whether a wait goes on in spite of it: the one rule, of the engine and of single steps. */
export const passes = ({ surprises }: Trouble, error: JobError.JobError): boolean =>
  error._tag === "UnexpectedResponse" ? surprises <= surprisesAllowed : JobError.isRetryable(error)
