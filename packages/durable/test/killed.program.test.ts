import { assert, describe, it } from "@effect/vitest"
import * as SqliteClient from "@media-jobs/sqlite/SqliteClient"
import { Emulator, Faults, ReplicateEmulator, UseapiLumaEmulator } from "@media-jobs/testing"
import { Effect, Predicate, type Schema } from "effect"
import { SqlClient } from "effect/sql"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { emulator, savedIn, start } from "./processes.ts"
import { folder } from "./support.ts"

const keys = Array.from({ length: 16 }, (_, n) => `job-${n}`)
const services = emulator({
  speed: 10,
  services: {
    // It shows where a job reports, so that a lost submit's is found for certain.
    replicate: ReplicateEmulator.service({
      life: "20 seconds",
      jitter: 0.5,
      creates: 1e6,
      others: 1e6,
      echoesWebhook: true
    }),
    "useapi-luma": UseapiLumaEmulator.service()
  },
  faults: [{ operation: "replicate.model", fault: Faults.slow("500 millis") }]
})
const promptOf = (input: Schema.Json) => Predicate.hasProperty(input, "prompt") ? input.prompt : undefined

describe("a process that is killed", { timeout: 120_000 }, () => {
  it.live("leaves what the next one needs: each job is paid once, saved once and told once", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const { count, services } = yield* Emulator.Emulator
      const machine = start("machine", cwd, { KEYS: keys.join() })
      const killed = (until: Effect.Effect<boolean>) =>
        Effect.scoped(
          Effect.flatMap(machine, ({ kill }) =>
            Effect.andThen(
              Effect.repeat(Effect.sleep("5 millis"), { until: () => until }),
              kill
            ))
        )
      // All submits are there, and no reply is.
      yield* killed(Effect.map(count("replicate.model"), (submits) => submits === keys.length))
      // Some are saved, and others run.
      yield* killed(Effect.sync(() => existsSync(join(cwd, "out")) && readdirSync(join(cwd, "out")).length > 4))
      const { code, error, out } = yield* Effect.scoped(Effect.flatMap(machine, ({ finished }) => finished))
      assert.strictEqual(code, 0, error)
      assert.deepStrictEqual(out.split("\n").filter((line) => line.startsWith("ended")).length, keys.length, out)

      const paid = (yield* services.replicate.jobs).map(({ input }) => promptOf(input))
      assert.deepStrictEqual(paid.toSorted(), keys.toSorted())
      assert.deepStrictEqual(savedIn(join(cwd, "out")), { manifests: keys.length, others: 0, wrong: [] })
      const rows = yield* Effect.provide(
        Effect.flatMap(
          SqlClient.SqlClient,
          (sql) =>
            sql<
              { readonly rows: number }
            >`SELECT (SELECT count(*) FROM media_jobs_runs) + (SELECT count(*) FROM media_jobs_submits)
            + (SELECT count(*) FROM media_jobs_jobs) + (SELECT count(*) FROM cluster_messages) + (SELECT count(*) FROM cluster_replies) AS rows`
        ),
        SqliteClient.layer({ file: join(cwd, "jobs.db") })
      )
      assert.deepStrictEqual(rows[0]?.rows, 5 * keys.length)
    }).pipe(Effect.provide(services)))
})
