/**
 * One look at one job, of any service.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import * as Equal from "effect/Equal"
import { NodeInspectSymbol } from "effect/Inspectable"
import * as Order from "effect/Order"
import type { Ordering } from "effect/Ordering"
import { symbolRedactable } from "effect/Redactable"
import * as Schema from "effect/Schema"
import { MediaKind } from "./Artifact.ts"
import * as Shown from "./internal/shown.ts"
import * as JobId from "./JobId.ts"
import * as JobState from "./JobState.ts"
import { Instance, ProviderId } from "./ProviderId.ts"

/**
 * What a job costs, in the service's own unit.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Cost = Schema.Struct({
  amount: Schema.Finite,
  unit: Schema.String,
  basis: Schema.Literals(["forecast", "charged"])
})

/**
 * @since 0.1.0
 * @category models
 */
export type Cost = typeof Cost.Type

/**
 * A snapshot of one job, of any service and however it was learned of.
 *
 * **Details**
 *
 * - `providerStatus` is the service's own word, verbatim; `state` is what it means.
 * - `reference` is the caller's part of what the service echoes with the job.
 * - `inputDigest` is a digest of what the service says that it was asked for, only where `recover` found the job: what was lost has
 *   the same.
 * - `createdAt` and `updatedAt` are the service's clock; `observedAt` is ours.
 * - `raw` holds the service's own record, only where it was asked for.
 *
 * **Gotchas**
 *
 * `id` and `account` hold people's e-mail addresses. Printing, inspecting or logging a job shows neither, nor its links;
 * `JSON.stringify` and the schema keep all, for storage, and the schema's JSON codec reads what either wrote.
 *
 * @since 0.1.0
 * @category models
 */
export class Job extends Schema.Class<Job>("@media-jobs/core/Job")({
  id: JobId.JobId,
  provider: ProviderId,
  instance: Instance,
  kind: Schema.optionalKey(MediaKind),
  state: JobState.JobState,
  providerStatus: Schema.optionalKey(Schema.String),
  account: Schema.optionalKey(Schema.String),
  model: Schema.optionalKey(Schema.String),
  reference: Schema.optionalKey(Schema.String),
  inputDigest: Schema.optionalKey(Schema.String),
  createdAt: Schema.optionalKey(Schema.DateTimeUtc),
  updatedAt: Schema.optionalKey(Schema.DateTimeUtc),
  observedAt: Schema.DateTimeUtc,
  cost: Schema.optionalKey(Cost),
  raw: Schema.optionalKey(Schema.Json)
}) {
  /** Whether a watch ends here. */
  get isTerminal(): boolean {
    return JobState.isTerminal(this.state)
  }

  /** Whether the ending is known for good. */
  get isSettled(): boolean {
    return JobState.isSettled(this.state)
  }

  /** Whether the job is in one of the given states. */
  is<T extends JobState.Tag>(...tags: ReadonlyArray<T>): this is JobIn<T> {
    return (tags as ReadonlyArray<JobState.Tag>).includes(this.state._tag)
  }

  /** The whole job, as the schema's JSON codec writes and reads it. */
  toJSON(): unknown {
    // By way of its parts' own; the codec itself weighs half a kilobyte.
    return JSON.parse(JSON.stringify({ ...this }))
  }

  [symbolRedactable](): unknown {
    return Shown.job(this)
  }

  [NodeInspectSymbol](): unknown {
    return Shown.job(this)
  }

  override toString(): string {
    return `Job(${JobId.fingerprint(this.id)} ${this.provider} ${this.state._tag})`
  }
}

/**
 * What `fromValid` takes: all fields of a job, of which those that may be absent may be `undefined` too.
 *
 * @since 0.1.0
 * @category models
 */
export type Fields =
  & { readonly [K in keyof ConstructorParameters<typeof Job>[0]]: Job[K] | undefined }
  & Pick<
    Job,
    "id" | "provider" | "instance" | "state" | "observedAt"
  >

// Written out field by field, which takes a third of the time of a copy.
const Unchecked = function(this: { -readonly [K in keyof typeof Job.fields]: Job[K] }, fields: Fields) {
  this.id = fields.id
  this.provider = fields.provider
  this.instance = fields.instance
  if (fields.kind !== undefined) this.kind = fields.kind
  this.state = fields.state
  if (fields.providerStatus !== undefined) this.providerStatus = fields.providerStatus
  if (fields.account !== undefined) this.account = fields.account
  if (fields.model !== undefined) this.model = fields.model
  if (fields.reference !== undefined) this.reference = fields.reference
  if (fields.inputDigest !== undefined) this.inputDigest = fields.inputDigest
  if (fields.createdAt !== undefined) this.createdAt = fields.createdAt
  if (fields.updatedAt !== undefined) this.updatedAt = fields.updatedAt
  this.observedAt = fields.observedAt
  if (fields.cost !== undefined) this.cost = fields.cost
  if (fields.raw !== undefined) this.raw = fields.raw
} as unknown as new(fields: Fields) => Job // with the prototype of the class, that is what it makes
Unchecked.prototype = Job.prototype

/**
 * A job of fields that are known to fit, which are not checked again; those that are `undefined` are left out.
 *
 * **When to use**
 *
 * Use in an adapter, on what a schema has just decoded from the wire: for a list of thousands, the checks of the constructor
 * cost several times as much as the decoding.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromValid = (fields: Fields): Job => new Unchecked(fields)

/**
 * A job known to be in one of the given states.
 *
 * @since 0.1.0
 * @category models
 */
export type JobIn<T extends JobState.Tag> = Job & { readonly state: JobState.Of<T> }

