import type * as Job from "@media-jobs/core/Job"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import type { Eta, Pace } from "../Pace.ts"
import { age } from "./age.ts"
import * as EngineClock from "./engineClock.ts"
import * as Looks from "./looks.ts"
import * as Metrics from "./metrics.ts"
import { Schedule } from "./schedule.ts"
import * as Signal from "./signal.ts"
import * as Teaching from "./teaching.ts"
import * as WatchedJob from "./watchedJob.ts"
import * as Watches from "./watches.ts"

export interface Options {
  readonly pace: Pace
  readonly concurrency: number
}

export interface Engine {
  readonly open: (
    id: JobId,
    deadline: Duration.Duration,
    submission: WatchedJob.Submitted | undefined
  ) => WatchedJob.Watcher
  readonly close: (watcher: WatchedJob.Watcher) => void
  readonly offer: (job: Job.Job) => void
  readonly wake: (id: JobId) => void
  readonly eta: (id: JobId) => Eta | undefined
  readonly subscribe: (listener: Watches.Listener) => () => void
}

/**
 * The one loop that serves every watch of a provider.
 *
 * It sleeps until something is due (the next list, a job to be asked for by itself, a watch's deadline) or until it is
 * signalled. Requests run beside it, so that a service that hangs delays no deadline. State changes between two awaits,
 * never across one.
 */
export const make = Effect.fnUntraced(function*(
  provider: Provider.Identity & Partial<Pick<Provider.Operations, "list" | "get">>,
  { concurrency, pace }: Options
): Effect.fn.Return<Engine, never, Scope.Scope> {
  const generator = yield* Random.Random
  const context = yield* Effect.context()
  const clock = EngineClock.make(yield* Clock.Clock)
  const random = () => generator.nextDoubleUnsafe()
  const fork = Effect.runForkWith(context)
  const metrics = Metrics.make(provider.id, provider.instance, context)
  const { awaitSignal, clear, setTimer, signal, timer } = Signal.make(clock, fork)
  const teaching = Teaching.make(provider.id, pace, clock)
  const watches = Watches.make({
    provider,
    clock,
    teaching,
    metrics,
    removed: (watched) => {
      schedule.remove(watched)
      watched.look?.fiber?.interruptUnsafe()
      if (watches.jobs.size > 0) return
      looks.interruptList()
      signal()
    }
  })
  const schedule = new Schedule({
    provider: provider.id,
    pace,
    concurrency,
    clock,
    random,
    jobs: watches.jobs,
    canList: provider.list !== undefined,
    canGet: provider.get !== undefined
  })
  const looks = Looks.make({ provider, pace, clock, random, metrics, schedule, watches, signal, fork })
  let closed = false

  const tick = () => {
    clear()
    const at = clock.now()
    metrics.tick()
    watches.expire(at, looks.listTrouble())
    schedule.send(at, looks.list, looks.look)
    setTimer(Math.min(watches.nextDeadline(), schedule.nextAt(at)))
  }

  // A loop that runs for ever leaves it interrupted, or by a defect; no watch may outlive it in silence.
  yield* Effect.forkScoped(
    Effect.onExit(
      Effect.forever(Effect.andThen(Effect.sync(tick), awaitSignal), { disableYield: true }),
      (exit) =>
        Effect.suspend(() => {
          closed = true
          const last = timer()
          const underWay = looks.underWay()
          watches.endAll(exit)
          for (const { close } of watches.listeners) close()
          return Fiber.interruptAll(last === undefined ? underWay : [last, ...underWay])
        })
    ),
    { startImmediately: true }
  )

  return {
    open: (id, deadline, submission) => {
      const at = clock.now()
      let watched = watches.jobs.get(id)
      if (watched === undefined) {
        watched = WatchedJob.make(id, at, schedule.listsSent, submission)
        watches.add(watched)
        schedule.open(watched, at)
        signal()
      } else watched.submission ??= submission
      const watcher = watches.join(watched, deadline)
      if (closed) watches.end(watched, Exit.interrupt())
      else if (watches.nextDeadline() === watcher.dueAt) signal()
      return watcher
    },
    close: watches.leave,
    offer: (job) => {
      const watched = watches.jobs.get(job.id)
      if (watched === undefined || job.provider !== provider.id || job.instance !== provider.instance) return
      watched.answeredAt = clock.now()
      watches.merge(watched, job, watched.answeredAt)
    },
    wake: (id) => {
      const watched = watches.jobs.get(id)
      if (watched === undefined) return
      if (provider.get === undefined) schedule.listBy(clock.now())
      else schedule.ask(watched)
      signal()
    },
    eta: (id) => {
      const watched = watches.jobs.get(id)
      return watched &&
        pace.eta?.({ ...Teaching.cohortOf(provider.id, watched), age: age(clock, watched, clock.now()) })
    },
    subscribe: (listener) => {
      if (closed) listener.close()
      watches.listeners.add(listener)
      return () => void watches.listeners.delete(listener)
    }
  }
})
