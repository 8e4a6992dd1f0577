import { assert, describe, it } from "@effect/vitest"
import { LedgerUnavailable } from "@media-jobs/core/Ledger"
import { Effect, Fiber, Logger, Metric } from "effect"
import { TestClock } from "effect/testing"
import * as Persist from "../src/internal/persist.ts"

const waits = Effect.map(
  Metric.snapshot,
  (all) => all.flatMap(({ id, state }) => id === "media_jobs_database_waits" && "value" in state ? [state.value] : [])
)

/** A database, as it is now, and what is logged of it. */
const start = Effect.gen(function*() {
  const database: { error: LedgerUnavailable | undefined } = { error: undefined }
  const ask = Effect.suspend(() => database.error === undefined ? Effect.succeed("done") : Effect.fail(database.error))
  return { database, ask, persist: yield* Persist.make("test") }
})
const logging = <A, E>(effect: (lines: Array<string>) => Effect.Effect<A, E>) => {
  const lines: Array<string> = []
  const logger = Logger.layer([Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${message}`))])
  return Effect.provide(effect(lines), logger).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
}
const away = (words: string) => new LedgerUnavailable({ cause: new Error(words) })

describe("what waits for the database", () => {
  it.effect("is done once that does it, and told of once for each reason, however many wait", () =>
    logging((lines) =>
      Effect.gen(function*() {
        const { ask, database, persist } = yield* start
        assert.deepStrictEqual([yield* persist("submit")(ask), lines, yield* waits], ["done", [], [0]])
        database.error = away("it starts")
        const both = yield* Effect.forkChild(
          Effect.all([persist("submit")(ask), persist("submit")(ask), persist("read")(ask)], { concurrency: 3 })
        )
        yield* TestClock.adjust("1 minute")
        database.error = away("it stops")
        yield* TestClock.adjust("1 minute")
        database.error = away("it starts")
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(lines.map((line) => line.replace(/The ledger.*store\. /, "")).toSorted(), [
          "Warn Waiting for the database to read. it starts",
          "Warn Waiting for the database to read. it stops",
          "Warn Waiting for the database to submit. it starts",
          "Warn Waiting for the database to submit. it stops"
        ])
        assert.deepStrictEqual(yield* waits, [2])
        database.error = undefined
        yield* TestClock.adjust("2 seconds")
        assert.deepStrictEqual(yield* Fiber.join(both), ["done", "done", "done"])
        assert.deepStrictEqual([lines.length, yield* waits], [6, [0]])
      })
    ))

  it.effect("is waited for no more where it is interrupted, or fails of itself", () =>
    logging((lines) =>
      Effect.gen(function*() {
        const { ask, database, persist } = yield* start
        database.error = away("it starts")
        const waiting = yield* Effect.forkChild(persist("submit")(ask))
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* waits, [1])
        yield* Fiber.interrupt(waiting)
        assert.deepStrictEqual([lines.length, yield* waits], [1, [0]])
        database.error = new LedgerUnavailable({ cause: "taken", detail: "This key is submitted elsewhere." })
        const error = yield* Effect.flip(persist("submit")(ask))
        assert.deepStrictEqual([error, lines.length, yield* waits], [database.error, 1, [0]])
      })
    ))
})
