/** A process of its own, with `gc`: opens and interrupts so many watches, so often, and reports the heap before and after. */
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ids, make } from "./service.ts"

const [watches = NaN, rounds = NaN] = process.argv.slice(2).map(Number)

const heap = async (): Promise<number> => {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed
}

const service = make()
const all = ids(watches)
for (const id of all) service.run(id, 1e11)
const poller = await Effect.runPromise(
  Effect.provideService(
    Poller.make(service.both, { pace: Pace.steady("1 hour") }),
    Scope.Scope,
    Scope.makeUnsafe()
  )
)

/** All of them open at once, each with the snapshot of a list, and then none. */
const openAndInterrupt = async (some: typeof all): Promise<void> => {
  let seen = 0
  const fibers = some.map((id) =>
    Effect.runFork(Stream.runForEach(poller.watch(id), () => Effect.sync(() => void seen++)))
  )
  while (seen < some.length) await new Promise((resolve) => setTimeout(resolve, 5))
  await Effect.runPromise(Fiber.interruptAll(fibers))
}

// What the first of them brings, the program has once.
await openAndInterrupt(all.slice(0, 1000))
const before = await heap()
for (let i = 0; i < rounds; i++) await openAndInterrupt(all)
console.log(JSON.stringify({ before, after: await heap(), lists: service.lists(), gets: service.gets() }))
process.exit(0)
