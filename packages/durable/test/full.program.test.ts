import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as ArtifactStore from "@media-jobs/artifacts/ArtifactStore"
import * as Durable from "@media-jobs/durable/Durable"
import * as Pace from "@media-jobs/poller/Pace"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import { Effect, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { join } from "node:path"
import { adapters, folder, Media } from "./support.ts"

const video = Luma.video({ prompt: "a lighthouse in the rain" })
const run = (key: string, request = video) => Media.use(({ luma }) => luma.run(request, { key }))

describe("a disk that is full", () => {
  it.live("refuses new runs unpaid; those that are paid go on once there is room", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const { count } = yield* Emulator.Emulator
      const limited = Durable.file(join(cwd, "jobs.db"))
      const live = Durable.layer(Media, { storage: limited }).pipe(
        Layer.provideMerge(limited),
        Layer.provide(Pollers.layer({ pace: Pace.steady("100 millis") })),
        Layer.provide(ArtifactStore.layer({ directory: join(cwd, "out") })),
        Layer.provide(NodeServices.layer)
      )
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const paid = yield* Effect.forkChild(run("paid"))
        yield* Effect.repeat(Effect.sleep("5 millis"), {
          until: () => Effect.map(count("useapi-luma.video"), (n) => n === 1)
        })
        yield* sql`PRAGMA max_page_count = 1`
        // Rows of another service, until there is no place for the smallest one.
        for (const size of [3000, 10]) {
          const rows = Effect.forEach(
            Array.from({ length: 1000 }, (_, at) => `${size}-${at}`),
            (run_key) =>
              sql`INSERT INTO media_jobs_runs (run_key, service, name, digest, request, attempt, execution, begun)
                VALUES (${run_key}, 'another', '', '', ${"x".repeat(size)}, 1, '', 1)`
          )
          yield* Effect.flip(rows)
        }
        const error = yield* Effect.flip(run("later", Luma.video({ prompt: "rain ".repeat(2000) })))
        assert.strictEqual(error._tag, "LedgerUnavailable")
        assert.match(`${error.cause}`, /make room on the disk/)
        assert.strictEqual(yield* count("useapi-luma.video"), 1)
        yield* Effect.sleep("3 seconds")
        assert.isUndefined(paid.pollUnsafe())
        yield* sql`PRAGMA max_page_count = 100000`
        assert.strictEqual((yield* Fiber.join(paid)).files.length, 3)
        yield* run("later")
      }).pipe(Effect.provide(live))
      assert.strictEqual(yield* count("useapi-luma.video"), 2)
    }).pipe(Effect.provide(adapters)))
})
