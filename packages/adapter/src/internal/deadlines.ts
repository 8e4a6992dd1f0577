import * as Runtime from "@media-jobs/core/Runtime"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"

/** One alarm for all calls under way, by one clock; none while there are none, or it would keep a program from ending. */
const alarmOf = (clock: Clock.Clock, scheduler: Scheduler.Scheduler) => {
  // A test's clock waits for what its own scheduler runs.
  const fork = Effect.runForkWith(Context.make(Scheduler.Scheduler, scheduler))
  /** What ends each call, and when. */
  const calls = new Map<() => void, number>()
  let rings = Infinity
  let alarm: Fiber.Fiber<void> | undefined

  const update = () => {
    const now = clock.currentTimeMillisUnsafe()
    rings = Infinity
    for (const [expire, dueAt] of calls) {
      if (dueAt <= now) expire()
      else rings = Math.min(rings, dueAt)
    }
    alarm?.interruptUnsafe()
    alarm = rings === Infinity
      ? undefined
      // Whole milliseconds: rung a fraction too soon, it would be set for no time at all, again and again.
      : fork(Effect.map(clock.sleep(Duration.millis(Math.ceil(rings - now))), () => {
        alarm = undefined // it is no longer to be interrupted
        update()
      }))
  }
  return (expire: () => void, limit: Duration.Duration) => {
    const dueAt = clock.currentTimeMillisUnsafe() + Duration.toMillis(limit)
    calls.set(expire, dueAt)
    if (dueAt < rings) update()
    return () => {
      calls.delete(expire)
      if (calls.size === 0) update()
    }
  }
}

/**
 * Ends what takes longer than its limit.
 *
 * As `Effect.timeoutOrElse`, whose race of two fibers and a timer for each call was a tenth of all that a call costs; most
 * calls are answered in the thousandth part of their limit.
 */
export const make = () => {
  const alarms = new WeakMap<Clock.Clock, ReturnType<typeof alarmOf>>()
  return <A, E, E2>(
    effect: Effect.Effect<A, E>,
    limit: Duration.Duration,
    late: Effect.Effect<never, E2>
  ): Effect.Effect<A, E | E2> =>
    Effect.withFiber((parent) => {
      const clock = parent.getRef(Clock.Clock)
      // An alarm that was set in another request may never ring.
      const alarm = !Runtime.isolatesRequests() && alarms.get(clock) ||
        alarmOf(clock, parent.getRef(Scheduler.Scheduler))
      alarms.set(clock, alarm)
      return Effect.callback((resume) => {
        const fiber = Effect.runForkWith(parent.context)(effect)
        const expire = () => resume(Effect.andThen(Fiber.interrupt(fiber), late))
        const remove = alarm(expire, limit)
        fiber.addObserver((exit) => {
          remove()
          resume(exit)
        })
        return Fiber.interrupt(fiber)
      })
    })
}
