/** A cluster over PostgreSQL: how soon another runner stands in for one that dies, and what a job costs a runner and the database. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as UseapiLumaEmulator from "@media-jobs/testing/useapi-luma"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as SqlClient from "effect/sql/SqlClient"
import { spawn } from "node:child_process"
import { createServer } from "node:http"
import { createServer as createSocket } from "node:net"
import { fileURLToPath } from "node:url"
import type { Measured } from "../measured.ts"

const rounds = 3
const waiting = 20
const busy = 2000

const server = process.env["DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/test"
const ask = (url: string, statement: string) =>
  Effect.provide(
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<Record<string, unknown>>(statement)),
    Layer.fresh(PgClient.layer({ url: Redacted.make(url) }))
  )

/** A database for the time of the scope. */
const database = Effect.acquireRelease(
  Effect.suspend(() => {
    const name = `media_jobs_bench_${process.pid}_${Math.round(performance.now())}`
    const url = new URL(server)
    url.pathname = `/${name}`
    return Effect.as(ask(server, `CREATE DATABASE ${name}`), { name, url: url.href })
  }),
  ({ name }) => Effect.orDie(ask(server, `DROP DATABASE ${name} WITH (FORCE)`))
)

const freePort = Effect.promise(() =>
  new Promise<number>((resolve) => {
    const socket = createSocket().listen(0, "127.0.0.1", () => {
      const address = socket.address()
      socket.close(() => resolve(typeof address === "object" ? address?.port ?? 0 : 0))
    })
  })
)

const machine = Effect.fnUntraced(function*(url: string, port: number, jobs = 0) {
  const service = yield* HttpServer.addressFormattedWith(Effect.succeed)
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [
        fileURLToPath(new URL("../durableRunner.ts", import.meta.url)),
        service,
        url,
        `${port}`,
        `${jobs}`
      ], {
        stdio: ["ignore", "pipe", "inherit"]
      })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const printed = { out: "" }
  child.stdout.on("data", (chunk) => printed.out += chunk)
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve))
  const says = (word: string) =>
    Effect.repeat(Effect.sleep("10 millis"), {
      until: () => {
        if (child.exitCode !== null) throw new Error(`A machine of the cluster ended with ${child.exitCode}`)
        return printed.out.includes(word)
      }
    })
  return { child, printed, says, ended: Effect.promise(() => closed) }
})

const runner = (url: string) =>
  Effect.gen(function*() {
    const started = yield* machine(url, yield* freePort)
    yield* started.says("ready")
    return started
  })

const emulated = (life: `${number} seconds`) =>
  Emulator.layerServer.pipe(
    Layer.provideMerge(Emulator.layer({
      speed: 1,
      services: {
        "useapi-luma": UseapiLumaEmulator.service({
          accounts: [{ email: "user@example.com", concurrency: 1e6 }],
          videoLife: life
        })
      }
    })),
    Layer.provideMerge(
      NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1", disablePreemptiveShutdown: true })
    )
  )

/** Seconds from the death of the runner that has the jobs to another one's first look at them. */
const takeover = Effect.gen(function*() {
  const { url } = yield* database
  const runners = yield* Effect.all([runner(url), runner(url), runner(url)], { concurrency: 3 })
  yield* machine(url, 0, waiting)
  const working = Effect.sync(() => runners.find(({ printed }) => printed.out.includes("works")))
  const home = yield* Effect.repeat(Effect.delay(working, "10 millis"), {
    until: (found): found is typeof runners[number] => found !== undefined
  })
  yield* Effect.sleep("2 seconds")
  home.child.kill("SIGKILL")
  const killed = performance.now()
  const { count } = yield* Emulator.Emulator
  const before = yield* count()
  yield* Effect.repeat(Effect.delay(count(), "10 millis"), { until: (requests) => requests > before })
  return (performance.now() - killed) / 1000
})

/** What many jobs take that come as fast as one runner takes them. */
const cost = Effect.gen(function*() {
  const { url } = yield* database
  const one = yield* runner(url)
  const stats = Effect.map(
    ask(
      url,
      `SELECT xact_commit + xact_rollback AS transactions, pg_database_size(current_database()) AS bytes,
        (SELECT wal_bytes FROM pg_stat_wal) AS wal FROM pg_stat_database WHERE datname = current_database()`
    ),
    ([row]) => ({
      transactions: Number(row?.["transactions"]),
      bytes: Number(row?.["bytes"]),
      wal: Number(row?.["wal"])
    })
  )
  const cpu = () => Number(/cpu (\d+)\n[^]*$/.exec(one.printed.out.slice(-2000))?.[1] ?? 0)
  yield* Effect.sleep("2 seconds")
  const [before, idle, began] = [yield* stats, cpu(), performance.now()]
  const client = yield* machine(url, 0, busy)
  yield* client.ended
  const seconds = (performance.now() - began) / 1000
  yield* Effect.sleep("2 seconds")
  const after = yield* stats
  const per = (name: keyof typeof after) => (after[name] - before[name]) / busy
  return [
    `${(busy / seconds).toFixed(0)} jobs/s over ${seconds.toFixed(0)} s`,
    `runner ${((cpu() - idle) / busy).toFixed(1)} ms of CPU a job`,
    `PostgreSQL ${per("transactions").toFixed(1)} transactions, ${(per("bytes") / 1024).toFixed(1)} KB of tables and ${
      (per("wal") / 1024).toFixed(1)
    } KB of log a job`
  ].join("; ")
})

export const measure = async (): Promise<ReadonlyArray<Measured>> => {
  const took: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    took.push(await Effect.runPromise(Effect.scoped(Effect.provide(takeover, emulated("60 seconds")))))
  }
  const note = await Effect.runPromise(Effect.scoped(Effect.provide(cost, emulated("5 seconds"))))
  return [{
    key: "durable_takeover",
    value: Math.max(...took),
    note: `the longest of ${rounds}; ${busy} jobs as fast as one runner takes them: ${note}`
  }]
}
