import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { example, folder, node } from "./program.ts"

// Half a minute, most of which it sleeps: only where PostgreSQL is sure to be there.
describe.skipIf(process.env["MEDIA_JOBS_REQUIRE_POSTGRES"] !== "1")("pnpm durable", { timeout: 120_000 }, () => {
  it.live("kills a runner, and nothing is lost or paid twice", () =>
    Effect.gen(function*() {
      const { finished } = yield* node([example("durable/main")], {}, yield* folder)
      const { code, stderr, stdout } = yield* finished
      assert.strictEqual(code, 0, stdout + stderr)
      assert.deepStrictEqual(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""), {
        jobs: 24,
        ended: 24,
        killed: 1,
        lost: 0,
        twice: 0
      })
    }))
})
