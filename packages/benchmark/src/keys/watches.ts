/** One engine over a list that never changes, and as many watches of it as are wished for. */
import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Workload from "../workload.ts"
import * as LumaInMemory from "./lumaInMemory.ts"
import * as ManualClock from "./manualClock.ts"

/** The adapter reads no list over 20 MB. */
const listedAtOnce = 10_000

export const tickMillis = 5_000

export interface Watches {
  readonly clock: ManualClock.ManualClock
  /** Reads a list of these jobs, for the next tick: as in life, nothing in it is the same object as in the one before. */
  readonly prepare: (from: number, to: number) => Promise<void>
  /** Drops what `prepare` made. */
  readonly forget: () => void
  /** How many lists the engine has asked for. */
  readonly lists: () => number
  /** How many snapshots the watches have brought. */
  readonly seen: () => number
  readonly watch: (index: number) => void
  readonly await: (index: number) => void
}

export const make = async (): Promise<Watches> => {
  const clock = ManualClock.make()
  const context = Context.make(Clock.Clock, clock.clock)
  const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromiseWith(context)(effect)
  const fork = <A, E>(effect: Effect.Effect<A, E>) => void Effect.runForkWith(context)(effect)

  const { id, instance, owns } = await run(LumaInMemory.make(""))
  // All jobs are on the list, so none is asked for.
  const get = () => Effect.die("A job was asked for")

  let jobs: ReadonlyArray<Job.Job> = []
  let [lists, seen] = [0, 0]
  const list = Effect.sync((): Provider.Listing => {
    lists++
    return { jobs, complete: true }
  })
  const see = Effect.sync(() => void seen++)
  const poller = await run(Effect.provideService(
    Poller.make(Provider.make({ id, instance, owns }, { list, get }), { pace: Pace.steady(tickMillis) }),
    Scope.Scope,
    Scope.makeUnsafe()
  ))
  return {
    clock,
    prepare: async (from, to) => {
      const listed: Array<Job.Job> = []
      for (let at = from; at < to; at += listedAtOnce) {
        const luma = await run(LumaInMemory.make(LumaInMemory.listText(at, Math.min(to, at + listedAtOnce))))
        for (const job of (await run(luma.list)).jobs) listed.push(job)
      }
      jobs = listed
    },
    forget: () => {
      jobs = []
    },
    lists: () => lists,
    seen: () => seen,
    watch: (index) => fork(Stream.runForEach(poller.watch(JobId.make(Workload.idOf(index))), () => see)),
    await: (index) => fork(poller.await(JobId.make(Workload.idOf(index))))
  }
}
