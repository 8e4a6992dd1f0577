/**
 * `pnpm durable`: three runners and a client on one machine, and an emulator of the services. One runner is killed while its jobs run; nothing is
 * lost, and nothing is paid twice. It ends with one line of JSON.
 *
 * Postgres is at `DATABASE_URL` (`postgres://postgres@127.0.0.1:5432/test`), and gets a database for the time of this. To start one:
 *
 *   docker run -d -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust -e POSTGRES_DB=test postgres
 *   npx -y pnpm@12 durable
 */
import { NodeRuntime } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Config, Console, Effect, Redacted, Schedule, Schema } from "effect"
import { FetchHttpClient, HttpClient, HttpClientResponse } from "effect/http"
import { Reactivity } from "effect/reactivity"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const jobs = 24

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "durable-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A database of its own, so that this meets no other program. */
const database = Effect.gen(function*() {
  const url = new URL(
    yield* Config.withDefault(Config.String("DATABASE_URL"), "postgres://postgres@127.0.0.1:5432/test")
  )
  const name = `media_jobs_example_${process.pid}`
  const sql = yield* PgClient.make({ url: Redacted.make(url.href) }).pipe(
    Effect.tapError(() => Console.error(`No Postgres answers at ${url.host}: start one, or set DATABASE_URL.`))
  )
  yield* Effect.acquireRelease(
    sql.unsafe(`CREATE DATABASE ${name}`),
    () => Effect.orDie(sql.unsafe(`DROP DATABASE ${name} WITH (FORCE)`))
  )
  url.pathname = `/${name}`
  return url.href
})

/** A program in a process of its own, and all that it has printed. */
const start = Effect.fnUntraced(function*(
  file: string,
  { args = [], cwd, env }: {
    readonly cwd: string
    readonly env: Record<string, string>
    readonly args?: ReadonlyArray<string>
  }
) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url)), ...args], {
        cwd,
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "inherit"]
      })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const printed = { text: "" }
  child.stdout.on("data", (chunk) => printed.text += chunk)
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve))
  return { child, printed, ended: Effect.promise(() => ended) }
})
type Started = Effect.Success<ReturnType<typeof start>>

const often = Schedule.spaced("50 millis")
const says = ({ printed }: Started, word: string) =>
  Effect.repeat(Effect.void, { schedule: often, until: () => printed.text.includes(word) })

const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

const Requests = Schema.Array(
  Schema.Struct({
    operation: Schema.optional(Schema.String),
    body: Schema.optional(Schema.Unknown),
    status: Schema.optional(Schema.Unknown)
  })
)

const program = Effect.gen(function*() {
  const cwd = yield* folder
  const DATABASE_URL = yield* database
  const emulator = yield* start("../../packages/emulator/src/main.ts", {
    cwd,
    env: {},
    args: ["--empty", "--speed", "15"]
  })
  yield* says(emulator, "\n")
  const { token, url }: { readonly token: string; readonly url: string } = JSON.parse(emulator.printed.text)
  const env = {
    DATABASE_URL,
    USEAPI_TOKEN: token,
    USEAPI_BASE_URL: url,
    REPLICATE_API_TOKEN: token,
    REPLICATE_BASE_URL: `${url}/v1`,
    // The emulator's files are on this machine.
    ARTIFACTS_ALLOW_PRIVATE: "true"
  }
  const runner = Effect.flatMap(
    freePort,
    (port) => start("service.ts", { cwd, env: { ...env, RUNNER_PORT: `${port}` } })
  )
  const runners = yield* Effect.all([runner, runner, runner])
  for (const one of runners) yield* says(one, "ready")
  yield* Console.log("three runners are ready")

  const client = yield* start("client.ts", { cwd, env, args: [`${jobs}`] })
  yield* says(client, "submitted")
  const works = (one: Started) => one.printed.text.includes("works job-0")
  yield* Effect.repeat(Effect.void, { schedule: often, until: () => runners.some(works) })
  // Where a busy machine let a home move, more than one has worked.
  const killed = runners.filter(works).slice(-1)
  for (const { child } of killed) child.kill("SIGKILL")
  yield* Console.log(`all ${jobs} jobs are submitted; a runner is killed`)
  const code = yield* client.ended
  yield* Console.log(client.printed.text.trimEnd())

  const requests = yield* HttpClient.get(`${url}/-/requests`).pipe(
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Requests))
  )
  const paid = requests.flatMap(({ body }) => /lighthouse \d+/.exec(JSON.stringify(body ?? ""))?.[0] ?? [])
  const ended = client.printed.text.split("ended").length - 1
  const result = { jobs, ended, killed: killed.length, lost: jobs - ended, twice: paid.length - new Set(paid).size }
  yield* Console.log(JSON.stringify(result))
  if (code !== 0 || new Set(paid).size !== jobs || result.lost + result.twice > 0) {
    return yield* Effect.die("Something was lost, or paid twice")
  }
})

program.pipe(Effect.scoped, Effect.provide([FetchHttpClient.layer, Reactivity.layer]), NodeRuntime.runMain)
