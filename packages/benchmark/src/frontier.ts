/**
 * The best that any schedule can do for jobs whose durations have a known distribution.
 *
 * A schedule is a row of ages to look at, up to the longest duration. It costs one request for each look that finds the job
 * still there or just ended, and its lag is the time from the end to the look that finds it. At each price of a second of
 * lag, dynamic programming over a fine grid finds the cheapest schedule; these schedules, and mixtures of two neighbours,
 * bound from below what any schedule needs.
 */
import type { Distribution } from "./distribution.ts"

/** What waiting for a job costs on average; lag in seconds. */
export interface Cost {
  readonly requests: number
  readonly lag: number
}

export interface Grid {
  readonly step: number
  /** The chance that a job has ended by the end of each step. */
  readonly ended: Float64Array
  /** The integral of that chance up to there, in seconds. */
  readonly area: Float64Array
}

export const grid = ({ cdf, longest }: Distribution, step: number): Grid => {
  const size = Math.ceil(longest / step) + 1
  const ended = Float64Array.from({ length: size }, (_, i) => cdf(i * step))
  const area = new Float64Array(size)
  // Simpson's rule, open to the right, where what was clipped jumps to the longest duration.
  for (let i = 1; i < size; i++) {
    const before = cdf((i - 1) * step)
    const end = cdf(i * step - 1e-9)
    area[i] = (area[i - 1] ?? 0) + (before + 4 * cdf((i - 0.5) * step) + end) * step / 6
  }
  return { step, ended, area }
}

/** Mean seconds between an end in a span of the grid and the look at its end, for all jobs that are not there. */
const lagOf = ({ area, ended, step }: Grid, from: number, to: number): number =>
  (area[to] ?? 0) - (area[from] ?? 0) - (to - from) * step * (ended[from] ?? 0)

/** What the looks at these places of the grid, the last of which is its end, cost. */
export const costOf = (grid: Grid, looks: ReadonlyArray<number>): Cost => {
  let [requests, lag, from] = [0, 0, 0]
  for (const to of looks) {
    requests += 1 - (grid.ended[from] ?? 0)
    lag += lagOf(grid, from, to)
    from = to
  }
  return { requests, lag }
}

/** The schedule for which requests and lag together cost least, where a second of lag costs `price` requests. */
export const cheapest = (grid: Grid, price: number): ReadonlyArray<number> => {
  const last = grid.ended.length - 1
  const cost = new Float64Array(last + 1)
  const next = new Int32Array(last + 1)
  for (let from = last - 1; from >= 0; from--) {
    const request = 1 - (grid.ended[from] ?? 0)
    let best = Infinity
    for (let to = from + 1; to <= last; to++) {
      const here = request + price * lagOf(grid, from, to)
      // Further on, the lag only grows.
      if (here >= best) break
      const total = here + (cost[to] ?? 0)
      if (total < best) [best, next[from]] = [total, to]
    }
    cost[from] = best
  }
  const looks: Array<number> = []
  for (let at = 0; at < last;) {
    at = next[at] ?? last
    looks.push(at)
  }
  return looks
}

/** What the cheapest schedules cost, from many requests and little lag on. */
export const make = (distribution: Distribution, step = 0.25): ReadonlyArray<Cost> => {
  const places = grid(distribution, step)
  return Array.from({ length: 120 }, (_, i) => costOf(places, cheapest(places, 10 * 0.93 ** i)))
}

/** The fewest requests that any schedule, or mixture of schedules, needs to have no more lag. */
export const requestsAt = (frontier: ReadonlyArray<Cost>, lag: number): number => {
  for (const [i, after] of frontier.entries()) {
    const before = frontier[i - 1]
    if (after.lag < lag) continue
    if (before === undefined) throw new Error("No schedule of the frontier has so little lag")
    const part = (lag - before.lag) / (after.lag - before.lag)
    return before.requests + part * (after.requests - before.requests)
  }
  throw new Error("The frontier does not reach so much lag")
}
