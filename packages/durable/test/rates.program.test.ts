import { assert, describe, it } from "@effect/vitest"
import { Emulator, ReplicateEmulator } from "@media-jobs/testing"
import { Effect } from "effect"
import { answers, database } from "./postgres.ts"
import { emulator, freePort, start } from "./processes.ts"
import { folder } from "./support.ts"

const rate = 5
const jobs = 3
const accounts = 6

describe.skipIf(!answers)("a rate that three machines share", { timeout: 90_000 }, () => {
  it.live("is that of one: homes of one token, wherever they are, send no more than it together", () =>
    Effect.gen(function*() {
      const { services } = yield* Emulator.Emulator
      const cwd = yield* folder
      const { url } = yield* database
      const runner = (env: Record<string, string> = {}) =>
        Effect.gen(function*() {
          const RUNNER_PORT = `${yield* freePort}`
          const started = yield* start("sharing", cwd, { DATABASE_URL: url, RATE: `${rate}`, RUNNER_PORT, ...env })
          yield* started.says("ready")
          return started
        })
      yield* Effect.all([runner(), runner()], { concurrency: 2 })
      const { finished } = yield* runner({ JOBS: `${jobs}` })
      const { code, error } = yield* finished
      assert.strictEqual(code, 0, error)
      assert.strictEqual((yield* services.replicate.jobs).length, jobs * accounts)
      const times = (yield* (yield* Emulator.Emulator).journal).map(({ at }) => at)
      const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000
      // A second's turns may be taken at once; and the first of them may have been on their way for two.
      assert.isAtMost(times.length, rate * (seconds + 3))
    }).pipe(Effect.provide(emulator({
      services: { replicate: ReplicateEmulator.service({ life: "4 seconds", creates: 1e6, others: 1e6 }) }
    }))))
})
