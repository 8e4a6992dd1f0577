import type { Result } from "./bars.ts"
import type { Measured } from "./measured.ts"
import * as Rows from "./rows.ts"
import type { Trial } from "./trial.ts"

/** A Markdown table that is also legible as it stands: texts to the left, numbers to the right. */
const table = (head: ReadonlyArray<string>, lines: ReadonlyArray<ReadonlyArray<string>>): string => {
  const isNumber = (column: number) => lines.every((line) => /^[\d.,]+$/.test(line[column] ?? ""))
  const columns = head.map((title, i) => ({
    title,
    right: isNumber(i),
    width: Math.max(title.length, ...lines.map((line) => line[i]?.length ?? 0))
  }))
  const row = (cells: ReadonlyArray<string>) =>
    `| ${
      columns.map(({ right, width }, i) => {
        const cell = cells[i] ?? ""
        return right ? cell.padStart(width) : cell.padEnd(width)
      }).join(" | ")
    } |`
  const rule = columns.map(({ right, width }) => right ? `${"-".repeat(width - 1)}:` : "-".repeat(width))
  return [row(head), row(rule), ...lines.map(row)].join("\n")
}

export const ofTrials = (trials: ReadonlyArray<Trial>): string =>
  table(
    [
      "peer",
      "policy",
      "jobs",
      "ms per service s",
      "requests/job",
      "mean lag s",
      "95 % lag s",
      "CPU s",
      "CPU ms/job",
      "peak RSS MB",
      "late s"
    ],
    trials.map((trial) => [
      Rows.row(trial.name, trial.scale).peer,
      Rows.row(trial.name, trial.scale).policy,
      String(trial.jobs),
      String(trial.scale),
      trial.requestsPerJob.toFixed(2),
      trial.lagMean.toFixed(2),
      trial.lag95.toFixed(2),
      trial.cpuSeconds.toFixed(1),
      (1000 * trial.cpuSeconds / trial.jobs).toFixed(2),
      trial.peakMegabytes.toFixed(0),
      trial.lateSeconds.toFixed(2)
    ])
  )

/** A line for each key. */
export const ofResults = (results: ReadonlyArray<Result>, measured: ReadonlyArray<Measured>): string =>
  results.map(({ bar, figure, holds, key, unit, value }) => {
    const note = measured.find((one) => one.key === key)?.note
    const line = `- ${holds ? "holds" : "FAILS"} \`${key}\` ${value} ${unit}, to be ${bar}: ${figure}`
    return note === undefined ? line : `${line} (${note})`
  }).join("\n")
