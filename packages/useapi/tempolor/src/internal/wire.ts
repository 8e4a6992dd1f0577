/**
 * TemPolor's answers as they are on the wire, from the vendor's pages of 2025, its collection and its scripts of 2026.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import * as Schema from "effect/Schema"

/** One piece of music, as its `GET`, the lists of what was made and, as far as is known, webhooks have it. */
export const Record = Schema.Struct({
  job_id: Schema.NonEmptyString,
  status: Wire.side,
  status_name: Wire.side,
  status_final: Wire.side,
  progress: Wire.side,
  /** Both in milliseconds. */
  createTime: Wire.side,
  updateTime: Wire.side,
  error: Wire.side,
  message: Wire.side,
  /** In webhooks, as far as is known. */
  replyRef: Wire.side
}).check(
  Schema.makeFilter(({ status, status_name }) => (Wire.text(status_name) ?? Wire.number(status)) !== undefined, {
    expected: "a job with its status"
  })
)
export type Record = typeof Record.Type

/** One of the jobs that the API tracks, as `GET /scheduler/` lists them. */
export const Entry = Schema.Struct({
  job_id: Schema.NonEmptyString,
  started: Wire.side,
  replyUrl: Wire.side,
  replyRef: Wire.side
})
export type Entry = typeof Entry.Type
