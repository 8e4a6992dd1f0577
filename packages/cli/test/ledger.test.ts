import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Job, JobId, Ledger, ProviderId } from "@media-jobs/core"
import { SqlLedger } from "@media-jobs/ledger"
import { SqliteClient } from "@media-jobs/sqlite"
import { DateTime, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as LocalLedger from "../src/localLedger.ts"
import { folder, within } from "./support.ts"

const provider = ProviderId.make("replicate")
const { defaultInstance: instance } = ProviderId
const ids = [JobId.make("j1-user@example.com"), JobId.make("j2-user@example.com")] as const

/** What one command does with its ledger. */
const using = <A, E>(file: string, does: (ledger: LocalLedger.LocalLedger["Service"]) => Effect.Effect<A, E>) =>
  Effect.provide(LocalLedger.LocalLedger.use(does), Layer.provide(LocalLedger.layer(file), NodeServices.layer))
const database = <A, E>(file: string, does: (sql: SqlClient.SqlClient) => Effect.Effect<A, E, SqlClient.SqlClient>) =>
  Effect.provide(Effect.flatMap(SqlClient.SqlClient, does), SqliteClient.layer({ file }))

const submit = (ledger: Ledger.Ledger, key: string, reply: Effect.Effect<void, never> = Effect.void) =>
  Ledger.submit({ provider, instance }, () => Effect.as(reply, { ids })).pipe(
    Effect.provideService(Ledger.Ledger, ledger),
    Effect.provideService(Ledger.Key, { key, digest: "d" })
  )
/** A submit whose process is gone before the reply. */
const lose = (ledger: Ledger.Ledger, key: string) => Effect.exit(submit(ledger, key, Effect.interrupt))
const job = (id: JobId.JobId, state: Job.Job["state"] = { _tag: "Queued" }) =>
  new Job.Job({ provider, instance, id, state, observedAt: DateTime.makeUnsafe(0), raw: { record: "whole" } })

describe("the ledger of a machine", () => {
  it.effect("finds jobs by key, id, what it begins with and fingerprint, and knows which are not done", () =>
    Effect.gen(function*() {
      const file = join(yield* folder, "state", "ledger.db")
      yield* using(file, (ledger) =>
        Effect.gen(function*() {
          yield* ledger.claim("mine", "/out")
          yield* submit(ledger.ledger, "mine")
          yield* ledger.see([job(ids[0]), job(JobId.make("other-1"))])
        }))
      yield* using(file, (ledger) =>
        Effect.gen(function*() {
          const found = Effect.fnUntraced(function*(text: string) {
            return (yield* ledger.find(text)).map((
              { folder, handle, job, key }
            ) => [handle.id, key, folder, job?.state._tag])
          })
          const [first, second] = [[ids[0], "mine", "/out", "Queued"], [ids[1], "mine", "/out", undefined]]
          assert.deepStrictEqual(yield* found("mine"), [first, second])
          assert.deepStrictEqual(yield* found(ids[1]), [second])
          assert.deepStrictEqual(yield* found("j1"), [first])
          assert.deepStrictEqual(yield* found(JobId.fingerprint(ids[1])), [second])
          assert.deepStrictEqual(yield* found("other"), [["other-1", undefined, undefined, "Queued"]])
          assert.deepStrictEqual(yield* found("j%"), [])
          assert.deepStrictEqual((yield* ledger.open).map(({ handle }) => handle.id), [...ids])
          const [known] = yield* ledger.find("mine")
          yield* ledger.ledger.done(known!.handle, job(ids[0], { _tag: "Cancelled" }))
          assert.deepStrictEqual((yield* ledger.open).map(({ handle }) => handle.id), [ids[1]])
          assert.deepStrictEqual(yield* found("j1"), [[ids[0], "mine", "/out", "Cancelled"]])
          yield* ledger.forget(known!.handle)
          assert.deepStrictEqual(yield* found("j1"), [])
        }))
      assert.notInclude(readFileSync(file, "latin1"), "record")
    }))

  it.effect("gives a submit to one command at a time, and what is left to the next", () =>
    Effect.gen(function*() {
      const file = join(yield* folder, "ledger.db")
      yield* using(file, (first) =>
        Effect.gen(function*() {
          assert.isTrue(yield* first.claim("mine"))
          assert.isTrue(yield* first.claim("mine"))
          yield* lose(first.ledger, "mine")
          yield* using(file, (second) =>
            Effect.gen(function*() {
              assert.isFalse(yield* second.claim("mine"))
              assert.deepStrictEqual([yield* second.takeUp, yield* second.uncertain], [1, 0])
              assert.deepStrictEqual((yield* second.ledger.resume).entries, [])
            }))
          // Its own first look is at the start, when what it sends is on its way.
          assert.deepStrictEqual((yield* first.ledger.resume).entries, [])
          assert.deepStrictEqual((yield* first.ledger.resume).uncertain.map(({ key }) => key), ["mine"])
        }))
      yield* using(file, (next) =>
        Effect.gen(function*() {
          assert.deepStrictEqual((yield* next.ledger.resume).entries, [])
          assert.deepStrictEqual([yield* next.uncertain, yield* next.takeUp], [1, 0])
          assert.deepStrictEqual((yield* next.ledger.resume).uncertain.map(({ key }) => key), ["mine"])
        }))
    }))

  it.effect("believes no job found for a lost submit that may be another command's", () =>
    Effect.gen(function*() {
      const file = join(yield* folder, "ledger.db")
      yield* using(file, (first) =>
        Effect.gen(function*() {
          yield* first.claim("lost")
          yield* lose(first.ledger, "lost")
          const [lost] = (yield* Effect.andThen(first.ledger.resume, first.ledger.resume)).uncertain
          yield* first.ledger.known(ids)
          yield* using(file, (second) =>
            Effect.gen(function*() {
              yield* second.claim("under-way")
              yield* lose(second.ledger, "under-way")
              const meanwhile = yield* Effect.flip(first.ledger.submitted(lost!, ids))
              assert.match(meanwhile.message, /Another process submits just now/)
              const [sent] = (yield* Effect.andThen(second.ledger.resume, second.ledger.resume)).uncertain
              yield* second.ledger.submitted(sent!, ids)
            }))
          const after = yield* Effect.flip(first.ledger.submitted(lost!, ids))
          assert.match(after.message, /the job may be its/)
          yield* first.ledger.submitted(lost!, [JobId.make("j3")])
        }))
    }))

  it.effect("leaves what another program wrote into its file alone", () =>
    Effect.gen(function*() {
      const file = join(yield* folder, "ledger.db")
      yield* database(file, () => Effect.flatMap(SqlLedger.make(), (ledger) => submit(ledger, "app")))
      yield* using(file, (ledger) =>
        Effect.gen(function*() {
          assert.strictEqual(yield* ledger.takeUp, 0)
          assert.deepStrictEqual([(yield* ledger.ledger.resume).entries, yield* ledger.open], [[], []])
        }))
    }))

  it.effect("forgets after a month what is done and what was shown, and keeps what is open", () =>
    Effect.gen(function*() {
      const file = join(yield* folder, "ledger.db")
      yield* using(file, (ledger) =>
        Effect.gen(function*() {
          yield* ledger.claim("open")
          yield* submit(ledger.ledger, "open")
          yield* ledger.claim("refused")
          yield* ledger.see([job(JobId.make("shown"))])
        }))
      yield* TestClock.adjust("31 days")
      yield* using(file, (ledger) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* ledger.find("shown"), [])
          assert.deepStrictEqual((yield* ledger.open).map(({ handle }) => handle.id), [...ids])
        }))
      const kept = yield* database(file, (sql) => sql`SELECT submit_key FROM media_jobs_command_submits`)
      assert.deepStrictEqual(kept.map((row) => ({ ...row })), [{ submit_key: "open" }])
    }))

  it.effect("a file that is no ledger of this release is refused in a sentence, and left as it is", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const at = (name: string) => join(cwd, name)
      yield* database(at("foreign.db"), (sql) => sql`CREATE TABLE bookmarks (url TEXT)`)
      for (const table of ["media_jobs_ledger_migrations", "media_jobs_command_migrations"]) {
        yield* using(at(`${table}.db`), () => Effect.void)
        yield* database(
          at(`${table}.db`),
          (sql) => sql`INSERT INTO ${sql(table)} (migration_id, name) VALUES (99, 'later')`
        )
      }
      yield* using(
        at("damaged.db"),
        (ledger) => ledger.see(Array.from({ length: 50 }, (_, i) => job(JobId.make(`j${i}`))))
      )
      writeFileSync(at("damaged.db"), readFileSync(at("damaged.db")).fill(255, 9000, 30_000))
      writeFileSync(at("text.db"), "this is no database, whatever its name says ".repeat(100))
      const cases = [
        ["foreign.db", /another program's database, or of an early media-jobs: move it away, or give --ledger FILE/],
        ["media_jobs_ledger_migrations.db", /of a newer media-jobs: update this one, or give --ledger FILE/],
        ["media_jobs_command_migrations.db", /of a newer media-jobs: update this one, or give --ledger FILE/],
        ["damaged.db", /damaged, or no SQLite database: put back a copy, or move it away/],
        ["text.db", /damaged, or no SQLite database/],
        [".", /could not be opened: check that its folder exists and can be written/],
        ["text.db/ledger.db", /folder can't be made: give another with --ledger FILE/]
      ] as const
      for (const [ledger, says] of cases) {
        const { code, stderr, stdout } = yield* within(["resume", "--ledger", ledger], { cwd })
        assert.deepStrictEqual([ledger, code, stdout], [ledger, 1, ""])
        assert.match(stderr, /^media-jobs: The ledger[^\n]+\n$/)
        assert.match(stderr, says)
      }
      const found = yield* database(at("foreign.db"), (sql) => sql`SELECT name FROM sqlite_master`)
      assert.deepStrictEqual(found.map((row) => ({ ...row })), [{ name: "bookmarks" }])
    }))

  it.effect("resume without anything to do says so to a person, and nothing to a program", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const person = yield* within(["resume"], { cwd }, { isTerminal: true })
      assert.deepStrictEqual(person, {
        code: 0,
        stdout: "",
        stderr: "media-jobs: There is nothing to take up: all that was submitted here is done.\n"
      })
      for (const args of [["resume", "--json"], ["resume"]]) {
        const program = yield* within(args, { cwd }, { isTerminal: args.length === 2 })
        assert.deepStrictEqual(program, { code: 0, stdout: "", stderr: "" })
      }
    }))
})
