/** How far the learned pace is from the best schedule, in requests at the same lag. */
import * as Pace from "@media-jobs/poller/Pace"
import * as Effect from "effect/Effect"
import * as Distribution from "../distribution.ts"
import * as Frontier from "../frontier.ts"
import type { Measured } from "../measured.ts"
import * as LumaJobs from "../peers/lumaJobs.ts"
import * as Random from "../random.ts"
import * as Statistics from "../statistics.ts"
import * as Workload from "../workload.ts"

interface Scenario {
  readonly key: string
  readonly jobs: Distribution.Distribution
  /** What was seen before them, and so long that nothing else was known. */
  readonly before?: Distribution.Distribution
}

/** How much each of two sorts varies: so little that nothing lies between them, and not so little that all end at once. */
const spread = 0.2
const scenarios: ReadonlyArray<Scenario> = [
  { key: "frontier_lognormal", jobs: Workload.durations },
  { key: "frontier_bimodal", jobs: Distribution.bimodal([30, 150], spread) },
  { key: "frontier_shift", jobs: Distribution.lognormal(120, 0.6), before: Workload.durations }
]

const lessons = 200
const formerLessons = 1000
const freshJobs = 4000
/** Two hundred jobs are a small sample: what one of them taught would be luck. */
const pupils = 25

/** What finding the ends of these jobs costs. */
export const costOf = (pace: Pace.Pace, seconds: ReadonlyArray<number>, random: () => number): Frontier.Cost => {
  let [requests, lag] = [0, 0]
  for (const end of seconds) {
    let age = 0
    while (age < end * 1000) {
      age += pace.delay({ ...LumaJobs.sort, age, random: random() })
      requests++
    }
    lag += age / 1000 - end
  }
  return { requests: requests / seconds.length, lag: lag / seconds.length }
}

const excess = async ({ before, jobs, key }: Scenario): Promise<Measured> => {
  const frontier = Frontier.make(jobs)
  const fresh = Distribution.spread(jobs, freshJobs, Random.seeded(1))
  const costs: Array<Frontier.Cost> = []
  for (let seed = 1; seed <= pupils; seed++) {
    const random = Random.seeded(1000 + seed)
    const learned = Effect.map(Pace.learned(), (pace) => {
      if (before !== undefined) LumaJobs.teach(pace, Distribution.drawn(before, formerLessons, random))
      LumaJobs.teach(pace, Distribution.drawn(jobs, lessons, random))
      return costOf(pace, fresh, random)
    })
    costs.push(await Effect.runPromise(Effect.scoped(learned)))
  }
  const over = costs.map(({ lag, requests }) => 100 * (requests / Frontier.requestsAt(frontier, lag) - 1))
  const requests = Statistics.mean(costs.map((cost) => cost.requests))
  const lag = Statistics.mean(costs.map((cost) => cost.lag))
  const [least, most] = [Math.min(...over).toFixed(1), Math.max(...over).toFixed(1)]
  return {
    key,
    value: Statistics.mean(over),
    note: `${requests.toFixed(1)} requests at ${lag.toFixed(2)} s, mean of ${pupils} pupils from ${least} to ${most} %`
  }
}

export const measure = async (): Promise<ReadonlyArray<Measured>> => {
  const measured: Array<Measured> = []
  for (const scenario of scenarios) measured.push(await excess(scenario))
  return measured
}
