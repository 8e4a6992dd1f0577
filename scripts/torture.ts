/** Programs that are killed again and again while they work, at full length; `TORTURE_SEED` has a run's kills again. */
import { spawnSync } from "node:child_process"

const env = { ...process.env, TORTURE: "full", TORTURE_SEED: process.env["TORTURE_SEED"] ?? `${Date.now()}` }
console.log(`TORTURE_SEED=${env.TORTURE_SEED}`)
// One at a time: their clocks are faster than life, and what waits for a processor is late on them.
const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "vitest.workspace.ts", "--no-file-parallelism"]
process.exitCode =
  spawnSync(process.execPath, [...vitest, "examples/test/torture"], { stdio: "inherit", env }).status ?? 1
