import * as Channel from "./channel.ts"
import type { Measured } from "./measured.ts"
import type { Probe } from "./probe.ts"
import type { Setting } from "./server.ts"
import * as ServiceTime from "./serviceTime.ts"

export const run = async (probe: Probe): Promise<ReadonlyArray<Measured>> => {
  const child = Channel.start("./probe.ts", { flags: probe.what === "heap" ? ["--expose-gc"] : [] })
  try {
    child.send(probe)
    return await child.next<ReadonlyArray<Measured>>()
  } finally {
    child.end()
  }
}

/** Full `get`s of a job that has ended, whose record is the longest. */
export const runGet = async (rounds: number): Promise<ReadonlyArray<Measured>> => {
  const server = Channel.start("./server.ts")
  try {
    const setting: Setting = { jobs: 1, seed: 1 }
    server.send(setting)
    const base = `http://127.0.0.1:${await server.next<number>()}`
    const longAgo: ServiceTime.ServiceTime = { start: ServiceTime.wall() - 3_600_000, scale: 1000 }
    server.send(longAgo)
    return await run({ what: "get", base, rounds })
  } finally {
    server.end()
  }
}
