/**
 * Google Flow's answers as they are on the wire, from the vendor's pages of November 2025 to October 2026 and from what its own
 * and its users' scripts read.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import { JobId } from "@media-jobs/core/JobId"
import * as JobIds from "@media-jobs/useapi/JobIds"
import * as Schema from "effect/Schema"

/** One job, as `GET /jobs/{jobid}` answers and webhooks carry. */
export const JobRecord = JobIds.withJobId(Schema.Struct({
  jobid: JobId,
  /** `created`, `started`, `completed` or `failed`. */
  status: Schema.String,
  type: Wire.side,
  created: Wire.side,
  updated: Wire.side,
  request: Wire.side,
  /** The outputs, in `media`, before May 2026 in `operations`; of a job that failed Google's own error. */
  response: Wire.side,
  error: Wire.side,
  errorDetails: Wire.side,
  code: Wire.side
}))
export type JobRecord = typeof JobRecord.Type

/** One of the jobs in the statistics, which stand under their ids; `type` is that of the group that it stands in. */
export const Entry = Schema.Struct({ jobid: JobId, type: Wire.side, email: Wire.side, timestamp: Wire.side })
export type Entry = typeof Entry.Type
