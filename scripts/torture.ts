/** Programs that are killed again and again while they work, at full length; `TORTURE_SEED` repeats a run that named it. */
import { spawnSync } from "node:child_process"

const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "vitest.workspace.ts", "examples/test/torture"]
process.exitCode =
  spawnSync(process.execPath, vitest, { stdio: "inherit", env: { ...process.env, TORTURE: "full" } }).status ?? 1
