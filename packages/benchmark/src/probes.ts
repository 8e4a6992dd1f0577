import type * as CallingService from "./callingService.ts"
import * as Channel from "./channel.ts"
import type { Measured } from "./measured.ts"
import type { Probe } from "./probe.ts"
import type * as Receiver from "./receiver.ts"
import type { Setting } from "./server.ts"
import * as ServiceTime from "./serviceTime.ts"

export const run = async (probe: Probe): Promise<ReadonlyArray<Measured>> => {
  const isOfMemory = probe.what === "heap" || probe.what === "saveMemory"
  const child = Channel.start("./probe.ts", {
    flags: isOfMemory ? ["--expose-gc"] : [],
    meek: isOfMemory || probe.what === "frontier" || probe.what === "shipped"
  })
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

/** Jobs that a service tells of when they end, after the given time or up to half as long again or less. */
export const runWebhooks = async (jobs: number, lifeMillis: number): Promise<ReadonlyArray<Measured>> => {
  const service = Channel.start("./callingService.ts")
  try {
    const setting: CallingService.Setting = { jobs, lifeMillis }
    service.send(setting)
    const measured = await run({ what: "webhooks", base: await service.next(), jobs })
    service.send("end")
    const { looks } = await service.next<CallingService.Asked>()
    return [...measured, { key: "webhook_requests", value: looks / jobs }]
  } finally {
    service.end()
  }
}

/** Batches of jobs that live between one second and two. */
export const runFrontDoor = async (): Promise<ReadonlyArray<Measured>> => {
  const service = Channel.start("./callingService.ts")
  try {
    const setting: CallingService.Setting = { jobs: 500, lifeMillis: 1_000 }
    service.send(setting)
    return await run({ what: "frontDoor", base: await service.next() })
  } finally {
    service.end()
  }
}

/** Calls as fast as they are answered, by the receiver and by an echo in turns. */
export const runReceiver = async (rounds: number): Promise<ReadonlyArray<Measured>> => {
  const servers = { webhooks: Channel.start("./receiver.ts"), echo: Channel.start("./receiver.ts") }
  try {
    const begin = async (kind: Receiver.Kind) => {
      servers[kind].send(kind)
      return `http://127.0.0.1:${await servers[kind].next<number>()}`
    }
    return await run({ what: "receiver", webhooks: await begin("webhooks"), echo: await begin("echo"), rounds })
  } finally {
    servers.webhooks.end()
    servers.echo.end()
  }
}

/** Files from links to the disk. */
const runSaving = (what: "save" | "saveMemory", meek: boolean) => async (): Promise<ReadonlyArray<Measured>> => {
  const host = Channel.start("./mediaHost.ts", { meek })
  try {
    return await run({ what, base: await host.next() })
  } finally {
    host.end()
  }
}

export const runSaveMemory = runSaving("saveMemory", true)
export const runSave = runSaving("save", false)
