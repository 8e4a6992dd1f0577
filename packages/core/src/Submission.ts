/**
 * A submit: what it asked for, when it went out, and the jobs that it became.
 *
 * @since 0.1.0
 */
import { NodeInspectSymbol } from "effect/Inspectable"
import { symbolRedactable } from "effect/Redactable"
import * as Schema from "effect/Schema"
import { MediaKind } from "./Artifact.ts"
import { Handle } from "./Handle.ts"
import { defined } from "./internal/defined.ts"
import * as Shown from "./internal/shown.ts"
import { fromValid, Job } from "./Job.ts"
import { fingerprint, JobId } from "./JobId.ts"
import { Instance, ProviderId } from "./ProviderId.ts"

/**
 * A submit that is about to be sent, as far as it can be told from others: what it asks for, of which service, and what the
 * service will echo.
 *
 * **Details**
 *
 * `reference` is the caller's own. `replyUrl` and `replyRef` are what goes to the service, whole: a service that shows them
 * with its jobs lets a lost submit be found again. So does one that shows what a job was asked for: `inputDigest` is a digest of
 * that.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Requested = Schema.Struct({
  provider: ProviderId,
  instance: Instance,
  kind: Schema.optionalKey(MediaKind),
  model: Schema.optionalKey(Schema.String),
  account: Schema.optionalKey(Schema.String),
  reference: Schema.optionalKey(Schema.String),
  replyUrl: Schema.optionalKey(Schema.String),
  replyRef: Schema.optionalKey(Schema.String),
  inputDigest: Schema.optionalKey(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export type Requested = typeof Requested.Type

/**
 * A submit that went out; its ledger entry and a `SubmissionUncertain` hold no less.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Sent = Schema.Struct({ ...Requested.fields, submittedAt: Schema.DateTimeUtc })

/**
 * @since 0.1.0
 * @category models
 */
export type Sent = typeof Sent.Type

/**
 * What is known of a submit whose reply was lost, which may be no more than its time.
 *
 * @since 0.1.0
 * @category models
 */
export type LostSubmission = Partial<Sent> & Pick<Sent, "submittedAt">

/**
 * What a service answered to a submit: at least one id, in its own order, and the jobs as they stood, where it told.
 *
 * @since 0.1.0
 * @category models
 */
export interface Accepted {
  readonly ids: readonly [JobId, ...Array<JobId>]
  readonly snapshots?: ReadonlyArray<Job> | undefined
}

/**
 * The jobs that one request became.
 *
 * **Details**
 *
 * `snapshots` are the jobs that the reply held: a service that answers with the result is done at once.
 *
 * @since 0.1.0
 * @category models
 */
export class Submission extends Schema.Class<Submission>("@media-jobs/core/Submission")({
  ...Sent.fields,
  ids: Schema.NonEmptyArray(JobId),
  snapshots: Schema.optionalKey(Schema.Array(Job))
}) {
  /** What finds each of the jobs again after a restart. */
  get handles(): readonly [Handle, ...Array<Handle>] {
    const { instance, provider, reference, submittedAt } = this
    const handle = (id: JobId) => new Handle(defined({ provider, instance, id, submittedAt, reference }))
    const [first, ...rest] = this.ids
    return [handle(first), ...rest.map(handle)]
  }

  [symbolRedactable](): unknown {
    return { ...Shown.sent("Submission", this), ids: this.ids.map(fingerprint) }
  }

  [NodeInspectSymbol](): unknown {
    return this[symbolRedactable]()
  }

  override toString(): string {
    return `Submission(${this.ids.map(fingerprint).join(" ")} ${this.provider})`
  }
}

/**
 * A submit of what is known; fields that are undefined are left out.
 *
 * @since 0.1.0
 * @category constructors
 */
export const requested = (
  known:
    & Pick<Requested, "provider" | "instance">
    & { readonly [K in keyof Requested]?: Requested[K] | undefined }
): Requested => defined(known)

/**
 * A job of which no more is known than that the service took its submit.
 *
 * @since 0.1.0
 * @category constructors
 */
export const acceptedJob = (
  { account, instance, kind, model, provider, reference, submittedAt }:
    & LostSubmission
    & Pick<Sent, "provider" | "instance">,
  id: JobId
): Job =>
  fromValid({
    id,
    provider,
    instance,
    kind,
    account,
    model,
    reference,
    state: { _tag: "Queued" },
    observedAt: submittedAt
  })
