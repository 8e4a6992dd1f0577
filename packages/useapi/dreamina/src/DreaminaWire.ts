/**
 * Dreamina's answers as they are on the wire.
 *
 * **Details**
 *
 * Written from the vendor's pages of February to April 2026 and from what its own and its users' scripts read. Required is
 * what a job can't be told without; whatever else is missing, null or new is no reason to lose a job, nor is a number that
 * comes as a text.
 *
 * @since 0.1.0
 */
import { JobId } from "@media-jobs/core/JobId"
import * as JobIds from "@media-jobs/useapi/JobIds"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))
const Text = maybe(Schema.String)

/** A number read out of anything; where that holds none it tells nothing, which is no reason to refuse the rest. */
const number = (read: (value: unknown) => number) =>
  Schema.optionalKey(
    Schema.Unknown.pipe(Schema.decodeTo(
      Schema.UndefinedOr(Schema.Finite),
      SchemaTransformation.transform({
        decode: (value) => {
          const found = read(value)
          return Number.isFinite(found) ? found : undefined
        },
        encode: (found): unknown => found
      })
    ))
  )
const Amount = number((value) =>
  typeof value === "string" && value.trim() !== "" ? Number(value) : typeof value === "number" ? value : NaN
)
/** In milliseconds. */
const Time = number((value) => typeof value === "string" ? Date.parse(value) : NaN)

/** A record under its id, which some of the vendor's services spell `jobId`. */
const withJobId = <S extends Schema.Constraint>(record: S) =>
  Schema.Unknown.pipe(Schema.decodeTo(
    record,
    SchemaTransformation.transform({
      decode: (value): S["Encoded"] =>
        Predicate.hasProperty(value, "jobId") && !Predicate.hasProperty(value, "jobid")
          ? { ...value, jobid: value.jobId }
          : value, // whether it is one is what `record` finds out next
      encode: (value): unknown => value
    })
  ))

const Own = JobId.check(
  Schema.makeFilter((id) => (JobIds.provider(id) ?? "useapi-dreamina") === "useapi-dreamina", {
    expected: "the id of a Dreamina job"
  })
)

/**
 * One job, as `GET /videos/{jobid}` and `GET /images/{jobid}` answer.
 *
 * **Details**
 *
 * `type` is `video`, `video-upscale`, `video-interpolate`, `image` or `upscale`, which is an image's. `status` is `created`
 * as long as the job is at work, then `completed` or `failed`. `created` and `updated` are in milliseconds, `finishTime` is
 * in seconds.
 *
 * @since 0.1.0
 * @category schemas
 */
export const JobRecord = withJobId(Schema.Struct({
  jobid: Own,
  type: Text,
  status: Schema.String,
  model: Text,
  created: Time,
  updated: Time,
  request: maybe(Schema.Struct({ replyRef: Text })),
  response: maybe(Schema.Struct({
    videoUrl: Text,
    videoUrlBackup: Text,
    videoUrlWatermarked: Text,
    coverUrl: Text,
    width: Amount,
    height: Amount,
    durationMs: Amount,
    images: maybe(Schema.Array(Schema.Struct({ imageUrl: Text, width: Amount, height: Amount }))),
    forecastCost: Amount,
    finishTime: Amount
  })),
  error: Schema.optionalKey(Schema.Unknown),
  errorDetails: Schema.optionalKey(Schema.Unknown),
  replyRef: Text
}))

/**
 * @since 0.1.0
 * @category models
 */
export type JobRecord = typeof JobRecord.Type

/**
 * The jobs that execute, by account, as `GET /scheduler` answers; `error` says that some are missing.
 *
 * **Details**
 *
 * `replyUrl` is the URL that the submit gave, whole.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Executing = Schema.Struct({
  executing: Schema.Record(
    Schema.String,
    Schema.Array(withJobId(Schema.Struct({ jobid: JobId, model: Text, elapsedSeconds: Amount, replyUrl: Text })))
  ),
  error: Schema.optionalKey(Schema.Unknown)
})

/**
 * @since 0.1.0
 * @category models
 */
export type Executing = typeof Executing.Type

/**
 * One of the jobs that execute.
 *
 * @since 0.1.0
 * @category models
 */
export type Entry = Executing["executing"][string][number]

/**
 * The accounts by name, `REGION:address`, as `GET /accounts` answers.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Accounts = Schema.Record(
  Schema.String,
  Schema.Struct({ maxJobs: Amount, error: Schema.optionalKey(Schema.Unknown) })
)

/**
 * @since 0.1.0
 * @category models
 */
export type Accounts = typeof Accounts.Type

/**
 * The webhook of a request that broke before it had a job, as the vendor's other services send it.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Broken = Schema.Struct({ status: Schema.Literal("failed"), error: Schema.Unknown })
