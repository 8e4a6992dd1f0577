/**
 * What a run can end with but its files.
 *
 * @since 0.1.0
 */
import type { Saved } from "@media-jobs/artifacts/ArtifactStore"
import type { InvalidHandle } from "@media-jobs/core/Handle"
import type * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type { LedgerUnavailable } from "@media-jobs/core/Ledger"
import * as Remedy from "@media-jobs/core/Remedy"
import * as Schema from "effect/Schema"
import type { Run } from "./Run.ts"

/**
 * What was made, and could not be finished: saved, unless the application does something else with it.
 *
 * **Details**
 *
 * The jobs are in the ledger still: the next start finishes them, and so does a run under the same key.
 *
 * @since 0.1.0
 * @category errors
 */
export class FinishFailed extends Schema.TaggedError<FinishFailed>("media-jobs/FinishFailed")("FinishFailed", {
  provider: Schema.String,
  instance: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    const reason = this.cause instanceof Error ? ` ${JobError.scrub(this.cause.message)}` : ""
    return `${this.provider}: The job succeeded, and what it made could not be finished: run it again under the same key, which submits nothing.${reason}`
  }

  get remedy(): Remedy.Remedy {
    return Remedy.retry()
  }
}

/**
 * No run is known under the key, or holds the handle's job: not here, and not in the ledger.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnknownRun extends Schema.TaggedError<UnknownRun>("media-jobs/UnknownRun")("UnknownRun", {}) {
  override get message(): string {
    return "No run is known under this key: check the key and the ledger, or run it."
  }

  get remedy(): Remedy.Remedy {
    return Remedy.fix
  }
}

/**
 * The run was cancelled while it waited for a slot: nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class RunCancelled extends Schema.TaggedError<RunCancelled>("media-jobs/RunCancelled")("RunCancelled", {}) {
  override get message(): string {
    return "The run was cancelled before it was sent: nothing is paid. Run it again if it is wanted."
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

/**
 * An error of a run that was submitted, with its key, all its jobs as they are known, and what was saved all the same.
 *
 * @since 0.1.0
 * @category models
 */
export type OfRun<E> = E & {
  readonly key: string
  readonly jobs: ReadonlyArray<Job.Job>
  readonly files: ReadonlyArray<Saved>
}

/**
 * An error with the run that it ended.
 *
 * @since 0.1.0
 * @category conversions
 */
export const ofRun = <E extends JobError.SucceedError | InvalidHandle | FinishFailed>(
  error: E,
  { files, jobs, key }: Pick<Run, "key" | "jobs" | "files">
): OfRun<E> => {
  const [first, ...rest] = jobs
  const isJobError = error._tag !== "FinishFailed" && error._tag !== "InvalidHandle"
  const copy = isJobError && first !== undefined ? JobError.ofSubmission(error, [first, ...rest]) : error
  // Jobs hold ids, which the JSON of an error does not show. What was copied is of the same class.
  return Object.defineProperty(Object.assign(copy, { key, files }), "jobs", { value: jobs }) as OfRun<E>
}

/**
 * What ends a run before the service has taken it.
 *
 * @since 0.1.0
 * @category unions
 */
export type SubmitError = JobError.Of<"submit"> | LedgerUnavailable | RunCancelled

/**
 * What ends a run once the service has taken it.
 *
 * @since 0.1.0
 * @category unions
 */
export type WaitError = OfRun<JobError.SucceedError | InvalidHandle | FinishFailed>

/**
 * Whatever ends a run but its files.
 *
 * @since 0.1.0
 * @category unions
 */
export type RunError = SubmitError | WaitError
