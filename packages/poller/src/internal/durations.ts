/**
 * How long jobs of one cohort take, as their risk of ending at each age.
 *
 * Jobs are watched while they run, and the short ones end first: what has ended so far looks shorter than all will have been.
 * So each age has its own tally, of how many jobs passed it and how many ended there, which jobs that still run speak in too.
 */

/** Ages are told apart by three percent: a second counts as much to a job of half a minute as a minute to one of half an hour. */
const growth = Math.log(1.03)
const first = 500
const bins = 360
/** How many of the last jobs that passed an age have a say in its risk, and how many of them show that it has changed. */
const memory = 200
const recentMemory = 25
/** How far the recent ends may stray from the expected ones, in standard deviations, before the older are given up. */
const shift = 4
/** How far an age speaks for its neighbours, as a part of it: the fewer jobs have ended, the further. */
const bandwidth = (seen: number): number => Math.max(0.09, Math.min(0.4, 0.8 * seen ** -0.4))
/** How many jobs the estimate that comes before any of them counts for. */
const priorJobs = 5

/** The end of each bin, in milliseconds. */
export const edges: Float64Array = Float64Array.from({ length: bins }, (_, i) => first * Math.exp(growth * i))

/** The bin that holds an age. */
export const binOf = (millis: number): number =>
  Math.min(bins - 1, Math.max(0, Math.ceil(Math.log(Math.max(millis, 1) / first) / growth)))

/** For each bin, how many jobs came to it, and how many of them ended in it; those of long ago count for less. */
export interface Tally {
  readonly passed: Float64Array
  readonly ended: Float64Array
}

export interface Durations {
  /** Jobs that ended, ever. */
  seen: number
  readonly all: Tally
  readonly recent: Tally
}

const tally = (): Tally => ({ passed: new Float64Array(bins), ended: new Float64Array(bins) })

export const make = (): Durations => ({ seen: 0, all: tally(), recent: tally() })

const count = ({ ended, passed }: Tally, bin: number, came: number, stayed: number, memory: number): void => {
  const kept = 1 - came / memory
  passed[bin] = (passed[bin] ?? 0) * kept + came
  ended[bin] = (ended[bin] ?? 0) * kept + stayed
}

const countBoth = ({ all, recent }: Durations, bin: number, came: number, stayed: number): void => {
  count(all, bin, came, stayed, memory)
  count(recent, bin, came, stayed, recentMemory)
}

/** Takes in that a job ran at both of these ages. */
export const ran = (self: Durations, from: number, to: number): void => {
  for (let bin = binOf(from), last = binOf(to); bin < last; bin++) countBoth(self, bin, 1, 0)
}

/** Takes in that a job which ran at the first of these ages had ended by the second; whether durations have shifted. */
export const ended = (self: Durations, from: number, to: number): boolean => {
  const [low, high] = [binOf(from), binOf(to)]
  const each = 1 / (high - low + 1)
  for (let bin = low; bin <= high; bin++) countBoth(self, bin, (high - bin + 1) * each, each)
  self.seen++
  if (!hasShifted(self)) return false
  self.all.passed.set(self.recent.passed)
  self.all.ended.set(self.recent.ended)
  return true
}

/** Puts back what was tallied of one bin; it begins as the recent tally too. */
export const restore = ({ all, recent }: Durations, bin: number, passed: number, ended: number): void => {
  if (!(bin in all.passed)) return
  const share = Math.min(1, recentMemory / passed)
  for (const [tally, part] of [[all, 1], [recent, share]] as const) {
    tally.passed[bin] = passed * part
    tally.ended[bin] = Math.min(ended, passed) * part
  }
}

/** Whether the recent ends, added up from the first age on, stray too far from what the older ones let expect. */
const hasShifted = ({ all, recent }: Durations): boolean => {
  let [strayed, most, expected] = [0, 0, 0]
  for (let bin = 0; bin < bins; bin++) {
    const passed = recent.passed[bin] ?? 0
    const expectedHere = passed === 0 ? 0 : passed * (all.ended[bin] ?? 0) / (all.passed[bin] ?? 0)
    expected += expectedHere
    strayed += (recent.ended[bin] ?? 0) - expectedHere
    most = Math.max(most, Math.abs(strayed))
  }
  // What fades away with each passage varies half as much as it adds up to.
  return most > shift * Math.sqrt(Math.max(expected, 1) / 2)
}

