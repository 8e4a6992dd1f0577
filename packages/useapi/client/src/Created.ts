/**
 * What a create answers, where that is more than ids.
 *
 * @since 0.1.0
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Records from "@media-jobs/adapter/Records"
import * as Wire from "@media-jobs/adapter/Wire"
import type * as Schema from "effect/Schema"
import * as JobIds from "./JobIds.ts"

/**
 * The ids in an answer, and what it says of its job where it is a record.
 *
 * @since 0.1.0
 * @category readers
 */
export const record = <A>(schema: Schema.ConstraintDecoder<A>, report: (record: A) => Adapter.Report) => {
  const read = Records.reader(schema, report)
  return (body: unknown): Adapter.Accepted | undefined => Records.accepted(JobIds.created(body) ?? [], read(body))
}

/**
 * A record or, without a status, the result itself, of a job that is done.
 *
 * @since 0.1.0
 * @category schemas
 */
export const orResult = <S extends Schema.Constraint>(record: S) =>
  Records.from((body) => {
    const fields = Wire.object(body)
    return Wire.text(fields["status"]) === undefined ? { ...fields, status: "completed", response: body } : body
  }, record)
