/**
 * One request on its way to saved files.
 *
 * @since 0.1.0
 */
import type { Saved } from "@media-jobs/artifacts/ArtifactStore"
import type { Handle } from "@media-jobs/core/Handle"
import type * as Job from "@media-jobs/core/Job"
import type { RunError } from "./RunError.ts"

/**
 * Where a run is.
 *
 * **Details**
 *
 * `queued`: it waits for a slot, or for the service to take it. `running`: the service works on its jobs. `finishing`: all have ended, and what
 * they made is being saved. `done` and `failed` are final. `uncertain`: the outcome of its submit is not known; it may run.
 *
 * @since 0.1.0
 * @category models
 */
export type Phase = "queued" | "running" | "finishing" | "done" | "failed" | "uncertain"

/**
 * A run as it stands.
 *
 * **Details**
 *
 * `name` is the application's own for the provider. `jobs` are in the service's order, and none while it is `queued`; `files` are those that
 * are saved. `error` is there once it `failed` in this process; `wait` gives that of one that failed in an earlier one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Run {
  readonly key: string
  readonly name: string
  readonly phase: Phase
  readonly jobs: ReadonlyArray<Job.Job>
  readonly files: ReadonlyArray<Saved>
  readonly error?: RunError | undefined
}

/**
 * A run whose jobs have all succeeded, with the files of each, in the order of the jobs.
 *
 * @since 0.1.0
 * @category models
 */
export interface Done {
  readonly key: string
  readonly jobs: ReadonlyArray<Job.Succeeded>
  readonly files: ReadonlyArray<Saved>
}

/**
 * A run that the service has taken.
 *
 * @since 0.1.0
 * @category models
 */
export interface Submitted {
  readonly key: string
  readonly handles: readonly [Handle, ...Array<Handle>]
}
