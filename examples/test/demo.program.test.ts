import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing"
import { Effect } from "effect"
import { statSync } from "node:fs"
import { join } from "node:path"
import { emulator, example, folder, node, run } from "./program.ts"

const lines = (stdout: string, word: string) => stdout.split("\n").filter((line) => line.includes(word)).length

describe("pnpm demo", () => {
  it.live("without a token runs five jobs to their end against an emulator of its own", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const { code, stderr, stdout } = yield* (yield* node([example("demo")], {}, cwd)).finished
      assert.strictEqual(code, 0, stderr)
      assert.strictEqual(lines(stdout, "Succeeded"), 5)
      assert.strictEqual(lines(stdout, "primary"), 5)
      const paths = stdout.match(/\bout\/\S+/g) ?? []
      assert.isAtLeast(paths.length, 5)
      for (const path of paths) assert.isAbove(statSync(join(cwd, path)).size, 100, path)
      assert.include(stdout, "USEAPI_TOKEN=… npx -y pnpm@12 demo")
    }))

  it.live("with a token is the same program against what the base URL names", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* run("demo")
      assert.strictEqual(code, 0, stderr)
      assert.strictEqual(lines(stdout, "Succeeded"), 5)
      assert.notInclude(stdout, "emulator")
      const service = yield* Emulator.Emulator
      assert.strictEqual((yield* service.count("useapi-luma.video")) + (yield* service.count("useapi-luma.image")), 2)
    }).pipe(Effect.provide(emulator())))

  it.live("shows no address and no token, also where a submit is refused", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* run("demo", { USEAPI_TOKEN: "user:9-somebody-else-1234567890" })
      assert.strictEqual(code, 1)
      assert.include(stdout + stderr, "Unauthorized")
      assert.notInclude(stdout + stderr, "somebody-else")
      const fine = yield* run("demo")
      assert.notInclude(fine.stdout, "user@example.com")
    }).pipe(Effect.provide(emulator())))
})
