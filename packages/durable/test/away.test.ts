import { NodeClusterSocket } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import * as Durable from "@media-jobs/durable/Durable"
import * as Pace from "@media-jobs/poller/Pace"
import * as Pollers from "@media-jobs/poller/Pollers"
import { Emulator, ReplicateEmulator } from "@media-jobs/testing"
import { Effect, Fiber, Layer, Logger, Metric, Option, Redacted, Schedule } from "effect"
import { RunnerAddress } from "effect/cluster"
import { SqlClient } from "effect/sql"
import { join } from "node:path"
import { answers, database } from "./postgres.ts"
import { freePort } from "./processes.ts"
import { adaptersAt, folder, Media } from "./support.ts"

const services = adaptersAt({ services: { replicate: ReplicateEmulator.service({ life: "10 hours" }) } })
const run = (key: string) =>
  Media.use(({ replicate }) => replicate.run({ model: "a/b", input: { prompt: key } }, { key }))
const often = Schedule.spaced("20 millis")
const waits = Effect.map(
  Metric.snapshot,
  (all) =>
    all.flatMap(({ id, state }) => id === "media_jobs_database_waits" && "value" in state ? [state.value] : [])[0]
)

/** What a run, and what asks for one, are told while something is away; and that the run goes on once it is there again. */
const survives = Effect.fnUntraced(function*(
  { away, back, said, storage }: {
    readonly storage: Layer.Layer<Durable.Storage, Error>
    readonly away: Effect.Effect<unknown, Error, SqlClient.SqlClient>
    readonly back: Effect.Effect<unknown, Error, SqlClient.SqlClient>
    readonly said: RegExp
  }
) {
  const lines: Array<string> = []
  const logger = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
  const { count, services } = yield* Emulator.Emulator
  const live = Durable.layer(Media, { storage, finish: () => Effect.succeed([]) }).pipe(
    Layer.provideMerge(storage),
    Layer.provide(Pollers.layer({ pace: Pace.steady("100 millis") }))
  )
  yield* Effect.gen(function*() {
    const paid = yield* Effect.forkChild(Effect.flip(run("paid")))
    yield* Effect.repeat(count("replicate.model"), { until: (n) => n === 1, schedule: often })
    yield* away
    const told = yield* Fiber.join(paid)
    assert.deepStrictEqual([told._tag, said.test(told.message)], ["LedgerUnavailable", true], told.message)
    const refused = yield* Effect.flip(run("later"))
    assert.strictEqual(refused._tag, "LedgerUnavailable")
    yield* Effect.repeat(waits, { until: (n) => Number(n) > 0, schedule: often })
    // Its job ends meanwhile.
    for (const { id } of yield* services.replicate.jobs) yield* services.replicate.change(id, { duration: 0 })
    yield* Effect.sleep("3 seconds")
    yield* back
    const done = yield* run("paid").pipe(
      Effect.retry({ while: (error) => error._tag === "LedgerUnavailable", schedule: Schedule.spaced("200 millis") })
    )
    assert.strictEqual(done.jobs.length, 1)
    assert.strictEqual(yield* count("replicate.model"), 1)
    yield* Effect.repeat(waits, { until: (n) => n === 0, schedule: often })
  }).pipe(
    Effect.provide(Layer.provideMerge(live, logger)),
    Effect.provideService(Metric.MetricRegistry, new Map())
  )
  const warned = lines.filter((line) => line.includes("Waiting for the database to"))
  assert.isAbove(warned.length, 0)
  assert.deepStrictEqual(warned, Array.from(new Set(warned)))
})

const renamed = (from: string, to: string) =>
  SqlClient.SqlClient.use((sql) => sql.unsafe(`ALTER TABLE ${from} RENAME TO ${to}`))
const tables = {
  away: renamed("media_jobs_runs", "somewhere"),
  back: renamed("somewhere", "media_jobs_runs"),
  said: /Its tables are not as they were made: put a copy/
}

const runner = Effect.fnUntraced(function*(url: string) {
  const runnerAddress = Option.some(RunnerAddress.make("127.0.0.1", yield* freePort))
  return NodeClusterSocket.layer({ storage: "sql", shardingConfig: { ...Durable.sharding, runnerAddress } }).pipe(
    Layer.provideMerge(PgClient.layer({ url: Redacted.make(url) }))
  )
})

describe(
  "a database that is away is told of, once, and what is paid for goes on once it is back:",
  { timeout: 60_000, concurrent: true },
  () => {
    it.live("the tables in a file", () =>
      Effect.flatMap(folder, (cwd) => survives({ ...tables, storage: Durable.file(join(cwd, "jobs.db")) })).pipe(
        Effect.provide(services)
      ))

    it.live.skipIf(!answers)("the tables in PostgreSQL", () =>
      Effect.gen(function*() {
        const { url } = yield* database
        yield* survives({ ...tables, storage: yield* runner(url) })
      }).pipe(Effect.provide(services)))

    it.live.skipIf(!answers)("a whole database of PostgreSQL", () =>
      Effect.gen(function*() {
        const { askServer, name, url } = yield* database
        const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`
        yield* survives({
          storage: yield* runner(url),
          away: Effect.gen(function*() {
            yield* askServer(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`)
            yield* askServer(cut)
            yield* Effect.retry(askServer(`ALTER DATABASE ${name} RENAME TO ${name}_away`), often)
          }),
          back: Effect.gen(function*() {
            yield* askServer(`ALTER DATABASE ${name}_away RENAME TO ${name}`)
            yield* askServer(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`)
          }),
          said: /There is no such database|refuses this user/
        })
      }).pipe(Effect.provide(services)))
  }
)
