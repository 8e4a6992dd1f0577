import { assert, describe, it } from "@effect/vitest"
import * as Pace from "@media-jobs/poller/Pace"
import * as Bars from "../src/bars.ts"
import { costOf } from "../src/keys/frontier.ts"
import * as Watches from "../src/keys/watches.ts"

describe("the keys", () => {
  it("hold where the value reaches the bar and what was provided is so, and are all there", () => {
    const measured = Bars.bars.map(({ atLeast, atMost, key }) => ({ key, value: atMost ?? atLeast ?? NaN }))
    assert.isTrue(Bars.judge(measured, false).every(({ holds }) => holds))
    assert.isTrue(Bars.judge(measured.map((one) => ({ ...one, proviso: false })), false).every(({ holds }) => !holds))
    const beyond = measured.map(({ key, value }, i) => ({
      key,
      value: Bars.bars[i]?.atMost === undefined ? value * 0.99 : value * 1.01
    }))
    assert.isTrue(Bars.judge(beyond, false).every(({ holds }) => !holds))
    assert.throws(() => Bars.judge(measured.slice(1), false), /was not measured/)
  })

  it("count the looks of a pace and the seconds they come late", () => {
    assert.deepStrictEqual(costOf(Pace.steady("10 seconds"), [5, 10, 12], () => 0.5), { requests: 4 / 3, lag: 13 / 3 })
  })

  it("time a tick that is one list for all watches", async () => {
    const watches = await Watches.make()
    await watches.prepare(0, 20)
    for (let i = 0; i < 20; i++) watches.watch(i)
    await watches.clock.advance(Watches.tickMillis)
    const before = watches.lists()
    await watches.prepare(0, 20)
    const wokenAt = await watches.clock.advance(Watches.tickMillis)
    assert.strictEqual(watches.lists(), before + 1)
    assert.strictEqual(watches.seen(), 20)
    assert.isAbove(watches.clock.lastSleepAt(), wokenAt)
  })
})
