/**
 * Files in what a model made, whatever its shape.
 */
import * as Output from "@media-jobs/adapter/Output"
import type { Artifact } from "@media-jobs/core/Artifact"
import type * as DateTime from "effect/DateTime"

/**
 * Every file in an output: a text that is a whole link is one, wherever it stands.
 *
 * `expiresAt` is for files on Replicate's own domain: it deletes them. How long others live, it doesn't say.
 */
export const artifacts = (output: unknown, expiresAt?: DateTime.Utc): ReadonlyArray<Artifact> =>
  Output.artifacts(
    Output.find(output),
    ({ hostname, protocol }) =>
      /^https?:$/.test(protocol) && /(?:^|\.)replicate\.delivery$/.test(hostname) ? expiresAt : undefined
  )
