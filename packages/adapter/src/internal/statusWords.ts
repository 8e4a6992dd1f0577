import * as JobError from "@media-jobs/core/JobError"
import * as Log from "@media-jobs/core/Log"
import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

/** How often a service used a status word that its adapter does not know. */
const unknownStatus = (attributes: { readonly provider: string; readonly status: string }) =>
  Metric.counter("media_jobs_unknown_status", {
    description: "Status words that an adapter does not know, read as Running",
    incremental: true,
    attributes
  })

/** How many words one adapter tells apart; a service that sends more is sending something else. */
const most = 100

/** Counts each status word that an adapter does not know, in `media_jobs_unknown_status`, and logs its first use as a warning. */
export const make = (adapter: {
  readonly provider: ProviderId
  readonly instance: Instance
}): (word: string, id: string) => Effect.Effect<void> => {
  const seen = new Set<string>()
  return (said, id) => {
    // A sentence in the place of a word may name the job, by the last part of its id too.
    const word = JobError.scrub(said, [id, id.slice(id.lastIndexOf("/") + 1)]).slice(0, 64)
    const isNew = !seen.has(word) && seen.size < most
    if (isNew) seen.add(word)
    const status = seen.has(word) ? word : "[other]"
    const count = Metric.update(unknownStatus({ provider: adapter.provider, status }), 1)
    return isNew
      ? Effect.andThen(
        count,
        Log.warning(
          `${adapter.provider} (${adapter.instance}): a status that is not known reads as Running: ${status}`
        )
      )
      : count
  }
}
