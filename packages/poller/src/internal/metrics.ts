import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as Context from "effect/Context"
import * as Metric from "effect/Metric"

/** Adds to one counter; counters with the same name and attributes are one. */
export type Count = (metric: "watches" | "looks" | "ended" | "lag_millis", by: number, attributes?: Attributes) => void

type Attributes = { readonly operation: "list" | "get"; readonly outcome: string } | { readonly state: string }

const services = Context.empty()

/**
 * What an engine counts, by provider and instance and nothing that names a job.
 *
 * - `media_jobs_watches`: watches open.
 * - `media_jobs_looks`: lists and gets, by `operation` and `outcome` (`ok`, or the error's tag).
 * - `media_jobs_ended`: watched jobs that ended, by `state`; `media_jobs_lag_millis`: the milliseconds from their ends, as
 *   the service dates them, to the engine's knowing, all together.
 *
 * Counters alone: gauges and histograms would be a thirtieth of the smallest program.
 */
export const make = (provider: ProviderId, instance: Instance): Count => {
  const counters = new Map<string, Metric.Counter<number>>()
  return (metric, by, attributes) => {
    const key = JSON.stringify([metric, attributes])
    let counter = counters.get(key)
    if (counter === undefined) {
      counter = Metric.counter(`media_jobs_${metric}`, { attributes: { provider, instance, ...attributes } })
      counters.set(key, counter)
    }
    counter.updateUnsafe(by, services)
  }
}
