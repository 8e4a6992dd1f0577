/**
 * What was submitted, written down before and after.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { NodeInspectSymbol } from "effect/Inspectable"
import * as Random from "effect/Random"
import { symbolRedactable } from "effect/Redactable"
import * as Schema from "effect/Schema"
import type { Handle } from "./Handle.ts"
import { Cause } from "./internal/cause.ts"
import { defined } from "./internal/defined.ts"
import { shield } from "./internal/failure.ts"
import * as Shown from "./internal/shown.ts"
import type { Job } from "./Job.ts"
import { type Of, Unavailable } from "./JobError.ts"
import type { JobId } from "./JobId.ts"
import * as Log from "./Log.ts"
import * as Remedy from "./Remedy.ts"
import { type Accepted, type Requested, Sent, Submission } from "./Submission.ts"

/**
 * A submit that is about to be sent.
 *
 * **Details**
 *
 * `key` is unique to one submit: the application's own, or made here. `digest` is there where it is the application's own, and
 * tells two requests under one key apart. The rest is what `recover` needs, should the ids never be written.
 *
 * @since 0.1.0
 * @category models
 */
export class Intent extends Schema.Class<Intent>("@media-jobs/core/Intent")({
  key: Schema.NonEmptyString,
  digest: Schema.optionalKey(Schema.String),
  ...Sent.fields
}) {
  [symbolRedactable](): unknown {
    return Shown.sent("Intent", this)
  }

  [NodeInspectSymbol](): unknown {
    return Shown.sent("Intent", this)
  }

  override toString(): string {
    return `Intent(${this.provider})`
  }
}

/**
 * An intent whose submit begins now: what a ledger writes once the intent's turn has come.
 *
 * **When to use**
 *
 * Use in the `intend` of a ledger that writes one after another: a request leaves soon after the time in its intent, or not at all, and the
 * wait for a turn is no part of that.
 *
 * @since 0.1.0
 * @category combinators
 */
export const asOfNow = (intent: Intent): Effect.Effect<Intent> =>
  Effect.map(DateTime.now, (submittedAt) => new Intent({ ...intent, submittedAt }))

/** What stores say may hold what they were given: ids, accounts, addresses. */
const shieldedCause = ({ cause }: { readonly cause: unknown }): Error => shield(cause)

/**
 * The ledger could not be read or written; `cause` is a copy of what the store said, without ids, addresses and tokens.
 *
 * @since 0.1.0
 * @category errors
 */
export class LedgerUnavailable
  extends Schema.TaggedError<LedgerUnavailable>("@media-jobs/core/LedgerUnavailable")("LedgerUnavailable", {
    cause: Cause,
    /** What is wrong with the store, in words that hold nothing of a submit. */
    detail: Schema.optionalKey(Schema.String)
  })
{
  // Read after the fields are set, by a function: a constructor of its own would break decoding.
  override readonly cause: Error = shieldedCause(this)

  override get message(): string {
    const { detail } = this
    return `The ledger could not be read or written: check its store.${detail === undefined ? "" : ` ${detail}`}`
  }

  get remedy(): Remedy.Remedy {
    return Remedy.retry()
  }
}

/**
 * One submit, as the ledger has it.
 *
 * **Details**
 *
 * `handles` are all its jobs, in the service's order; `undefined` where the outcome was never written. `done` are the jobs that the
 * application needs no more, as they ended where that was told.
 *
 * @since 0.1.0
 * @category models
 */
export interface Entry {
  readonly intent: Intent
  readonly handles: ReadonlyArray<Handle> | undefined
  readonly done: ReadonlyMap<JobId, Job | undefined>
}

/**
 * What is not yet done: jobs to wait for, and submits whose outcome was never written; `entries` are the same, by submit.
 *
 * @since 0.1.0
 * @category models
 */
export interface Unfinished {
  readonly handles: ReadonlyArray<Handle>
  readonly uncertain: ReadonlyArray<Intent>
  readonly entries: ReadonlyArray<Entry>
}

/**
 * What is not yet done among some entries.
 *
 * @since 0.1.0
 * @category constructors
 */
export const unfinished = (entries: ReadonlyArray<Entry>): Unfinished => ({
  handles: entries.flatMap(({ done, handles = [] }) => handles.filter(({ id }) => !done.has(id))),
  uncertain: entries.flatMap(({ handles, intent }) => handles === undefined ? [intent] : []),
  entries
})

/**
 * A book of submits that outlives the process.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ledger {
  /** Before the request leaves; gives the intent as it was written, see `asOfNow`. */
  readonly intend: (intent: Intent) => Effect.Effect<Intent, LedgerUnavailable>
  /** The service took it; after `recover`, the application may say so too. */
  readonly submitted: (intent: Intent, ids: readonly [JobId, ...Array<JobId>]) => Effect.Effect<void, LedgerUnavailable>
  /** Nothing runs: the service refused it; after `recover`, the application may say so too. A later submit under its key stays. */
  readonly refused: (intent: Intent) => Effect.Effect<void, LedgerUnavailable>
  /** The application needs the job no more; `job` is how it ended. */
  readonly done: (handle: Handle, job?: Job) => Effect.Effect<void, LedgerUnavailable>
  /** The submit of a key, which is known for a week at least after it is done where the key is the application's own. */
  readonly find: (key: string) => Effect.Effect<Entry | undefined, LedgerUnavailable>
  /** Those of some jobs that a submit became which this holds, done or not. */
  readonly known: (ids: ReadonlyArray<JobId>) => Effect.Effect<ReadonlySet<JobId>, LedgerUnavailable>
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
 * The application's key of the submit that is made under it, and a digest of what is asked for; without one, a key is made.
 *
 * @since 0.1.0
 * @category services
 */
