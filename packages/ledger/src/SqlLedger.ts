/**
 * The ledger of submits in a SQL database.
 *
 * @since 0.1.0
 */
import { Handle } from "@media-jobs/core/Handle"
import * as Job from "@media-jobs/core/Job"
import type { JobId } from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import * as SqlClient from "effect/sql/SqlClient"
import * as Tables from "./Tables.ts"

const readIntent = /* @__PURE__ */ Schema.decodeUnknownOption(
  /* @__PURE__ */ Schema.fromJsonString(/* @__PURE__ */ Schema.toCodecJson(Ledger.Intent))
)
const readJob = /* @__PURE__ */ Schema.decodeUnknownOption(
  /* @__PURE__ */ Schema.fromJsonString(/* @__PURE__ */ Schema.toCodecJson(Job.Job))
)

/** Times are milliseconds in a double, which every driver gives back as a number. */
const tables = [
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* sql`CREATE TABLE media_jobs_submits (
      submit_key VARCHAR(255) PRIMARY KEY,
      intent TEXT NOT NULL,
      writer TEXT NOT NULL,
      submitted DOUBLE PRECISION NOT NULL,
      finished DOUBLE PRECISION
    )`
    yield* sql`CREATE TABLE media_jobs_jobs (
      provider VARCHAR(100) NOT NULL,
      instance VARCHAR(255) NOT NULL,
      id VARCHAR(1000) NOT NULL,
      submit_key VARCHAR(255) NOT NULL,
      place INTEGER NOT NULL,
      done INTEGER NOT NULL DEFAULT 0,
      job TEXT,
      PRIMARY KEY (provider, instance, id)
    )`
    yield* sql`CREATE INDEX media_jobs_submits_finished ON media_jobs_submits (finished)`
    yield* sql`CREATE INDEX media_jobs_jobs_submit ON media_jobs_jobs (submit_key)`
    yield* sql`CREATE INDEX media_jobs_jobs_id ON media_jobs_jobs (id)`
  })
]

interface Row {
  readonly submit_key: string
  readonly intent: string
  readonly id: JobId | null
  readonly done: number | null
  readonly job: string | null
}

