/**
 * How far the saving of artifacts is.
 *
 * @since 0.1.0
 */
import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"

/**
 * How far the saving of one artifact is.
 *
 * **Details**
 *
 * `job` is the fingerprint of the id. `bytes` counts from the first byte of the file, whichever run fetched it. `total` is what
 * the host says; absent where it does not.
 *
 * @since 0.1.0
 * @category models
 */
export interface Progress {
  readonly provider: ProviderId
  readonly instance: Instance
  readonly job: string
  /** The label of the artifact, as in the manifest and in errors. */
  readonly artifact: string
  readonly bytes: number
  readonly total?: number | undefined
  readonly state: "running" | "saved" | "failed"
}
