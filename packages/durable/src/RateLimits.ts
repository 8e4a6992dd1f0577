/**
 * Rate limits that several machines share.
 *
 * @since 0.1.0
 */
import * as Tables from "@media-jobs/ledger/Tables"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as SqlClient from "effect/sql/SqlClient"

const versions = [
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql`CREATE TABLE media_jobs_rates (
      name VARCHAR(255) PRIMARY KEY,
      amount DOUBLE PRECISION NOT NULL,
      since DOUBLE PRECISION NOT NULL
    )`)
]

const failed = (cause: unknown) =>
  new RateLimiter.RateLimiterError({
    reason: new RateLimiter.RateLimitStoreError({ message: "The rate limit's database could not be used", cause })
  })

/** What a key's row says, and the row that is to be there next, without another in between. */
interface Change<A> {
  readonly amount: number
  readonly since: number
  readonly result: A
}

const make = Effect.gen(function*() {
  const sql = yield* Tables.migrate("media_jobs_rates", versions)
  // What adapts to a service's answers is of one machine: media-jobs closes the way after a 429 by itself.
  const alone = yield* RateLimiter.RateLimiterStore

  const change = <A>(
    name: string,
    first: (now: number) => Omit<Change<A>, "result">,
    next: (row: Omit<Change<A>, "result">, now: number) => Change<A>
  ) =>
    Effect.gen(function*() {
      const clock = yield* Clock.currentTimeMillis
      // The write locks the row: what is read of it holds until the commit.
      const [row = first(clock)] = yield* sql<Omit<Change<A>, "result">>`
        INSERT INTO media_jobs_rates ${sql.insert({ name, ...first(clock) })}
        ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING amount, since`
      const { amount, result, since } = next(row, clock)
      yield* sql`UPDATE media_jobs_rates SET ${sql.update({ amount, since })} WHERE name = ${name}`
      return result
    }).pipe(Tables.transaction(sql), Effect.mapError(failed))

  return RateLimiter.RateLimiterStore.of({
    ...alone,
    fixedWindow: ({ key, limit, refillRate, tokens }) =>
      change(`window ${key}`, (now) => ({ amount: 0, since: now }), (row, now) => {
        const { amount, since } = row.since <= now ? { amount: 0, since: now } : row
        const wanted = amount + tokens
        if (limit !== undefined && wanted > limit) return { amount, since, result: [wanted, since - now] as const }
        const ends = since + Duration.toMillis(refillRate) * tokens
        return { amount: wanted, since: ends, result: [wanted, ends - now] as const }
      }),
    tokenBucket: ({ allowOverflow, key, limit, refillRate, tokens }) =>
      change(`bucket ${key}`, (now) => ({ amount: limit, since: now }), (row, clock) => {
        // Another machine's clock may be ahead.
        const now = Math.max(clock, row.since)
        const every = Duration.toMillis(refillRate)
        const more = Math.floor((now - row.since) / every)
        const amount = Math.min(limit, row.amount + more)
        const since = amount >= limit ? now : row.since + more * every
        const left = amount - tokens
        return { amount: allowOverflow || left >= 0 ? left : amount, since, result: [left, now - since] as const }
      })
  })
})

/**
 * Effect's `RateLimiter` in a SQL database: under it, adapters on all machines share the rates of their tokens.
 *
 * **When to use**
 *
 * Use where one token is used by several providers, which may be on different machines, or by programs beside these. Each turn is a transaction.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<RateLimiter.RateLimiter, Tables.TablesUnavailable, SqlClient.SqlClient> = RateLimiter
  .layer
  .pipe(
    Layer.provide(Layer.effect(RateLimiter.RateLimiterStore, make)),
    Layer.provide(RateLimiter.layerStoreMemory)
  )
