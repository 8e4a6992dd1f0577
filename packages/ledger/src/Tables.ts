/**
 * The tables of media-jobs in a SQL database, of any release.
 *
 * @since 0.1.0
 */
import * as Ledger from "@media-jobs/core/Ledger"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Migrator from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import * as SqlError from "effect/sql/SqlError"

const advice = {
  database: "The database could not be used: check that it runs, its address, and that tables may be made there.",
  denied: "The database refuses this user: check the address, the password, and what the user may do.",
  missing: "There is no such database: check the address, or make it first.",
  newer:
    "The database's tables are of a newer release of media-jobs: run that release, or give this one a database of its own."
}

/** Names and messages alone: an error of a driver may hold the whole address beside them, with the password. */
const shielded = ({ cause }: { readonly cause?: unknown }): Error | undefined => {
  if (!(cause instanceof Error)) return undefined
  const inner = shielded(cause)
  const copy = new Error(cause.message, inner === undefined ? undefined : { cause: inner })
  Object.defineProperty(copy, "name", { value: cause.name })
  return copy
}

/**
 * The tables could not be used; the message says what to do.
 *
 * @since 0.1.0
 * @category errors
 */
export class TablesUnavailable
  extends Schema.TaggedError<TablesUnavailable>("@media-jobs/ledger/TablesUnavailable")("TablesUnavailable", {
    reason: Schema.Literals(["database", "denied", "missing", "newer"]),
    cause: Schema.optional(Schema.Defect())
  })
{
  // Read after the fields are set, by a function: a constructor of its own would break decoding.
  override readonly cause: Error | undefined = shielded(this)

  override get message(): string {
    const said: Array<string> = []
    for (let inner = this.cause; inner !== undefined; inner = shielded(inner)) said.push(inner.message)
    const words = said.filter((text, at) => text !== "" && !said.some((other, i) => i < at && other.includes(text)))
    return [advice[this.reason], ...(words.length === 0 ? [] : [words.join(": ")])].join(" ")
  }
}

const reasonOf = (cause: unknown): TablesUnavailable["reason"] => {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if (!SqlError.isSqlError(error)) continue
    const { reason } = error
    if (reason._tag === "AuthenticationError" || reason._tag === "AuthorizationError") return "denied"
    if (isMissing(reason)) return "missing"
  }
  return "database"
}

/**
 * Tables that could not be used for what the database said.
 *
 * @since 0.1.0
 * @category constructors
 */
export const unavailable = (cause: unknown): TablesUnavailable =>
  new TablesUnavailable({ reason: reasonOf(cause), cause })

/**
 * Makes the tables that are missing, each version once; `<name>_migrations` remembers which. Versions count from one.
 *
 * @since 0.1.0
 * @category constructors
 */
export const migrate = Effect.fnUntraced(function*(
  name: string,
  versions: ReadonlyArray<Effect.Effect<unknown, unknown, SqlClient.SqlClient>>
): Effect.fn.Return<SqlClient.SqlClient, TablesUnavailable, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const table = `${name}_migrations`
  const loader = Migrator.fromRecord(
    Object.fromEntries(versions.map((version, at) => [`${at + 1}_version`, Effect.asVoid(version)]))
  )
  const latest = Effect.andThen(
    Migrator.make({})({ loader, table }),
    sql<{ readonly latest: number }>`SELECT max(migration_id) AS latest FROM ${sql(table)}`
  )
  const [found] = yield* Effect.mapError(latest, unavailable)
  if (Number(found?.latest) > versions.length) return yield* new TablesUnavailable({ reason: "newer" })
  return sql
})

/** PostgreSQL's own code for a database that it does not have. */
const isMissing = ({ cause }: SqlError.SqlErrorReason): boolean =>
  Predicate.hasProperty(cause, "code") && cause.code === "3D000"

/** What a database that does answer refuses, and goes on refusing until something is done. */
const refusals = {
  tables:
    "Its tables are not as they were made: put a copy of the database back, or start the program again, which makes them anew.",
  denied: "The database refuses this user: check the address, the password, and what the user may do.",
  gone: "There is no such database: check the address, or put a copy back.",
  damaged: "The database is damaged: end the program, and put a copy back."
}

const refusalOf = ({ reason }: SqlError.SqlError): string | undefined => {
  if (reason._tag === "SqlSyntaxError") return refusals.tables
  if (reason._tag === "AuthenticationError" || reason._tag === "AuthorizationError") return refusals.denied
  if (isMissing(reason)) return refusals.gone
  const { cause } = reason
  // SQLite's result code, without what extends it.
  switch (Predicate.hasProperty(cause, "errno") && typeof cause.errno === "number" ? cause.errno & 0xff : undefined) {
    case 1: // ERROR: a table or a column is missing
      return refusals.tables
    case 11: // CORRUPT
    case 26: // NOTADB
      return refusals.damaged
    default:
      return undefined
  }
}

/**
 * Whether the database does answer, and refuses: its tables are missing, or it is. It may have been put right by the next time.
 *
 * @since 0.1.0
 * @category guards
 */
export const isRefusal = ({ detail }: Pick<Ledger.LedgerUnavailable, "detail">): boolean =>
  Object.values(refusals).some((refusal) => refusal === detail)

/**
 * An effect on the database, which fails with `LedgerUnavailable`; `detail` says what it refuses.
 *
 * @since 0.1.0
 * @category combinators
 */
export const guarded = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, Ledger.LedgerUnavailable, R> =>
  effect.pipe(
    // A transaction dies where its connection does.
    Effect.catchDefect((defect) => SqlError.isSqlError(defect) ? Effect.fail(defect) : Effect.die(defect)),
    Effect.mapError((cause) => {
      if (cause instanceof Ledger.LedgerUnavailable) return cause
      const detail = SqlError.isSqlError(cause) ? refusalOf(cause) : undefined
      return new Ledger.LedgerUnavailable({ cause, ...(detail === undefined ? undefined : { detail }) })
    })
  )

/**
 * A transaction: all of an effect, or nothing.
 *
 * **Details**
 *
 * A process that stands still in the middle of it would keep its rows from others for as long: PostgreSQL ends it after eight seconds.
 *
 * @since 0.1.0
 * @category combinators
 */
export const transaction = (sql: SqlClient.SqlClient) =>
<A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | SqlError.SqlError, R> => {
  const patience = sql.onDialectOrElse({
    pg: () => Effect.asVoid(sql`SET LOCAL idle_in_transaction_session_timeout = '8s'`),
    orElse: () => Effect.void
  })
  return sql.withTransaction(Effect.andThen(patience, effect))
}
