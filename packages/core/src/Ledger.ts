/**
 * What was submitted, written down before and after.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Draft } from "./Draft.ts"
import type { Handle } from "./Handle.ts"
import type { JobId } from "./JobId.ts"
import { Instance, ProviderId } from "./ProviderId.ts"
import * as Remedy from "./Remedy.ts"

/**
 * A submit that is about to be sent.
 *
 * **Details**
 *
 * `key` is the ledger's own, unique to one submit. The rest is what `recover` needs, should the ids never be written.
 *
 * @since 0.1.0
 * @category models
 */
export class Intent extends Schema.Class<Intent>("@media-jobs/core/Intent")({
  key: Schema.NonEmptyString,
  provider: ProviderId,
  instance: Instance,
  submittedAt: Schema.DateTimeUtc,
  ...Draft.fields
}) {}

/**
 * The ledger could not be read or written.
 *
 * @since 0.1.0
 * @category errors
 */
export class LedgerUnavailable
  extends Schema.TaggedError<LedgerUnavailable>("@media-jobs/core/LedgerUnavailable")("LedgerUnavailable", {
    cause: Schema.Defect()
  })
{
  override get message(): string {
    return "The ledger could not be read or written: check its store."
  }

  get remedy(): Remedy.Remedy {
    return Remedy.retry()
  }
}

/**
 * What is not yet done: jobs to wait for, and submits whose outcome was never written.
 *
 * @since 0.1.0
 * @category models
 */
export interface Unfinished {
  readonly handles: ReadonlyArray<Handle>
  readonly uncertain: ReadonlyArray<Intent>
}

/**
 * A book of submits that outlives the process.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ledger {
  /** Before the request leaves. */
  readonly intend: (intent: Intent) => Effect.Effect<void, LedgerUnavailable>
  /** The service took it; after `recover`, the application may say so too. */
  readonly submitted: (intent: Intent, ids: readonly [JobId, ...Array<JobId>]) => Effect.Effect<void, LedgerUnavailable>
  /** Nothing runs: the service refused it; after `recover`, the application may say so too. */
  readonly refused: (intent: Intent) => Effect.Effect<void, LedgerUnavailable>
  /** The application needs the job no more. */
  readonly done: (handle: Handle) => Effect.Effect<void, LedgerUnavailable>
  /** What a process that starts has to take up again. */
  readonly resume: Effect.Effect<Unfinished, LedgerUnavailable>
}

/**
 * Written by every submit; empty until an application provides one.
 *
 * @since 0.1.0
 * @category services
 */
export const Ledger = Context.Reference<Ledger | undefined>("@media-jobs/core/Ledger", {
  defaultValue: () => undefined
})

/**
 * What the application's ledger holds unfinished; nothing where it provides none.
 *
 * @since 0.1.0
 * @category accessors
 */
export const resume: Effect.Effect<Unfinished, LedgerUnavailable> = Effect.flatMap(
  Ledger,
  (ledger): Effect.Effect<Unfinished, LedgerUnavailable> =>
    ledger === undefined ? Effect.succeed({ handles: [], uncertain: [] }) : ledger.resume
)

/**
 * Tells the application's ledger, if there is one, that a job is needed no more.
 *
 * @since 0.1.0
 * @category accessors
 */
export const done = (handle: Handle): Effect.Effect<void, LedgerUnavailable> =>
  Effect.flatMap(Ledger, (ledger) => ledger === undefined ? Effect.void : ledger.done(handle))
