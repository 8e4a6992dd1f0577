import * as Duration from "effect/Duration"
import type { Pace, Query } from "../Pace.ts"
import type { Cohorts } from "./cohorts.ts"
import * as Durations from "./durations.ts"

export interface Options {
  readonly price?: number | undefined
  readonly floor?: Duration.Input | undefined
  readonly ceiling?: Duration.Input | undefined
}

/** A list weighs more than a request for one job, and the longer it is. */
const weightOfList = (jobs: number): number => 1.38 + jobs / 100
/** Between a second and minutes, so many leave half a percent. */
const halvings = 10

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
      return after(lagOfAll, weightOfList(queries.length))
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
      const latest = known && Durations.quantile(known, 0.99)
      return latest && 2 * latest
    }
  }
}