/** How long jobs take. Within a bin, their risk is the same at each moment. */
export interface Estimate {
  /** The chance that a job which comes to each bin ends in it. */
  readonly risks: Float64Array
  /** The risk of a millisecond in each bin. */
  readonly hazards: Float64Array
  /** The hazards of all milliseconds up to the start of each bin, added up: the logarithm of one over the part that comes so far. */
  readonly cumulative: Float64Array
  /** How many milliseconds a job that comes to the start of each bin has left on average, at most to the end of the last. */
  readonly remaining: Float64Array
}

const startOf = (bin: number): number => edges[bin - 1] ?? 0

/** The mean of what is left at a moment in a bin, so many milliseconds from its end. */
const remainingBefore = ({ hazards, remaining }: Estimate, bin: number, toEnd: number): number => {
  const hazard = hazards[bin] ?? 0
  const ends = -Math.expm1(-hazard * toEnd)
  return (hazard > 0 ? ends / hazard : toEnd) + (1 - ends) * (remaining[bin + 1] ?? 0)
}

export const fromRisks = (risks: Float64Array): Estimate => {
  const hazards = risks.map((risk, bin) => -Math.log1p(-risk) / ((edges[bin] ?? 0) - startOf(bin)))
  const cumulative = new Float64Array(bins + 1)
  for (let bin = 0; bin < bins; bin++) cumulative[bin + 1] = (cumulative[bin] ?? 0) - Math.log1p(-(risks[bin] ?? 0))
  const made = { risks, hazards, cumulative, remaining: new Float64Array(bins + 1) }
  for (let bin = bins - 1; bin >= 0; bin--) {
    made.remaining[bin] = remainingBefore(made, bin, (edges[bin] ?? 0) - startOf(bin))
  }
  return made
}

/**
 * How long jobs take of which nothing is known but that half of them take no longer than the median: log-logistic, for a
 * risk that rises and then falls with age, as it does among jobs of many sorts.
 */
export const prior = (median: number, shape: number): Estimate => {
  const odds = (millis: number) => (millis / median) ** shape
  return fromRisks(edges.map((edge, bin) => 1 - (1 + odds(startOf(bin))) / (1 + odds(edge))))
}

/** What the tally comes to, smoothed over neighbouring ages, with the prior where few have passed. */
export const estimate = ({ all: { ended, passed }, seen }: Durations, prior: Estimate): Estimate => {
  const width = bandwidth(seen) / growth
  const reach = Math.ceil(3 * width)
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * ((i - reach) / width) ** 2))
  const weight = priorJobs * kernel.reduce((sum, one) => sum + one, 0)
  return fromRisks(prior.risks.map((risk, bin) => {
    let [came, stayed] = [weight, weight * risk]
    for (let d = -reach; d <= reach; d++) {
      const share = kernel[d + reach] ?? 0
      came += share * (passed[bin + d] ?? 0)
      stayed += share * (ended[bin + d] ?? 0)
    }
    return stayed / came
  }))
}

/**
 * For a job that runs at an age: how many milliseconds after its end the next look comes on average, where that is so many
 * milliseconds from now.
 */
export const lagFrom = (self: Estimate, age: number): (wait: number) => number => {
  const at = (millis: number) => {
    const bin = binOf(millis)
    const toEnd = Math.max(0, (edges[bin] ?? 0) - millis)
    return {
      cumulative: (self.cumulative[bin + 1] ?? 0) - (self.hazards[bin] ?? 0) * toEnd,
      remaining: remainingBefore(self, bin, toEnd)
    }
  }
  const from = at(age)
  return (wait) => {
    const to = at(age + wait)
    return wait - from.remaining + Math.exp(from.cumulative - to.cumulative) * to.remaining
  }
}

/** The age by which so large a part of the jobs that come to the given one has ended, in milliseconds; `undefined` beyond hours. */
export const quantile = ({ cumulative }: Estimate, part: number, age = 0): number | undefined => {
  const start = age <= 0 ? 0 : binOf(age)
  const reached = (cumulative[start] ?? 0) - Math.log1p(-part)
  for (let bin = start; bin < bins; bin++) if ((cumulative[bin + 1] ?? 0) >= reached) return edges[bin]
  return undefined
}
