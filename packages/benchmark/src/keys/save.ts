/** What saving costs: in memory, and in time and processor beside a bare loop that does the same by hand. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as ArtifactStore from "@media-jobs/artifacts/ArtifactStore"
import * as Artifact from "@media-jobs/core/Artifact"
import * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { createHash } from "node:crypto"
import { mkdir, mkdtemp, open, rename, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Measured } from "../measured.ts"
import * as Memory from "../memory.ts"
import * as Statistics from "../statistics.ts"
import * as Workload from "../workload.ts"

const gigabyte = 1e9
const picture = 200_000
const files = 500
/** As many at a time as the store takes unless told otherwise. */
const concurrency = 4

const jobOf = (index: number, urls: ReadonlyArray<string>): Job.Succeeded =>
  new Job.Job({
    id: JobId.make(Workload.idOf(index)),
    provider: ProviderId.make("useapi-luma"),
    instance: ProviderId.defaultInstance,
    observedAt: DateTime.makeUnsafe(0),
    state: {
      _tag: "Succeeded",
      artifacts: urls.map((url) => new Artifact.Artifact({ kind: "video", role: "primary", url }))
    }
  }) as Job.Succeeded // by its state

const storeIn = (directory: string) =>
  ManagedRuntime.make(
    ArtifactStore.layer({ directory, allowPrivate: true }).pipe(
      Layer.provide([FetchHttpClient.layer, NodeServices.layer])
    )
  )

/** Does something in a directory that is gone afterwards. */
const inDirectory = async <A>(something: (directory: string) => Promise<A>): Promise<A> => {
  const directory = await mkdtemp(join(tmpdir(), "media-jobs-"))
  try {
    return await something(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** A file of a gigabyte, in a process that has saved one before. */
export const measureMemory = (base: string): Promise<ReadonlyArray<Measured>> =>
  inDirectory(async (directory) => {
    const runtime = storeIn(directory)
    const save = async (index: number, bytes: number) => {
      const [saved] = await runtime.runPromise(ArtifactStore.save(jobOf(index, [`${base}/${bytes}`])))
      if (saved?.bytes !== bytes) throw new Error("The file is not whole")
    }
    // What the code itself takes, the program has once.
    await save(0, 16e6)
    const startedAt = performance.now()
    const value = await Memory.growth(() => save(1, gigabyte))
    const seconds = (performance.now() - startedAt) / 1000
    await runtime.dispose()
    return [{ key: "save_growth", value, note: `hashed, on the disk and renamed in ${seconds.toFixed(1)} s` }]
  })

/** By hand: each piece is hashed while the one before it is written, and the file has its name once it is on the disk. */
const saveBare = async (url: string, path: string, bytes: number): Promise<void> => {
  const response = await fetch(url)
  const file = await open(`${path}.part`, "w")
  const hash = createHash("sha256")
  let writing: Promise<{ readonly bytesWritten: number }> | undefined
  let written = 0
  for await (const piece of response.body ?? []) {
    written += (await writing)?.bytesWritten ?? 0
    writing = file.write(piece)
    hash.update(piece)
  }
  written += (await writing)?.bytesWritten ?? 0
  await file.sync()
  await file.close()
  await rename(`${path}.part`, path)
  if (hash.digest("hex").length !== 64 || written !== bytes) throw new Error("The file is not whole")
}

const saveAllBare = async (urls: ReadonlyArray<string>, directory: string, bytes: number): Promise<void> => {
  const left = urls.entries()
  const worker = async () => {
    for (const [i, url] of left) await saveBare(url, join(directory, `${i}.mp4`), bytes)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

interface Work {
  readonly key: string
  readonly bytes: number
  /** For each job the number of its files. */
  readonly jobs: ReadonlyArray<number>
  readonly rounds: number
}

const works: ReadonlyArray<Work> = [
  { key: "save_big", bytes: gigabyte, jobs: [1], rounds: 3 },
  { key: "save_small", bytes: picture, jobs: Array.from({ length: files }, () => 1), rounds: 5 },
  { key: "save_many", bytes: picture, jobs: [files], rounds: 5 }
]

interface Cost {
  readonly wall: number
  readonly processor: number
}

/** Seconds, and seconds of the processor with all threads of the process. */
const costOf = async (something: () => Promise<unknown>): Promise<Cost> => {
  const [before, startedAt] = [process.cpuUsage(), performance.now()]
  await something()
  const { system, user } = process.cpuUsage(before)
  return { wall: (performance.now() - startedAt) / 1000, processor: (system + user) / 1e6 }
}

const ours = ({ bytes, jobs }: Work, base: string, directory: string): Promise<Cost> => {
  const runtime = storeIn(directory)
  const made = jobs.map((count, i) => jobOf(i, Array.from({ length: count }, (_, n) => `${base}/${bytes}?${i}-${n}`)))
  return runtime.runPromise(ArtifactStore.ArtifactStore).then(async (store) => {
    const cost = await costOf(() =>
      runtime.runPromise(Effect.forEach(made, (job) => store.save(job), { concurrency: "unbounded", discard: true }))
    )
    await runtime.dispose()
    return cost
  })
}

const bare = async ({ bytes, jobs }: Work, base: string, directory: string): Promise<Cost> => {
  await mkdir(directory, { recursive: true })
  const urls = jobs.flatMap((count, i) => Array.from({ length: count }, (_, n) => `${base}/${bytes}?${i}-${n}`))
  return costOf(() => saveAllBare(urls, directory, bytes))
}

const ways = { ours, bare }

/** Both in turns, and each first as often as second; the first round warms both up. */
const compare = async (work: Work, base: string): Promise<Measured> => {
  const taken: { readonly [K in keyof typeof ways]: Array<Cost> } = { ours: [], bare: [] }
  for (let i = 0; i <= work.rounds; i++) {
    for (const way of i % 2 === 0 ? ["ours", "bare"] as const : ["bare", "ours"] as const) {
      const cost = await inDirectory((directory) => ways[way](work, base, directory))
      if (i > 0) taken[way].push(cost)
    }
  }
  const ratio = (of: keyof Cost) =>
    Statistics.median(taken.ours.map((cost, i) => cost[of] / (taken.bare[i]?.[of] ?? NaN)))
  const shown = (of: keyof Cost) =>
    `${ratio(of).toFixed(2)} (${
      [taken.ours, taken.bare].map((costs) => Statistics.median(costs.map((cost) => cost[of])).toFixed(2)).join(" ÷ ")
    } s)`
  return {
    key: work.key,
    value: Math.max(ratio("wall"), ratio("processor")),
    note: `time ${shown("wall")}, processor ${shown("processor")}`
  }
}

export const measure = async (base: string): Promise<ReadonlyArray<Measured>> => {
  const measured: Array<Measured> = []
  for (const work of works) measured.push(await compare(work, base))
  return measured
}
