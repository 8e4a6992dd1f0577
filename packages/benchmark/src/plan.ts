/** Which trials a run makes, and when. */
import { pause } from "./peers/Peer.ts"
import type * as Rows from "./rows.ts"
import * as Trial from "./trial.ts"

type Entry = readonly [name: Rows.Name, jobs: number, scale: number]

const run = async ([name, jobs, scale]: Entry): Promise<Trial.Trial> => {
  console.error(`${name}: ${jobs} jobs, ${scale} ms for a service-second`)
  return Trial.run(name, { jobs, scale })
}

/**
 * One row after the other.
 *
 * The scale of each leaves a quarter of a processor idle at its busiest, on the machine that the scales were chosen on. The
 * peers that look every second or two wait for fewer jobs: the requests of a job and the lag do not depend on how many there
 * are.
 */
export const full = async (): Promise<ReadonlyArray<Trial.Trial>> => {
  const trials: Array<Trial.Trial> = []
  const entries: ReadonlyArray<Entry> = [
    ["list", 5000, 150],
    ["naive", 5000, 150],
    ["shipped", 5000, 50],
    ["get", 1000, 100],
    ["coreLro", 500, 80],
    ["coreLro10", 5000, 150],
    ["smithy", 1000, 80],
    ["smithy10", 5000, 150],
    ["replicate", 125, 80],
    ["replicate10", 5000, 150],
    ["fal", 125, 100],
    ["fal10", 5000, 150],
    ["few", 1000, 250],
    ["many", 50_000, 250],
    // A second time, after all the others: what the machine does meanwhile is in both.
    ["list", 5000, 150],
    ["naive", 5000, 150]
  ]
  for (const entry of entries) trials.push(await run(entry))
  return trials
}

/** When four of five jobs have ended, and a trial leaves most of the processor to others, in service-seconds. */
const mostlyOver = 100
/** What a cold process asks of the processor at first must not fall together, in our milliseconds. */
const apart = 300

/**
 * The same rows with fewer jobs of the peers, many at once; those whose processor time or lag is a key come first.
 * `meanwhile` is done while the last ones end.
 */
export const quick = async <A>(meanwhile: () => Promise<A>): Promise<readonly [ReadonlyArray<Trial.Trial>, A]> => {
  const ended: Array<Promise<Trial.Trial>> = []
  const begin = async (...entries: ReadonlyArray<Entry>) => {
    const ready = await Promise.all(entries.map(([name, jobs, scale]) => Trial.prepare(name, { jobs, scale })))
    for (const [i, trial] of ready.entries()) {
      if (i > 0) await pause(apart)
      ended.push(trial.begin())
    }
    await pause(mostlyOver * Math.max(...entries.map(([, , scale]) => scale)))
  }
  await begin(["list", 5000, 70], ["get", 300, 70], ["coreLro", 60, 70])
  await begin(["naive", 5000, 70])
  await begin(
    ["smithy", 40, 30],
    ["replicate", 8, 40],
    ["fal", 8, 40],
    ["shipped", 500, 40],
    ["coreLro10", 40, 30],
    ["smithy10", 40, 30],
    ["replicate10", 40, 30],
    ["fal10", 40, 30]
  )
  const other = await meanwhile()
  return [await Promise.all(ended), other]
}
