import { assert, describe, it } from "@effect/vitest"
import * as SqliteClient from "@media-jobs/sqlite/SqliteClient"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import { Effect, Fiber, Option, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { join } from "node:path"
import { adapters, folder, Media, process } from "./support.ts"

const request = (prompt: string) => ({ model: "a/b", input: { prompt } })
const video = Luma.video({ prompt: "a lighthouse in the rain" })

describe("Durable", { timeout: 20_000 }, () => {
  it.live("runs from a request to files, once for a key", () =>
    Effect.gen(function*() {
      const here = process(yield* folder)
      const run = Media.use(({ luma }) => luma.run(video, { key: "order" }))
      const done = yield* here(Effect.all([run, run], { concurrency: 2 }))
      assert.strictEqual(done[0].files.length, 3)
      assert.deepStrictEqual(done[1], done[0])
      const again = yield* here(run)
      assert.deepStrictEqual(again, done[0])
      const emulator = yield* Emulator.Emulator
      assert.strictEqual(yield* emulator.count("useapi-luma.video"), 1)
    }).pipe(Effect.provide(adapters)))

  it.live("forgets what is over after the retention, to the last row, and the key is free", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const run = Media.use(({ replicate }) => replicate.run(request("x"), { key: "order" }))
      yield* process(cwd)(run)
      const rows = yield* process(cwd, { retention: "1 millis" })(
        Media.use(({ find }) =>
          Effect.repeat(find("order"), { until: Option.isNone, schedule: Schedule.spaced("20 millis") })
        )
      ).pipe(Effect.andThen(Effect.provide(
        SqlClient.SqlClient.use((sql) =>
          sql`SELECT 1 FROM media_jobs_runs UNION ALL SELECT 1 FROM media_jobs_submits UNION ALL SELECT 1 FROM media_jobs_jobs
            UNION ALL SELECT 1 FROM cluster_messages UNION ALL SELECT 1 FROM cluster_replies`
        ),
        SqliteClient.layer({ file: join(cwd, "jobs.db") })
      )))
      assert.strictEqual(rows.length, 0)
    }).pipe(Effect.provide(adapters)))

  it.live("a run past its deadline is left alone; the same key waits on, and pays nothing", () =>
    Effect.gen(function*() {
      const { count } = yield* Emulator.Emulator
      const here = process(yield* folder)
      yield* here(Effect.gen(function*() {
        const { luma } = yield* Media
        const error = yield* Effect.flip(luma.run(video, { key: "order", deadline: "200 millis" }))
        assert.strictEqual(error._tag, "DeadlineExceeded")
        const { files } = yield* luma.run(video, { key: "order", deadline: "1 minute" })
        assert.strictEqual(files.length, 3)
      }))
      assert.strictEqual(yield* count("useapi-luma.video"), 1)
    }).pipe(Effect.provide(adapters)))

  it.live("waits for a slot, and is cancelled there before anything is sent; another request under its key is refused", () =>
    Effect.gen(function*() {
      const { count } = yield* Emulator.Emulator
      const here = process(yield* folder, { slots: { replicate: { limits: [{ account: "", limit: 1 }] } } })
      yield* here(Effect.gen(function*() {
        const { replicate } = yield* Media
        yield* replicate.submit(request("1"), { key: "first" })
        const second = yield* Effect.forkChild(Effect.flip(replicate.run(request("2"), { key: "second" })))
        yield* Effect.repeat(Media.use(({ find }) => find("second")), {
          until: Option.isSome,
          schedule: Schedule.spaced("20 millis")
        })
        const refused = yield* Effect.flip(replicate.run(request("other"), { key: "first" }))
        assert.strictEqual(refused._tag, "InvalidRequest")
        yield* replicate.cancel("second")
        assert.strictEqual((yield* Fiber.join(second))._tag, "RunCancelled")
        yield* replicate.wait("first")
      }))
      assert.strictEqual(yield* count("replicate.model"), 1)
    }).pipe(Effect.provide(adapters)))
})
