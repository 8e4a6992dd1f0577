/**
 * Records that stand in answers, and what they say of jobs.
 *
 * @since 0.1.0
 */
import type * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type * as Adapter from "./Adapter.ts"

/**
 * A record that does not stand in an answer as it is: `recordOf` makes it of what came.
 *
 * @since 0.1.0
 * @category schemas
 */
export const from = <S extends Schema.Constraint>(recordOf: (value: unknown) => unknown, record: S) =>
  Schema.Unknown.pipe(Schema.decodeTo(
    record,
    SchemaTransformation.transform({
      decode: (value): S["Encoded"] => recordOf(value), // whether it is one is what `record` finds out next
      encode: (value): unknown => value
    })
  ))

/**
 * Reads a record with what it says of its job; one that can't be read is none, and costs no other.
 *
 * @since 0.1.0
 * @category readers
 */
export const reader = <A>(schema: Schema.ConstraintDecoder<A>, report: (record: A) => Adapter.Report) => {
  const decode = Schema.decodeUnknownResult(schema)
  return (record: unknown): ReadonlyArray<Adapter.Seen> =>
    Result.match(decode(record), { onFailure: () => [], onSuccess: (read) => [[report(read), record]] })
}

/**
 * What the answer to a submit holds: its ids, each once, which are paid for whatever else of it can be read, and what it says of
 * their jobs; `undefined` where it holds no id.
 *
 * @since 0.1.0
 * @category conversions
 */
export const accepted = (
  ids: Iterable<string | undefined>,
  seen: ReadonlyArray<Adapter.Seen> = []
): Adapter.Accepted | undefined => {
  const [first, ...others] = [...new Set(ids)].flatMap((id) => id === undefined ? [] : [JobId.make(id)])
  return first === undefined ? undefined : { ids: [first, ...others], seen: seen.length === 0 ? undefined : seen }
}

/**
 * Asks for a job's record within another operation than `get`, for what `find` makes of it; `undefined` is what is not there any more.
 *
 * @since 0.1.0
 * @category combinators
 */
export const ask = <const Op extends Adapter.AboutJob, A, B>(
  { about }: Pick<Adapter.Kit, "about">,
  operation: Op,
  id: JobId.JobId,
  path: (segment: string, id: JobId.JobId) => string,
  schema: Schema.ConstraintDecoder<A>,
  find: (record: A, at: DateTime.Utc) => B | undefined
): Effect.Effect<B, JobError.Of<Op>> =>
  about(
    operation,
    id,
    (segment) => ({ method: "GET", path: path(segment, id) }),
    (body, at) =>
      Result.flatMap(
        Schema.decodeUnknownResult(schema)(body),
        (record) => Result.fromNullishOr(find(record, at), () => "The record has it no more")
      )
  )
