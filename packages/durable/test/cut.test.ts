import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Ledger, ProviderId } from "@media-jobs/core"
import { SqlLedger } from "@media-jobs/ledger"
import { Effect, Redacted } from "effect"
import { answers, database } from "./postgres.ts"

const draft = { provider: ProviderId.make("p"), instance: ProviderId.defaultInstance, reference: "r" } as const

describe.skipIf(!answers)("a connection that is cut in the middle of a transaction", { timeout: 20_000 }, () => {
  it.live("fails the submit, unsent, and breaks nothing", () =>
    Effect.gen(function*() {
      const { ask, url } = yield* database
      yield* Effect.gen(function*() {
        const ledger = yield* SqlLedger.make()
        yield* ask(`CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'`)
        yield* ask("CREATE TRIGGER cut BEFORE INSERT ON media_jobs_submits FOR EACH ROW EXECUTE FUNCTION cut()")
        const error = yield* Ledger.submit(draft, () => Effect.die("was sent")).pipe(
          Effect.provideService(Ledger.Ledger, ledger),
          Effect.flip
        )
        assert.strictEqual(error._tag, "Unavailable")
      }).pipe(Effect.provide(PgClient.layer({ url: Redacted.make(url) })))
    }))
})
