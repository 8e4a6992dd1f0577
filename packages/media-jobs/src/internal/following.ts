import type { Job } from "@media-jobs/core/Job"
import type { JobId } from "@media-jobs/core/JobId"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import type { LiveRun } from "./liveRun.ts"
import type { Runs } from "./runs.ts"

/** The engine of one of the application's providers. */
export interface Followed {
  readonly name: string
  readonly poller: {
    readonly changes: Stream.Stream<Job>
    readonly known: (id: JobId) => Effect.Effect<Job | undefined>
  }
}

/** What the engines know of running jobs: followed while something reads it, and asked for where something looks once. */
export const make = /* @__PURE__ */ Effect.fnUntraced(function*(runs: Runs, followed: ReadonlyArray<Followed>) {
  const scope = yield* Effect.scope
  let readers = 0
  let fibers: ReadonlyArray<Fiber.Fiber<unknown, unknown>> = []
  // Counted here: `RcRef` brings Effect's default loggers into every bundle.
  const following = Effect.acquireRelease(
    Effect.suspend(() => {
      if (readers++ > 0) return Effect.void
      const forked = Effect.forEach(
        followed,
        ({ name, poller }) =>
          Effect.forkIn(Stream.runForEach(poller.changes, (job) => Effect.sync(() => runs.see(name, job))), scope)
      )
      return Effect.map(forked, (forked) => {
        fibers = forked
      })
    }),
    () => Effect.suspend(() => --readers > 0 ? Effect.void : Fiber.interruptAll(fibers))
  )

  const refresh = Effect.fnUntraced(function*(run: LiveRun) {
    const poller = followed.find(({ name }) => name === run.name)?.poller
    if (poller === undefined || run.isOver) return run
    for (const { id } of run.handles) {
      const job = yield* poller.known(id)
      if (job !== undefined) run.see(job)
    }
    return run
  })

  return {
    refresh,
    /** A stream of runs, which follows their jobs while it is read. */
    follow: <A, E, R>(stream: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
      Stream.unwrap(Effect.as(following, stream))
  }
})

export type Following = Effect.Success<ReturnType<typeof make>>
