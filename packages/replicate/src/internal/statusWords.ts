import * as JobError from "@media-jobs/core/JobError"
import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

/** One series with all adapters' of this name. */
const unknownStatus = Metric.counter("media_jobs_unknown_status", {
  description: "Status words that an adapter does not know, read as Running",
  incremental: true
})

/** How many words are told apart; a service that sends more is sending something else. */
const most = 100

/** Counts each use of a word that is not known, and logs its first as a warning. */
export const make = (adapter: {
  readonly provider: ProviderId
  readonly instance: Instance
}): (word: string) => Effect.Effect<void> => {
  const seen = new Set<string>()
  return (word) =>
    Effect.suspend(() => {
      const isNew = !seen.has(word) && seen.size < most
      if (isNew) seen.add(word)
      const status = seen.has(word) ? JobError.scrub(word.slice(0, 64)) : "[other]"
      const count = Metric.update(Metric.withAttributes(unknownStatus, { provider: adapter.provider, status }), 1)
      return isNew
        ? Effect.andThen(
          count,
          Effect.annotateLogs(Effect.logWarning(`A status that is not known reads as Running: ${status}`), adapter)
        )
        : count
    })
}
