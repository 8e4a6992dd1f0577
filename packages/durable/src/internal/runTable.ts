import * as Tables from "@media-jobs/ledger/Tables"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as SqlClient from "effect/sql/SqlClient"

/** A run as the database has it: who asks for what, and how it ended. Times are milliseconds. */
export interface Row {
  readonly run_key: string
  readonly name: string
  readonly digest: string
  readonly request: string
  readonly account: string | null
  readonly deadline: number | null
  /** Counts how often the same key began again. */
  readonly attempt: number
  /** The workflow's own name for this attempt. */
  readonly execution: string
  readonly cancelled: number
  readonly outcome: string | null
  /** When this attempt was written down; whoever takes it over leaves that as it is. */
  readonly begun: number
}

const versions = [
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* sql`CREATE TABLE media_jobs_runs (
      run_key VARCHAR(64) PRIMARY KEY,
      service VARCHAR(255) NOT NULL,
      name VARCHAR(255) NOT NULL,
      digest VARCHAR(64) NOT NULL,
      request TEXT NOT NULL,
      account TEXT,
      deadline DOUBLE PRECISION,
      attempt INTEGER NOT NULL,
      execution VARCHAR(255) NOT NULL,
      owner VARCHAR(64),
      cancelled INTEGER NOT NULL DEFAULT 0,
      outcome TEXT,
      begun DOUBLE PRECISION NOT NULL,
      ended DOUBLE PRECISION
    )`
    yield* sql`CREATE INDEX media_jobs_runs_ended ON media_jobs_runs (service, ended, begun)`
  })
]

