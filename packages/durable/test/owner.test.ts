import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import * as Durable from "@media-jobs/durable/Durable"
import * as Pace from "@media-jobs/poller/Pace"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as SqliteClient from "@media-jobs/sqlite/SqliteClient"
import * as Emulator from "@media-jobs/testing/Emulator"
import { Effect, Fiber, Layer, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { join } from "node:path"
import * as RunTable from "../src/internal/runTable.ts"
import { answers, database } from "./postgres.ts"
import { adapters, folder, Media } from "./support.ts"

const row = { run_key: "order", name: "luma", digest: "", request: "{}", account: null, deadline: null, execution: "1" }

/** Two processes at one database, of which the second takes a run from the first. */
const taking = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [first, second] = [yield* RunTable.make("test"), yield* RunTable.make("test")]
  yield* first.insert(row)
  const taken = yield* first.take("order", 1)
  if (taken === undefined) return assert.fail("is not there")
  yield* sql`CREATE TABLE notes (n INTEGER)`
  const note = Effect.as(sql`INSERT INTO notes VALUES (1)`, "noted")
  const notes = Effect.map(sql`SELECT * FROM notes`, (rows) => rows.length)
  assert.deepStrictEqual([yield* first.ifOurs("order", note), yield* notes], ["noted", 1])

  yield* second.take("order", 1)
  assert.deepStrictEqual([yield* first.ifOurs("order", note), yield* notes], [undefined, 1])
  assert.strictEqual(yield* first.end(taken, "first"), false)
  assert.strictEqual(yield* second.end(taken, "second"), true)
  assert.strictEqual((yield* second.get("order"))?.outcome, "second")
  // What has ended has ended for all.
  assert.strictEqual(yield* first.end(taken, "first"), true)
  assert.strictEqual((yield* second.get("order"))?.outcome, "second")
  assert.isUndefined(yield* first.take("order", 1))
})

describe("a run that another process has taken", { timeout: 20_000 }, () => {
  it.live("is written and ended by that one alone, in SQLite", () =>
    Effect.provide(taking, SqliteClient.layer({ file: ":memory:" })))

  it.live.skipIf(!answers)(
    "is written and ended by that one alone, in PostgreSQL",
    () => Effect.flatMap(database, ({ url }) => Effect.provide(taking, PgClient.layer({ url: Redacted.make(url) })))
  )

  it.live("is not sent from here, nor ended", () =>
    Effect.gen(function*() {
      const { count } = yield* Emulator.Emulator
      const storage = Durable.file(join(yield* folder, "jobs.db"))
      const slots = { replicate: { limits: [{ account: "", limit: 1 }] } }
      const run = (key: string) =>
        Media.use(({ replicate }) => replicate.run({ model: "a/b", input: { prompt: key } }, { key }))
      const live = Durable.layer(Media, { storage, slots, finish: () => Effect.succeed([]) }).pipe(
        Layer.provide(Pollers.layer({ pace: Pace.steady("100 millis") }))
      )
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const first = yield* Effect.forkChild(run("first"))
        yield* Effect.repeat(count("replicate.model"), { until: (n) => n === 1, schedule: Schedule.spaced("5 millis") })
        const second = yield* Effect.forkChild(run("second"))
        yield* Effect.repeat(
          sql`UPDATE media_jobs_runs SET owner = 'another' WHERE run_key = 'second'
          AND owner IS NOT NULL RETURNING 1`,
          { until: (rows) => rows.length === 1, schedule: Schedule.spaced("5 millis") }
        )
        yield* Fiber.join(first)
        yield* Effect.sleep("1 second")
        assert.isUndefined(second.pollUnsafe())
        assert.strictEqual(yield* count("replicate.model"), 1)
      }).pipe(Effect.provide(Layer.provideMerge(live, storage)))
    }).pipe(Effect.provide(adapters)))
})