export const Key = Context.Reference<Required<Pick<Intent, "key" | "digest">> | undefined>(
  "@media-jobs/core/Ledger/Key",
  { defaultValue: () => undefined }
)

/**
 * What the application's ledger holds unfinished; nothing where it provides none.
 *
 * @since 0.1.0
 * @category accessors
 */
export const resume: Effect.Effect<Unfinished, LedgerUnavailable> = /* @__PURE__ */ Effect.flatMap(
  Ledger,
  (ledger): Effect.Effect<Unfinished, LedgerUnavailable> =>
    ledger === undefined ? Effect.succeed(unfinished([])) : ledger.resume
)

/**
 * Tells the application's ledger, if there is one, that a job is needed no more.
 *
 * @since 0.1.0
 * @category accessors
 */
export const done = (handle: Handle, job?: Job): Effect.Effect<void, LedgerUnavailable> =>
  Effect.flatMap(Ledger, (ledger) => ledger?.done(handle, job) ?? Effect.void)

/**
 * A submit as it goes out; `key` is that of its intent, where there is a ledger.
 *
 * @since 0.1.0
 * @category models
 */
export type Sending = Sent & { readonly key?: string }

/**
 * Tells the application's ledger what became of a submit whose reply was lost: the jobs that `recover` found, or that there
 * are none.
 *
 * **Details**
 *
 * `lost` is the `SubmissionUncertain` of the submit, or the intent that `resume` gives. One that was sent without a ledger, and
 * one whose outcome the ledger knows, need no settling.
 *
 * @since 0.1.0
 * @category accessors
 */
export const settle = (
  { key }: { readonly key?: string | undefined },
  ids: ReadonlyArray<JobId>
): Effect.Effect<void, LedgerUnavailable> =>
  Effect.flatMap(Ledger, (ledger) => {
    if (ledger === undefined || key === undefined) return Effect.void
    return Effect.flatMap(ledger.find(key), (entry) => {
      if (entry === undefined || entry.handles !== undefined) return Effect.void
      const [first, ...rest] = ids
      return first === undefined ? ledger.refused(entry.intent) : ledger.submitted(entry.intent, [first, ...rest])
    })
  })

/**
 * A request leaves so long after its intent, in milliseconds, or not at all: much later, it may have been found that it never did
 * (`LostSubmits`), and sent by another process, while this one stood still.
 */
const leavesWithin = 10_000

/**
 * Sends a request with its intent in the ledger before and its ids after.
 *
 * **When to use**
 *
 * Use in an adapter that is written without the kit, around the one call that spends money, once its turn has come.
 *
 * **Details**
 *
 * Where the application provides no `Ledger`, this is `post` and nothing more. An intent that can't be written fails with
 * `Unavailable` and nothing is sent, and so does one that took more than ten seconds to write; ids that can't be written are logged as a warning
 * and returned, since the job runs.
 * A reply that was lost, and an interruption, leave the intent standing for `Ledger.resume`; a `SubmissionUncertain` that is
 * made of what `post` is given can be settled by itself.
 *
 * @since 0.1.0
 * @category combinators
 */
export const submit = Effect.fnUntraced(function*(
  requested: Requested,
  post: (sending: Sending) => Effect.Effect<Accepted, Of<"submit">>
): Effect.fn.Return<Submission, Of<"submit">> {
  const submission = (sent: Sent, { ids, snapshots }: Accepted) => new Submission(defined({ ...sent, ids, snapshots }))
  const asked: Sent = { ...requested, submittedAt: yield* DateTime.now }

  const ledger = yield* Ledger
  if (ledger === undefined) return submission(asked, yield* post(asked))

  const { instance, provider } = requested
  const name = (yield* Key) ?? { key: `${yield* Random.nextInt}.${yield* Random.nextInt}` }
  const unsent = (why: string, cause?: LedgerUnavailable) =>
    new Unavailable(defined({ provider, instance, operation: "submit", detail: `Nothing was sent: ${why}`, cause }))
  const intent = yield* Effect.mapError(
    ledger.intend(new Intent({ ...asked, ...name })),
    (cause) => unsent("no ledger entry", cause)
  )
  const sent: Sent = { ...requested, submittedAt: intent.submittedAt }
  const send = Effect.flatMap(
    DateTime.now,
    (now) =>
      now.epochMilliseconds - sent.submittedAt.epochMilliseconds > leavesWithin
        ? Effect.fail(unsent("no ledger entry in time"))
        : post({ ...sent, key: intent.key })
  )
  return yield* Effect.uninterruptibleMask((restore) =>
    restore(send).pipe(
      Effect.flatMap((accepted) =>
        Effect.as(
          Effect.catch(ledger.submitted(intent, accepted.ids), (error) =>
            // A store's own words may hold the ids.
            Log.warning(`The ids of a submit are not in the ledger. ${error.message}`)),
          submission(sent, accepted)
        )
      ),
      Effect.tapError((error) =>
        error._tag === "SubmissionUncertain"
          ? Effect.void
          // What is left standing, `recover` will find to be nothing.
          : Effect.catch(ledger.refused(intent), () => Effect.void)
      )
    )
  )
})
