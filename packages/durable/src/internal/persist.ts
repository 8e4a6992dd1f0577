import * as Log from "@media-jobs/core/Log"
import * as Tables from "@media-jobs/ledger/Tables"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import type * as Schedule from "effect/Schedule"
import { pauses } from "./steady.ts"

/** What the database said: its own words are in the cause, without ids. */
export interface Failure {
  readonly message: string
  readonly cause?: unknown
  readonly detail?: string | undefined
}

/** What it did not do, or refuses as it is now: either may be put right. */
const mayPass = ({ detail }: Failure): boolean => detail === undefined || Tables.isRefusal({ detail })

const reasonOf = ({ cause, message }: Failure): string => {
  const said: Array<string> = []
  for (let inner = cause; inner instanceof Error; inner = inner.cause) said.push(inner.message)
  return [message, said.filter((words, at) => words !== "" && said.indexOf(words) === at).join(": ")].join(" ").trim()
}

/**
 * Repeats what the database does not do, until it does, and says so: each reason once for each thing that waits, as long as it does.
 *
 * `media_jobs_database_waits` is how many things wait now.
 */
export const make = Effect.fnUntraced(function*(service: string) {
  const waiting = new Map<string, { readonly reasons: Set<string>; effects: number }>()
  const gauge = Metric.gauge("media_jobs_database_waits", {
    description: "Things that wait for the database to do them",
    attributes: { service }
  })
  const update = Effect.suspend(() => Metric.update(gauge, waiting.size))
  yield* update

  /** `what` says what is waited for: "submit". */
  return (what: string) =>
  <A, E extends Failure, R>(
    effect: Effect.Effect<A, E, R>,
    schedule: Schedule.Schedule<unknown> = pauses
  ): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      let isWaiting = false
      const failed = (error: E) =>
        Effect.suspend(() => {
          if (!mayPass(error)) return Effect.void
          const wait = waiting.get(what) ?? { reasons: new Set(), effects: 0 }
          waiting.set(what, wait)
          if (!isWaiting) wait.effects++
          isWaiting = true
          const reason = reasonOf(error)
          if (wait.reasons.has(reason)) return Effect.void
          wait.reasons.add(reason)
          return Effect.andThen(update, Log.warning(`Waiting for the database to ${what}. ${reason}`))
        })
      const over = (exit: Exit.Exit<A, E>) =>
        Effect.suspend(() => {
          const wait = waiting.get(what)
          if (!isWaiting || wait === undefined || --wait.effects > 0) return Effect.void
          waiting.delete(what)
          const said = Exit.isSuccess(exit)
            ? Effect.logInfo(`The database is there again to ${what}.`)
            : Effect.void
          return Effect.andThen(update, said)
        })
      return effect.pipe(
        Effect.tapError(failed),
        Effect.retry({ schedule, while: mayPass }),
        Effect.onExit(over)
      )
    })
})

export type Persist = Effect.Success<ReturnType<typeof make>>
