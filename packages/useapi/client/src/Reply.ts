/**
 * Where a service reports, and what it echoes.
 *
 * @since 0.1.0
 */
import * as JobError from "@media-jobs/core/JobError"
import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Effect from "effect/Effect"

/** What the services keep of a `replyRef`. */
const longest = 1024

/**
 * What one submit says about reporting, in the services' own names.
 *
 * @since 0.1.0
 * @category models
 */
export interface Reply {
  readonly replyUrl?: string | undefined
  readonly replyRef?: string | undefined
}

/**
 * The address of a request that names one; of any other that of the application's `ReplyTo`, where it provides one.
 *
 * **Details**
 *
 * `InvalidRequest` where a `ReplyTo` makes a reference longer than the 1024 characters that the services keep.
 *
 * @since 0.1.0
 * @category accessors
 */
export const address = Effect.fnUntraced(function*(
  api: { readonly provider: ProviderId; readonly instance: Instance },
  { replyRef, replyUrl }: Reply
): Effect.fn.Return<Reply, JobError.InvalidRequest> {
  const { instance, provider } = api
  const replyTo = yield* ReplyTo.ReplyTo
  if (replyUrl !== undefined || replyTo === undefined) return { replyUrl, replyRef }
  const { reference, url } = yield* replyTo.address({ provider, instance, reference: replyRef })
  if (reference === undefined || reference.length <= longest) return { replyUrl: url, replyRef: reference }
  return yield* new JobError.InvalidRequest({
    provider,
    instance,
    operation: "submit",
    issues: [{
      field: "replyRef",
      message: `Expected less: with what is added to it, at most ${longest} characters`
    }]
  })
})

/**
 * The caller's part of what came back; where there is a `ReplyTo`, an echo that it did not make is nobody's word.
 *
 * @since 0.1.0
 * @category conversions
 */
export const reference = (
  echoed: string | null | undefined,
  replyTo: ReplyTo.ReplyTo | undefined
): string | undefined =>
  typeof echoed !== "string" ? undefined : replyTo === undefined ? echoed : replyTo.callerReference(echoed)
