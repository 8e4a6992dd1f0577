import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import * as RateLimits from "@media-jobs/durable/RateLimits"
import * as SqliteClient from "@media-jobs/sqlite/SqliteClient"
import { Duration, Effect, Layer, Redacted } from "effect"
import { RateLimiter } from "effect/persistence"
import { TestClock } from "effect/testing"
import { answers, database } from "./postgres.ts"

/** Two machines at one database, and what each has to wait for a turn. */
const machines = Effect.gen(function*() {
  const limiter = Layer.build(Layer.fresh(RateLimits.layer))
  const turn = (algorithm: "token-bucket" | "fixed-window") =>
    Effect.map(
      RateLimiter.RateLimiter.use((one) =>
        one.consume({ key: "token", algorithm, onExceeded: "delay", limit: 2, window: "1 second" })
      ),
      ({ delay }) => Duration.toMillis(delay)
    )
  const [first, second] = [yield* limiter, yield* limiter]
  return (algorithm: "token-bucket" | "fixed-window") =>
    [
      Effect.provide(turn(algorithm), first),
      Effect.provide(turn(algorithm), second)
    ] as const
})

describe("RateLimits", () => {
  it.effect("gives all machines together as many turns as one alone would have", () =>
    Effect.gen(function*() {
      const [here, there] = (yield* machines)("token-bucket")
      assert.deepStrictEqual(yield* Effect.all([here, there, here, there]), [0, 0, 500, 1000])
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(yield* Effect.all([there, there, here]), [0, 0, 500])
    }).pipe(Effect.provide(SqliteClient.layer({ file: ":memory:" }))))

  it.effect("counts windows over all machines too, and each turn once when all ask at once", () =>
    Effect.gen(function*() {
      const [here, there] = (yield* machines)("fixed-window")
      const delays = yield* Effect.all([here, there, here, there], { concurrency: "unbounded" })
      assert.deepStrictEqual(delays.toSorted((a, b) => a - b).slice(0, 2), [0, 0])
      assert.isAbove(Math.max(...delays), 0)
    }).pipe(Effect.provide(SqliteClient.layer({ file: ":memory:" }))))

  it.live.skipIf(!answers)(
    "gives each turn once to machines that ask PostgreSQL at the same time",
    () =>
      Effect.gen(function*() {
        const { url } = yield* database
        // Two turns an hour, so that none comes back meanwhile.
        const turn = RateLimiter.RateLimiter.use((one) =>
          one.consume({ key: "token", algorithm: "token-bucket", onExceeded: "delay", limit: 2, window: "2 hours" })
        )
        const machine = Effect.gen(function*() {
          const client = PgClient.layer({ url: Redacted.make(url) })
          const limiter = yield* Layer.build(Layer.fresh(Layer.provide(RateLimits.layer, client)))
          return yield* Effect.provide(Effect.all([turn, turn, turn, turn], { concurrency: 4 }), limiter)
        })
        const turns = yield* Effect.all([machine, machine, machine], { concurrency: 3 })
        const hours = turns.flat().map(({ delay }) => Math.round(Duration.toHours(delay)))
        assert.deepStrictEqual(hours.toSorted((a, b) => a - b), [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      })
  )
})
