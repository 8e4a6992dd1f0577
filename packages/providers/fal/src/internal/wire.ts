/**
 * fal's answers as they are on the wire, from the facts in this package's `FACTS.md`.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import * as Schema from "effect/Schema"

/** Where a job stands in the queue. A failed one is `COMPLETED` too. */
export const Status = Schema.Struct({
  /** `IN_QUEUE`, `IN_PROGRESS` or `COMPLETED`. */
  status: Schema.NonEmptyString,
  request_id: Wire.side,
  /** An array of `{ message, timestamp, … }`, or null; by some schemas an object. */
  logs: Wire.side,
  error: Wire.side,
  error_type: Wire.side
})
export type Status = typeof Status.Type

/** One job of the platform's history, which has what has ended. */
export const Ended = Schema.Struct({
  request_id: Schema.NonEmptyString,
  endpoint_id: Schema.NonEmptyString,
  sent_at: Wire.side,
  ended_at: Wire.side,
  status_code: Wire.side,
  /** As it was sent. */
  json_input: Wire.side,
  json_output: Wire.side
})
export type Ended = typeof Ended.Type

/** One page of the history. */
export const Page = Schema.Struct({ items: Schema.Array(Schema.Unknown), next_cursor: Wire.side, has_more: Wire.side })

/** Where the bytes of a file go, and what it is called then. */
export const Initiated = Schema.Struct({ upload_url: Schema.NonEmptyString, file_url: Schema.NonEmptyString })

/** A part of a file that has been taken. */
export const Part = Schema.Struct({ partNumber: Schema.Number, etag: Schema.String })

/** What a webhook brings. Its payload is the result, which is asked for all the same. */
export const Hook = Schema.Struct({ request_id: Schema.NonEmptyString, status: Schema.String })
