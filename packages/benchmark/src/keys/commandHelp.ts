/** How long the command takes for its help, beside one of `effect/cli` that has nothing to say. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Measured } from "../measured.ts"
import * as Statistics from "../statistics.ts"

const rounds = 15

const timeOf = (program: string): number => {
  const startedAt = performance.now()
  const { status } = spawnSync(process.execPath, [program, "--help"], { stdio: "ignore" })
  if (status !== 0) throw new Error(`${program} gave no help`)
  return performance.now() - startedAt
}

export const measure = (): ReadonlyArray<Measured> => {
  const empty = fileURLToPath(new URL("../emptyCommand.ts", import.meta.url))
  const command = fileURLToPath(import.meta.resolve("@media-jobs/cli/src/main.ts"))
  const [emptyTimes, commandTimes]: [Array<number>, Array<number>] = [[], []]
  // In turn, so that both meet the same machine.
  for (let i = 0; i < rounds; i++) {
    emptyTimes.push(timeOf(empty))
    commandTimes.push(timeOf(command))
  }
  const [ours, least] = [Statistics.median(commandTimes), Statistics.median(emptyTimes)]
  return [{ key: "command_help", value: ours / least, note: `${ours.toFixed(0)} ms ÷ ${least.toFixed(0)} ms` }]
}
