import { assert, describe, it } from "@effect/vitest"
import * as Durable from "@media-jobs/durable/Durable"
import * as SqliteClient from "@media-jobs/sqlite/SqliteClient"
import * as Emulator from "@media-jobs/testing/Emulator"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer, type Socket } from "node:net"
import { join } from "node:path"
import { inspect } from "node:util"
import { answers, database } from "./postgres.ts"
import { freePort } from "./processes.ts"
import { adapters, client, folder, Media, process } from "./support.ts"

const built = (cwd: string) => process(cwd)(Media.use(({ runs }) => runs))
const asked = (cwd: string, statement: string) =>
  Effect.provide(
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)),
    SqliteClient.layer({ file: join(cwd, "jobs.db") })
  )

/** What answers each connection as it is told to. */
const port = (answer: (socket: Socket) => void) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<ReturnType<typeof createServer>>((resume) => {
        const server = createServer((socket) => answer(socket.on("error", () => {})))
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) => Effect.sync(() => server.close())
    ),
    (server) => {
      const address = server.address()
      return typeof address === "object" && address !== null ? address.port : 0
    }
  )
const page = (socket: Socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")

describe("a database that can't be used", { timeout: 20_000 }, () => {
  it.live("is an error that says what to do: damaged, held by another process, of a newer release", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      writeFileSync(join(cwd, "jobs.db"), "no database, but long enough to be taken for one ".repeat(30))
      const damaged = yield* Effect.flip(built(cwd))
      assert.deepStrictEqual([damaged._tag, /put back a copy/.test(damaged.message)], ["SqliteUnavailable", true])

      const other = join(cwd, "other")
      mkdirSync(other)
      const held = yield* process(other)(Effect.flip(built(other)))
      assert.deepStrictEqual([held._tag, /Another process/.test(held.message)], ["SqliteUnavailable", true])

      yield* asked(other, "INSERT INTO media_jobs_runs_migrations (migration_id, name) VALUES (99, 'later')")
      const newer = yield* Effect.flip(built(other))
      assert.deepStrictEqual([newer._tag, /newer release/.test(newer.message)], ["TablesUnavailable", true])
    }).pipe(Effect.provide(adapters)))

  it.live.skipIf(!answers)(
    "is an error that says what to do, and never the password: PostgreSQL",
    () =>
      Effect.gen(function*() {
        const { ask, askServer, name, url } = yield* database
        const at = (changed: Partial<Pick<URL, "host" | "username" | "password" | "pathname">>) =>
          Object.assign(new URL(url), { password: "5ecret-of-it", ...changed }).href
        const [silent, web, closed] = [yield* port((socket) => socket.resume()), yield* port(page), yield* freePort]
        const role = `${name}_role`
        yield* Effect.acquireRelease(
          askServer(`CREATE ROLE ${role} LOGIN`),
          () => Effect.orDie(askServer(`DROP ROLE ${role}`))
        )
        const told = (url: string) =>
          Effect.gen(function*() {
            const error = yield* Effect.flip(client(url)(Media.use(({ runs }) => runs)))
            assert.notInclude(inspect(error, { depth: 10 }), "5ecret-of-it")
            return [error._tag === "TablesUnavailable" ? error.reason : error._tag, error.message] as const
          })
        // No resolver is asked for a name that long.
        const unknown = `${"a".repeat(64)}.test`
        for (
          const [url, reason, words] of [
            [at({ host: `${unknown}:5432` }), "database", /check that it runs, its address,.*ENOTFOUND/],
            [at({ host: `127.0.0.1:${closed}` }), "database", /check that it runs, its address,.*ECONNREFUSED/],
            [at({ host: `127.0.0.1:${silent}` }), "database", /check that it runs, its address,.*timed out/],
            [at({ host: `127.0.0.1:${web}` }), "database", /check that it runs, its address,.*parse server response/],
            ["postgres://some:5ecret-of-it@127.0.0.1:123456/test", "database", /its address,.*Invalid connection URL/],
            [at({ pathname: "/no_such_database" }), "missing", /no such database: check the address, or make it/],
            [at({ username: "no_such_user" }), "denied", /check the address, the password,.*no_such_user/],
            [at({ username: role }), "denied", /what the user may do.*permission denied/]
          ] as const
        ) {
          const [found, message] = yield* told(url)
          assert.deepStrictEqual([found, words.test(message)], [reason, true], message)
        }
        yield* client(url)(Media.use(({ runs }) => runs))
        yield* ask("INSERT INTO media_jobs_ledger_migrations (migration_id, name) VALUES (99, 'later')")
        const [reason, message] = yield* told(at({}))
        assert.deepStrictEqual([reason, /newer release of media-jobs: run that release/.test(message)], ["newer", true])
      })
  )

  it.live("that is full fails what is asked for, sends nothing, and loses nothing: asked for again, it runs", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const room = (pages: number) =>
        Layer.flatMap(Durable.file(join(cwd, "jobs.db")), (context) =>
          Layer.effectContext(Effect.as(
            SqlClient.SqlClient.use((sql) => sql.unsafe(`PRAGMA max_page_count = ${pages}`)).pipe(
              Effect.provide(context),
              Effect.orDie
            ),
            context
          )))
      const request = { model: "a/b", input: { prompt: "x".repeat(400_000) } }
      const run = Media.use(({ replicate }) => replicate.run(request, { key: "big" }))
      const { count } = yield* Emulator.Emulator
      const error = yield* process(cwd, {}, room(80))(Effect.flip(run))
      assert.deepStrictEqual([error._tag, yield* count("replicate.model")], ["LedgerUnavailable", 0])
      const { files } = yield* process(cwd, {}, room(100_000))(run)
      assert.deepStrictEqual([files.length > 0, yield* count("replicate.model")], [true, 1])
    }).pipe(Effect.provide(adapters)))
})
