/** One peer, in a process of its own: waits for every job of the workload and reports how soon it knew, and at what cost. */
import * as Channel from "./channel.ts"
import * as Lateness from "./lateness.ts"
import { pause } from "./peers/Peer.ts"
import * as Rows from "./rows.ts"
import * as ServiceTime from "./serviceTime.ts"
import * as Statistics from "./statistics.ts"
import * as Workload from "./workload.ts"

export interface Assignment {
  readonly row: Rows.Name
  readonly scale: number
  readonly base: string
  readonly jobs: number
  readonly seed: number
}

export interface Waited {
  /** From each job's end to the peer's knowing of it, in service-seconds. */
  readonly lagMean: number
  readonly lag95: number
  /** Of the whole process, and of it what came after its modules were loaded. */
  readonly cpuSeconds: number
  readonly cpuSecondsAwake: number
  readonly peakMegabytes: number
  readonly lateMillis: number
}

/** Waits for all jobs, each from its submit; the lag of each. */
export const waitForAll = async (
  jobs: ReadonlyArray<Workload.Job>,
  time: ServiceTime.ServiceTime,
  wait: (job: Workload.Job) => Promise<unknown>
): Promise<ReadonlyArray<number>> => {
  const ends: Array<Promise<number>> = []
  for (const job of jobs) {
    const early = job.submittedAt - ServiceTime.now(time)
    if (early > 0) await pause(ServiceTime.ours(time, early * 1000))
    ends.push(wait(job).then(() => ServiceTime.now(time) - job.endsAt))
  }
  return Promise.all(ends)
}

const cpuSeconds = () => {
  const { system, user } = process.cpuUsage()
  return (user + system) / 1e6
}

if (import.meta.main) {
  const parent = Channel.toParent()
  const { base, jobs: n, row, scale, seed } = await parent.next<Assignment>()
  const peer = await Rows.row(row, scale).load()
  const jobs = Workload.make(n, seed)
  const asleep = cpuSeconds()
  parent.send("ready")
  const time = await parent.next<ServiceTime.ServiceTime>()
  const late = Lateness.watch(scale)
  const lags = await waitForAll(jobs, time, await peer({ base, time }))
  const waited: Waited = {
    lagMean: Statistics.mean(lags),
    lag95: Statistics.quantile(lags, 0.95),
    cpuSeconds: cpuSeconds(),
    cpuSecondsAwake: cpuSeconds() - asleep,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    lateMillis: late()
  }
  parent.send(waited)
}
