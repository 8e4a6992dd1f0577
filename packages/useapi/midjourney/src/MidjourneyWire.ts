/**
 * Midjourney's answers as they are on the wire.
 *
 * **Details**
 *
 * Written from the vendor's pages of Midjourney v3, October 27 to November 26, 2025, and from its scripts, which name
 * more than the pages that could be read. Required is what a job can't be told without. Whatever else is missing, null
 * or new is no reason to lose a job; a text, a time or a number that is none reads as absent.
 *
 * @since 0.1.0
 */
import { JobId } from "@media-jobs/core/JobId"
import * as DateTime from "effect/DateTime"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

const readable = <S extends Schema.Constraint>(schema: S, read: (value: unknown) => S["Type"] | undefined) =>
  Schema.optionalKey(
    Schema.Unknown.pipe(
      Schema.decodeTo(
        Schema.UndefinedOr(Schema.toType(schema)),
        SchemaTransformation.transform({ decode: read, encode: identity<unknown> })
      )
    )
  )

const Text = readable(Schema.String, (value) => typeof value === "string" && value !== "" ? value : undefined)

const Time = readable(
  Schema.DateTimeUtc,
  (value) =>
    typeof value === "string" ? Option.getOrUndefined(Option.map(DateTime.make(value), DateTime.toUtc)) : undefined
)

/** Some services of the vendor send numbers as text, as Runway its progress. */
const Numeric = readable(Schema.Finite, (value) => {
  const number = typeof value === "string" && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value
  return typeof number === "number" && Number.isFinite(number) ? number : undefined
})

/**
 * A file, while its link lives; those that Discord keeps tell their media type or their name.
 *
 * @since 0.1.0
 * @category schemas
 */
export const File = Schema.Struct({
  url: Text,
  content_type: Text,
  filename: Text,
  width: Numeric,
  height: Numeric
})

/**
 * @since 0.1.0
 * @category models
 */
export type File = typeof File.Type

const Files = maybe(Schema.Array(File))

const fields = {
  status: Schema.String,
  verb: Text,
  jobType: Text,
  created: Time,
  updated: Time,
  request: maybe(Schema.Struct({ replyRef: Text })),
  response: maybe(Schema.Struct({
    progress_percent: Numeric,
    attachments: Files,
    imageUx: Files,
    videoUx: Files,
    replyRef: Text
  })),
  error: Schema.optionalKey(Schema.Unknown),
  errorDetails: Schema.optionalKey(Schema.Unknown),
  replyRef: Text
}

/**
 * One job, as `GET /jobs/{jobid}` answers and every webhook carries.
 *
 * **Details**
 *
 * `status` is `created`, `started`, `progress`, `completed`, `failed`, `moderated`, or, in the vendor's scripts,
 * `cancelled`. `progress_percent` counts to 100. `imageUx` and `videoUx` are the four results one by one, `attachments`
 * what the bot posted: a grid of the four, or the one image of an upscale. The caller's `replyRef` stands in any of
 * three places.
 *
 * The record's id is `jobid`, the list's `jobId`; either is taken for the other.
 *
 * @since 0.1.0
 * @category schemas
 */
export const JobRecord = Schema.Union([
  Schema.Struct({ jobid: JobId, ...fields }),
  Schema.Struct({ jobid: JobId, ...fields }).pipe(Schema.encodeKeys({ jobid: "jobId" }))
])

/**
 * @since 0.1.0
 * @category models
 */
export type JobRecord = typeof JobRecord.Type

const entry = { jobType: Text, created: Time, elapsed: Text }

/**
 * A job that executes; it has no status. `elapsed` is `mm:ss`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Entry = Schema.Union([
  Schema.Struct({ jobid: JobId, ...entry }).pipe(Schema.encodeKeys({ jobid: "jobId" })),
  Schema.Struct({ jobid: JobId, ...entry })
])

/**
 * @since 0.1.0
 * @category models
 */
export type Entry = typeof Entry.Type

const limits = {
  total: Numeric,
  images: Numeric,
  videos: Numeric,
  maxJobs: Numeric,
  maxImageJobs: Numeric,
  maxVideoJobs: Numeric
}

/**
 * What a channel may execute, and what it does.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Limits = Schema.Struct(limits)

/**
 * @since 0.1.0
 * @category models
 */
export type Limits = typeof Limits.Type

/**
 * The jobs that execute by their channel, as `GET /jobs` answers.
 *
 * **Details**
 *
 * No page shows an `error` beside the channels. Luma's list says with one that jobs are missing; here it is read so
 * too.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Executing = Schema.Struct({
  channels: Schema.Record(Schema.String, Schema.Struct({ ...limits, jobs: Schema.Array(Entry) })),
  error: Schema.optionalKey(Schema.Unknown)
})

/**
 * @since 0.1.0
 * @category models
 */
export type Executing = typeof Executing.Type

/**
 * The accounts by their Discord channel, with what each may execute, as `GET /accounts` answers; one with an `error`
 * waits for a human.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Accounts = Schema.Record(
  Schema.String,
  Schema.Struct({ ...limits, error: Schema.optionalKey(Schema.Unknown) })
)

/**
 * @since 0.1.0
 * @category models
 */
export type Accounts = typeof Accounts.Type

/**
 * The webhook of a request that broke before it was a job.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Broken = Schema.Struct({
  jobid: Schema.optionalKey(Schema.Null),
  jobId: Schema.optionalKey(Schema.Null),
  status: Schema.Literals(["failed", "moderated"]),
  error: Schema.Unknown
})
