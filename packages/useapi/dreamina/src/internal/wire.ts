/**
 * Dreamina's answers as they are on the wire, from the vendor's pages of February to April 2026 and from what its own and
 * its users' scripts read.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import { JobId } from "@media-jobs/core/JobId"
import * as JobIds from "@media-jobs/useapi/JobIds"
import * as Schema from "effect/Schema"

/** One job, as `GET /videos/{jobid}` and `GET /images/{jobid}` answer. */
export const JobRecord = JobIds.withJobId(Schema.Struct({
  jobid: JobId.check(
    Schema.makeFilter((jobid) => (JobIds.provider(jobid) ?? "useapi-dreamina") === "useapi-dreamina", {
      expected: "the id of a Dreamina job"
    })
  ),
  /** `created` as long as the job is at work, then `completed` or `failed`. */
  status: Schema.String,
  /** `video`, `video-upscale`, `video-interpolate`, `image`, or `upscale`, which is an image's. */
  type: Wire.side,
  model: Wire.side,
  created: Wire.side,
  updated: Wire.side,
  request: Wire.side,
  /**
   * The files: `videoUrl`, `videoUrlBackup`, `videoUrlWatermarked`, `coverUrl`, `width`, `height`, `durationMs`, `images` with
   * `imageUrl` each; and `forecastCost`, and `finishTime` in seconds.
   */
  response: Wire.side,
  error: Wire.side,
  errorDetails: Wire.side,
  replyRef: Wire.side
}))
export type JobRecord = typeof JobRecord.Type

/** One of the jobs that execute, as `GET /scheduler` lists them by account; `replyUrl` is the submit's own, whole. */
export const Entry = JobIds.withJobId(
  Schema.Struct({ jobid: JobId, model: Wire.side, elapsedSeconds: Wire.side, replyUrl: Wire.side })
)
export type Entry = typeof Entry.Type
