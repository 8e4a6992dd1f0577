/**
 * The jobs that a lost submit may have become, where a service only lists them.
 *
 * @since 0.1.0
 */
import type { Job } from "@media-jobs/core/Job"
import type * as Submission from "@media-jobs/core/Submission"

/** Clocks are hours off, or of another zone: a candidate too many costs the caller a look, and one too few a second payment. */
const tolerance = 86_400_000

/**
 * Whether nothing that is known of a job speaks against its being what was lost: its begin, kind, model and account.
 *
 * @since 0.1.0
 * @category guards
 */
export const couldBe = ({ account, kind, model, submittedAt }: Submission.LostSubmission) => (job: Job): boolean => {
  const agrees = (told: string | undefined, sent: string | undefined) =>
    told === undefined || sent === undefined || told === sent
  return agrees(job.account, account) && agrees(job.kind, kind) && agrees(job.model, model) &&
    (job.createdAt === undefined ||
      Math.abs(job.createdAt.epochMilliseconds - submittedAt.epochMilliseconds) <= tolerance)
}
