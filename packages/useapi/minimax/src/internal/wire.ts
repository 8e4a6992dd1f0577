/**
 * MiniMax's answers as they are on the wire, from the vendor's pages of September 2024 to August 2026 and from what its own
 * scripts read.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import * as Schema from "effect/Schema"

/** Under which names ids stand; an image's may stand under that of a video. */
export const idNames = ["videoId", "imageId", "musicId", "audioId", "audio_id", "jobId"] as const

const ids = Wire.sides(...idNames)

export const idOf = (record: { readonly [K in (typeof idNames)[number]]?: unknown }): string | undefined =>
  Wire.first(idNames.map((name) => record[name]), Wire.text)

/** What a record says of how its job stands: its label, or else its status. */
export const wordOf = ({ status, statusLabel }: { readonly status?: unknown; readonly statusLabel?: unknown }) =>
  Wire.text(statusLabel) ?? Wire.word(status)

/** One job of any family: a video, an image, a song or speech, which end by `statusFinal`, or an agent's. */
export const JobRecord = Schema.Struct({
  ...ids,
  /** A number with a label, or, of an agent's job, a word. */
  status: Wire.side,
  ...Wire.sides("statusLabel", "statusFinal", "percent", "message", "error", "code", "replyRef"),
  ...Wire.sides("modelID", "model", "createTime", "create_time", "created", "lyrics", "response"),
  ...Wire.sides("downloadURL", "videoURL", "audio_url", "audioURL", "coverURL", "width", "height")
}).check(
  Schema.makeFilter((record) => wordOf(record) !== undefined, { expected: "a job with its status" })
)
export type JobRecord = typeof JobRecord.Type

/** A record that says of which job it is, as all do but that of speech at work. */
export const NamedRecord = JobRecord.check(
  Schema.makeFilter((record) => idOf(record) !== undefined, { expected: "a job with its id" })
)

/** A job that executes; `started` is a time as text or as a number. */
export const Entry = Schema.Struct({ ...ids, ...Wire.sides("started", "replyRef") }).check(
  Schema.makeFilter((entry) => idOf(entry) !== undefined, { expected: "an id" })
)
export type Entry = typeof Entry.Type
