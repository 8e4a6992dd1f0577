/**
 * Replicate's answers as they are on the wire.
 *
 * **Details**
 *
 * Written from the facts in this package's `FACTS.md`. Required is what a job can't be told without; whatever else is
 * missing, null or new is no reason to lose a job. What a model takes and makes is its own, so `output`, `error` and `logs`
 * may be anything.
 *
 * @since 0.1.0
 */
import { JobId } from "@media-jobs/core/JobId"
import * as Schema from "effect/Schema"

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))
const anything = Schema.optionalKey(Schema.Unknown)

/**
 * One prediction, as `GET /predictions/{id}` answers, lists hold and webhooks carry.
 *
 * **Details**
 *
 * `status` is `starting`, `processing`, `succeeded`, `failed`, `canceled` or `aborted`. `version` is a hash, or `hidden`.
 * `webhook` is in the official client's types and in no document's sample.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Prediction = Schema.Struct({
  id: JobId,
  status: Schema.NonEmptyString,
  model: maybe(Schema.String),
  version: maybe(Schema.String),
  source: maybe(Schema.String),
  output: anything,
  error: anything,
  logs: anything,
  data_removed: maybe(Schema.Boolean),
  metrics: maybe(Schema.Struct({ predict_time: maybe(Schema.Finite) })),
  webhook: maybe(Schema.String),
  created_at: maybe(Schema.String),
  started_at: maybe(Schema.String),
  completed_at: maybe(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export type Prediction = typeof Prediction.Type

/**
 * One page of `GET /predictions`, newest first; `next` is where the next one is, null on the last.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Page = Schema.Struct({
  results: Schema.Array(Prediction),
  next: Schema.NullOr(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export type Page = typeof Page.Type

/**
 * What `POST /files` answers: the address that an `input` refers to the file by.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Stored = Schema.Struct({ urls: Schema.Struct({ get: Schema.NonEmptyString }) })

/**
 * What `GET /webhooks/default/secret` answers.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Secret = Schema.Struct({ key: Schema.NonEmptyString })
