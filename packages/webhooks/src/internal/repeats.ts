import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Longer than any signature holds good. */
const rememberedFor = 600_000

/** Calls whose work is done. It has no timer, which would outlive its request where requests are isolated. */
export interface Repeats {
  readonly has: (key: string) => boolean
  readonly done: (key: string) => Effect.Effect<void>
}

export const make = (capacity: number): Repeats => {
  // The oldest first.
  const seen = new Map<string, number>()
  return {
    has: (key) => seen.has(key),
    done: (key) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        seen.set(key, now + rememberedFor)
        for (const [oldest, until] of seen) {
          if (until > now && seen.size <= capacity) return
          seen.delete(oldest)
        }
      })
  }
}
