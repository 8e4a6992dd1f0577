/** The keys that come from trials of the library and its peers. */
import type { Measured } from "../measured.ts"
import type * as Rows from "../rows.ts"
import * as Statistics from "../statistics.ts"
import type { Trial } from "../trial.ts"

const meanOf = (trials: ReadonlyArray<Trial>, name: Rows.Name, f: (trial: Trial) => number): number =>
  Statistics.mean(trials.filter((trial) => trial.name === name).map(f))

export const measure = (trials: ReadonlyArray<Trial>): ReadonlyArray<Measured> => {
  const requests = (name: Rows.Name) => meanOf(trials, name, ({ requestsPerJob }) => requestsPerJob)
  const lag = (name: Rows.Name) => meanOf(trials, name, ({ lagMean }) => lagMean)
  const lag95 = (name: Rows.Name) => meanOf(trials, name, (trial) => trial.lag95)
  /** Without the loading of the modules, which no job waits for. */
  const cpu = (name: Rows.Name) =>
    trials.filter((trial) => trial.name === name).map(({ cpuSecondsAwake, jobs }) => 1000 * cpuSecondsAwake / jobs)
  /** The median of those that ran beside each other. */
  const ratio = (over: Rows.Name, under: Rows.Name) => {
    const [ours, theirs] = [cpu(over), cpu(under)]
    const ratios = ours.map((millis, i) => millis / (theirs[i] ?? NaN))
    const pairs = ours.map((millis, i) => `${millis.toFixed(2)} ÷ ${theirs[i]?.toFixed(2)}`)
    return { value: Statistics.median(ratios), note: `ms a job: ${pairs.join(", ")}` }
  }
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
    { key: "cpu_vs_naive", ...ratio("list", "naive") },
    { key: "cpu_vs_naive_fetch", ...ratio("listByFetch", "naive") },
    { key: "cpu_50k_vs_1k", ...ratio("many", "few") }
  ]
}
