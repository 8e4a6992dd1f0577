/**
 * This library and its peers side by side, in one run on one machine: `pnpm bench`, or `pnpm bench --quick`.
 *
 * Prints one table, and writes `results.json` (an entry for each key of the bar) and `results.md` (the same with the rows,
 * the machine and the date) beside `package.json`. `pnpm bench --durable` measures runs that outlive their process, which takes a PostgreSQL, and
 * writes `results-durable.json` and `results-durable.md`.
 */
import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import * as Bars from "./bars.ts"
import * as Durable from "./keys/durable.ts"
import * as Takeover from "./keys/takeover.ts"
import * as TrialKeys from "./keys/trials.ts"
import * as Machine from "./machine.ts"
import type { Measured } from "./measured.ts"
import * as Plan from "./plan.ts"
import type { Probe } from "./probe.ts"
import * as Probes from "./probes.ts"
import * as Table from "./table.ts"

const flag = { type: "boolean", default: false } as const
const { durable, quick } = parseArgs({ options: { durable: flag, quick: flag } }).values

const probe = (probe: Probe) => () => Probes.run(probe)

/** Memory and schedules do not mind a busy machine. */
const placid = [
  probe({ what: "heap", watches: 10_000, kind: "watch" }),
  probe({ what: "heap", watches: 10_000, kind: "await" }),
  probe({ what: "frontier" })
]
const shipped = probe({ what: "shipped" })
/** In a full run the jobs live long enough for the poll underneath to look, which a quick one has no time for. */
const webhooks = () => Probes.runWebhooks(200, quick ? 1_500 : 90_000)
const timed = [
  probe({ what: "tick", watches: 10_000 }),
  probe({ what: "decode" }),
  probe({ what: "commandHelp" }),
  () => Probes.runGet(quick ? 8 : 60),
  () => Probes.runReceiver(quick ? 9 : 60)
]
const slow = [
  probe({ what: "heap", watches: 100_000, kind: "watch" }),
  probe({ what: "tick", watches: 100_000 })
]

const inTurn = async (measurements: ReadonlyArray<() => Promise<ReadonlyArray<Measured>>>) => {
  const measured: Array<Measured> = []
  for (const measure of measurements) measured.push(...await measure())
  return measured
}

const startedAt = performance.now()
const machine = Machine.describe()
const write = (name: string, results: ReadonlyArray<Bars.Result>, report: string) => {
  const beside = (name: string) => new URL(`../${name}`, import.meta.url)
  writeFileSync(beside(`${name}.json`), `${JSON.stringify(results, undefined, 2)}\n`)
  writeFileSync(beside(`${name}.md`), `${report}\n`)
}
const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(0)

if (durable) {
  const measured = await inTurn([Durable.measure, Takeover.measure])
  const results = Bars.judge(measured, false, Bars.durable)
  const report = [`# Durable: ${machine}, took ${seconds()} s`, Table.ofResults(results, measured)].join("\n\n")
  console.log(report)
  write("results-durable", results, report)
  process.exit()
}
const [trials, calm] = quick
  ? await Plan.quick(async () =>
    (await Promise.all([Probes.runSaveMemory(), webhooks(), shipped(), inTurn(placid)])).flat()
  )
  : await Plan.full(webhooks)
const measured = [
  ...TrialKeys.measure(trials),
  ...calm,
  ...await inTurn(
    quick ? timed : [Probes.runSaveMemory, ...placid, shipped, ...slow, ...timed, Probes.runFrontDoor, Probes.runSave]
  )
]
const results = Bars.judge(measured, quick)
const report = [
  `# ${quick ? "Quick" : "Full"} run: ${machine}, took ${seconds()} s`,
  Table.ofTrials(trials),
  Table.ofResults(results, measured)
].join("\n\n")
console.log(report)
write("results", results, report)
