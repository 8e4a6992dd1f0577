/**
 * A `SqlClient` on the SQLite that is built into Node.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Client from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import { classifySqliteError, ConnectionError, SqlError } from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import * as Stream from "effect/Stream"
import * as Platform from "./internal/platform.ts"

/**
 * Where the database is.
 *
 * **Details**
 *
 * `file` is made where there is none; `:memory:` is a database of this process alone. `exclusive` keeps every other process out of the file
 * until this one closes it or dies.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  readonly file: string
  readonly exclusive?: boolean | undefined
}

const advice = {
  unsupported: "This needs a Node that has node:sqlite: run it with Node 24 or later.",
  corrupt:
    "The file is damaged, or no SQLite database: put back a copy, or move it away with its -wal file and begin anew.",
  locked: "Another process has the file open: end it, or give each process a file of its own.",
  full: "There is no room for it: make room on the disk; what was written before is whole.",
  disk:
    "The file could not be read or written: make room, raise the quota or the limit of a file's size, or have the disk checked.",
  unopened: "The file could not be opened: check that its folder exists and can be written."
}

/**
 * The database could not be opened; the message says what to do.
 *
 * @since 0.1.0
 * @category errors
 */
export class SqliteUnavailable
  extends Schema.TaggedError<SqliteUnavailable>("@media-jobs/sqlite/SqliteUnavailable")("SqliteUnavailable", {
    reason: Schema.Literals(["unsupported", "corrupt", "locked", "full", "disk", "unopened"]),
    file: Schema.String,
    cause: Schema.optionalKey(Schema.Defect())
  })
{
  override get message(): string {
    return `SQLite, ${this.file}: ${advice[this.reason]}`
  }
}

/** SQLite's result code, without what extends it: what it says in words changes. */
const codeOf = (cause: unknown): number | undefined =>
  Predicate.hasProperty(cause, "errcode") && typeof cause.errcode === "number" ? cause.errcode & 0xff : undefined

const reasonOf = (cause: unknown): SqliteUnavailable["reason"] => {
  switch (codeOf(cause)) {
    case 5: // BUSY
    case 6: // LOCKED
      return "locked"
    case 10: // IOERR: a quota, a limit, no room for the file that processes share, or a disk that fails
      return "disk"
    case 11: // CORRUPT
    case 26: // NOTADB
      return "corrupt"
    case 13: // FULL
      return "full"
    default:
      return "unopened"
  }
}

/** A disk that is full or fails and a damaged file have no reason of their own in Effect; the first may pass, so it may be tried again. */
const sqlError = (cause: unknown): SqlError => {
  const reason = reasonOf(cause)
  if (reason === "full" || reason === "disk") {
    return new SqlError({ reason: new ConnectionError({ cause, message: advice[reason] }) })
  }
  const numbered = Object.assign(new Error(Predicate.isError(cause) ? cause.message : ""), {
    cause,
    errno: Predicate.hasProperty(cause, "errcode") ? cause.errcode : undefined
  })
  return new SqlError({
    reason: classifySqliteError(numbered, { message: reason === "corrupt" ? advice.corrupt : numbered.message })
  })
}

/** Other processes hold the file for milliseconds; the whole program stands still meanwhile. */
const lockTimeout = 2000

/** Each commit is on the disk before it returns: what is written down here is paid for. */
const check = (database: Platform.Database, exclusive: boolean): void => {
  if (exclusive) database.exec("PRAGMA locking_mode = EXCLUSIVE")
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE; COMMIT")
  const [found] = database.prepare("PRAGMA quick_check(1)").all() as ReadonlyArray<{ readonly quick_check: string }> // as SQLite says
  if (found?.quick_check !== "ok") throw Object.assign(new Error(found?.quick_check), { errcode: 11 })
}

/** How many prepared statements are kept. */
const mostStatements = 200

