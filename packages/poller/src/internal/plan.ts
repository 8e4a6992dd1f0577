/**
 * The best times to look at a job whose duration has a known distribution, by dynamic programming.
 *
 * A look costs one; each millisecond between a job's end and the look that finds it costs `price`. From the last bin back,
 * the cheapest next look after each is found; what is left is a table from any age to the next look.
 */
export interface Plan {
  /** For a job that is alive at the start of bin i, the bin at whose end to look next. */
  readonly next: Int32Array
  /** Looks that a job takes on average. */
  readonly looks: number
}

export const at = (
  price: number,
  edges: Float64Array,
  chances: Float64Array,
  floor: number,
  ceiling: number
): Plan => {
  const bins = edges.length
  const edge = (i: number) => edges[i] ?? 0
  const left = new Float64Array(bins + 1)
  const moment = new Float64Array(bins + 1)
  for (let i = bins - 1; i >= 0; i--) {
    const chance = chances[i] ?? 0
    left[i] = (left[i + 1] ?? 0) + chance
    moment[i] = (moment[i + 1] ?? 0) + chance * edge(i)
  }
  const cost = new Float64Array(bins + 1)
  const looks = new Float64Array(bins + 1)
  const next = new Int32Array(bins)
  for (let i = bins - 1; i >= 0; i--) {
    const from = i === 0 ? 0 : edge(i - 1)
    const [leftHere = 0, momentHere = 0] = [left[i], moment[i]]
    let [best, choice] = [Infinity, bins - 1]
    for (let j = i; j < bins; j++) {
      const gap = edge(j) - from
      if (gap < floor && j < bins - 1) continue
      if (gap > ceiling && best < Infinity) break
      const lag = edge(j) * (leftHere - (left[j + 1] ?? 0)) - (momentHere - (moment[j + 1] ?? 0))
      const total = leftHere + price * lag + (cost[j + 1] ?? 0)
      // Further on only the lag grows.
      if (leftHere + price * lag > best) break
      if (total < best) [best, choice] = [total, j]
    }
    cost[i] = best
    next[i] = choice
    looks[i] = leftHere + (looks[choice + 1] ?? 0)
  }
  return { next, looks: looks[0] ?? 0 }
}

/** The plan that finds jobs soonest for so many looks each, on average. */
export const within = (
  budget: number,
  edges: Float64Array,
  chances: Float64Array,
  floor: number,
  ceiling: number
): Plan => {
  let [low, high] = [Math.log(1e-8), Math.log(1)]
  let plan = at(Math.exp(low), edges, chances, floor, ceiling)
  for (let i = 0; i < 14; i++) {
    const middle = (low + high) / 2
    const found = at(Math.exp(middle), edges, chances, floor, ceiling)
    if (found.looks > budget) high = middle
    else [low, plan] = [middle, found]
  }
  return plan
}
