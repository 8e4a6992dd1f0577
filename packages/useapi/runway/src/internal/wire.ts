/**
 * Runway's answers as they are on the wire, from the vendor's pages of August 2024 to July 2026 and what its own scripts read.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import { JobId } from "@media-jobs/core/JobId"
import * as Schema from "effect/Schema"

/** One task, as `GET /tasks/{taskId}` answers and, as far as is known, creates, the history and webhooks hold it. */
export const TaskRecord = Schema.Struct({
  /** `PENDING`, `THROTTLED`, `RUNNING`, `SUCCEEDED` or `FAILED`. */
  status: Schema.String,
  /** The whole id; `id` beside it is Runway's own part alone. */
  taskId: Wire.side,
  createdAt: Wire.side,
  updatedAt: Wire.side,
  options: Wire.side,
  error: Wire.side,
  /** From 0 to 1, as a text. */
  progressRatio: Wire.side,
  artifacts: Wire.side,
  /** On no page: a webhook may have it. */
  replyRef: Wire.side
})
export type TaskRecord = typeof TaskRecord.Type

/** One that names its task whole, in the history and in webhooks. */
export const NamedTask = Schema.Struct({ ...TaskRecord.fields, taskId: JobId })

/** One of the tasks that the API tracks, as `GET /scheduler/` lists them. */
export const Entry = Schema.Struct({ taskId: JobId, replyUrl: Wire.side, replyRef: Wire.side })
export type Entry = typeof Entry.Type

/** What `DELETE /tasks/{taskId}` answers. */
export const Deleted = Schema.Struct({ success: Schema.Literal(true) })
