/**
 * What Luma's two APIs answer, from the facts in this package's `FACTS.md`.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import { JobId } from "@media-jobs/core/JobId"
import * as Schema from "effect/Schema"

/** One generation, by either API; Dream Machine lists such, and calls back with one. */
export const Generation = Schema.Struct({
  id: JobId,
  /** `queued`, `processing` or (Dream Machine) `dreaming`, `completed`, `failed`. */
  state: Schema.NonEmptyString,
  created_at: Wire.side,
  model: Wire.side,
  failure_reason: Wire.side,
  /** `image`, `video_edit` and so on. */
  type: Wire.side,
  /** What was made, each with `type` and a presigned `url`. */
  output: Wire.side,
  failure_code: Wire.side,
  /** Of Dream Machine from here on: `video` or `image`. */
  generation_type: Wire.side,
  /** `video`, `image` and `progress_video`, each a link. */
  assets: Wire.side,
  /** What older records have in place of a model. */
  version: Wire.side,
  /** The body of the submit, whole. */
  request: Wire.side
})
export type Generation = typeof Generation.Type

/** A file as the Agents API has it: `pending`, `ready`, `failed` or `deleted`. */
export const File = Schema.Struct({
  id: Schema.NonEmptyString,
  state: Schema.NonEmptyString,
  failure_reason: Wire.side
})
export type File = typeof File.Type

/** A file that is to be sent elsewhere, and where. */
export const Place = Schema.Struct({
  id: Schema.NonEmptyString,
  upload: Schema.Struct({
    url: Schema.String.check(Schema.isPattern(/^https?:\/\/[^/?#]+\//)),
    headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
  })
})

/** One page of Dream Machine's list. */
export const Page = Schema.Struct({ generations: Schema.Array(Schema.Unknown), has_more: Wire.side })

/** What is left in Dream Machine's account, in US cents. */
export const Credits = Schema.Struct({ credit_balance: Schema.Finite })
