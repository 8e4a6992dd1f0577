/**
 * PixVerse's answers as they are on the wire, from the vendor's pages of 2024 to 2026, its scripts and the texts of its tools.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import type { JobId } from "@media-jobs/core/JobId"
import * as Schema from "effect/Schema"

/** Families of fields, each named after what it is of; of an image's no page is known. */
const families = ["video", "image", "audio"] as const

/** The fields of a record that say which job it is of and how that stands. */
export const statusOf = (record: unknown) => {
  const fields = Wire.object(record)
  const family = families.find((name) => Wire.text(fields[`${name}_id`]) !== undefined)
  const [number, name, final] = ["", "_name", "_final"].map((end) => fields[`${family}_status${end}`])
  return {
    id: Wire.text(fields[`${family}_id`]) as JobId | undefined, // a text that is not empty
    number: Wire.number(number),
    name: Wire.text(name),
    isFinal: final === true
  }
}

/** One job, as its `GET`, the lists of what was made and, as far as is known, webhooks have it. */
export const Record = Schema.Record(Schema.String, Schema.Unknown).check(
  Schema.makeFilter((record) => {
    const { id, name, number } = statusOf(record)
    return id !== undefined && (name !== undefined || number !== undefined)
  }, { expected: "the id of a job and its status" })
)
export type Record = typeof Record.Type

/** One of the jobs that the API tracks, as `GET /scheduler/` lists them. */
export const Entry = Schema.Struct({
  id: Schema.NonEmptyString,
  type: Wire.side,
  started: Wire.side,
  replyUrl: Wire.side,
  replyRef: Wire.side
})
export type Entry = typeof Entry.Type

/** A page of what an account had made. */
export const Page = Schema.Struct({ data: Schema.Array(Schema.Unknown) })
