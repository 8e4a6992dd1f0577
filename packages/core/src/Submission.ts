/**
 * What a submit came to.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import * as Draft from "./Draft.ts"
import { Handle } from "./Handle.ts"
import { type SubmitError, Unavailable } from "./JobError.ts"
import { JobId } from "./JobId.ts"
import * as Ledger from "./Ledger.ts"
import { Instance, ProviderId } from "./ProviderId.ts"

/**
 * The jobs that one request became: at least one, in the service's order.
 *
 * @since 0.1.0
 * @category models
 */
export class Submission extends Schema.Class<Submission>("@media-jobs/core/Submission")({
  provider: ProviderId,
  instance: Instance,
  ids: Schema.NonEmptyArray(JobId),
  submittedAt: Schema.DateTimeUtc,
  ...Draft.Draft.fields
}) {
  /** What finds each of the jobs again after a restart. */
  get handles(): readonly [Handle, ...Array<Handle>] {
    const { instance, provider, reference, submittedAt } = this
    const handle = (id: JobId) =>
      new Handle({ provider, instance, id, submittedAt, ...(reference === undefined ? undefined : { reference }) })
    const [first, ...rest] = this.ids
    return [handle(first), ...rest.map(handle)]
  }
}

/**
 * Sends a request with its intent in the ledger before and its ids after.
 *
 * **When to use**
 *
 * Use in an adapter, around the one call that spends money.
 *
 * **Details**
 *
 * Where the application provides no `Ledger`, this is `post` and nothing more. An intent that can't be written fails with
 * `Unavailable` and nothing is sent; ids that can't be written are logged as a warning and returned, since the job runs.
 * A reply that was lost, and an interruption, leave the intent standing for `Ledger.resume`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const send = Effect.fnUntraced(function*(
  draft: Draft.Draft & { readonly provider: ProviderId; readonly instance: Instance },
  post: (submittedAt: DateTime.Utc) => Effect.Effect<readonly [JobId, ...Array<JobId>], SubmitError>
): Effect.fn.Return<Submission, SubmitError> {
  const { instance, provider } = draft
  const described = { provider, instance, submittedAt: yield* DateTime.now, ...Draft.make(draft) }
  const submission = (ids: readonly [JobId, ...Array<JobId>]) => new Submission({ ...described, ids })

  const ledger = yield* Ledger.Ledger
  if (ledger === undefined) return submission(yield* post(described.submittedAt))

  const intent = new Ledger.Intent({ ...described, key: `${yield* Random.nextInt}.${yield* Random.nextInt}` })
  yield* Effect.mapError(
    ledger.intend(intent),
    (cause) =>
      new Unavailable({ provider, instance, operation: "submit", detail: "Nothing was sent: no ledger entry", cause })
  )
  return yield* Effect.uninterruptibleMask((restore) =>
    restore(post(described.submittedAt)).pipe(
      Effect.tap((ids) =>
        Effect.catch(ledger.submitted(intent, ids), (error) =>
          Effect.logWarning("A submit was accepted and its ids are not in the ledger", error))
      ),
      Effect.tapError((error) =>
        error._tag === "SubmissionUncertain"
          ? Effect.void
          // What is left standing, `recover` will find to be nothing.
          : Effect.catch(ledger.refused(intent), () =>
            Effect.void)
      ),
      Effect.map(submission)
    )
  )
})
