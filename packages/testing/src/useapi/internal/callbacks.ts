import type * as Schema from "effect/Schema"
import type { DueCallback, World } from "../../EmulatedService.ts"
import type { StoredJob } from "../../JobStore.ts"

/** When a job calls, and with which of its words. */
type Told = ReadonlyArray<readonly [event: string, at: number]>

/**
 * The calls of jobs that were given an address, or whose account has one: each is the record as it is then, unless a body is given,
 * with the reference of the submit on top. A job calls once, at its end, unless told.
 */
export const callbacks = <
  Job extends StoredJob<string> & { readonly replyUrl?: string | undefined; readonly replyRef?: string | undefined }
>(
  world: Pick<World, "replyUrl">,
  jobs: ReadonlyArray<Job>,
  record: (job: Job, at: number) => Schema.JsonObject,
  told: (job: Job) => Told = ({ endsAt, outcome }) => [[outcome, endsAt]]
): ReadonlyArray<DueCallback> =>
  jobs.flatMap((job) => {
    const { id, replyRef, replyUrl: url = world.replyUrl } = job
    return url === undefined ? [] : told(job).map(([event, at], part) => ({
      job: id,
      event,
      part,
      url,
      at,
      body: () => ({ ...record(job, at), ...(replyRef === undefined ? undefined : { replyRef }) }),
      retries: 0
    }))
  })
