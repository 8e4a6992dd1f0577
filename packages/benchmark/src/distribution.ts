/** How long jobs take, as a distribution function over seconds. */
export interface Distribution {
  /** The chance that a job has ended by then. */
  readonly cdf: (seconds: number) => number
  /** No job takes longer. */
  readonly longest: number
}

/** Of the standard normal distribution; Abramowitz and Stegun's 26.2.17 would be enough, this errs by less than 1e-7. */
const normalCdf = (z: number): number => {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + 0.5 * x)
  const coefficients = [
    -1.26551223,
    1.00002368,
    0.37409196,
    0.09678418,
    -0.18628806,
    0.27886807,
    -1.13520398,
    1.48851587,
    -0.82215223,
    0.17087277
  ]
  const polynomial = coefficients.reduceRight((sum, coefficient) => sum * t + coefficient, 0)
  const tail = 0.5 * t * Math.exp(-x * x + polynomial)
  return z > 0 ? 1 - tail : tail
}

const [shortest, longest] = [5, 300]

/** Every job ends between 5 and 300 seconds: what would lie outside ends at the bound. */
const clipped = (cdf: (seconds: number) => number): Distribution => ({
  cdf: (seconds) => seconds < shortest ? 0 : seconds >= longest ? 1 : cdf(seconds),
  longest
})

const lognormalCdf = (median: number, sigma: number) => (seconds: number) =>
  normalCdf(Math.log(seconds / median) / sigma)

export const lognormal = (median: number, sigma: number): Distribution => clipped(lognormalCdf(median, sigma))

/** Jobs of two sorts, as many of one as of the other. */
export const bimodal = (medians: readonly [number, number], sigma: number): Distribution => {
  const [one, other] = [lognormalCdf(medians[0], sigma), lognormalCdf(medians[1], sigma)]
  return clipped((seconds) => (one(seconds) + other(seconds)) / 2)
}

/** The duration that the given part of all jobs does not exceed. */
export const quantile = ({ cdf, longest }: Distribution, part: number): number => {
  let [low, high] = [0, longest]
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2
    if (cdf(middle) < part) low = middle
    else high = middle
  }
  return high
}

/** Durations as they come: each by chance. */
export const drawn = (distribution: Distribution, n: number, random: () => number): Array<number> =>
  Array.from({ length: n }, () => quantile(distribution, random()))

/** Durations of which each n-th part of the distribution has one, so that few stand for many. */
export const spread = (distribution: Distribution, n: number, random: () => number): Array<number> =>
  Array.from({ length: n }, (_, i) => quantile(distribution, (i + random()) / n))
