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
  const cpu = (name: Rows.Name) => meanOf(trials, name, ({ cpuSecondsAwake, jobs }) => 1000 * cpuSecondsAwake / jobs)
  const ratio = (over: Rows.Name, under: Rows.Name) => ({
    value: cpu(over) / cpu(under),
    note: `${cpu(over).toFixed(2)} ms ÷ ${cpu(under).toFixed(2)} ms a job`
  })
  const [naive, overFetch] = [ratio("list", "naive"), ratio("listByFetch", "naive")]
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
    {
      key: "cpu_vs_naive",
      ...naive,
      note: Number.isNaN(overFetch.value) ? naive.note : `${naive.note}; over fetch ${overFetch.value.toFixed(2)} ×`
    },
    { key: "cpu_50k_vs_1k", ...ratio("many", "few") }
  ]
}
