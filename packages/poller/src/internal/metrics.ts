import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import type * as Context from "effect/Context"
import * as Metric from "effect/Metric"

export interface Metrics {
  /** More or fewer watches are open. */
  readonly watches: (by: number) => void
  readonly tick: () => void
  readonly look: (operation: "list" | "get", outcome: string) => void
  /** A watched job ended; so many milliseconds ago, where the service dates it. */
  readonly end: (state: string, lag: number | undefined) => void
}

/** From a webhook's tenth of a second to the ten minutes after which a listed job is proven. */
const boundaries = [100, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 600_000]

/**
 * What an engine measures, by provider and instance and nothing that names a job.
 *
 * - `media_jobs_watches`: watches open, of all engines.
 * - `media_jobs_ticks`: times that an engine woke to see what is due.
 * - `media_jobs_looks`: lists and gets, by `operation` and `outcome` (`ok`, or the error's tag).
 * - `media_jobs_ended`: watched jobs that ended, by `state`.
 * - `media_jobs_lag_millis`: from their ends, as the service dates them, to the engine's knowing.
 */
export const make = (provider: ProviderId, instance: Instance, context: Context.Context<never>): Metrics => {
  const of = (attributes?: Record<string, string>) => ({ attributes: { provider, instance, ...attributes } })
  const watches = Metric.gauge("media_jobs_watches", of())
  const ticks = Metric.counter("media_jobs_ticks", { ...of(), incremental: true })
  const lags = Metric.histogram("media_jobs_lag_millis", { ...of(), boundaries })
  const counters = new Map<string, Metric.Counter<number>>()
  const count = (name: string, attributes: Record<string, string>) => {
    const key = Object.values(attributes).join()
    let counter = counters.get(key)
    if (counter === undefined) {
      counter = Metric.counter(`media_jobs_${name}`, { ...of(attributes), incremental: true })
      counters.set(key, counter)
    }
    counter.updateUnsafe(1, context)
  }
  return {
    watches: (by) => watches.modifyUnsafe(by, context),
    tick: () => ticks.updateUnsafe(1, context),
    look: (operation, outcome) => count("looks", { operation, outcome }),
    end: (state, lag) => {
      count("ended", { state })
      if (lag !== undefined) lags.updateUnsafe(lag, context)
    }
  }
}
