import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing"
import { Effect, FileSystem, Layer, Path } from "effect"
import { fileURLToPath } from "node:url"
import { emulator, example, run, start } from "./program.ts"

describe("the first program", () => {
  it.live("runs, as it stands in the README", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const text = yield* fs.readFileString(example("first"))
      const readme = yield* fs.readFileString(fileURLToPath(new URL("../../README.md", import.meta.url)))
      assert.include(readme, text)
      const { cwd, finished } = yield* start("first")
      const { code, stderr, stdout } = yield* finished
      assert.strictEqual(code, 0, stderr)
      const [video = ""] = /out\/fal-[0-9a-f]{32}-[\w-]+\.mp4/.exec(stdout) ?? []
      const path = yield* Path.Path
      // What a player looks for first.
      assert.include(yield* fs.readFileString(path.join(cwd, video)), "ftyp")
      const service = yield* Emulator.Emulator
      assert.strictEqual(yield* service.count("fal.submit"), 1)
      assert.strictEqual(yield* service.count("media.get"), 1)
    }).pipe(Effect.provide(Layer.merge(emulator(), NodeServices.layer))))

  it.live("says what to do where there is no token", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* run("first", { FAL_KEY: "" })
      assert.strictEqual(code, 1)
      assert.include(stdout + stderr, "FAL_KEY")
    }).pipe(Effect.provide(emulator())))
})