/** The runs of one of the application's services. */
export const make = Effect.fnUntraced(function*(service: string) {
  const sql = yield* Tables.migrate("media_jobs_runs", versions)
  const columns = sql.literal(
    "run_key, name, digest, request, account, deadline, attempt, execution, cancelled, outcome, begun"
  )
  const { guarded } = Tables
  const atOnce = <A, E>(effect: Effect.Effect<A, E>) => guarded(Tables.transaction(sql)(effect))
  /** This process, as the owner of the runs that it works on. */
  const owner = `${yield* Random.nextInt}.${yield* Random.nextInt}`

  const get = (key: string) =>
    guarded(Effect.map(
      sql<Row>`SELECT ${columns} FROM media_jobs_runs WHERE run_key = ${key} AND service = ${service}`,
      (rows) => rows[0]
    ))

  return {
    get,
    atOnce,
    /** The run of a key: of all that insert one, one does. */
    insert: Effect.fnUntraced(function*(row: Omit<Row, "attempt" | "cancelled" | "outcome" | "begun">) {
      const begun = yield* Clock.currentTimeMillis
      const inserted = yield* guarded(
        sql`INSERT INTO media_jobs_runs ${sql.insert({ ...row, service, attempt: 1, begun })}
        ON CONFLICT (run_key) DO NOTHING RETURNING run_key`
      )
      return inserted.length === 1
    }),
    /** Begins a key's next attempt, unless it was begun elsewhere. */
    reopen: Effect.fnUntraced(
      function*({ attempt, run_key }: Row, next: Pick<Row, "attempt" | "deadline" | "execution">) {
        const begun = yield* Clock.currentTimeMillis
        const again = sql.update({ ...next, begun, outcome: null, ended: null, owner: null, cancelled: 0 })
        const reopened = yield* guarded(sql`UPDATE media_jobs_runs SET ${again}
        WHERE run_key = ${run_key} AND attempt = ${attempt} AND outcome IS NOT NULL RETURNING run_key`)
        return reopened.length === 1
      }
    ),
    cancel: (key: string) =>
      guarded(sql`UPDATE media_jobs_runs SET cancelled = 1 WHERE run_key = ${key} AND outcome IS NULL`),
    /** Makes an attempt that has not ended this process's own: what another does with it from now on counts for nothing. */
    take: (key: string, attempt: number) =>
      guarded(Effect.map(
        sql<Row>`UPDATE media_jobs_runs SET owner = ${owner}
          WHERE run_key = ${key} AND service = ${service} AND attempt = ${attempt} AND outcome IS NULL RETURNING ${columns}`,
        (rows) => rows[0]
      )),
    /** An effect on the database if the run is this process's own: no other takes it before that is done. Nothing where it is not. */
    ifOurs: <A, E>(key: string, effect: Effect.Effect<A, E>) =>
      atOnce(Effect.gen(function*() {
        const ours = yield* sql`UPDATE media_jobs_runs SET owner = ${owner}
          WHERE run_key = ${key} AND owner = ${owner} RETURNING run_key`
        return ours.length === 1 ? yield* effect : undefined
      })),
    /** Ends an attempt that is this process's own; `false` where another has taken it since. */
    end: Effect.fnUntraced(function*({ attempt, run_key }: Row, outcome: string) {
      const ended = yield* Clock.currentTimeMillis
      const open = sql`run_key = ${run_key} AND attempt = ${attempt} AND outcome IS NULL`
      yield* guarded(
        sql`UPDATE media_jobs_runs SET ${sql.update({ outcome, ended })} WHERE ${open} AND owner = ${owner}`
      )
      return (yield* guarded(sql`SELECT 1 FROM media_jobs_runs WHERE ${open}`)).length === 0
    }),
    keyOfJob: (provider: string, instance: string, id: string) =>
      guarded(Effect.map(
        sql<{ readonly submit_key: string }>`SELECT submit_key FROM media_jobs_jobs
          WHERE provider = ${provider} AND instance = ${instance} AND id = ${id}`,
        (rows) => rows[0]?.submit_key
      )),
    /** Where each of some runs is, as a text that changes as it goes on. */
    states: (keys: ReadonlyArray<string>) =>
      guarded(sql<{ readonly run_key: string; readonly state: string }>`SELECT run_key,
        attempt || CASE WHEN outcome IS NOT NULL THEN ' ended'
          WHEN EXISTS (SELECT 1 FROM media_jobs_jobs j WHERE j.submit_key = run_key) THEN ' taken' ELSE '' END AS state
        FROM media_jobs_runs WHERE ${sql.in("run_key", keys)}`),
    /** What has not ended, of those that began in a time. */
    unfinished: (from: number, to: number) =>
      guarded(sql<Row>`SELECT ${columns} FROM media_jobs_runs
        WHERE service = ${service} AND ended IS NULL AND begun >= ${from} AND begun <= ${to} ORDER BY begun`),
    /** All that go on, and the last of those that are over. */
    recent: (most: number) =>
      guarded(sql<{ readonly run_key: string }>`SELECT run_key FROM media_jobs_runs
        WHERE service = ${service} AND ended IS NULL OR run_key IN (SELECT run_key FROM media_jobs_runs
          WHERE service = ${service} AND ended IS NOT NULL ORDER BY ended DESC LIMIT ${most}) ORDER BY begun`),
    past: (before: number, most: number) =>
      guarded(
        sql<
          Row
        >`SELECT ${columns} FROM media_jobs_runs WHERE service = ${service} AND ended < ${before} ORDER BY ended, run_key LIMIT ${most}`
      ),
    /** Forgets a run, and what the ledger has of it. */
    remove: (key: string) =>
      atOnce(Effect.gen(function*() {
        yield* sql`DELETE FROM media_jobs_jobs WHERE submit_key IN
          (SELECT submit_key FROM media_jobs_submits WHERE submit_key = ${key} AND finished IS NOT NULL)`
        yield* sql`DELETE FROM media_jobs_submits WHERE submit_key = ${key} AND finished IS NOT NULL`
        yield* sql`DELETE FROM media_jobs_runs WHERE run_key = ${key}`
      }))
  }
})

export type RunTable = Effect.Success<ReturnType<typeof make>>
