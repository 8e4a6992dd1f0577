/**
 * Mureka's answers as they are on the wire, from the vendor's pages of December 2024 to July 2026 and what its own scripts read.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import { JobId } from "@media-jobs/core/JobId"
import * as JobIds from "@media-jobs/useapi/JobIds"
import * as Schema from "effect/Schema"

/** One job, as `GET /jobs/{jobid}` answers and webhooks carry. */
export const JobRecord = JobIds.withJobId(Schema.Struct({
  jobid: JobId,
  /** `created`, `completed` or `failed`. */
  status: Schema.String,
  /** `music` or `tts`. */
  jobType: Wire.side,
  created: Wire.side,
  updated: Wire.side,
  request: Wire.side,
  /** `state` and `songs`; of speech, as far as is known, the one file itself. */
  response: Wire.side,
  error: Wire.side,
  errorDetails: Wire.side
}))
export type JobRecord = typeof JobRecord.Type

/** One of the jobs that run, as `GET /jobs` lists them by account. */
export const Entry = JobIds.withJobId(Schema.Struct({ jobid: JobId, elapsed: Wire.side }))
export type Entry = typeof Entry.Type
