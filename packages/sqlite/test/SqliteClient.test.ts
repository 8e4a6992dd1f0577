import { assert, describe, it } from "@effect/vitest"
import { SqliteClient } from "@media-jobs/sqlite"
import { Cause, Effect, Exit, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "media-jobs-sqlite-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)
const file = Effect.map(folder, (path) => join(path, "jobs.db"))

const using = <A, E>(
  options: SqliteClient.Options,
  f: (sql: SqlClient.SqlClient) => Effect.Effect<A, E>
) => Effect.provide(Effect.flatMap(SqlClient.SqlClient, f), SqliteClient.layer(options))

/** A process that holds a file, or says why it can't; the first line that it says. */
const holder = (file: string, { flags = [], limit = "unlimited" }: { flags?: Array<string>; limit?: string } = {}) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const program = [process.execPath, ...flags, fileURLToPath(new URL("holder.ts", import.meta.url)), file]
        return spawn("sh", ["-c", `ulimit -f ${limit} && exec "$@"`, "sh", ...program], {
          stdio: ["ignore", "pipe", "ignore"]
        })
      }),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    ),
    (child) => ({
      child,
      says: Effect.callback<string>((resume) => {
        child.stdout.once("data", (data) => resume(Effect.succeed(String(data))))
      })
    })
  )

