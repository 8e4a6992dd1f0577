import { cpus, loadavg, totalmem } from "node:os"

/** Where and when the figures came about; what else the machine did is in its load. */
export const describe = (): string => {
  const processors = cpus()
  const [load] = loadavg()
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  return [
    `${processors.length} × ${processors[0]?.model.trim() ?? "unknown processor"}`,
    `${gigabytes} GB`,
    `Node ${process.versions.node}`,
    `load ${load?.toFixed(1)} at the start`,
    new Date().toISOString()
  ].join(", ")
}
