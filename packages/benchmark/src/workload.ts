/** What is waited for: the same jobs in every process that has the seed. */
import * as Distribution from "./distribution.ts"
import * as Random from "./random.ts"

export interface Job {
  readonly index: number
  readonly id: string
  /** In service-seconds from the start. */
  readonly submittedAt: number
  readonly endsAt: number
}

/** How long the submits take, in service-seconds. */
export const submitsTake = 10
export const durations = Distribution.lognormal(60, 0.6)
export const account = "benchmark@example.com"
export const model = "ray-v3"

/** As long as the service's own: 90 characters. */
export const idOf = (index: number): string => {
  const number = String(index).padStart(12, "0")
  const user = `j0326140530${number}v-u12345-email:${account}:`.padEnd(81, number)
  // `+` would leave a text of two parts, which takes a third more room than one that came from JSON.
  return [user, "bot:luma"].join("-")
}

export const make = (n: number, seed: number): ReadonlyArray<Job> => {
  const random = Random.seeded(seed)
  const lives = Random.shuffled(Distribution.spread(durations, n, random), random)
  return lives.map((seconds, index) => {
    const submittedAt = (index / n) * submitsTake
    return { index, id: idOf(index), submittedAt, endsAt: submittedAt + seconds }
  })
}
