import type * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as Effect from "effect/Effect"

/** A provider's `get`, of which a record of another job is no answer. */
export const getJob = (
  provider: Provider.Identity,
  get: Provider.Operations["get"],
  id: JobId
): Effect.Effect<Job.Job, JobError.Of<"get">> =>
  Effect.flatMap(get(id), (job) =>
    job.id === id ? Effect.succeed(job) : Effect.fail(
      new JobError.UnexpectedResponse({
        provider: provider.id,
        instance: provider.instance,
        operation: "get",
        detail: "The record is of another job than the one asked for"
      })
    ))
