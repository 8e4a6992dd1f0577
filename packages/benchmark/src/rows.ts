/** What waits, and by what policy. An interval that is a peer's default is set to as much in service time. */
import type { Peer } from "./peers/Peer.ts"

export interface Row {
  readonly peer: string
  readonly policy: string
  /** A peer is loaded only in the process that runs it. */
  readonly load: () => Promise<Peer>
}

const mediaJobs = () => import("./peers/mediaJobs.ts")
const naive = () => import("./peers/naive.ts")
const coreLro = () => import("./peers/coreLro.ts")
const smithy = () => import("./peers/smithy.ts")
const replicate = () => import("./peers/replicate.ts")
const fal = () => import("./peers/fal.ts")

/**
 * How often the lists of a busy application come, in service-seconds: as often as leaves the mean lag under a second. Where a
 * service-second is a tenth of ours, the milliseconds that a list and its looks take weigh ten times as much.
 */
const listEvery = (scale: number): number => scale < 500 ? 1 : 1.85
/** Looks at once, for an application that has the limit raised for it. */
const concurrency = 16

type Define = (scale: number) => Row

const unlimited: Define = (scale) => ({
  peer: "media-jobs",
  policy: `list every ${listEvery(scale)} s, no limit`,
  load: async () => {
    const { make, steady, undici } = await mediaJobs()
    return make({ requestsPerSecond: 1e6, concurrency, pace: steady(listEvery(scale)), client: undici })
  }
})

const define = <const N extends string>(rows: { readonly [K in N]: Row | Define }) => rows

const defined = define({
  list: (scale) => ({
    peer: "media-jobs",
    policy: `list every ${listEvery(scale)} s, 200 requests/s`,
    load: async () => {
      const { make, steady, undici } = await mediaJobs()
      return make({ requestsPerSecond: 200, concurrency, pace: steady(listEvery(scale)), client: undici })
    }
  }),
  listByFetch: (scale) => ({
    peer: "media-jobs",
    policy: "the same over fetch",
    load: async () => {
      const { make, steady } = await mediaJobs()
      return make({ requestsPerSecond: 200, concurrency, pace: steady(listEvery(scale)) })
    }
  }),
  shipped: {
    peer: "media-jobs",
    policy: "as shipped: list, learned as it goes, 10 requests/s",
    load: async () => (await mediaJobs()).make({})
  },
  get: {
    peer: "media-jobs",
    policy: "no list, learned from 200 jobs",
    load: async () => {
      const { learned, make } = await mediaJobs()
      return make({ requestsPerSecond: 200, concurrency, getOnly: true, pace: learned(200, 7) })
    }
  },
  few: unlimited,
  many: unlimited,
  naive: { peer: "naive fetch loop", policy: "every 10 s", load: async () => (await naive()).every(10) },
  coreLro: {
    peer: "@azure/core-lro",
    policy: "default, every 2 s",
    load: async () => {
      const { defaultSeconds, every } = await coreLro()
      return every(defaultSeconds)
    }
  },
  coreLro10: { peer: "@azure/core-lro", policy: "forced to 10 s", load: async () => (await coreLro()).every(10) },
  smithy: {
    peer: "@smithy/util-waiter",
    policy: "default, 2 to 120 s",
    load: async () => {
      const { between, defaultSeconds } = await smithy()
      return between(...defaultSeconds)
    }
  },
  smithy10: {
    peer: "@smithy/util-waiter",
    policy: "forced to 10 s",
    load: async () => (await smithy()).between(10, 10)
  },
  replicate: {
    peer: "replicate",
    policy: "default, every 0.5 s",
    load: async () => {
      const { defaultSeconds, every } = await replicate()
      return every(defaultSeconds)
    }
  },
  replicate10: { peer: "replicate", policy: "forced to 10 s", load: async () => (await replicate()).every(10) },
  fal: {
    peer: "@fal-ai/client",
    policy: "default, every 0.5 s",
    load: async () => {
      const { defaultSeconds, every } = await fal()
      return every(defaultSeconds)
    }
  },
  fal10: { peer: "@fal-ai/client", policy: "forced to 10 s", load: async () => (await fal()).every(10) }
})

export type Name = keyof typeof defined

export const row = (name: Name, scale: number): Row => {
  const row = defined[name]
  return typeof row === "function" ? row(scale) : row
}
