/** `emulator`: the package of that name, with its own flags, in a process beside. */
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const emulator = (words: ReadonlyArray<string>): Effect.Effect<number> =>
  Effect.callback((resume) => {
    const home = import.meta.resolve("@media-jobs/emulator/package.json")
    const built = fileURLToPath(new URL("dist/main.js", home))
    // In a clone, nothing is built.
    const program = existsSync(built) ? built : fileURLToPath(new URL("src/main.ts", home))
    const child = spawn(process.execPath, [program, ...words], { stdio: "inherit" })
    child.on("close", (code) => resume(Effect.succeed(code ?? 130)))
    return Effect.sync(() => void child.kill("SIGTERM"))
  })