describe("SqliteClient", () => {
  it.effect("keeps what is committed, and nothing of what is not", () =>
    Effect.gen(function*() {
      const at = { file: yield* file }
      const kept = yield* using(at, (sql) =>
        Effect.gen(function*() {
          yield* sql`CREATE TABLE jobs (id INTEGER PRIMARY KEY, name TEXT, bytes BLOB)`
          yield* sql.withTransaction(sql`INSERT INTO jobs ${sql.insert({ id: 1, name: "kept", bytes: null })}`)
          yield* Effect.ignore(sql.withTransaction(
            Effect.andThen(sql`INSERT INTO jobs ${sql.insert({ id: 2, name: "lost", bytes: null })}`, Effect.fail("no"))
          ))
          return yield* sql`SELECT name FROM jobs`
        }))
      assert.deepStrictEqual(kept.map((row) => ({ ...row })), [{ name: "kept" }])
      const [again] = yield* using(at, (sql) => sql`SELECT count(*) AS n FROM jobs`)
      assert.deepStrictEqual({ ...again }, { n: 1 })
    }))

  it.effect("gives rows as objects, arrays, a stream, and numbers of 64 bits where they are asked for", () =>
    using({ file: ":memory:" }, (sql) =>
      Effect.gen(function*() {
        const big = 2n ** 62n
        const query = sql`SELECT ${big} AS id, 'a' AS name UNION ALL SELECT 2, 'b' ORDER BY name`
        const rows = yield* Effect.provideService(query, SqlClient.SafeIntegers, true)
        assert.deepStrictEqual(rows.map((row) => ({ ...row })), [{ id: big, name: "a" }, { id: 2n, name: "b" }])
        const small = sql`SELECT 1 AS id, 'a' AS name`
        assert.deepStrictEqual(yield* small.values, [[1, "a"]])
        assert.deepStrictEqual((yield* small).map((row) => ({ ...row })), [{ id: 1, name: "a" }])
        assert.deepStrictEqual((yield* Stream.runCollect(small.stream)).map((row) => ({ ...row })), [{
          id: 1,
          name: "a"
        }])
      })))

  it.effect("runs transactions one after another", () =>
    using({ file: ":memory:" }, (sql) =>
      Effect.gen(function*() {
        yield* sql`CREATE TABLE counter (n INTEGER)`
        yield* sql`INSERT INTO counter VALUES (0)`
        const add = sql.withTransaction(Effect.gen(function*() {
          const [row] = yield* sql<{ readonly n: number }>`SELECT n FROM counter`
          yield* Effect.yieldNow
          yield* sql`UPDATE counter SET n = ${(row?.n ?? 0) + 1}`
        }))
        yield* Effect.all(Array.from({ length: 50 }, () => add), { concurrency: "unbounded" })
        const [row] = yield* sql`SELECT n FROM counter`
        assert.deepStrictEqual({ ...row }, { n: 50 })
      })))

  it.effect("a key that is there already is told from other errors", () =>
    using({ file: ":memory:" }, (sql) =>
      Effect.gen(function*() {
        yield* sql`CREATE TABLE jobs (id TEXT UNIQUE, name TEXT NOT NULL)`
        yield* sql`INSERT INTO jobs VALUES ('a', 'b')`
        const twice = yield* Effect.flip(sql`INSERT INTO jobs VALUES ('a', 'b')`)
        const without = yield* Effect.flip(sql`INSERT INTO jobs (id) VALUES ('c')`)
        assert.deepStrictEqual([twice.reason._tag, without.reason._tag], ["UniqueViolation", "ConstraintError"])
      })))

  it.effect("a full disk loses nothing of what was written, may be tried again, and says so", () =>
    Effect.gen(function*() {
      const at = { file: yield* file }
      yield* using(at, (sql) =>
        Effect.gen(function*() {
          yield* sql`CREATE TABLE jobs (text TEXT)`
          yield* sql`INSERT INTO jobs VALUES ('first')`
          yield* sql`PRAGMA max_page_count = 3`
          const big = sql`INSERT INTO jobs VALUES (${"x".repeat(100_000)})`
          const error = yield* Effect.flip(sql.withTransaction(big))
          assert.match(error.message, /make room on the disk/)
          assert.isTrue(error.isRetryable)
          yield* sql`PRAGMA max_page_count = 1000`
          yield* big
        }))
      const [row] = yield* using(at, (sql) => sql`SELECT count(*) AS n FROM jobs`)
      assert.deepStrictEqual({ ...row }, { n: 2 })
    }))

  it.effect("a file that is no database, a damaged one and a missing folder are refused as it is opened", () =>
    Effect.gen(function*() {
      const path = yield* file
      const refused = (file: string) => Effect.flip(using({ file }, () => Effect.void))
      writeFileSync(path, "no database, but long enough to be taken for one ".repeat(30))
      const foreign = yield* refused(path)
      assert.deepStrictEqual([foreign.reason, /put back a copy/.test(foreign.message)], ["corrupt", true])
      rmSync(path)
      yield* using({ file: path }, (sql) =>
        Effect.gen(function*() {
          yield* sql`CREATE TABLE jobs (text TEXT)`
          for (let n = 0; n < 50; n++) yield* sql`INSERT INTO jobs VALUES (${"x".repeat(1000)})`
        }))
      const bytes = new Uint8Array(
        yield* Effect.promise(() => import("node:fs/promises").then((fs) => fs.readFile(path)))
      )
      writeFileSync(path, bytes.fill(255, 5000, 9000))
      assert.strictEqual((yield* refused(path)).reason, "corrupt")
      assert.strictEqual((yield* refused(join(path, "below", "jobs.db"))).reason, "unopened")
    }))

  it.live("an exclusive file is refused to a second process until the first has died", () =>
    Effect.gen(function*() {
      const path = yield* file
      const first = yield* holder(path)
      assert.strictEqual(yield* first.says, "held\n")
      const error = yield* Effect.flip(using({ file: path, exclusive: true }, () => Effect.void))
      assert.deepStrictEqual([error.reason, /Another process/.test(error.message)], ["locked", true])
      yield* Effect.callback<void>((resume) => {
        first.child.once("exit", () => resume(Effect.void))
        first.child.kill("SIGKILL")
      })
      yield* using({ file: path, exclusive: true }, () => Effect.void)
    }))

  it.live("a disk that takes no more, for a quota or a limit, is told from a folder that is not there", () =>
    Effect.gen(function*() {
      const path = yield* file
      const { says } = yield* holder(path, { limit: "2" })
      assert.match(yield* says, /^disk: .*make room, raise the quota.*\n$/)
      yield* using({ file: path }, (sql) => sql`CREATE TABLE jobs (text TEXT)`)
    }))

  it.live("a Node without SQLite is told in a sentence which one is needed", () =>
    Effect.gen(function*() {
      const { says } = yield* holder(yield* file, { flags: ["--no-experimental-sqlite"] })
      assert.match(yield* says, /^unsupported: .*run it with Node 24 or later\.\n$/)
    }))

  it.effect("statements beyond those that are kept work as the first did", () =>
    using({ file: ":memory:" }, (sql) =>
      Effect.gen(function*() {
        for (let n = 0; n < 300; n++) yield* sql.unsafe(`SELECT ${n} AS n`)
        const exit = yield* Effect.exit(sql.unsafe("SELECT nothing FROM nowhere"))
        assert.isTrue(Exit.isFailure(exit) && !Cause.hasDies(exit.cause))
        const [row] = yield* sql.unsafe<{ readonly n: number }>("SELECT 0 AS n")
        assert.strictEqual(row?.n, 0)
      })))
})
