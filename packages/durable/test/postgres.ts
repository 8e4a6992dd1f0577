import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Random, Redacted } from "effect"
import { SqlClient } from "effect/sql"

const server = process.env["DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/test"
const client = (url: string) => PgClient.layer({ url: Redacted.make(url) })
const asked = (url: string, statement: string) =>
  Effect.scoped(Effect.provide(
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<Record<string, unknown>>(statement)),
    Layer.fresh(client(url))
  ))

/** Whether PostgreSQL answers: where it does not, its tests are skipped, unless it is required. */
export const answers = await Effect.runPromise(
  Effect.timeout(asked(server, "SELECT 1"), "5 seconds").pipe(Effect.as(true), Effect.orElseSucceed(() => false))
)
if (!answers) {
  if (process.env["MEDIA_JOBS_REQUIRE_POSTGRES"] === "1") {
    throw new Error(`No PostgreSQL answers at ${new URL(server).host}`)
  }
  console.warn("No PostgreSQL answers: what needs one is not tested. DATABASE_URL says where it is.")
}

/** A database for the time of the scope. */
export const database = Effect.gen(function*() {
  const name = `media_jobs_${Math.abs(yield* Random.nextInt)}`
  yield* Effect.acquireRelease(
    asked(server, `CREATE DATABASE ${name}`),
    () => Effect.orDie(asked(server, `DROP DATABASE ${name} WITH (FORCE)`))
  )
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    name,
    url: url.href,
    ask: (statement: string) => asked(url.href, statement),
    /** Asks the server, from outside of it. */
    askServer: (statement: string) => asked(server, statement)
  }
})
