import { assert, describe, it } from "@effect/vitest"
import * as Distribution from "../src/distribution.ts"
import * as Frontier from "../src/frontier.ts"
import * as Random from "../src/random.ts"
import * as Workload from "../src/workload.ts"

/** Every schedule over a grid, the end of which is always looked at. */
const schedules = (last: number): ReadonlyArray<ReadonlyArray<number>> =>
  Array.from({ length: 2 ** (last - 1) }, (_, mask) => [
    ...Array.from({ length: last - 1 }, (_, i) => i + 1).filter((place) => mask & (1 << (place - 1))),
    last
  ])

describe("the frontier", () => {
  it("is what trying every schedule finds", () => {
    const random = Random.seeded(1)
    for (let trial = 0; trial < 20; trial++) {
      const heights = Array.from({ length: 9 }, random).sort((a, b) => a - b)
      const grid = Frontier.grid({ cdf: (t) => t >= 10 ? 1 : heights[Math.floor(t) - 1] ?? 0, longest: 10 }, 1)
      for (const price of [0.05, 0.2, 1, 5]) {
        const costs = schedules(10).map((looks) => Frontier.costOf(grid, looks))
        const least = Math.min(...costs.map(({ lag, requests }) => requests + price * lag))
        const { lag, requests } = Frontier.costOf(grid, Frontier.cheapest(grid, price))
        assert.closeTo(requests + price * lag, least, 1e-9)
      }
    }
  })

  it("costs what jobs that are looked at by its schedules cost", () => {
    const random = Random.seeded(2)
    const grid = Frontier.grid(Workload.durations, 0.5)
    const looks = Frontier.cheapest(grid, 0.3)
    const jobs = Distribution.spread(Workload.durations, 20_000, random)
    let [requests, lag] = [0, 0]
    for (const seconds of jobs) {
      const found = looks.findIndex((place) => place * 0.5 >= seconds)
      requests += found + 1
      lag += (looks[found] ?? NaN) * 0.5 - seconds
    }
    const cost = Frontier.costOf(grid, looks)
    assert.closeTo(requests / jobs.length, cost.requests, 0.02)
    assert.closeTo(lag / jobs.length, cost.lag, 0.02)
  })

  it("interpolates between its schedules, and refuses to go beyond them", () => {
    const frontier = [{ requests: 10, lag: 1 }, { requests: 6, lag: 3 }]
    assert.strictEqual(Frontier.requestsAt(frontier, 2), 8)
    assert.throws(() => Frontier.requestsAt(frontier, 0.5))
    assert.throws(() => Frontier.requestsAt(frontier, 3.5))
  })
})