/**
 * A job whose watch has ended.
 *
 * @since 0.1.0
 * @category models
 */
export type Terminal = JobIn<JobState.Terminal["_tag"]>

/**
 * A job that made what it was asked for.
 *
 * @since 0.1.0
 * @category models
 */
export type Succeeded = JobIn<"Succeeded">

/**
 * @since 0.1.0
 * @category guards
 */
export const isTerminal = (job: Job): job is Terminal => JobState.isTerminal(job.state)

const millis = (time: DateTime.Utc | undefined): number => time === undefined ? -Infinity : time.epochMilliseconds
const progress = (state: JobState.JobState): number => state._tag === "Running" ? state.progress ?? -1 : -1

/** Whether there are files: 1 or 0. */
const made = (state: JobState.JobState): number => state._tag === "Succeeded" && state.artifacts.length > 0 ? 1 : 0

const compare = (a: number, b: number): Ordering => a === b ? 0 : a < b ? -1 : 1

/** The fields that `join` takes whole from one side, as text: the last resort that makes the order total. */
const textOf = (job: Job): string =>
  JSON.stringify({
    ...job,
    kind: undefined,
    account: undefined,
    model: undefined,
    reference: undefined,
    createdAt: undefined
  })

/**
 * Which of two snapshots of one job is believed about its state.
 *
 * **Details**
 *
 * Settled beats unsettled. Among settled: one with files, for what is there is paid; the service's `updatedAt` (undated is
 * oldest); rank. Among unsettled: rank, progress, `updatedAt`. Then `observedAt`, then the encoded value, so that no two different snapshots tie.
 *
 * @since 0.1.0
 * @category ordering
 */
export const order: Order.Order<Job> = Order.make((a, b) => {
  // Written out, for it runs once for each watched job at each look: a chain of orders costs ten times as much.
  const settled = a.isSettled
  const rank = compare(JobState.rank(a.state), JobState.rank(b.state))
  const updated = compare(millis(a.updatedAt), millis(b.updatedAt))
  if (settled !== b.isSettled) return settled ? 1 : -1
  return (settled
    ? compare(made(a.state), made(b.state)) || updated || rank
    : rank || compare(progress(a.state), progress(b.state)) || updated) ||
    compare(millis(a.observedAt), millis(b.observedAt)) || Order.String(textOf(a), textOf(b))
})

/** Present beats absent; of two that differ, the greater by encoded value. */
const eitherText = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined || b !== undefined && a < b ? b : a
const eitherTime = (a: DateTime.Utc | undefined, b: DateTime.Utc | undefined): DateTime.Utc | undefined =>
  millis(a) < millis(b) ? b : a

/**
 * What two snapshots of one job say together.
 *
 * **Details**
 *
 * Associative, commutative and idempotent, so lists, looks, webhooks and restarts may arrive in any order, twice, or late.
 * Once settled, always settled. `kind`, `account`, `model`, `createdAt` and `reference` are kept from whichever side has
 * them; the rest comes whole from the greater by {@link order}.
 *
 * **Gotchas**
 *
 * Both snapshots must be of the same job; of two ids, the greater snapshot's is kept.
 *
 * **Example** (Late news loses)
 *
 * ```ts import.meta.vitest
 * import * as Job from "@media-jobs/core/Job"
 * import * as JobId from "@media-jobs/core/JobId"
 * import * as ProviderId from "@media-jobs/core/ProviderId"
 * import * as DateTime from "effect/DateTime"
 *
 * const seen = (state: Job.Job["state"], at: number) =>
 *   new Job.Job({
 *     id: JobId.make("j1"),
 *     provider: ProviderId.make("acme"),
 *     instance: ProviderId.defaultInstance,
 *     state,
 *     observedAt: DateTime.makeUnsafe(at)
 *   })
 * const failed = seen({ _tag: "Failed", cause: "unknown" }, 1)
 * Job.join(failed, seen({ _tag: "Running" }, 2)) // => failed
 * ```
 *
 * @since 0.1.0
 * @category combining
 */
export const join = (a: Job, b: Job): Job => {
  const greater = order(a, b) >= 0 ? a : b
  const kind = eitherText(a.kind, b.kind) as MediaKind | undefined // one of the two kinds it was given
  const account = eitherText(a.account, b.account)
  const model = eitherText(a.model, b.model)
  const reference = eitherText(a.reference, b.reference)
  const createdAt = eitherTime(a.createdAt, b.createdAt)
  if (
    kind === greater.kind && account === greater.account && model === greater.model &&
    reference === greater.reference &&
    millis(createdAt) === millis(greater.createdAt)
  ) return greater
  return fromValid({ ...greater, kind, account, model, reference, createdAt })
}

/** Most looks find a job running as before; the rest is compared by value. */
const sameState = (from: JobState.JobState, to: JobState.JobState): boolean =>
  from._tag === "Running" && to._tag === "Running" ? from.progress === to.progress : Equal.equals(from, to)

/**
 * Whether a consumer can see a difference: any field but the three that only say when and how it was looked at
 * (`observedAt`, `updatedAt`, `raw`), and `createdAt` only as it becomes known: some services tell ages in whole seconds.
 *
 * @since 0.1.0
 * @category combining
 */
export const changed = (from: Job, to: Job): boolean =>
  from !== to && !(
    from.providerStatus === to.providerStatus && from.kind === to.kind && from.account === to.account &&
    from.model === to.model && from.reference === to.reference &&
    (from.createdAt === undefined) === (to.createdAt === undefined) &&
    sameState(from.state, to.state) && Equal.equals(from.cost, to.cost)
  )
