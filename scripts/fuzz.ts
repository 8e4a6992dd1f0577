/** Mutated answers through every adapter: 40 seconds of them, or with `--full` ten thousand of each. */
import { spawnSync } from "node:child_process"

const budget = process.argv.includes("--full") ? { FUZZ_VARIANTS: "10000" } : { FUZZ_SECONDS: "40" }
const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "vitest.workspace.ts", "examples/test/fuzz"]
process.exitCode =
  spawnSync(process.execPath, vitest, { stdio: "inherit", env: { ...process.env, ...budget } }).status ?? 1
