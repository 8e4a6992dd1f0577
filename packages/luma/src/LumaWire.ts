/**
 * Luma's answers as they are on the wire.
 *
 * **Details**
 *
 * Written from the vendor's pages of April 6, 2026. Required is what a job can't be told without; whatever else is missing,
 * null or new is no reason to lose a job.
 *
 * @since 0.1.0
 */
import { JobId } from "@media-jobs/core/JobId"
import * as Schema from "effect/Schema"

/** Stays text: a list of thousands is decoded in half the time, and the adapter reads it once. */
const Time = Schema.String.check(Schema.makeFilter((text) => !Number.isNaN(Date.parse(text)), { expected: "a time" }))

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

/**
 * A file, while its link lives.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Media = Schema.Struct({
  url: Schema.String,
  width: maybe(Schema.Finite),
  height: maybe(Schema.Finite),
  duration: maybe(Schema.Finite)
})

/**
 * @since 0.1.0
 * @category models
 */
export type Media = typeof Media.Type

/**
 * One job, as `GET /jobs/{jobid}` answers and webhooks carry.
 *
 * **Details**
 *
 * `status` is `created`, `pending`, `processing`, `completed` or `failed`, which pages name which differently. `error` is on
 * no page's record, but in the pages' own scripts.
 *
 * @since 0.1.0
 * @category schemas
 */
export const JobRecord = Schema.Struct({
  jobid: JobId,
  type: Schema.String,
  status: Schema.String,
  created: Time,
  updated: maybe(Time),
  response: maybe(Schema.Struct({
    video: maybe(Media),
    image: maybe(Media),
    video_hdr_exr: maybe(Media),
    thumbnail: maybe(Media),
    last_frame: maybe(Media)
  })),
  credits: maybe(Schema.Struct({
    dm_usage: maybe(Schema.Finite),
    dm_relaxed_usage: maybe(Schema.Finite)
  })),
  error: Schema.optionalKey(Schema.Unknown),
  replyRef: maybe(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export type JobRecord = typeof JobRecord.Type

/**
 * The jobs that execute, as `GET /jobs` answers; `error` says that some are missing.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Executing = Schema.Struct({
  jobs: Schema.Array(Schema.Struct({
    jobid: JobId,
    type: Schema.String,
    account: Schema.String,
    model: Schema.String,
    created: Time
  })),
  error: Schema.optionalKey(Schema.Unknown)
})

/**
 * @since 0.1.0
 * @category models
 */
export type Executing = typeof Executing.Type

/**
 * What `DELETE /jobs/{jobid}` answers.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Deleted = Schema.Struct({ deleted: Schema.Literal(true) })

/**
 * The accounts by their address, as `GET /accounts` answers.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Accounts = Schema.Record(
  Schema.String,
  Schema.Struct({
    concurrency: maybe(Schema.Finite),
    executing: maybe(Schema.Finite),
    error: Schema.optionalKey(Schema.Unknown)
  })
)

/**
 * @since 0.1.0
 * @category models
 */
export type Accounts = typeof Accounts.Type

/**
 * The webhook of an image request: all its jobs at once.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Batch = Schema.Struct({
  images: Schema.Array(JobRecord),
  replyRef: maybe(Schema.String)
})

/**
 * The webhook of a request that broke; it may not know its job.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Broken = Schema.Struct({
  jobid: maybe(JobId),
  status: Schema.Literal("failed"),
  error: Schema.Unknown,
  replyRef: maybe(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export type Broken = typeof Broken.Type
