import type { Handle } from "@media-jobs/core/Handle"
import { InvalidHandle } from "@media-jobs/core/Handle"
import type * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import { acceptedJob, type Submission } from "@media-jobs/core/Submission"
import * as DateTime from "effect/DateTime"
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

/** The jobs that a target names; refused where they are another provider's or instance's, or no jobs at all. */
export const resolve = (
  provider: Provider.Identity,
  target: Target
): Result.Result<readonly [Wanted, ...Array<Wanted>], InvalidHandle | JobError.InvalidJobId> => {
  const of = typeof target === "object" ? target : undefined
  // From JavaScript, anything may come, here and below.
  if (of && (of.provider !== provider.id || of.instance !== provider.instance)) {
    return Result.fail(new InvalidHandle({ reason: "foreign" }))
  }
  const submission = of && "ids" in of ? of : undefined
  const ids: unknown = !of ? [target] : "ids" in of ? of.ids : [of.id]
  if (!areIds(ids) || of && !DateTime.isDateTime(of.submittedAt)) {
    return Result.fail(
      new JobError.InvalidJobId({
        provider: provider.id,
        instance: provider.instance,
        operation: "watch",
        id: typeof target === "string" ? target : typeof target,
        detail: target === "" ? "The id is empty" : "Pass a submission, a handle as Handle.fromText gives it, or an id"
      })
    )
  }
  const wanted = (id: JobId): Wanted => {
    const snapshot = submission?.snapshots?.find((job) => job.id === id)
    return {
      id,
      submittedAt: of?.submittedAt,
      known: snapshot ?? (of && acceptedJob(of, id)),
      seen: snapshot !== undefined,
      replyUrl: submission?.replyUrl
    }
  }
  const [first, ...rest] = ids
  return Result.succeed([wanted(first), ...rest.map(wanted)])
}

const areIds = (ids: unknown): ids is Submission["ids"] =>
  Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === "string" && id !== "")
