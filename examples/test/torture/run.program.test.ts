import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Ledger } from "@media-jobs/core"
import { StoredLedger } from "@media-jobs/ledger"
import { Emulator } from "@media-jobs/testing"
import { Duration, Effect, Layer, Random, Schedule } from "effect"
import { KeyValueStore } from "effect/persistence"
import { join } from "node:path"
import { folder, startIn } from "../program.ts"
import { agreeing, dreaminaLife, killAfter, promptOf, savedIn, seeded, services, size, textsOf } from "./support.ts"

const jobs = size(200)

describe("a program that is killed while it runs jobs", { timeout: 300_000 }, () => {
  it.live("ends each once, saves each once and pays for each once", () =>
    Effect.gen(function*() {
      // Drawn before anything else that is left to chance, so that a seed has the same.
      const kills = yield* Effect.replicateEffect(Random.nextIntBetween(0, 50), size(30))
      const cwd = yield* folder
      const ledger = join(cwd, "ledger")
      const { services } = yield* Emulator.Emulator
      const program = startIn(cwd, "test/torture/jobs", {
        ...agreeing,
        JOBS: `${jobs}`,
        DREAMINA_LIFE: `${Duration.toMillis(dreaminaLife)}`,
        WEBHOOKS_URL: "http://127.0.0.1:9/webhooks",
        WEBHOOKS_KEYS: "k".repeat(32)
      })

      // Dreamina lists what runs and no more, so a job may end once the ledger knows of it.
      const given = new Set<string>()
      const endKnown = Effect.gen(function*() {
        const known = textsOf(ledger, encodeURIComponent("/ids/")).join()
        for (const { id } of yield* services["useapi-dreamina"].jobs) {
          if (given.has(id) || !known.includes(JSON.stringify(id))) continue
          given.add(id)
          const seconds = yield* Random.nextIntBetween(1, 30)
          yield* services["useapi-dreamina"].change(id, { duration: Duration.seconds(seconds) })
        }
      })
      // Until the first start there is no ledger, and a file that was listed may be gone when it is read.
      yield* Effect.forkChild(Effect.repeat(Effect.ignoreCause(endKnown), Schedule.spaced("200 millis")))

      for (const requests of kills) {
        yield* Effect.scoped(Effect.flatMap(program, (process) => killAfter(requests, process)))
      }
      const { code, stderr, stdout } = yield* Effect.scoped(Effect.flatMap(program, ({ finished }) => finished))
      assert.strictEqual(code, 0, stdout + stderr)

      const keys = Array.from({ length: jobs }, (_, index) => `job-${index}`)
      const dreamina = yield* services["useapi-dreamina"].jobs
      const replicate = yield* services.replicate.jobs
      const paid = [
        ...dreamina.map(({ request }) => promptOf(request)),
        ...replicate.map(({ input }) => promptOf(input))
      ]
      assert.deepStrictEqual(paid.toSorted(), keys.toSorted())

      const out = savedIn(join(cwd, "out"))
      assert.deepStrictEqual(out, { ...out, jobs, manifests: jobs, empty: 0, wrong: [], missing: [] })

      yield* Effect.gen(function*() {
        const ledger = yield* Ledger.Ledger
        assert.deepStrictEqual((yield* Ledger.resume).entries, [])
        for (const key of keys) {
          const entry = yield* ledger?.find(key) ?? Effect.undefined
          assert.deepStrictEqual(Array.from(entry?.done.values() ?? [], (job) => job?.state._tag), ["Succeeded"])
        }
        assert.deepStrictEqual(textsOf(join(cwd, "ledger"), encodeURIComponent("/past/")).length, jobs)
      }).pipe(Effect.provide(
        StoredLedger.layer().pipe(
          Layer.provide(KeyValueStore.layerFileSystem(ledger)),
          Layer.provide(NodeServices.layer)
        )
      ))
    }).pipe(seeded, Effect.provide(services)))
})