const connectionOf = (database: Platform.Database): Connection => {
  const prepared = new Map<string, Platform.PreparedStatement>()
  const prepare = (sql: string): Platform.PreparedStatement => {
    const known = prepared.get(sql)
    const statement = known ?? database.prepare(sql)
    if (known !== undefined) prepared.delete(sql)
    prepared.set(sql, statement)
    const [oldest] = prepared.keys()
    if (prepared.size > mostStatements && oldest !== undefined) prepared.delete(oldest)
    return statement
  }

  const run = <A>(
    statementOf: () => Platform.PreparedStatement,
    arrays: boolean,
    use: (statement: Platform.PreparedStatement) => A
  ) =>
    Effect.withFiber<A, SqlError>((fiber) =>
      Effect.try({
        try: () => {
          const statement = statementOf()
          statement.setReadBigInts(fiber.getRef(Client.SafeIntegers))
          statement.setReturnArrays(arrays)
          return use(statement)
        },
        catch: sqlError
      })
    )
  const all = (parameters: ReadonlyArray<unknown>) => (statement: Platform.PreparedStatement): ReadonlyArray<never> => {
    if (statement.columns().length > 0) return statement.all(...parameters)
    statement.run(...parameters)
    return []
  }

  return {
    execute: (sql, parameters, transformRows) =>
      Effect.map(run(() => prepare(sql), false, all(parameters)), transformRows ?? ((rows) => rows)),
    executeRaw: (sql, parameters) =>
      run(
        () => prepare(sql),
        false,
        (statement) => statement.columns().length > 0 ? statement.all(...parameters) : statement.run(...parameters)
      ),
    executeStream: (sql, parameters, transformRows) =>
      Stream.unwrap(Effect.map(
        run(() => prepare(sql), false, all(parameters)),
        (rows) => Stream.fromIterable(transformRows?.(rows) ?? rows)
      )),
    executeValues: (sql, parameters) => run(() => prepare(sql), true, all(parameters)),
    executeValuesUnprepared: (sql, parameters) => run(() => database.prepare(sql), true, all(parameters)),
    executeUnprepared: (sql, parameters, transformRows) =>
      Effect.map(run(() => database.prepare(sql), false, all(parameters)), transformRows ?? ((rows) => rows))
  }
}

/**
 * A client of one connection to a database, closed with the scope.
 *
 * **Details**
 *
 * The file is checked as it is opened. Statements run one after another, in the thread of the program; a transaction has the connection for itself.
 * Commits reach the disk (`WAL`, `synchronous = FULL`). A disk that is full or fails is a `SqlError` that is retryable.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  { exclusive = false, file }: Options
): Effect.fn.Return<Client.SqlClient, SqliteUnavailable, Scope.Scope | Reactivity.Reactivity> {
  const sqlite = Platform.sqlite()
  if (sqlite === undefined) return yield* new SqliteUnavailable({ reason: "unsupported", file })
  const attempt = <A>(what: () => A) =>
    Effect.try({ try: what, catch: (cause) => new SqliteUnavailable({ reason: reasonOf(cause), file, cause }) })
  const database = yield* Effect.acquireRelease(
    attempt(() => new sqlite.DatabaseSync(file, { timeout: exclusive ? 0 : lockTimeout })),
    (database) => Effect.sync(() => database.close())
  )
  yield* attempt(() => check(database, exclusive))
  const acquirers = Client.makeSqliteAcquirers({
    connection: Effect.succeed(connectionOf(database)),
    semaphore: yield* Semaphore.make(1),
    isTransaction: () => database.isTransaction
  })
  return yield* Client.make({
    ...acquirers,
    driver: "media-jobs-sqlite",
    compiler: Statement.makeCompilerSqlite(),
    beginTransaction: "BEGIN IMMEDIATE",
    prepareTransactionControls: true,
    spanAttributes: [["db.system.name", "sqlite"]]
  })
})

/**
 * The application's `SqlClient`, in a file.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Client.SqlClient, SqliteUnavailable> =>
  Layer.provide(Layer.effect(Client.SqlClient, make(options)), Reactivity.layer)
