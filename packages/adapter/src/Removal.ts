/**
 * Jobs that may be removed once they have ended, at services that do not see to that.
 *
 * @since 0.1.0
 */
import type { Job } from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as Effect from "effect/Effect"
import type * as Adapter from "./Adapter.ts"

const notTerminal = (
  { id, instance, provider }: Pick<Job, "id" | "instance" | "provider">,
  providerStatus: string | undefined
): JobError.NotTerminal =>
  new JobError.NotTerminal({
    provider,
    instance,
    operation: "remove",
    id,
    ...(providerStatus === undefined ? undefined : { providerStatus })
  })

/** What a look tells of a job, as a job or as its report. */
type Seen = Pick<Adapter.Report, "providerStatus" | "state">

const runs = ({ state }: Seen): boolean =>
  state._tag === "Queued" || state._tag === "Running" || state._tag === "Unknown" && state.ended !== true

/**
 * Removes a job that has ended, as a look tells: for a service of which it is not known what it makes of one that runs.
 *
 * @since 0.1.0
 * @category combinators
 */
export const onceEnded = (
  { instance, provider }: Pick<Adapter.Kit, "instance" | "provider">,
  remove: Provider.Operations["remove"],
  look: (id: JobId) => Effect.Effect<Seen, JobError.Of<"get" | "remove">>
): Provider.Operations["remove"] =>
(id) =>
  Effect.flatMap(
    Effect.mapError(look(id), (error) => JobError.narrow("remove", error)),
    (seen) => runs(seen) ? Effect.fail(notTerminal({ provider, instance, id }, seen.providerStatus)) : remove(id)
  )

/**
 * Removes a job where a service answers of one that runs as of one that is not there: a look then tells them apart.
 *
 * @since 0.1.0
 * @category combinators
 */
export const explained =
  (remove: Provider.Operations["remove"], get: Provider.Operations["get"]): Provider.Operations["remove"] => (id) =>
    Effect.catchTag(remove(id), "NotFound", (missing) =>
      Effect.matchEffect(get(id), {
        onFailure: () => Effect.fail(missing),
        onSuccess: (job) => Effect.fail(job.isTerminal ? missing : notTerminal(job, job.providerStatus))
      }))
