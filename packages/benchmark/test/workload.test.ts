import { assert, describe, it } from "@effect/vitest"
import * as Distribution from "../src/distribution.ts"
import * as Random from "../src/random.ts"
import * as Statistics from "../src/statistics.ts"
import * as Workload from "../src/workload.ts"

describe("the workload", () => {
  it("is the same in every process that has the seed, and another for another", () => {
    assert.deepStrictEqual(Workload.make(50, 1), Workload.make(50, 1))
    assert.notDeepEqual(Workload.make(50, 1), Workload.make(50, 2))
  })

  it("is submitted over ten seconds and lasts as long as it says", () => {
    const jobs = Workload.make(1000, 3)
    const lives = jobs.map(({ endsAt, submittedAt }) => endsAt - submittedAt)
    assert.isTrue(jobs.every(({ submittedAt }) => submittedAt >= 0 && submittedAt < Workload.submitsTake))
    assert.closeTo(Statistics.median(lives), 60, 0.5)
    assert.closeTo(Statistics.quantile(lives, 0.8413), 60 * Math.exp(0.6), 1)
    assert.isAtLeast(Math.min(...lives), 5)
    assert.closeTo(Math.max(...lives), 300, 1e-6)
    assert.isTrue(jobs.every(({ id }) => id.length === 90))
    assert.strictEqual(new Set(jobs.map(({ id }) => id)).size, 1000)
  })

  it("comes by chance where that is wished for", () => {
    const drawn = Distribution.drawn(Distribution.bimodal([30, 150], 0.2), 4000, Random.seeded(4))
    const short = drawn.filter((seconds) => seconds < 70)
    assert.closeTo(short.length / drawn.length, 0.5, 0.03)
    assert.closeTo(Statistics.median(short), 30, 0.5)
  })
})
