/**
 * One at a time, also where requests are isolated from each other.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Runtime from "./Runtime.ts"

/**
 * Runs an effect when no other of the same mutex runs.
 *
 * @since 0.1.0
 * @category models
 */
export type Mutex = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

interface Lease {
  beats: number
}

/** Short beside a request to a service, long beside a timer. */
const beat = "100 millis"
/** Beats without which a holder is taken for dead: timers of a busy isolate are late, but late in turn. */
const missable = 10

/**
 * A mutex whose waiters sleep by themselves, and which is taken from a holder whose timers have died with its request.
 *
 * Nothing is released to a waiter: a fiber goes on in the request that resumes it.
 */
const leased = (): Mutex => {
  let held: Lease | undefined

  const acquire = Effect.gen(function*() {
    let missed = 0
    while (held !== undefined) {
      const { beats } = held
      const seen: Lease = held
      yield* Effect.sleep(beat)
      missed = held === seen && seen.beats === beats ? missed + 1 : 0
      if (missed === missable) break
    }
    return held = { beats: 0 }
  })

  return (effect) =>
    Effect.flatMap(acquire, (lease) =>
      effect.pipe(
        Effect.raceFirst(Effect.forever(Effect.andThen(Effect.sleep(beat), Effect.sync(() => lease.beats++)))),
        Effect.ensuring(Effect.sync(() => {
          if (held === lease) held = undefined
        }))
      ))
}

/**
 * A mutex of its own.
 *
 * **Details**
 *
 * Waiters come in their order. Where requests are isolated (`Runtime.isolatesRequests`) they come in any, within a tenth of a
 * second, and about a second after a holder that died with its request.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Mutex> = Effect.sync(() =>
  Runtime.isolatesRequests() ? leased() : Semaphore.makeUnsafe(1).withPermit
)
