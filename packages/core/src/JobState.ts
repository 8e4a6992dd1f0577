/**
 * Where a job stands in its life.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Artifact } from "./Artifact.ts"

/**
 * Why a job failed, as far as it decides whether a new submit is worth it.
 *
 * **Details**
 *
 * `content`: refused by moderation; `input`: the request can never work; `credits`: the account cannot pay;
 * `service`: the service broke; `unknown`: it did not say.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FailureCause = Schema.Literals(["content", "input", "credits", "service", "unknown"])

/**
 * @since 0.1.0
 * @category models
 */
export type FailureCause = typeof FailureCause.Type

/**
 * An output that was asked for and is not there, though others of its job are.
 *
 * **Details**
 *
 * `label` is the one that its artifact would have, where the service tells which it is; the rest as of a failed job.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Missing = Schema.Struct({
  label: Schema.optionalKey(Schema.NonEmptyString),
  reason: Schema.optionalKey(Schema.String),
  code: Schema.optionalKey(Schema.String),
  cause: FailureCause
})

/**
 * @since 0.1.0
 * @category models
 */
export type Missing = typeof Missing.Type

/**
 * The state of a job, in rank order.
 *
 * **Details**
 *
 * - `Untracked`: it left the list of a service that cannot be asked about one job; how it ended is not known.
 * - `Queued`, `Running`: not ended; `progress` from 0 to 1, only as the service says it.
 * - `Expired`: the service had it and has forgotten it.
 * - `Cancelled`, `Failed`, `Succeeded`: ended. A success has at least one output; `missing` tells of those that failed beside it,
 *   and `output` is what the model made as JSON, where that is more than files: a text, scores, a typed result.
 *
 * @since 0.1.0
 * @category schemas
 */
export const JobState = Schema.Union([
  Schema.TaggedStruct("Untracked", {}),
  Schema.TaggedStruct("Queued", {}),
  Schema.TaggedStruct("Running", {
    progress: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })))
  }),
  Schema.TaggedStruct("Expired", {}),
  Schema.TaggedStruct("Cancelled", {}),
  Schema.TaggedStruct("Failed", {
    reason: Schema.optionalKey(Schema.String),
    code: Schema.optionalKey(Schema.String),
    cause: FailureCause
  }),
  Schema.TaggedStruct("Succeeded", {
    artifacts: Schema.Array(Artifact),
    missing: Schema.optionalKey(Schema.NonEmptyArray(Missing)),
    output: Schema.optionalKey(Schema.Json)
  })
])

/**
 * @since 0.1.0
 * @category models
 */
export type JobState = typeof JobState.Type

/**
 * @since 0.1.0
 * @category models
 */
export type Tag = JobState["_tag"]

/**
 * The states with one of the given tags.
 *
 * @since 0.1.0
 * @category models
 */
export type Of<T extends Tag> = Extract<JobState, { readonly _tag: T }>

/**
 * The states that end a watch.
 *
 * @since 0.1.0
 * @category models
 */
export type Terminal = Exclude<JobState, Of<"Queued" | "Running">>

/**
 * The states that are known for good.
 *
 * @since 0.1.0
 * @category models
 */
export type Settled = Exclude<Terminal, Of<"Untracked">>

const ranks: { readonly [T in Tag]: number } = {
  Untracked: 0,
  Queued: 1,
  Running: 2,
  Expired: 3,
  Cancelled: 4,
  Failed: 5,
  Succeeded: 6
}

/**
 * How far along a state is; between two snapshots that are otherwise equally old, the higher rank is believed.
 *
 * @since 0.1.0
 * @category ordering
 */
export const rank = (self: JobState): number => ranks[self._tag]

/**
 * Whether a watch ends here: all but `Queued` and `Running`.
 *
 * @since 0.1.0
 * @category guards
 */
export const isTerminal = (self: JobState): self is Terminal => self._tag !== "Queued" && self._tag !== "Running"

/**
 * Whether the ending is known for good: terminal, and not `Untracked`.
 *
 * **Example** (A job that left the list may still be found)
 *
 * ```ts import.meta.vitest
 * import * as JobState from "@media-jobs/core/JobState"
 *
 * JobState.isTerminal({ _tag: "Untracked" }) // => true
 * JobState.isSettled({ _tag: "Untracked" }) // => false
 * ```
 *
 * @since 0.1.0
 * @category guards
 */
export const isSettled = (self: JobState): self is Settled => isTerminal(self) && self._tag !== "Untracked"
