/**
 * The Gemini API's answers as they are on the wire, from the facts in this package's `FACTS.md`.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import { JobId } from "@media-jobs/core/JobId"
import * as Schema from "effect/Schema"

/** One interaction. */
export const Interaction = Schema.Struct({
  id: JobId,
  /** `queued`, `in_progress`, `requires_continuation`, `completed`, `failed`, `cancelled`, `incomplete`, … */
  status: Schema.NonEmptyString,
  model: Wire.side,
  created: Wire.side,
  updated: Wire.side,
  steps: Wire.side,
  /** In place of `steps`, of older models for music. */
  outputs: Wire.side,
  usage: Wire.side,
  errors: Wire.side,
  error: Wire.side,
  finish_reason: Wire.side
})
export type Interaction = typeof Interaction.Type

/** What the service knows of a file. */
export const File = Schema.Struct({
  uri: Schema.NonEmptyString,
  /** `PROCESSING`, `ACTIVE`, `FAILED`. */
  state: Wire.side,
  error: Wire.side
})
export type File = typeof File.Type

/** What a webhook tells. */
export const Event = Schema.Struct({
  type: Schema.NonEmptyString,
  timestamp: Wire.side,
  data: Schema.Struct({ id: JobId, error_code: Wire.side, error_message: Wire.side })
})
export type Event = typeof Event.Type
