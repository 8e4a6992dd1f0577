/**
 * How long jobs of one sort take, as their risk of ending at each age.
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
/** Each age speaks for its neighbours, a ninth of it away. */
const bandwidth = 0.09
/** The risk of an age that few have passed: half of those that come so far end before they are twice as old. */
const guess = 0.03
/** How many passages the guess counts for. */
const guessed = 0.1

/** The end of each bin, in milliseconds. */
export const edges: Float64Array = Float64Array.from({ length: bins }, (_, i) => first * Math.exp(growth * i))

/** The bin that holds an age. */
export const binOf = (millis: number): number =>
  Math.min(bins - 1, Math.max(0, Math.ceil(Math.log(Math.max(millis, 1) / first) / growth)))

const reach = Math.ceil((3 * bandwidth) / growth)
const kernel = Float64Array.from(
  { length: 2 * reach + 1 },
  (_, i) => Math.exp(-0.5 * (((i - reach) * growth) / bandwidth) ** 2)
)

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

/** What the tally comes to, smoothed over neighbouring ages. */
export interface Estimate {
  /** The chance that a job which comes to each bin ends in it. */
  readonly risks: Float64Array
  /** The last bin that any job is known to have come to; of what lies beyond, the risk is a guess. */
  readonly known: number
}

export const estimate = ({ all: { ended, passed } }: Durations): Estimate => {
  let known = -1
  const risks = Float64Array.from({ length: bins }, (_, bin) => {
    if ((passed[bin] ?? 0) >= 1) known = bin
    let [came, stayed] = [guessed, guessed * guess]
    for (let d = -reach; d <= reach; d++) {
      const weight = kernel[d + reach] ?? 0
      came += weight * (passed[bin + d] ?? 0)
      stayed += weight * (ended[bin + d] ?? 0)
    }
    return stayed / came
  })
  return { risks, known }
}

/** The chance that a job ends in each bin; the last has what is left. */
export const chances = ({ risks }: Estimate): Float64Array => {
  let left = 1
  return risks.map((risk, bin) => {
    const ends = bin === bins - 1 ? left : left * risk
    left -= ends
    return ends
  })
}

/** The age that hardly any job comes to: one in a hundred, or none that was seen. */
export const latest = (self: Estimate): number => quantile(self, 0.99) ?? edges[self.known] ?? Infinity

/** The age by which so large a part of the jobs that come to the given one has ended, in milliseconds; `undefined` beyond what is known. */
export const quantile = ({ known, risks }: Estimate, part: number, age = 0): number | undefined => {
  let left = 1
  for (let bin = age <= 0 ? 0 : binOf(age); bin <= known; bin++) {
    left *= 1 - (risks[bin] ?? 0)
    if (left <= 1 - part) return edges[bin]
  }
  return undefined
}
