import type * as Job from "@media-jobs/core/Job"
import type { JobId } from "@media-jobs/core/JobId"
import type { Run } from "../Run.ts"
import { Feed } from "./feed.ts"
import { LiveRun } from "./liveRun.ts"

/** How many runs that are over are known yet: the same key again is the same run for as long. */
const mostOver = 10_000

/** The runs that this process knows, by their keys and by their jobs. */
export class Runs {
  readonly feed = new Feed<Run>()
  readonly #byKey = new Map<string, LiveRun>()
  readonly #byJob = new Map<string, LiveRun>()
  /** The keys of those that are over, in the order of their ends. */
  readonly #over = new Set<string>()

  get all(): ReadonlyArray<LiveRun> {
    return Array.from(this.#byKey.values())
  }

  get(key: string): LiveRun | undefined {
    return this.#byKey.get(key)
  }

  ofJob(name: string, id: JobId): LiveRun | undefined {
    return this.#byJob.get(`${name} ${id}`)
  }

  add(key: string, name: string, digest: string | undefined): LiveRun {
    const run = new LiveRun(key, name, digest, this.feed)
    this.#byKey.set(key, run)
    this.#over.delete(key)
    return run
  }

  /** Finds a run by its jobs from now on. */
  index(run: LiveRun): void {
    for (const { id } of run.handles) this.#byJob.set(`${run.name} ${id}`, run)
  }

  see(name: string, job: Job.Job): void {
    this.ofJob(name, job.id)?.see(job)
  }

  /**
   * Keeps a run that is over for a while, or forgets it, where nothing can have come of it. One that may have been sent is forgotten
   * only where a ledger knows it.
   */
  over(run: LiveRun, isInLedger: boolean): void {
    if (this.#byKey.get(run.key) !== run) return
    if (run.handles.length === 0 && (isInLedger || !run.isSent)) return this.forget(run)
    this.#over.add(run.key)
    const [oldest] = this.#over
    const first = oldest === undefined || this.#over.size <= mostOver ? undefined : this.#byKey.get(oldest)
    if (first !== undefined) this.forget(first)
  }

  forget(run: LiveRun): void {
    if (this.#byKey.get(run.key) !== run) return
    this.#byKey.delete(run.key)
    this.#over.delete(run.key)
    for (const { id } of run.handles) this.#byJob.delete(`${run.name} ${id}`)
  }
}
