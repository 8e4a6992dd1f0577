/**
 * Flow Music's answers as they are on the wire, from the vendor's pages of June 2026 and its scripts to September.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import { JobId } from "@media-jobs/core/JobId"
import * as JobIds from "@media-jobs/useapi/JobIds"
import * as Schema from "effect/Schema"

/** One job, as creates and `GET /jobs/{jobid}` answer and webhooks carry. */
export const JobRecord = JobIds.withJobId(Schema.Struct({
  jobid: JobId,
  /** `pending`, `completed` or `failed`. */
  status: Schema.String,
  email: Wire.side,
  request: Wire.side,
  created_at: Wire.side,
  completed_at: Wire.side,
  clips: Wire.side,
  error: Wire.side,
  replyRef: Wire.side
}))
export type JobRecord = typeof JobRecord.Type

/** One of the jobs that run, as `GET /jobs` lists them by account. */
export const Entry = JobIds.withJobId(Schema.Struct({ jobid: JobId, created_at: Wire.side }))
export type Entry = typeof Entry.Type
