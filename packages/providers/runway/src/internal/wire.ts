/**
 * Runway's answers as they are on the wire, from the facts in this package's `FACTS.md`.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import * as Schema from "effect/Schema"

/** What `GET /v1/tasks/{id}` answers, and `GET /v1/workflow_invocations/{id}`. */
export const Task = Schema.Struct({
  id: Schema.NonEmptyString,
  /** `PENDING`, `THROTTLED`, `RUNNING`, `SUCCEEDED`, `FAILED` or `CANCELLED`. */
  status: Schema.NonEmptyString,
  createdAt: Wire.side,
  progress: Wire.side,
  /** Links; of a workflow, by the node that made them. */
  output: Wire.side,
  failure: Wire.side,
  failureCode: Wire.side,
  /** Of a workflow: what failed beside what is there. */
  nodeErrors: Wire.side,
  estimatedCost: Wire.side,
  cost: Wire.side
})
export type Task = typeof Task.Type

/** What `POST /v1/uploads` answers: where a form with these fields goes, and what the file is called then. */
export const Ticket = Schema.Struct({
  uploadUrl: Schema.NonEmptyString,
  fields: Wire.side,
  runwayUri: Schema.NonEmptyString
})
