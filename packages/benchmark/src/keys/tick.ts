/** The engine's own work in one tick over jobs that all run as before: from its waking to its sleeping again. */
import type { Measured } from "../measured.ts"
import * as Statistics from "../statistics.ts"
import * as Watches from "./watches.ts"

const warmUps = 5
const ticks = 15

const measureTick = async (n: number): Promise<number> => {
  const watches = await Watches.make()
  await watches.prepare(0, n)
  for (let i = 0; i < n; i++) watches.watch(i)
  await watches.clock.advance(Watches.tickMillis)
  const took: Array<number> = []
  for (let i = 0; i < warmUps + ticks; i++) {
    await watches.prepare(0, n)
    const before = watches.lists()
    const wokenAt = await watches.clock.advance(Watches.tickMillis)
    if (watches.lists() !== before + 1) throw new Error("A tick was to be one list")
    if (i >= warmUps) took.push(watches.clock.lastSleepAt() - wokenAt)
  }
  return Statistics.median(took)
}

export const measure = async (n: number): Promise<ReadonlyArray<Measured>> => [
  { key: `tick_${n / 1000}k`, value: await measureTick(n) }
]
