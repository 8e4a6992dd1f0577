/** A trial of one row: the service and the peer, each in a process of its own, until every job's end is known. */
import * as Channel from "./channel.ts"
import type { Assignment, Waited } from "./client.ts"
import type * as Rows from "./rows.ts"
import type { Served, Setting } from "./server.ts"
import * as ServiceTime from "./serviceTime.ts"

export interface Size {
  readonly jobs: number
  /** Our milliseconds for a service-second: so many that neither side runs out of processor at the row's busiest. */
  readonly scale: number
}

export interface Trial extends Waited, Size {
  readonly name: Rows.Name
  readonly requestsPerJob: number
  /** What either side was late by in its worst hundredth, in service-seconds: so much of the lag may be the machine's. */
  readonly lateSeconds: number
}

/** A trial whose processes have loaded what they need. */
export interface Ready {
  readonly begin: () => Promise<Trial>
}

/** Time for both sides to hear of the start before it comes. */
const headStart = 50

export const prepare = async (name: Rows.Name, { jobs, scale }: Size, seed = 1): Promise<Ready> => {
  const server = Channel.start("./server.ts")
  const client = Channel.start("./client.ts")
  const setting: Setting = { jobs, seed }
  server.send(setting)
  const base = `http://127.0.0.1:${await server.next<number>()}`
  const assignment: Assignment = { row: name, base, jobs, scale, seed }
  client.send(assignment)
  await client.next()

  const begin = async (): Promise<Trial> => {
    const time: ServiceTime.ServiceTime = { start: ServiceTime.wall() + headStart, scale }
    server.send(time)
    client.send(time)
    const waited = await client.next<Waited>()
    server.send("end")
    const { counts, lateMillis } = await server.next<Served>()
    if (counts.unknown > 0) throw new Error(`${name} asked ${counts.unknown} times for what is not there`)
    client.end()
    server.end()
    return {
      ...waited,
      name,
      jobs,
      scale,
      requestsPerJob: (counts.list + counts.get) / jobs,
      lateSeconds: Math.max(0, waited.lateMillis, lateMillis) / scale
    }
  }
  return { begin }
}
