/** The keys that come from trials of the library and its peers. */
import type { Measured } from "../measured.ts"
import type * as Rows from "../rows.ts"
import * as Statistics from "../statistics.ts"
import type { Trial } from "../trial.ts"

const meanOf = (trials: ReadonlyArray<Trial>, name: Rows.Name, f: (trial: Trial) => number): number =>
  Statistics.mean(trials.filter(({ row }) => row.name === name).map(f))

export const measure = (trials: ReadonlyArray<Trial>): ReadonlyArray<Measured> => {
  const requests = (name: Rows.Name) => meanOf(trials, name, ({ requestsPerJob }) => requestsPerJob)
  const lag = (name: Rows.Name) => meanOf(trials, name, ({ lagMean }) => lagMean)
  const lag95 = (name: Rows.Name) => meanOf(trials, name, (trial) => trial.lag95)
  const cpu = (name: Rows.Name) => meanOf(trials, name, ({ cpuSeconds, jobs }) => 1000 * cpuSeconds / jobs)
  const awake = (name: Rows.Name) => meanOf(trials, name, ({ cpuSecondsAwake, jobs }) => 1000 * cpuSecondsAwake / jobs)
  const ratio = (over: number, under: number) => ({
    value: over / under,
    note: `${over.toFixed(2)} ms ÷ ${under.toFixed(2)} ms a job`
  })
  return [
    { key: "list_requests", value: requests("list") },
    { key: "list_lag_mean", value: lag("list") },
    { key: "list_lag_p95", value: lag95("list") },
    {
      key: "list_vs_core_lro",
      value: requests("coreLro") / requests("list"),
      proviso: lag("list") <= lag("coreLro"),
      note: `lag ${lag("list").toFixed(2)} s, and ${lag("coreLro").toFixed(2)} s of theirs`
    },
    { key: "get_requests", value: requests("get") },
    { key: "get_lag_mean", value: lag("get"), note: `95 %: ${lag95("get").toFixed(1)} s` },
    { key: "cpu_vs_naive", ...ratio(cpu("list"), cpu("naive")) },
    { key: "cpu_50k_vs_1k", ...ratio(awake("many"), awake("few")) }
  ]
}
