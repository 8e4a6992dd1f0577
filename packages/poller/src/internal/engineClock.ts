import type * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"

/** The time in milliseconds since an engine's start: small integers, which take no room of their own. */
export interface EngineClock {
  readonly now: () => number
  /** An instant of a service or of another process, as a time of this engine. */
  readonly timeOf: (instant: DateTime.Utc) => number
  readonly instantOf: (time: number) => DateTime.Utc
}

export const make = (clock: Clock.Clock): EngineClock => {
  const startedAt = clock.currentTimeMillisUnsafe()
  return {
    now: () => clock.currentTimeMillisUnsafe() - startedAt,
    timeOf: (instant) => instant.epochMilliseconds - startedAt,
    instantOf: (time) => DateTime.makeUnsafe(startedAt + time)
  }
}
