import type * as Pace from "@media-jobs/poller/Pace"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Workload from "../workload.ts"

/** What the engine tells a pace of a job of the workload. */
export const sort = { provider: Luma.descriptor.id, kind: "video", model: Workload.model } as const

/** Lets a pace see jobs that took so many seconds. */
export const teach = (pace: Pace.Pace, seconds: ReadonlyArray<number>): void => {
  for (const one of seconds) {
    const to = one * 1000
    pace.observe?.({ ...sort, from: 0, to, ended: false })
    pace.observe?.({ ...sort, from: to, to, ended: true })
  }
}
