/**
 * Kling's answers as they are on the wire, from the vendor's pages of 2025, its scripts of June 2026 and the texts of its tools.
 */
import * as Records from "@media-jobs/adapter/Records"
import * as Wire from "@media-jobs/adapter/Wire"
import * as Schema from "effect/Schema"

/** One task, as `GET /tasks/{task_id}` answers and, as far as is known, webhooks carry. */
export const TaskRecord = Schema.Struct({
  /** A number, as its text. */
  status: Wire.Id,
  status_name: Wire.side,
  status_final: Wire.side,
  message: Wire.side,
  error: Wire.side,
  /** `id`, `type`, `createTime` and `updateTime` in milliseconds, `taskInfo`. */
  task: Wire.side,
  /** What it made, each with a status of its own, `contentType`, `resource` and `cover`. */
  works: Wire.side,
  /** In webhooks, as far as is known. */
  replyRef: Wire.side,
  /** On no page: a webhook that had it would name its task whole. */
  email: Wire.side
})
export type TaskRecord = typeof TaskRecord.Type

/** The number of the task that a record is of. */
export const taskOf = (task: unknown): string | undefined => Wire.word(Wire.object(task)["id"])

/** A task that nothing but its record names. */
export const Reported = TaskRecord.check(
  Schema.makeFilter(({ task }) => taskOf(task) !== undefined, { expected: "the number of a task" })
)

/** An entry of the history: a task or, where it is of an older form, its first work in the task's place; and its works. */
export const Past = Records.from((entry) => {
  const { task, works } = Wire.object(entry)
  const work = Wire.object(Wire.array(works)[0])
  const found = task ?? { ...work, id: work["taskId"] }
  return { ...Wire.object(found), task: found, works }
}, Reported)

/** One of the tasks that the API tracks, as `GET /scheduler` lists them. */
export const Entry = Schema.Struct({
  id: Wire.Id,
  email: Schema.NonEmptyString,
  started: Wire.side,
  replyUrl: Wire.side,
  replyRef: Wire.side
})
export type Entry = typeof Entry.Type

/** What `GET /assets/download` answers: where the file is without its watermark. */
export const Clean = Schema.Struct({ cdnUrl: Wire.side })

/** What `DELETE /tasks/{task_id}` answers. */
export const Deleted = Schema.Struct({ deleted: Schema.Int })
