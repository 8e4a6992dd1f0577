import * as Job from "@media-jobs/core/Job"
import type { JobId } from "@media-jobs/core/JobId"

/** The latest are remembered. */
const capacity = 10_000

/**
 * Which jobs were cancelled at the service: what they come to without anything made is no failure then.
 *
 * A cancel whose answer was lost says less than one that the service took.
 */
export class Cancellations {
  readonly #taken = new Map<JobId, boolean>()

  /** A cancel goes out. */
  asked(id: JobId): void {
    this.#set(id, this.#taken.get(id) ?? false)
  }

  /** The service took it. */
  taken(id: JobId): void {
    this.#set(id, true)
  }

  /** The service refused it. */
  refused(id: JobId): void {
    if (this.#taken.get(id) === false) this.#taken.delete(id)
  }

  has(id: JobId): boolean {
    return this.#taken.has(id)
  }

  wasTaken(id: JobId): boolean {
    return this.#taken.get(id) === true
  }

  /** The job as it reads where it was cancelled: a result that is there stays one. */
  read(job: Job.Job): Job.Job {
    if (this.#taken.size === 0 || !this.wasTaken(job.id)) return job
    const isWithout = job.is("Failed", "Expired") ||
      job.is("Succeeded") && job.state.artifacts.length === 0 && job.state.output === undefined
    return isWithout ? Job.fromValid({ ...job, state: { _tag: "Cancelled" } }) : job
  }

  #set(id: JobId, taken: boolean): void {
    this.#taken.delete(id)
    this.#taken.set(id, taken)
    for (const oldest of this.#taken.keys()) {
      if (this.#taken.size <= capacity) return
      this.#taken.delete(oldest)
    }
  }
}
