import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { EngineClock } from "./engineClock.ts"

/** What wakes the loop: a call, or the one timer that stands for all that is to come. */
export interface Signal {
  readonly signal: () => void
  /** Resumes at the next signal, or at once if one came since `clear`. */
  readonly awaitSignal: Effect.Effect<void>
  readonly clear: () => void
  /** Signals then, or sooner. */
  readonly setTimer: (dueAt: number) => void
}

export const make = (clock: EngineClock, fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>): Signal => {
  let signalled = false
  let wake: (() => void) | undefined
  let timer: Fiber.Fiber<unknown> | undefined
  let timerAt = Infinity

  const signal = () => {
    signalled = true
    wake?.()
  }
  return {
    signal,
    // A program often opens many watches in one go, so the loop yields before it looks: one list for all.
    awaitSignal: Effect.callback<void>((resume) => {
      wake = () => {
        wake = undefined
        resume(Effect.yieldNow)
      }
      if (signalled) wake()
    }),
    clear: () => {
      signalled = false
    },
    setTimer: (dueAt) => {
      if (dueAt >= timerAt && dueAt < Infinity) return
      timer?.interruptUnsafe()
      timerAt = dueAt
      // Whole milliseconds: woken a fraction too soon, it would sleep for no time at all, again and again.
      const delay = Math.max(0, Math.ceil(dueAt - clock.now()))
      timer = dueAt === Infinity ? undefined : fork(Effect.map(Effect.sleep(delay), () => {
        timerAt = Infinity
        signal()
      }))
    }
  }
}
