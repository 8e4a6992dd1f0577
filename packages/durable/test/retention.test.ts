import { assert, describe, it } from "@effect/vitest"
import * as SqliteClient from "@media-jobs/sqlite/SqliteClient"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { join } from "node:path"
import { adapters, folder, Media, process } from "./support.ts"

describe("retention", { timeout: 30_000 }, () => {
  it.live("takes all runs that are past, however many, and none of others", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const here = process(cwd)
      yield* here(
        Media.use(({ luma }) => luma.run(Luma.video({ prompt: "a lighthouse in the rain" }), { key: "order" }))
      )
      yield* Effect.provide(
        Effect.flatMap(SqlClient.SqlClient, (sql) =>
          sql`WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 250)
          INSERT INTO media_jobs_runs (run_key, service, name, digest, request, attempt, execution, begun, ended)
          SELECT 'old-' || n, 'test/Media', 'luma', '', '{}', 1, '', 1, 1 FROM n`),
        SqliteClient.layer({ file: join(cwd, "jobs.db") })
      )
      const keys = Effect.map(
        Media.use(({ runs }) =>
          runs
        ),
        (runs) => runs.map(({ key }) => key)
      )
      const left = yield* here(
        Effect.repeat(Effect.delay(keys, "50 millis"), { until: (keys) => !keys.some((key) => key.startsWith("old-")) })
      )
      assert.deepStrictEqual(left, ["order"])
    }).pipe(Effect.provide(adapters)))
})
