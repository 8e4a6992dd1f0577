import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ServiceTime from "./serviceTime.ts"

/** A clock that shows the service's time: whatever sleeps, paces or times out by it is scaled as the service is. */
export const make = (time: ServiceTime.ServiceTime): Clock.Clock => {
  const millis = () => ServiceTime.epochMillis(time, ServiceTime.now(time))
  const nanos = () => BigInt(Math.round(ServiceTime.epochMillis(time, 0) + ServiceTime.now(time) * 1000)) * 1_000_000n
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: (duration) => {
      const delay = ServiceTime.ours(time, Duration.toMillis(duration))
      if (delay <= 0) return Effect.yieldNow
      if (delay >= 2 ** 31) return Effect.never
      return Effect.callback((resume) => {
        const timer = setTimeout(() => resume(Effect.void), delay)
        return Effect.sync(() => clearTimeout(timer))
      })
    }
  }
}
