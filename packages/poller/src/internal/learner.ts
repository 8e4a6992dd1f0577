import * as Duration from "effect/Duration"
import type { Pace, Query } from "../Pace.ts"
import type { Cohorts } from "./cohorts.ts"
import * as Durations from "./durations.ts"

export interface Options {
  readonly price?: number | undefined
  readonly floor?: Duration.Input | undefined
  readonly ceiling?: Duration.Input | undefined
}

/** A list weighs as much as so many requests for one job, */
const listWeight = 1.3
/** and as one more for each of so many jobs on it. */
const jobsPerWeight = 100
/** So often is the time of the next look halved in on: to a two-thousandth of it, between a second and minutes. */
const halvings = 14

/** A pace that looks once the lag that is to be expected by then is worth the request. */
export const make = (cohorts: Cohorts, options?: Options): Pace => {
  const price = (options?.price ?? 1.75) / 1000
  const floor = Duration.toMillis(options?.floor ?? Duration.seconds(1))
  const ceiling = Duration.toMillis(options?.ceiling ?? Duration.minutes(5))

  const lagFrom = ({ age, ...key }: Omit<Query, "random">) => Durations.lagFrom(cohorts.expected(key), age)

  /** After how long the lag, which grows with it, is worth so many requests. */
  const after = (lag: (wait: number) => number, requests: number): number => {
    const worth = requests / price
    let [low, high] = [floor, ceiling]
    for (let i = 0; i < halvings; i++) {
      const middle = Math.sqrt(low * high)
      if (lag(middle) < worth) low = middle
      else high = middle
    }
    return high
  }

  return {
    delay: (query) => after(lagFrom(query), 1),
    listDelay: (queries) => {
      const lags = queries.map(lagFrom)
      const lagOfAll = (wait: number) => lags.reduce((sum, lag) => sum + lag(wait), 0)
      return after(lagOfAll, listWeight + queries.length / jobsPerWeight)
    },
    observe: ({ ended, from, to, ...key }) => {
      // Neither a clock that was set back nor one that shows nothing teaches anything.
      if (from >= 0 && to >= from && to < Infinity) cohorts.observe(key, from, to, ended)
    },
    eta: ({ age, ...key }) => {
      const known = cohorts.learned(key)
      if (known === undefined) return undefined
      const [p50, p90] = [0.5, 0.9].map((part) => Durations.quantile(known, part, age))
      if (p50 === undefined || p90 === undefined) return undefined
      return { p50: Duration.millis(Math.max(0, p50 - age)), p90: Duration.millis(Math.max(0, p90 - age)) }
    },
    overdue: (key) => {
      const known = cohorts.learned(key)
      return known && 2 * Durations.latest(known)
    }
  }
}
