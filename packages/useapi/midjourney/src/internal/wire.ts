/**
 * Midjourney's answers as they are on the wire, from the vendor's pages of Midjourney v3, October 27 to November 26, 2025,
 * and from its scripts, which name more than the pages that could be read.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import { JobId } from "@media-jobs/core/JobId"
import * as JobIds from "@media-jobs/useapi/JobIds"
import * as Schema from "effect/Schema"

/** One job, as `GET /jobs/{jobid}` answers and every webhook carries. */
export const JobRecord = JobIds.withJobId(Schema.Struct({
  jobid: JobId,
  /** `created`, `started`, `progress`, `completed`, `failed`, `moderated`, or, in the vendor's scripts, `cancelled`. */
  status: Schema.String,
  verb: Wire.side,
  jobType: Wire.side,
  created: Wire.side,
  updated: Wire.side,
  request: Wire.side,
  /**
   * `progress_percent` counts to 100. `imageUx` and `videoUx` are the four results one by one, `attachments` what the bot
   * posted: a grid of the four, or the one image of an upscale; each with `url`, `content_type`, `filename`, `width`, `height`.
   */
  response: Wire.side,
  error: Wire.side,
  errorDetails: Wire.side,
  /** The caller's; it may stand in `request` or `response` instead. */
  replyRef: Wire.side
}))
export type JobRecord = typeof JobRecord.Type

/** A job that executes, as `GET /jobs` lists them by channel; it has no status. `elapsed` is `mm:ss`. */
export const Entry = JobIds.withJobId(
  Schema.Struct({ jobid: JobId, jobType: Wire.side, created: Wire.side, elapsed: Wire.side })
)
export type Entry = typeof Entry.Type
