import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

export interface ManualClock {
  readonly clock: Clock.Clock
  /** When something last went to sleep, by the real clock. */
  readonly lastSleepAt: () => number
  /** Moves on by so much and wakes what is due, then lets all of it settle; when the first was woken, by the real clock. */
  readonly advance: (millis: number) => Promise<number>
  /** Moves on to when the next sleeper is due. */
  readonly advanceToNext: () => Promise<number>
}

/** A clock that stands still until told, so that what happens between two sleeps can be timed. */
export const make = (): ManualClock => {
  let now = Date.UTC(2026, 2, 26, 1)
  let lastSleepAt = 0
  const sleepers = new Set<{ readonly dueAt: number; readonly wake: () => void }>()
  const advance = async (millis: number) => {
    now += millis
    const wokenAt = performance.now()
    for (const sleeper of Array.from(sleepers)) {
      if (sleeper.dueAt > now) continue
      sleepers.delete(sleeper)
      sleeper.wake()
    }
    for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve))
    return wokenAt
  }
  const nanos = () => BigInt(now) * 1_000_000n
  return {
    clock: {
      currentTimeMillisUnsafe: () => now,
      currentTimeMillis: Effect.sync(() => now),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos),
      monotonicTimeNanosUnsafe: nanos,
      monotonicTimeNanos: Effect.sync(nanos),
      sleep: (duration) =>
        Effect.callback((resume) => {
          lastSleepAt = performance.now()
          const sleeper = { dueAt: now + Duration.toMillis(duration), wake: () => resume(Effect.void) }
          sleepers.add(sleeper)
          return Effect.sync(() => void sleepers.delete(sleeper))
        })
    },
    lastSleepAt: () => lastSleepAt,
    advance,
    advanceToNext: () => {
      let next = Infinity
      for (const { dueAt } of sleepers) next = Math.min(next, dueAt)
      if (next === Infinity) throw new Error("Nothing sleeps")
      return advance(next - now)
    }
  }
}
