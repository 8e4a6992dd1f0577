/**
 * How long jobs of one sort took: a histogram that forgets.
 *
 * Its bins grow by three percent, so that a second counts as much to a job of half a minute as a minute to one of half an
 * hour. Each duration weighs less with every later one; a run of durations unlike the older ones replaces them at once.
 */

const growth = Math.log(1.03)
const first = 500
const bins = 360
/** Durations that count: the weight of one halves with every hundred and forty later ones. */
const memory = 200
const recentMemory = 25
/** The distance between two distribution functions that chance alone does not bring about in so few durations. */
const shift = 0.28
/** Each duration is spread over its neighbours, by a ninth of its length. */
const bandwidth = 0.09
/** What is given to the durations never seen, so that no job is left unasked for long. */
const unseen = 0.01

/** The end of each bin, in milliseconds. */
export const edges: Float64Array = Float64Array.from({ length: bins }, (_, i) => first * Math.exp(growth * i))

const reach = Math.ceil((3 * bandwidth) / growth)
const kernel = Float64Array.from(
  { length: 2 * reach + 1 },
  (_, i) => Math.exp(-0.5 * (((i - reach) * growth) / bandwidth) ** 2)
)
const kernelSum = kernel.reduce((a, b) => a + b, 0)

/** The bin that holds a duration. */
export const binOf = (millis: number): number =>
  Math.min(bins - 1, Math.max(0, Math.ceil(Math.log(Math.max(millis, 1) / first) / growth)))

export interface Durations {
  /** Durations seen, for ever. */
  seen: number
  readonly counts: Float64Array
  readonly recent: Float64Array
}

export const make = (): Durations => ({ seen: 0, counts: new Float64Array(bins), recent: new Float64Array(bins) })

/** Takes in a job that ended between two ages, in milliseconds. */
export const add = (self: Durations, from: number, to: number): void => {
  const [low, high] = [binOf(from), binOf(to)]
  self.seen++
  for (const [counts, keeps] of [[self.counts, memory], [self.recent, recentMemory]] as const) {
    const weight = 1 - 1 / keeps
    for (let i = 0; i < bins; i++) counts[i] = (counts[i] ?? 0) * weight
    for (let i = low; i <= high; i++) counts[i] = (counts[i] ?? 0) + 1 / (high - low + 1)
  }
  if (self.seen > recentMemory && distance(self.counts, self.recent) > shift) self.counts.set(self.recent)
}

/** What all that was seen still counts for. */
export const weight = ({ counts }: Durations): number => sum(counts)

const sum = (counts: Float64Array): number => counts.reduce((a, b) => a + b, 0)

const distance = (a: Float64Array, b: Float64Array): number => {
  const [totalA, totalB] = [sum(a), sum(b)]
  let [shareA, shareB, most] = [0, 0, 0]
  for (let i = 0; i < bins; i++) {
    shareA += (a[i] ?? 0) / totalA
    shareB += (b[i] ?? 0) / totalB
    most = Math.max(most, Math.abs(shareA - shareB))
  }
  return most
}

/** The chance that a job ends in each bin. */
export const chances = ({ counts }: Durations): Float64Array => {
  const total = sum(counts)
  const smooth = new Float64Array(bins).fill(unseen / bins)
  for (let i = 0; i < bins; i++) {
    const share = ((1 - unseen) * (counts[i] ?? 0)) / total / kernelSum
    if (share === 0) continue
    for (let d = -reach; d <= reach; d++) {
      const at = Math.min(bins - 1, Math.max(0, i + d))
      smooth[at] = (smooth[at] ?? 0) + share * (kernel[d + reach] ?? 0)
    }
  }
  return smooth
}

/** The age by which so large a part of the jobs that reached the given age has ended, in milliseconds. */
export const quantile = ({ counts }: Durations, part: number, age = 0): number | undefined => {
  const from = age <= 0 ? 0 : binOf(age)
  let left = 0
  for (let i = from; i < bins; i++) left += counts[i] ?? 0
  if (left <= sum(counts) / memory) return undefined
  let ended = 0
  for (let i = from; i < bins; i++) {
    ended += counts[i] ?? 0
    if (ended >= part * left) return edges[i]
  }
  return edges[bins - 1]
}
