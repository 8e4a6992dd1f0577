/**
 * Answers as no document prints them through every adapter: 25 seconds of mutated ones, or with `--full` ten thousand of each, and
 * beside them odd values in each place and quoted secrets, more than in the tests or with `--full` all.
 */
import { spawnSync } from "node:child_process"

const budget = process.argv.includes("--full") ? { FUZZ_VARIANTS: "10000" } : { FUZZ_SECONDS: "25" }
const suites = ["fuzz", "tolerance", "secrets"].map((name) => `examples/test/${name}.test.ts`)
const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "vitest.workspace.ts", ...suites]
process.exitCode =
  spawnSync(process.execPath, vitest, { stdio: "inherit", env: { ...process.env, ...budget } }).status ?? 1
