import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"

interface Call {
  readonly dueAt: number
  readonly expire: () => void
}

/** One alarm for all calls under way, by one clock; none while there are none, or it would keep a program from ending. */
const alarmOf = (clock: Clock.Clock, scheduler: Scheduler.Scheduler) => {
  // A test's clock waits for what its own scheduler runs.
  const fork = Effect.runForkWith(Context.make(Scheduler.Scheduler, scheduler))
  const calls = new Set<Call>()
  let rings = Infinity
  let alarm: Fiber.Fiber<void> | undefined

  const set = (dueAt: number) => {
    alarm?.interruptUnsafe()
    rings = dueAt
    alarm = dueAt === Infinity
      ? undefined
      // Whole milliseconds: rung a fraction too soon, it would be set for no time at all, again and again.
      : fork(Effect.map(clock.sleep(Duration.millis(Math.ceil(dueAt - clock.currentTimeMillisUnsafe()))), ring))
  }
  const ring = () => {
    // Not to be interrupted by what expires below: it has rung.
    alarm = undefined
    const now = clock.currentTimeMillisUnsafe()
    let next = Infinity
    for (const call of calls) {
      if (call.dueAt <= now) call.expire()
      else next = Math.min(next, call.dueAt)
    }
    set(next)
  }
  return {
    add: (call: Call) => {
      calls.add(call)
      if (call.dueAt < rings) set(call.dueAt)
    },
    delete: (call: Call) => {
      if (calls.delete(call) && calls.size === 0) set(Infinity)
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
      const alarm = alarms.get(clock) ?? alarmOf(clock, parent.getRef(Scheduler.Scheduler))
      alarms.set(clock, alarm)
      return Effect.callback((resume) => {
        const fiber = Effect.runForkWith(parent.context)(effect)
        const call: Call = {
          dueAt: clock.currentTimeMillisUnsafe() + Duration.toMillis(limit),
          expire: () => {
            alarm.delete(call)
            resume(Effect.andThen(Fiber.interrupt(fiber), late))
          }
        }
        alarm.add(call)
        fiber.addObserver((exit) => {
          alarm.delete(call)
          resume(exit)
        })
        return Effect.suspend(() => {
          alarm.delete(call)
          return Fiber.interrupt(fiber)
        })
      })
    })
}
