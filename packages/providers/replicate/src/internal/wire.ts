/**
 * Replicate's answers as they are on the wire, from the facts in this package's `FACTS.md`.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import { JobId } from "@media-jobs/core/JobId"
import * as Schema from "effect/Schema"

/** One prediction, as `GET /predictions/{id}` answers, lists hold and webhooks carry. */
export const Prediction = Schema.Struct({
  id: JobId,
  /** `starting`, `processing`, `succeeded`, `failed`, `canceled` or `aborted`. */
  status: Schema.NonEmptyString,
  model: Wire.side,
  /** A hash, or `hidden`. */
  version: Wire.side,
  source: Wire.side,
  /** As it was sent; emptied once the service has removed what was made. */
  input: Wire.side,
  /** What a model makes, says and logs is its own. */
  output: Wire.side,
  error: Wire.side,
  logs: Wire.side,
  data_removed: Wire.side,
  metrics: Wire.side,
  /** In the official client's types, and in no document's sample. */
  webhook: Wire.side,
  created_at: Wire.side,
  started_at: Wire.side,
  completed_at: Wire.side
})
export type Prediction = typeof Prediction.Type

/** One page of `GET /predictions`, newest first; `next` is where the next one is, null on the last. */
export const Page = Schema.Struct({ results: Schema.Array(Schema.Unknown), next: Schema.Unknown })

/** What `POST /files` answers: the address that an `input` refers to the file by. */
export const Uploaded = Schema.Struct({ urls: Schema.Struct({ get: Schema.NonEmptyString }) })

/** What `GET /webhooks/default/secret` answers. */
export const Secret = Schema.Struct({ key: Schema.NonEmptyString })
