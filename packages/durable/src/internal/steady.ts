import type * as Ledger from "@media-jobs/core/Ledger"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { Persist } from "./persist.ts"

/** From 100 ms to two seconds apart: a database that starts again is found soon, and asked seldom. */
export const pauses = /* @__PURE__ */ Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("2 seconds")])

/** Repeats what the database did not do, until it does; what it refuses is refused. */
export const steadily = <A, R>(
  effect: Effect.Effect<A, Ledger.LedgerUnavailable, R>
): Effect.Effect<A, Ledger.LedgerUnavailable, R> =>
  Effect.retry(effect, { schedule: pauses, while: ({ detail }) => detail === undefined })

/** A request that was paid for may not wait for ever for its ids to be written: after this, they are told as missing. */
const longest = /* @__PURE__ */ Schedule.upTo(pauses, { duration: "2 minutes" })

/** A ledger that outlasts a database's restart, and what waits a while for the submits that are on their way. */
export const steady = (
  ledger: Ledger.Ledger,
  persist: Persist
): { readonly ledger: Ledger.Ledger; readonly settled: Effect.Effect<void> } => {
  const underWay = new Set<string>()
  const [written, read] = [persist("submit"), persist("read what was submitted")]
  const arrived = ({ key }: Ledger.Intent) => Effect.sync(() => underWay.delete(key))
  return {
    ledger: {
      intend: (intent) =>
        Effect.andThen(Effect.sync(() => underWay.add(intent.key)), written(ledger.intend(intent))).pipe(
          Effect.onError(() => arrived(intent))
        ),
      submitted: (intent, ids) =>
        Effect.ensuring(Effect.retry(ledger.submitted(intent, ids), longest), arrived(intent)),
      refused: (intent) => Effect.ensuring(Effect.retry(ledger.refused(intent), longest), arrived(intent)),
      done: (handle, job) => Effect.retry(ledger.done(handle, job), longest),
      find: (key) => read(ledger.find(key)),
      known: (ids) => read(ledger.known(ids)),
      resume: read(ledger.resume)
    },
    settled: Effect.sleep("50 millis").pipe(
      Effect.repeat({ while: () => underWay.size > 0, times: 60 }),
      Effect.when(Effect.sync(() => underWay.size > 0)),
      Effect.asVoid
    )
  }
}
