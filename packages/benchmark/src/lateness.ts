import { monitorEventLoopDelay } from "node:perf_hooks"

/** Samples in a service-second: each costs as much as a request's tenth. */
const samples = 5

/** Watches how late a process is; what it is late by in its worst hundredth, in milliseconds. */
export const watch = (scale: number): () => number => {
  const resolution = Math.ceil(scale / samples)
  const delay = monitorEventLoopDelay({ resolution })
  delay.enable()
  return () => delay.percentile(99) / 1e6 - resolution
}
