/**
 * The jobs that a lost submit may have become, where a service only lists them.
 *
 * @since 0.1.0
 */
import type { Job } from "@media-jobs/core/Job"
import * as Json from "@media-jobs/core/Json"
import type * as Submission from "@media-jobs/core/Submission"
import * as Wire from "./Wire.ts"

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

/**
 * A digest of an input as it is sent, or as a service shows it again; of none, or one that it has emptied since, there is none.
 *
 * **Details**
 *
 * Fields that are absent and those that are `null` are the same, since services fill in the one for the other.
 *
 * @since 0.1.0
 * @category getters
 */
export const inputDigest = (input: unknown): string | undefined => {
  const given = Object.entries(Wire.object(input)).filter(([, value]) => value !== undefined && value !== null)
  return given.length === 0 ? undefined : Json.digest(Object.fromEntries(given))
}
