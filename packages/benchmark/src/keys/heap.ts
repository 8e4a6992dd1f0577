/** What a watch holds while it is open: its fiber, its id, its snapshot, its deadline. Needs a process with `gc`. */
import type { Measured } from "../measured.ts"
import * as Watches from "./watches.ts"

const heap = async (): Promise<number> => {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return process.memoryUsage().heapUsed
}

const kilobytesEach = async (n: number, kind: "watch" | "await"): Promise<number> => {
  if (globalThis.gc === undefined) throw new Error("Start this with --expose-gc")
  const watches = await Watches.make()
  const open = async (from: number, to: number) => {
    await watches.prepare(from, to)
    for (let i = from; i < to; i++) watches[kind](i)
    await watches.clock.advance(Watches.tickMillis)
    watches.forget()
  }
  // What the first of them brings, the program has once.
  await open(n, n + 1)
  const before = await heap()
  await open(0, n)
  if (kind === "watch" && watches.seen() !== n + 1) throw new Error("A watch has not seen its job")
  return (await heap() - before) / n / 1024
}

export const measure = async (n: number, kind: "watch" | "await"): Promise<ReadonlyArray<Measured>> => [
  { key: `heap_${kind}_${n / 1000}k`, value: await kilobytesEach(n, kind) }
]
