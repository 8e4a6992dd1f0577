/**
 * The ledger of this machine's user, in a file: what is submitted is in it before it leaves, and several processes use it at once.
 *
 * It is the SQL ledger of a program, and beside it what makes it one of many processes that come and go: which of them is at a submit, where
 * its files go, and the jobs that commands have shown, so that a prefix of an id is enough to name one.
 */
import { Handle } from "@media-jobs/core/Handle"
import * as Job from "@media-jobs/core/Job"
import { fingerprint, JobId } from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as SqlLedger from "@media-jobs/ledger/SqlLedger"
import * as Tables from "@media-jobs/ledger/Tables"
import * as SqliteClient from "@media-jobs/sqlite/SqliteClient"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Owner from "./owner.ts"
import { Stopped } from "./stopped.ts"

/** How long what is done is known, and what was shown. */
const kept = 30 * 24 * 3_600_000

/** What tells a job from all others. */
export type Name = Pick<Handle, "provider" | "instance" | "id">

/** A job that this machine knows of; `key` is that of its submit, where it was submitted here. */
export interface Known {
  readonly handle: Handle
  readonly key: string | undefined
  /** As it was last seen. */
  readonly job: Job.Job | undefined
  /** Where what it makes is to be saved. */
  readonly folder: string | undefined
}

export class LocalLedger extends Context.Service<LocalLedger, {
  readonly ledger: Ledger.Ledger
  /** The jobs whose id begins so, or that were submitted under this key, or have this fingerprint. */
  readonly find: (text: string) => Effect.Effect<ReadonlyArray<Known>, Stopped>
  /** What was submitted here and is not done yet. */
  readonly open: Effect.Effect<ReadonlyArray<Known>, Stopped>
  /** Keeps jobs as they were seen; where it can't, commands do without. */
  readonly see: (jobs: ReadonlyArray<Job.Job>) => Effect.Effect<void>
  readonly forget: (job: Name) => Effect.Effect<void, Stopped>
  /** Makes a submit this command's to work on, and to save; false where another that still runs is at it. */
  readonly claim: (key: string, folder?: string) => Effect.Effect<boolean, Stopped>
  readonly folderOf: (key: string) => Effect.Effect<string | undefined, Stopped>
  /** What the files of a submit became at its service: the same again is the same request. */
  readonly uploadsOf: (key: string) => Effect.Effect<string | undefined, Stopped>
  readonly noteUploads: (key: string, text: string) => Effect.Effect<void, Stopped>
  /** What is not done and no living process is at: this command's, from now on. How many are others'. */
  readonly takeUp: Effect.Effect<number, Stopped>
  /** How many submits, that no living process is at, are uncertain. */
  readonly uncertain: Effect.Effect<number, Stopped>
  /** What the last write of `ledger` that failed said, and whether it kept a submit from being sent. */
  readonly trouble: () => { readonly detail: string; readonly isUnsent: boolean } | undefined
  readonly note: (name: string) => Effect.Effect<string | undefined>
  readonly setNote: (name: string, text: string) => Effect.Effect<void>
}>()("@media-jobs/cli/LocalLedger") {}

const readJob = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.toCodecJson(Job.Job)))

/** What is known of a submit beside its intent. */
interface SubmitRow {
  readonly submit_key: string
  readonly owner: string
  readonly folder: string | null
  readonly uploads: string | null
}

interface JobRow {
  readonly provider: string
  readonly instance: string
  readonly id: string
  readonly submit_key: string | null
  readonly job: string | null
  readonly seen: number
}

const tables = [
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* sql`CREATE TABLE media_jobs_command_submits (
      submit_key TEXT PRIMARY KEY, owner TEXT NOT NULL, folder TEXT, uploads TEXT) STRICT`
    yield* sql`CREATE TABLE media_jobs_command_jobs (
      provider TEXT NOT NULL, instance TEXT NOT NULL, id TEXT NOT NULL, submit_key TEXT, job TEXT, seen INTEGER NOT NULL,
      PRIMARY KEY (provider, instance, id)) STRICT`
    yield* sql`CREATE TABLE media_jobs_command_notes (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT`
  })
]

/** Without the service's own record, which may be of any size. */
const textOf = (job: Job.Job): string => JSON.stringify(job.raw === undefined ? job : { ...job, raw: undefined })