/**
 * A ledger in two tables: a row for each submit, and one for each of its jobs.
 *
 * **When to use**
 *
 * Use where several processes share a ledger, or where there is a database already.
 *
 * **Details**
 *
 * Any number of processes may write: of two that submit under one key at once, one is refused with `LedgerUnavailable`, and sends nothing. What is
 * done is kept for `keep` (two weeks) where its key is the application's own. A database that can't be used fails as the tables are made.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options?: { readonly keep?: Duration.Input | undefined }
): Effect.fn.Return<Ledger.Ledger, Tables.TablesUnavailable, SqlClient.SqlClient> {
  const sql = yield* Tables.migrate("media_jobs_ledger", tables)
  const keep = Duration.toMillis(options?.keep ?? "14 days")
  const writer = `${yield* Random.nextInt}.${yield* Random.nextInt}`
  let swept = 0

  const { guarded } = Tables
  const atOnce = <A, E>(effect: Effect.Effect<A, E>) => guarded(Tables.transaction(sql)(effect))

  /** Once an hour, by whichever process submits. */
  const sweep = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    if (now - swept < 3_600_000) return
    swept = now
    const old = sql`finished < ${now - keep}`
    yield* sql`DELETE FROM media_jobs_jobs WHERE submit_key IN (SELECT submit_key FROM media_jobs_submits WHERE ${old})`
    yield* sql`DELETE FROM media_jobs_submits WHERE ${old}`
  })

  /** The submits of some rows, in their order; one that a newer release wrote and this one can't read is left alone. */
  const entriesOf = (rows: ReadonlyArray<Row>): ReadonlyArray<Ledger.Entry> => {
    const entries = new Map<string, Ledger.Entry | undefined>()
    for (const { done, id, intent, job, submit_key } of rows) {
      const found = entries.has(submit_key)
        ? entries.get(submit_key)
        : Option.getOrUndefined(
          Option.map(readIntent(intent), (intent) => ({ intent, handles: undefined, done: new Map() }))
        )
      const ended = new Map(found?.done)
      if (id !== null && done === 1) ended.set(id, job === null ? undefined : Option.getOrUndefined(readJob(job)))
      entries.set(
        submit_key,
        found === undefined || id === null
          ? found
          : { ...found, handles: [...(found.handles ?? []), handleOf(found.intent, id)], done: ended }
      )
    }
    return Array.from(entries.values()).filter((entry) => entry !== undefined)
  }

  const rows = sql`SELECT s.submit_key, s.intent, j.id, j.done, j.job FROM media_jobs_submits s
    LEFT JOIN media_jobs_jobs j ON j.submit_key = s.submit_key`

  return {
    intend: (asked) => {
      let dated: Ledger.Intent | undefined
      return atOnce(Effect.gen(function*() {
        yield* sweep
        // A burst of submits waits for connections; what is tried again stays as old as it is.
        const intent = dated ??= yield* Ledger.asOfNow(asked)
        const text = JSON.stringify(intent)
        const submitted = intent.submittedAt.epochMilliseconds
        yield* sql`INSERT INTO media_jobs_submits ${
          sql.insert({ submit_key: intent.key, intent: text, writer, submitted })
        }
          ON CONFLICT (submit_key) DO NOTHING`
        const [found] = yield* sql<{ readonly intent: string; readonly writer: string }>`
          SELECT intent, writer FROM media_jobs_submits WHERE submit_key = ${intent.key}`
        // A connection that was cut may have written it all the same.
        if (found?.writer !== writer || found.intent !== text) {
          const detail = "This key is submitted elsewhere."
          return yield* new Ledger.LedgerUnavailable({ cause: detail, detail })
        }
        return intent
      }))
    },
    submitted: (intent, ids) =>
      atOnce(Effect.forEach(ids, (id, place) => {
        const { instance, key, provider } = intent
        return sql`INSERT INTO media_jobs_jobs ${sql.insert({ provider, instance, id, submit_key: key, place })}
          ON CONFLICT (provider, instance, id) DO NOTHING`
      }, { discard: true })),
    refused: ({ key, submittedAt }) =>
      // What was read a while ago may have been refused since, and its key submitted again; or its jobs are known by now.
      guarded(Effect.asVoid(sql`DELETE FROM media_jobs_submits
        WHERE submit_key = ${key} AND submitted = ${submittedAt.epochMilliseconds}
        AND NOT EXISTS (SELECT 1 FROM media_jobs_jobs j WHERE j.submit_key = ${key})`)),
    done: ({ id, instance, provider }, job) =>
      atOnce(Effect.gen(function*() {
        const text = job === undefined ? null : JSON.stringify(bare(job))
        // An end that is known is not lost to one that is told without it.
        const [found] = yield* sql<{ readonly submit_key: string }>`UPDATE media_jobs_jobs
          SET done = 1, job = coalesce(${text}, job)
          WHERE provider = ${provider} AND instance = ${instance} AND id = ${id} RETURNING submit_key`
        if (found === undefined) return
        const key = found.submit_key
        const [open] = yield* sql`SELECT 1 FROM media_jobs_jobs WHERE submit_key = ${key} AND done = 0`
        if (open !== undefined) return
        const [row] = yield* sql<{ readonly intent: string }>`
          UPDATE media_jobs_submits SET finished = ${yield* Clock
          .currentTimeMillis} WHERE submit_key = ${key} RETURNING intent`
        // What the application can't ask for again is not kept.
        if (row === undefined || Option.exists(readIntent(row.intent), ({ digest }) => digest !== undefined)) return
        yield* sql`DELETE FROM media_jobs_jobs WHERE submit_key = ${key}`
        yield* sql`DELETE FROM media_jobs_submits WHERE submit_key = ${key}`
      })),
    find: (key) =>
      guarded(Effect.map(sql<Row>`${rows} WHERE s.submit_key = ${key} ORDER BY j.place`, (rows) => entriesOf(rows)[0])),
    known: (ids) =>
      ids.length === 0
        ? Effect.succeed(new Set())
        : guarded(Effect.map(
          sql<{ readonly id: JobId }>`SELECT id FROM media_jobs_jobs WHERE ${sql.in("id", ids)}`,
          (rows) => new Set(rows.map(({ id }) => id))
        )),
    resume: guarded(Effect.map(
      sql<Row>`${rows} WHERE s.finished IS NULL ORDER BY s.submitted, s.submit_key, j.place`,
      (rows) => Ledger.unfinished(entriesOf(rows))
    ))
  }
})

/** What a service's own record holds is the application's, and may be of any size. */
const bare = (job: Job.Job): Job.Job => job.raw === undefined ? job : Job.fromValid({ ...job, raw: undefined })

const handleOf = ({ instance, provider, reference, submittedAt }: Ledger.Intent, id: JobId): Handle =>
  new Handle({ provider, instance, id, submittedAt, ...(reference === undefined ? undefined : { reference }) })

/**
 * The application's ledger in its SQL database.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: { readonly keep?: Duration.Input | undefined }
): Layer.Layer<never, Tables.TablesUnavailable, SqlClient.SqlClient> => Layer.effect(Ledger.Ledger, make(options))
