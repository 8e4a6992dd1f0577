import { assert, describe, it } from "@effect/vitest"
import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as SqlLedger from "@media-jobs/ledger/SqlLedger"
import * as SqliteClient from "@media-jobs/sqlite/SqliteClient"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as SqlClient from "effect/sql/SqlClient"
import * as TestClock from "effect/testing/TestClock"

const draft = { provider: ProviderId.make("p"), instance: ProviderId.defaultInstance, reference: "r" } as const
const ids = [JobId.make("j1-user@example.com"), JobId.make("j2-user@example.com")] as const
const database = SqliteClient.layer({ file: ":memory:" })

const submitting = (ledger: Ledger.Ledger, key?: string, digest = "d") =>
  Ledger.submit(draft, () => Effect.succeed({ ids })).pipe(
    Effect.provideService(Ledger.Ledger, ledger),
    key === undefined ? identity : Effect.provideService(Ledger.Key, { key, digest })
  )
const losing = (ledger: Ledger.Ledger, key: string) =>
  Ledger.submit(draft, (sending) => Effect.fail(new JobError.SubmissionUncertain({ ...sending, operation: "submit" })))
    .pipe(
      Effect.flip,
      Effect.map((error) => error._tag === "SubmissionUncertain" ? error : assert.fail(error._tag)),
      Effect.provideService(Ledger.Ledger, ledger),
      Effect.provideService(Ledger.Key, { key, digest: "d" })
    )
const job = (id: JobId.JobId) =>
  new Job.Job({
    ...draft,
    id,
    state: { _tag: "Cancelled" },
    observedAt: DateTime.makeUnsafe(0),
    raw: { account: "some" }
  })
const counts = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql`SELECT (SELECT count(*) FROM media_jobs_submits) AS submits, (SELECT count(*) FROM media_jobs_jobs) AS jobs`,
    (rows) => ({ ...rows[0] })
  ))

describe("SqlLedger", () => {
  it.effect("gives a later process every job that is not done, in the service's order", () =>
    Effect.gen(function*() {
      const submission = yield* submitting(yield* SqlLedger.make())
      const later = yield* SqlLedger.make()
      assert.deepStrictEqual((yield* later.resume).handles, submission.handles)
      yield* later.done(submission.handles[0])
      const { handles, uncertain } = yield* later.resume
      assert.deepStrictEqual([handles, uncertain], [submission.handles.slice(1), []])
      assert.deepStrictEqual([...(yield* later.known([...ids, JobId.make("none")]))].toSorted(), [...ids])
    }).pipe(Effect.provide(database)))

  it.effect("keeps what was done under a key for two weeks, as it ended, and nothing of what had none", () =>
    Effect.gen(function*() {
      const ledger = yield* SqlLedger.make()
      for (const handle of (yield* submitting(ledger)).handles) yield* ledger.done(handle, job(handle.id))
      assert.deepStrictEqual(yield* counts, { submits: 0, jobs: 0 })
      const { handles } = yield* submitting(ledger, "order")
      for (const handle of handles) yield* ledger.done(handle, job(handle.id))
      // One that is let go of later is done as it ended.
      yield* ledger.done(handles[0])
      assert.deepStrictEqual((yield* ledger.resume).entries, [])
      yield* TestClock.adjust("13 days")
      const past = yield* (yield* SqlLedger.make()).find("order")
      assert.deepStrictEqual(Array.from(past?.done.values() ?? [], (job) => [job?.state._tag, job?.raw]), [
        ["Cancelled", undefined],
        ["Cancelled", undefined]
      ])
      yield* TestClock.adjust("2 days")
      yield* losing(ledger, "another")
      assert.strictEqual(yield* ledger.find("order"), undefined)
      assert.deepStrictEqual(yield* counts, { submits: 1, jobs: 0 })
    }).pipe(Effect.provide(database)))

  it.effect("refuses a submit under a key that stands already, before it is sent", () =>
    Effect.gen(function*() {
      const [first, second] = [yield* SqlLedger.make(), yield* SqlLedger.make()]
      yield* losing(first, "order")
      const error = yield* Effect.flip(submitting(second, "order"))
      assert.strictEqual(error._tag, "Unavailable")
      assert.match(error.message, /Nothing was sent/)
      // What is tried again is the very intent, as old as it is: a connection that was cut tells nothing.
      const [intent] = (yield* first.resume).uncertain
      if (intent === undefined) return assert.fail("none")
      const intend = first.intend(new Ledger.Intent({ ...intent, key: "another" }))
      yield* TestClock.adjust("1 minute")
      const written = yield* intend
      assert.strictEqual(written.submittedAt.epochMilliseconds, 60_000)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* intend, written)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(second.intend(written))))
    }).pipe(Effect.provide(database)))

  it.effect("is told what became of a lost submit; what is known stays, whatever comes late", () =>
    Effect.gen(function*() {
      const ledger = yield* SqlLedger.make()
      const [none, found] = [yield* losing(ledger, "none"), yield* losing(ledger, "found")]
      const settle = (error: Parameters<typeof Ledger.settle>[0], ids: ReadonlyArray<JobId.JobId>) =>
        Effect.provideService(Ledger.settle(error, ids), Ledger.Ledger, ledger)
      const { uncertain } = yield* ledger.resume
      assert.deepStrictEqual(uncertain.map(({ key }) => key).toSorted(), ["found", "none"])
      yield* settle(none, [])
      yield* settle(found, ids)
      yield* settle(found, [])
      for (const intent of uncertain) yield* ledger.refused(intent)
      assert.strictEqual((yield* ledger.resume).handles.length, 2)
      assert.strictEqual(yield* ledger.find("none"), undefined)
      // Refused, its key is free.
      assert.strictEqual((yield* submitting(ledger, "none")).ids.length, 2)
    }).pipe(Effect.provide(database)))

  it.effect("an old refusal leaves a later submit under its key alone", () =>
    Effect.gen(function*() {
      const ledger = yield* SqlLedger.make()
      yield* losing(ledger, "order")
      const [old] = (yield* ledger.resume).uncertain
      if (old === undefined) return assert.fail("none")
      yield* ledger.refused(old)
      yield* TestClock.adjust("1 second")
      yield* losing(ledger, "order")
      yield* ledger.refused(old)
      assert.strictEqual((yield* ledger.resume).uncertain.length, 1)
    }).pipe(Effect.provide(database)))

  it.effect("tables of a newer release, and a database that is gone, are errors that say what to do", () =>
    Effect.gen(function*() {
      const ledger = yield* SqlLedger.make()
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO media_jobs_ledger_migrations (migration_id, name) VALUES (99, 'later')`
      const newer = yield* Effect.flip(SqlLedger.make())
      assert.deepStrictEqual([newer.reason, /newer release/.test(newer.message)], ["newer", true])
      yield* sql`DROP TABLE media_jobs_submits`
      const gone = yield* Effect.flip(ledger.resume)
      assert.strictEqual(gone._tag, "LedgerUnavailable")
      yield* sql`DROP TABLE media_jobs_ledger_migrations`
      const foreign = yield* Effect.flip(SqlLedger.make())
      assert.deepStrictEqual([foreign.reason, /check that it runs/.test(foreign.message)], ["database", true])
    }).pipe(Effect.provide(database)))
})
