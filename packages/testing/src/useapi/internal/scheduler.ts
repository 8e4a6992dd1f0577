import type { Call } from "../../EmulatedService.ts"
import type * as JobStore from "../../JobStore.ts"
import * as Reply from "../../Reply.ts"

/** A job with what its submit said about webhooks. */
interface Told extends JobStore.StoredJob<string> {
  readonly replyUrl?: string | undefined
  readonly replyRef?: string | undefined
}

/**
 * How long something takes, as `mm:ss`.
 */
export const elapsed = (millis: number): string => {
  const seconds = Math.max(0, Math.floor(millis / 1000))
  const two = (value: number) => `${value}`.padStart(2, "0")
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`
}

/**
 * What a submit said about webhooks, as lists repeat it.
 */
export const echoed = ({ replyRef, replyUrl }: Pick<Told, "replyRef" | "replyUrl">) => ({
  ...(replyUrl === undefined ? undefined : { replyUrl }),
  ...(replyRef === undefined ? undefined : { replyRef })
})

/**
 * What the list of what is tracked has of a job, beside its id.
 */
export const row = (job: Told, now: number) => ({
  started: job.created,
  elapsed: elapsed(now - job.createdAt),
  ...echoed(job)
})

/**
 * The slots of one account, of which so many are in use.
 */
export const slots = (maxJobs: number, executing: number) => ({ maxJobs, executing, available: maxJobs - executing })

/**
 * Stops the tracking of a job, which runs on.
 */
export const untrack = <Job extends JobStore.StoredJob<string>>(
  store: Pick<ReturnType<typeof JobStore.make<Job>>, "change">,
  job: Job,
  { now }: Pick<Call, "now">
): Reply.Reply => {
  store.change(job, { listed: "never" }, now)
  return Reply.empty(204)
}
