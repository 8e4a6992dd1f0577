import * as Tables from "@media-jobs/ledger/Tables"
import * as Arr from "effect/Array"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { Persist } from "./persist.ts"
import type { RunTable } from "./runTable.ts"

/** What other machines do shows within this time. */
const interval = "500 millis"
const mostAtOnce = 500

/** Tells waits of changes of runs: those of this process at once, those elsewhere by one query for all waits. */
export const make = Effect.fnUntraced(function*(table: RunTable, persist: Persist) {
  const waiting = new Map<string, Set<Deferred.Deferred<void>>>()
  const seen = new Map<string, string>()

  const tell = (key: string) =>
    Effect.sync(() => {
      const waits = waiting.get(key) ?? []
      // What is told waits anew at once.
      waiting.delete(key)
      for (const changed of waits) Deferred.doneUnsafe(changed, Effect.void)
    })

  const look = Effect.gen(function*() {
    for (const key of seen.keys()) if (!waiting.has(key)) seen.delete(key)
    for (const keys of Arr.chunksOf(waiting.keys(), mostAtOnce)) {
      for (const { run_key, state } of yield* table.states(keys)) {
        if (seen.get(run_key) === state) continue
        seen.set(run_key, state)
        yield* tell(run_key)
      }
    }
  })
  // What is refused is told to all that wait.
  const told = Effect.tapError(
    look,
    (error) => Tables.isRefusal(error) ? Effect.forEach(waiting.keys(), tell, { discard: true }) : Effect.void
  )
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(
    Effect.sleep(interval),
    Effect.ignore(persist("see runs that others work on")(told, Schedule.spaced(interval)))
  )))

  /** What `look` gives once that is something: it looks now, and at each change. */
  const until = <A, E, R>(key: string, look: Effect.Effect<A | undefined, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const changed = Deferred.makeUnsafe<void>()
      const waits = waiting.get(key) ?? new Set()
      waiting.set(key, waits.add(changed))
      const again = Effect.andThen(Deferred.await(changed), until(key, look))
      const leave = Effect.sync(() => {
        waits.delete(changed)
        if (waits.size === 0 && waiting.get(key) === waits) waiting.delete(key)
      })
      return Effect.flatMap(
        Effect.onExit(look, (exit) => exit._tag === "Success" && exit.value === undefined ? Effect.void : leave),
        (found) => found === undefined ? Effect.onInterrupt(again, () => leave) : Effect.succeed(found)
      )
    })

  return { tell, until }
})

export type Lookout = Effect.Success<ReturnType<typeof make>>
