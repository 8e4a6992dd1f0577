/** Which trials a run makes, and when. */
import { pause } from "./peers/Peer.ts"
import type * as Rows from "./rows.ts"
import * as Trial from "./trial.ts"

type Entry = readonly [name: Rows.Name, jobs: number, scale: number]

/** What a cold process asks of the processor at first must not fall together, in our milliseconds. */
const apart = 300

/** Trials side by side, of which none is to need much of the processor. */
const begin = async (entries: ReadonlyArray<Entry>): Promise<ReadonlyArray<Promise<Trial.Trial>>> => {
  const ready: Array<Trial.Ready> = []
  for (const [name, jobs, scale] of entries) {
    console.error(`${name}: ${jobs} jobs, ${scale} ms for a service-second`)
    ready.push(await Trial.prepare(name, { jobs, scale }))
  }
  const trials: Array<Promise<Trial.Trial>> = []
  for (const { begin } of ready) {
    trials.push(begin())
    await pause(apart)
  }
  return trials
}

/** Real time, in which all rows of a wave leave most of the processor idle. */
const real = 1000

/**
 * In real time, in two waves: first the rows whose processor time or lag is a key, three times where it is to be a median. The
 * peers that look every second or two
 * wait for fewer jobs: the requests of a job and the lag do not depend on how many there are.
 */
const waves: readonly [ReadonlyArray<Entry>, ReadonlyArray<Entry>] = [
  [
    ...Array.from({ length: 3 }, (): ReadonlyArray<Entry> => [
      ["list", 5000, real],
      ["naive", 5000, real],
      ["listByFetch", 5000, real]
    ]).flat(),
    ["get", 1000, real],
    ["coreLro", 1000, real]
  ],
  [
    ["few", 1000, real],
    ["many", 50_000, real],
    ["shipped", 500, real],
    ["coreLro10", 1000, real],
    ["smithy", 1000, real],
    ["smithy10", 1000, real],
    ["replicate", 100, real],
    ["replicate10", 1000, real],
    ["fal", 100, real],
    ["fal10", 1000, real]
  ]
]

/** `meanwhile` is done beside the second wave. */
export const full = async <A>(meanwhile: () => Promise<A>): Promise<readonly [ReadonlyArray<Trial.Trial>, A]> => {
  const first = await Promise.all(await begin(waves[0]))
  const second = await begin(waves[1])
  const other = await meanwhile()
  return [[...first, ...await Promise.all(second)], other]
}

/** When the busiest part of the first trials of a quick run is over. */
const calmer = 8_000

/**
 * The same rows, ten times as fast and more, with as many jobs as the machine keeps up with; those whose processor time or
 * lag is a key come first. `meanwhile` is done beside the others, and gives way to all of them.
 */
export const quick = async <A>(meanwhile: () => Promise<A>): Promise<readonly [ReadonlyArray<Trial.Trial>, A]> => {
  const first = await begin([
    ["list", 5000, 86],
    ["naive", 800, 86],
    ["listByFetch", 5000, 86],
    ["get", 300, 86],
    ["coreLro", 100, 86]
  ])
  await pause(calmer)
  const second = await begin([
    ["shipped", 300, 40],
    ["smithy", 40, 40],
    ["replicate", 8, 40],
    ["fal", 8, 40],
    ["coreLro10", 40, 40],
    ["smithy10", 40, 40],
    ["replicate10", 40, 40],
    ["fal10", 40, 40]
  ])
  const other = await meanwhile()
  return [await Promise.all([...first, ...second]), other]
}
