/**
 * Luma's answers as they are on the wire, from the vendor's pages of April 6, 2026.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import { JobId } from "@media-jobs/core/JobId"
import * as Schema from "effect/Schema"

/** One job, as `GET /jobs/{jobid}` answers and webhooks carry. */
export const JobRecord = Schema.Struct({
  jobid: JobId,
  /** `created`, `pending`, `processing`, `completed` or `failed`, which pages name which differently. */
  status: Schema.String,
  type: Wire.side,
  created: Wire.side,
  updated: Wire.side,
  /** The files: `video`, `image`, `video_hdr_exr`, `thumbnail`, `last_frame`, each with `url`, `width`, `height`, `duration`. */
  response: Wire.side,
  credits: Wire.side,
  /** On no page's record, but in the pages' own scripts. */
  error: Wire.side,
  replyRef: Wire.side
})
export type JobRecord = typeof JobRecord.Type

/** One of the jobs that execute, as `GET /jobs` lists them. */
export const Entry = Schema.Struct({
  jobid: JobId,
  type: Wire.side,
  account: Wire.side,
  model: Wire.side,
  created: Wire.side
})
export type Entry = typeof Entry.Type

/** What `DELETE /jobs/{jobid}` answers. */
export const Deleted = Schema.Struct({ deleted: Schema.Literal(true) })