type Trouble = SqlError | Ledger.LedgerUnavailable
/** What is wrong with the file. */
const detailOf = (error: Trouble): string =>
  error._tag === "SqlError" ? error.message : error.detail ?? error.cause.message
const unusable = (sentence: string) => new Stopped({ code: 1, sentence: `The ledger can't be used. ${sentence}` })
const asked = <A>(effect: Effect.Effect<A, Trouble>) => Effect.mapError(effect, (error) => unusable(detailOf(error)))

/** No table goes into what is another program's. */
const refuseForeign = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const found = yield* asked(sql<{ readonly name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`)
  if (found.length > 0 && !found.some(({ name }) => name === "media_jobs_ledger_migrations")) {
    return yield* unusable(
      "Its file is another program's database, or of an early media-jobs: move it away, or give --ledger FILE."
    )
  }
})

const make = Effect.gen(function*() {
  yield* refuseForeign
  const [submits, sql] = yield* Effect.mapError(
    Effect.all([SqlLedger.make({ keep: kept }), Tables.migrate("media_jobs_command", tables)]),
    ({ cause, reason }) =>
      unusable(
        reason === "newer"
          ? "It is of a newer media-jobs: update this one, or give --ledger FILE."
          : cause instanceof Error
          ? cause.message
          : "Give another by --ledger FILE."
      )
  )
  /** The submits that this command goes on with, with the folder of their files, and those among them that it sent. */
  const claimed = new Map<string, string | undefined>()
  const sent = new Set<string>()
  let reads = 0
  /** What was found for submits whose reply was lost. */
  const candidates = new Set<JobId>()
  let trouble: { readonly detail: string; readonly isUnsent: boolean } | undefined

  const guarded = <A>(effect: Effect.Effect<A, Trouble>) =>
    Effect.mapError(effect, (cause) => new Ledger.LedgerUnavailable({ cause, detail: detailOf(cause) }))
  const written = <A>(effect: Effect.Effect<A, Trouble>, isUnsent = false) =>
    Effect.tapError(guarded(effect), ({ detail = "" }) => Effect.sync(() => void (trouble = { detail, isUnsent })))
  /** Makes the submit under a key this command's; its folder stays where none is given. */
  const own = (key: string, folder?: string) =>
    sql`INSERT INTO media_jobs_command_submits ${
      sql.insert({ submit_key: key, owner: Owner.me, folder: folder ?? null })
    }
      ON CONFLICT DO UPDATE SET owner = excluded.owner, folder = coalesce(excluded.folder, folder)`

  const now = Clock.currentTimeMillis
  const rowOf = (key: string) =>
    Effect.map(sql<SubmitRow>`SELECT * FROM media_jobs_command_submits WHERE submit_key = ${key}`, ([row]) => row)
  const rows = Effect.map(
    sql<SubmitRow>`SELECT * FROM media_jobs_command_submits`,
    (rows) => new Map(rows.map((row) => [row.submit_key, row]))
  )
  const isMine = ({ submit_key }: SubmitRow) => claimed.has(submit_key)
  const isTaken = (row: SubmitRow) => !isMine(row) && Owner.isAlive(row.owner)

  yield* asked(sql.withTransaction(Effect.gen(function*() {
    const old = sql`NOT EXISTS (SELECT 1 FROM media_jobs_submits s WHERE s.submit_key = o.submit_key)`
    yield* sql`DELETE FROM media_jobs_command_jobs AS o WHERE seen < ${(yield* now) - kept} AND ${old}`
    for (const row of yield* sql<SubmitRow>`SELECT * FROM media_jobs_command_submits o WHERE ${old}`) {
      if (!isTaken(row)) yield* sql`DELETE FROM media_jobs_command_submits WHERE submit_key = ${row.submit_key}`
    }
  })))

  /** Rows of jobs as what is known of each. */
  const known = Effect.fnUntraced(function*(found: ReadonlyArray<JobRow>) {
    const of = new Map<string, Ledger.Entry | undefined>()
    for (const { submit_key: key } of found) if (key !== null && !of.has(key)) of.set(key, yield* submits.find(key))
    const beside = yield* rows
    return found.map(({ id, instance, job: text, provider, seen, submit_key: key }): Known => {
      const job = text === null ? undefined : Option.getOrUndefined(readJob(text))
      const entry = key === null ? undefined : of.get(key)
      return {
        handle: entry?.handles?.find((handle) => handle.id === id && handle.provider === provider) ?? new Handle({
          provider: ProviderId.make(provider),
          instance: Instance.make(instance),
          id: JobId.make(id),
          submittedAt: job?.createdAt ?? job?.observedAt ?? DateTime.makeUnsafe(seen)
        }),
        key: entry?.intent.key,
        job,
        folder: key === null ? undefined : beside.get(key)?.folder ?? undefined
      }
    })
  })

  /**
   * A job that was found for a submit whose reply was lost may be that of another process, which has written it down meanwhile, or is
   * about to.
   */
  const refuseOthers = Effect.fnUntraced(function*({ key, provider }: Ledger.Intent, ids: ReadonlyArray<JobId>) {
    const taken = yield* sql`SELECT 1 FROM media_jobs_command_jobs WHERE submit_key <> ${key} AND ${sql.in("id", ids)}`
    const owners = yield* rows
    const isUnderWay = (yield* submits.resume).uncertain.some((intent) => {
      const row = owners.get(intent.key)
      return intent.provider === provider && row !== undefined && isTaken(row)
    })
    if (taken.length === 0 && !isUnderWay) return
    const detail = "Another process submits just now, and the job may be its: try again."
    return yield* new Ledger.LedgerUnavailable({ cause: detail, detail })
  })

  /** What is not done of the submits whose row holds. */
  const unfinished = Effect.fnUntraced(function*(holds: (row: SubmitRow) => boolean) {
    const beside = yield* rows
    const { entries } = yield* submits.resume
    // What another program wrote into the same file is its own.
    return Ledger.unfinished(entries.filter(({ intent: { key } }) => {
      const row = beside.get(key)
      return row !== undefined && holds(row)
    }))
  })
  const isLeft = (row: SubmitRow) => !Owner.isAlive(row.owner)

  const see = Effect.fnUntraced(function*({ id, instance, provider }: Name, text: string | null, key: string | null) {
    const row = { provider, instance, id, submit_key: key, job: text, seen: yield* now }
    yield* sql`INSERT INTO media_jobs_command_jobs ${sql.insert(row)} ON CONFLICT DO UPDATE
      SET job = coalesce(excluded.job, job), submit_key = coalesce(excluded.submit_key, submit_key), seen = excluded.seen`
  })

  /** What this was at is free again. */
  yield* Effect.addFinalizer(() =>
    Effect.ignore(
      sql`UPDATE media_jobs_command_submits SET owner = '' WHERE ${sql.in("submit_key", [...claimed.keys()])}`
    )
  )

  const ledger: Ledger.Ledger = {
    // Two processes that submit under one key meet at its row: the second is refused, and sends nothing.
    intend: (intent) =>
      Effect.tap(
        // A command that was long at its uploads may have been taken for dead, and its row for left over.
        written(
          sql.withTransaction(Effect.tap(submits.intend(intent), () => own(intent.key, claimed.get(intent.key)))),
          true
        ),
        () => Effect.sync(() => sent.add(intent.key))
      ),
    submitted: (intent, ids) =>
      written(sql.withTransaction(Effect.gen(function*() {
        if (ids.some((id) => candidates.has(id))) yield* refuseOthers(intent, ids)
        yield* submits.submitted(intent, ids)
        for (const id of ids) yield* see({ ...intent, id }, null, intent.key)
      }))),
    refused: (intent) => written(submits.refused(intent)),
    done: (handle, job) =>
      written(sql.withTransaction(Effect.andThen(
        job === undefined ? Effect.void : see(handle, textOf(job), null),
        submits.done(handle, job)
      ))),
    find: (key) => guarded(submits.find(key)),
    known: (ids) =>
      Effect.suspend(() => {
        for (const id of ids) candidates.add(id)
        return guarded(submits.known(ids))
      }),
    // The first is at the start, when what this sends is on its way: the next finds out what became of it.
    resume: Effect.suspend(() => {
      const isFirst = reads++ === 0
      return guarded(unfinished((row) => isMine(row) && !(isFirst && sent.has(row.submit_key))))
    })
  }

  const jobs = sql<JobRow>`SELECT * FROM media_jobs_command_jobs ORDER BY rowid`
  return LocalLedger.of({
    ledger,
    find: (text) =>
      asked(Effect.gen(function*() {
        const exact = yield* sql<JobRow>`SELECT * FROM media_jobs_command_jobs
          WHERE id = ${text} OR submit_key = ${text} ORDER BY rowid`
        if (exact.length > 0) return yield* known(exact)
        if (text.startsWith("job:")) {
          return yield* known((yield* jobs).filter(({ id }) => fingerprint(JobId.make(id)) === text))
        }
        return yield* known(
          yield* sql<JobRow>`SELECT * FROM media_jobs_command_jobs
            WHERE substr(id, 1, length(${text})) = ${text} ORDER BY rowid`
        )
      })),
    open: asked(Effect.gen(function*() {
      const { handles } = yield* unfinished(() => true)
      const isOpen = new Set(handles.map(({ id, provider }) => `${provider} ${id}`))
      return yield* known((yield* jobs).filter(({ id, provider }) => isOpen.has(`${provider} ${id}`)))
    })),
    see: (seen) =>
      Effect.ignore(sql.withTransaction(Effect.forEach(seen, (job) => see(job, textOf(job), null), { discard: true }))),
    forget: ({ id, instance, provider }) =>
      asked(sql`DELETE FROM media_jobs_command_jobs
        WHERE provider = ${provider} AND instance = ${instance} AND id = ${id}`),
    claim: (key, folder) =>
      asked(sql.withTransaction(Effect.gen(function*() {
        const row = yield* rowOf(key)
        if (row !== undefined && isTaken(row)) return false
        yield* own(key, folder)
        claimed.set(key, folder)
        return true
      }))),
    folderOf: (key) => Effect.map(asked(rowOf(key)), (row) => row?.folder ?? undefined),
    uploadsOf: (key) => Effect.map(asked(rowOf(key)), (row) => row?.uploads ?? undefined),
    noteUploads: (key, text) =>
      asked(sql`UPDATE media_jobs_command_submits SET uploads = ${text} WHERE submit_key = ${key}`),
    takeUp: asked(sql.withTransaction(Effect.gen(function*() {
      const { entries } = yield* unfinished(isLeft)
      for (const { intent: { key } } of entries) {
        yield* sql`UPDATE media_jobs_command_submits SET owner = ${Owner.me} WHERE submit_key = ${key}`
        claimed.set(key, undefined)
      }
      return (yield* unfinished(isTaken)).entries.length
    }))),
    uncertain: Effect.map(asked(unfinished(isLeft)), ({ uncertain }) => uncertain.length),
    trouble: () => trouble,
    note: (name) =>
      Effect.orElseSucceed(
        Effect.map(
          sql<{ readonly text: string }>`SELECT text FROM media_jobs_command_notes WHERE name = ${name}`,
          ([row]) => row?.text
        ),
        () => undefined
      ),
    setNote: (name, text) =>
      Effect.ignore(sql`INSERT INTO media_jobs_command_notes ${sql.insert({ name, text })}
        ON CONFLICT DO UPDATE SET text = excluded.text`)
  })
})

/** The ledger in a file, whose folder is made where there is none. */
export const layer = (file: string): Layer.Layer<LocalLedger, Stopped, FileSystem.FileSystem | Path.Path> =>
  Layer.unwrap(Effect.gen(function*() {
    const path = yield* Path.Path
    const fs = yield* FileSystem.FileSystem
    yield* Effect.mapError(
      fs.makeDirectory(path.dirname(file), { recursive: true, mode: 0o700 }),
      () => new Stopped({ code: 1, sentence: "The ledger's folder can't be made: give another with --ledger FILE." })
    )
    return Layer.effect(LocalLedger, make).pipe(
      Layer.provide(SqliteClient.layer({ file })),
      Layer.catchTag("SqliteUnavailable", ({ message }) =>
        Layer.effect(
          LocalLedger,
          Effect.fail(new Stopped({ code: 1, sentence: `The ledger can't be opened. ${message}` }))
        ))
    )
  }))
