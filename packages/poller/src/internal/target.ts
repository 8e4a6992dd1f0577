import type { Handle } from "@media-jobs/core/Handle"
import { InvalidHandle } from "@media-jobs/core/Handle"
import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import type { Submission } from "@media-jobs/core/Submission"
import type * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"

/** What can be waited on. */
export type Target = Submission | Handle | JobId

/** One job to be waited for, with what is known of it without asking. */
export interface Wanted {
  readonly id: JobId
  /** By the clock that the submit went by; absent for a mere id. */
  readonly submittedAt: DateTime.Utc | undefined
  readonly known: Job.Job | undefined
  /** Whether the service itself has told of it. */
  readonly seen: boolean
  /** The address that its submit is known to have given the service to report to. */
  readonly replyUrl: string | undefined
}

/** A job of which no more is known than that the service took it. */
export const accepted = (id: JobId, of: Handle | Submission): Job.Job =>
  Job.fromValid({
    id,
    provider: of.provider,
    instance: of.instance,
    kind: "kind" in of ? of.kind : undefined,
    providerStatus: undefined,
    account: "account" in of ? of.account : undefined,
    model: "model" in of ? of.model : undefined,
    reference: of.reference,
    createdAt: undefined,
    updatedAt: undefined,
    cost: undefined,
    raw: undefined,
    state: { _tag: "Queued" },
    observedAt: of.submittedAt
  })

/** The jobs that a target names; refused where they are another provider's or instance's, or no jobs at all. */
export const resolve = (
  provider: Provider.Identity,
  target: Target
): Result.Result<readonly [Wanted, ...Array<Wanted>], InvalidHandle | JobError.InvalidJobId> => {
  // From JavaScript, anything may come.
  if (typeof target !== "object" || target === null) {
    return typeof target === "string" && target !== ""
      ? Result.succeed([{ id: target, submittedAt: undefined, known: undefined, seen: false, replyUrl: undefined }])
      : Result.fail(
        new JobError.InvalidJobId({
          provider: provider.id,
          instance: provider.instance,
          operation: "watch",
          id: String(target),
          detail: target === "" ? "The id is empty" : "This is no id"
        })
      )
  }
  if (target.provider !== provider.id || target.instance !== provider.instance) {
    return Result.fail(new InvalidHandle({ reason: "foreign" }))
  }
  const { submittedAt } = target
  if (!("ids" in target)) {
    return Result.succeed([{
      id: target.id,
      submittedAt,
      known: accepted(target.id, target),
      seen: false,
      replyUrl: undefined
    }])
  }
  const wanted = (id: JobId): Wanted => {
    const snapshot = target.snapshots?.find((job) => job.id === id)
    const [known, seen] = [snapshot ?? accepted(id, target), snapshot !== undefined]
    return { id, submittedAt, known, seen, replyUrl: target.replyUrl }
  }
  const [first, ...rest] = target.ids
  return Result.succeed([wanted(first), ...rest.map(wanted)])
}
