import { monitorEventLoopDelay } from "node:perf_hooks"

const resolution = 50

/** Watches how late a process is; what it is late by in its worst hundredth, in milliseconds. */
export const watch = (): () => number => {
  const delay = monitorEventLoopDelay({ resolution })
  delay.enable()
  return () => delay.percentile(99) / 1e6 - resolution
}
