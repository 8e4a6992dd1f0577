import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing"
import { Effect, FileSystem, Layer } from "effect"
import { fileURLToPath } from "node:url"
import { emulator, example, run } from "./program.ts"

describe("the first program", { timeout: 30_000 }, () => {
  it.live("runs, as it stands in the README", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const text = yield* fs.readFileString(example("first"))
      const readme = yield* fs.readFileString(fileURLToPath(new URL("../../README.md", import.meta.url)))
      assert.include(readme, text)
      const { code, stderr, stdout } = yield* run("first")
      assert.strictEqual(code, 0, stderr)
      assert.match(stdout, /https:\/\/storage\.cdn-luma\.com\/\S+\/video\.mp4/)
      const service = yield* Emulator.Emulator
      assert.strictEqual(yield* service.count("luma.video"), 1)
    }).pipe(Effect.provide(Layer.merge(emulator(), NodeServices.layer))))

  it.live("says what to do where there is no token", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* run("first", { USEAPI_TOKEN: "" })
      assert.strictEqual(code, 1)
      assert.include(stdout + stderr, "USEAPI_TOKEN")
    }).pipe(Effect.provide(emulator())))
})
