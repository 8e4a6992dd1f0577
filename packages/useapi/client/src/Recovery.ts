/**
 * The jobs that a lost submit may have become, where a service only lists what executes.
 *
 * @since 0.1.0
 */
import type { Job } from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type * as Submission from "@media-jobs/core/Submission"
import * as Effect from "effect/Effect"
import type * as UseApi from "./UseApi.ts"

/** Clocks differ: a candidate too many costs the caller a look, and one too few a second payment. */
const tolerance = 60_000

/**
 * Whether nothing that is known of a job speaks against its being what was lost: its begin, kind, model and account.
 *
 * @since 0.1.0
 * @category guards
 */
export const couldBe = ({ account, kind, model, submittedAt }: Submission.Lost) => (job: Job): boolean => {
  const agrees = (told: string | undefined, sent: string | undefined) =>
    told === undefined || sent === undefined || told === sent
  return agrees(job.account, account) && agrees(job.kind, kind) && agrees(job.model, model) &&
    (job.createdAt === undefined || job.createdAt.epochMilliseconds >= submittedAt.epochMilliseconds - tolerance)
}

/**
 * The jobs of a whole list; one that lacks something may lack the very job.
 *
 * @since 0.1.0
 * @category combinators
 */
export const whole = <A>(
  api: Pick<UseApi.UseApi, "provider" | "instance">,
  list: Effect.Effect<{ readonly jobs: ReadonlyArray<A>; readonly complete: boolean }, JobError.RecoverError>
): Effect.Effect<ReadonlyArray<A>, JobError.RecoverError> =>
  Effect.flatMap(list, ({ complete, jobs }) =>
    complete ? Effect.succeed(jobs) : Effect.fail(
      new JobError.UnexpectedResponse({
        provider: api.provider,
        instance: api.instance,
        operation: "recover",
        detail: "The service says that its list lacks something"
      })
    ))
