import type * as Job from "@media-jobs/core/Job"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as Runtime from "@media-jobs/core/Runtime"
import * as Wakes from "@media-jobs/core/Wakes"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { isNotUndefined } from "effect/Predicate"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type { Eta, Pace } from "../Pace.ts"
import { age } from "./age.ts"
import { Cancellations } from "./cancellations.ts"
import * as EngineClock from "./engineClock.ts"
import * as Looks from "./looks.ts"
import * as Metrics from "./metrics.ts"
import { Schedule } from "./schedule.ts"
import * as Signal from "./signal.ts"
import type { Wanted } from "./target.ts"
import * as Teaching from "./teaching.ts"
import * as WatchedJob from "./watchedJob.ts"
import * as Watches from "./watches.ts"
import { WebhookTrust } from "./webhookTrust.ts"

export interface Options {
  readonly pace: Pace
  readonly concurrency: number
  /** All that the engine runs with: its clock, tracer, loggers and whatever the provider reads. */
  readonly context: Context.Context<never>
  /** Called when the first watch opens; what it gives is called once the last has ended. */
  readonly onRun?: (() => () => void) | undefined
}

export interface Engine {
  readonly open: (wanted: Wanted, deadline: Duration.Duration) => WatchedJob.Watcher
  readonly leave: (watcher: WatchedJob.Watcher) => void
  readonly offer: (job: Job.Job) => void
  /** Whether the job is watched; a genuine call of the service told of it. */
  readonly wake: (id: JobId) => boolean
  readonly lookAgain: (id: JobId) => void
  readonly known: (id: JobId) => Job.Job | undefined
  readonly eta: (id: JobId) => Eta | undefined
  readonly cancellations: Cancellations
  readonly wakes: Wakes.Wakes
  readonly subscribe: (listener: Watches.Listener) => () => void
  /** Interrupts all watches and requests, and opens no more. */
  readonly close: Effect.Effect<void>
}

/**
 * What serves every watch of a provider: one loop, which runs while there are watches.
 *
 * It sleeps until something is due (the next list, a job to be asked for by itself, a watch's deadline) or until it is
 * signalled. Requests run beside it, so that a service that hangs delays no deadline. State changes between two awaits,
 * never across one.
 */
export const make = (
  provider: Provider.Identity & Partial<Pick<Provider.Operations, "list" | "get">>,
  { concurrency, context, onRun, pace }: Options
): Engine => {
  // From JavaScript, both may come, and every watch would wait for its deadline.
  if (provider?.list === undefined && provider?.get === undefined) {
    throw new TypeError("This is no provider that can list or get: pass what an adapter's `make` or layer gives")
  }
  if (!(concurrency >= 1)) throw new RangeError("`concurrency` must be 1 or more, or no job would be asked for")
  const generator = Context.get(context, Random.Random)
  const wallClock = Context.get(context, Clock.Clock)
  const clock = EngineClock.make(wallClock)
  const wakes = Context.get(context, Wakes.Wakes)
  const random = () => generator.nextDoubleUnsafe()
  const fork = Effect.runForkWith(context)
  const metrics = Metrics.make(provider.id, provider.instance, context)
  const { awaitSignal, clear, setTimer, signal } = Signal.make(clock, fork)
  const cancellations = new Cancellations()
  const teaching = Teaching.make(provider.id, pace, clock)
  const webhooks = new WebhookTrust(provider.id)
  const watches = Watches.make({
    provider,
    clock,
    teaching,
    cancellations,
    metrics,
    ended: (watched, job) => {
      if (watched.wasCalled === undefined || !job.is("Succeeded", "Failed")) return
      const warning = webhooks.ended(watched.wasCalled)
      if (warning !== undefined) fork(warning)
    },
    removed: (watched) => {
      schedule.remove(watched)
      watched.look?.fiber?.interruptUnsafe()
      if (watches.jobs.size > 0) return
      looks.interruptList()
      rest()
    }
  })
  const schedule = new Schedule({
    provider: provider.id,
    pace,
    concurrency,
    clock,
    random,
    jobs: watches.jobs,
    webhooks,
    canList: provider.list !== undefined,
    canGet: provider.get !== undefined,
    keeps: provider.keeps
  })
  const looks = Looks.make({ provider, pace, clock, random, metrics, schedule, watches, cancellations, signal, fork })
  const of = { provider: provider.id, instance: provider.instance }
  let loop: Fiber.Fiber<never> | undefined
  let rested: (() => void) | undefined
  let deregister: (() => void) | undefined
  let closed = false

  const ticks: Effect.Effect<never> = Effect.flatMap(awaitSignal, () => {
    clear()
    const at = clock.now()
    metrics.tick()
    watches.expire(at, looks.listTrouble())
    if (schedule.listBecameSlow(at)) looks.standIn(at)
    schedule.send(at, looks.list, looks.look)
    setTimer(Math.min(watches.nextDeadline(), schedule.nextAt(at)))
    return ticks
  })

  const run = () => {
    if (loop !== undefined) return
    rested = onRun?.()
    // What another request woke would run in that request.
    deregister = Runtime.isolatesRequests() ? undefined : wakes.register({ ...of, wake: called })
    const fiber = fork(ticks)
    loop = fiber
    // A loop that was not told to rest leaves by a defect; no watch may outlive it in silence.
    fiber.addObserver((exit) => {
      if (loop !== fiber) return
      rest()
      watches.endAll(exit)
    })
  }

  const rest = () => {
    loop?.interruptUnsafe()
    loop = undefined
    rested?.()
    rested = undefined
    deregister?.()
    deregister = undefined
    setTimer(Infinity)
  }

  const lookNow = (watched: WatchedJob.WatchedJob) => {
    if (provider.get === undefined) schedule.listBy(clock.now())
    else schedule.ask(watched)
    signal()
  }

  const lookAgain = (id: JobId) => {
    const watched = watches.jobs.get(id)
    if (watched !== undefined) lookNow(watched)
  }

  /** A genuine call of the service, whose body is not believed. */
  const wake = (id: JobId) => {
    webhooks.called()
    const watched = watches.jobs.get(id)
    if (watched === undefined) return false
    watched.wasCalled = true
    lookNow(watched)
    return true
  }

  /** The same of what may be known by its submit's address alone: where no watch here knows that, a list serves it. */
  const called = (subject: Wakes.Subject | Wakes.SubmitSubject) => {
    if ("id" in subject) return wake(subject.id)
    let isAwaited = false
    for (const { id, replyUrl } of watches.jobs.values()) if (replyUrl === subject.replyUrl) isAwaited = wake(id)
    if (!isAwaited && provider.list !== undefined) {
      schedule.listBy(clock.now())
      signal()
    }
    return isAwaited
  }

  /** Places the first look; a pace that throws ends the watch, as a defect of the program. */
  const begin = (watched: WatchedJob.WatchedJob, at: number) => {
    const begun = Result.try(() => schedule.open(watched, at))
    if (Result.isFailure(begun)) return watches.end(watched, Exit.die(begun.failure))
    if (schedule.listIsSlow || looks.listTrouble() !== undefined) looks.standIn(at, [watched])
    const { id, replyUrl } = watched
    const isCalled = (subject: Wakes.Subject | Wakes.SubmitSubject) => wakes.claim(subject, wallClock)
    if (isCalled({ ...of, id }) || replyUrl !== undefined && isCalled({ ...of, replyUrl })) wake(id)
    run()
    signal()
  }

  return {
    open: ({ id, known, replyUrl, seen, submittedAt }, deadline) => {
      const at = clock.now()
      const before = watches.jobs.get(id)
      const watched = before ?? WatchedJob.make(id, at, schedule.listsSent)
      if (submittedAt !== undefined) watched.submittedAt ??= Math.min(clock.timeOf(submittedAt), at)
      if (replyUrl !== undefined) {
        watched.replyUrl = replyUrl
        watched.wasCalled ??= false
      }
      if (before === undefined) watches.add(watched)
      const watcher = watches.join(watched, deadline)
      if (closed) watches.end(watched, Exit.interrupt())
      else if (known !== undefined) {
        if (seen) watched.answeredAt ??= Math.min(clock.timeOf(known.observedAt), at)
        watches.know(watched, known)
      }
      if (!watches.isOpen(watched)) return watcher
      if (before === undefined) begin(watched, at)
      else if (watches.nextDeadline() === watcher.dueAt) signal()
      return watcher
    },
    leave: watches.leave,
    offer: (job) => {
      const watched = watches.jobs.get(job.id)
      if (watched === undefined || job.provider !== provider.id || job.instance !== provider.instance) return
      watched.answeredAt = clock.now()
      watches.merge(watched, job, watched.answeredAt)
    },
    wake,
    lookAgain,
    known: (id) => watches.jobs.get(id)?.job,
    eta: (id) => {
      const watched = watches.jobs.get(id)
      return watched &&
        pace.eta?.({ ...Teaching.cohortOf(provider.id, watched), age: age(clock, watched, clock.now()) })
    },
    cancellations,
    wakes,
    subscribe: (listener) => {
      if (closed) listener.close()
      watches.listeners.add(listener)
      return () => void watches.listeners.delete(listener)
    },
    close: Effect.suspend(() => {
      closed = true
      const underWay = [loop, ...looks.underWay()].filter(isNotUndefined)
      watches.endAll(Exit.interrupt())
      for (const { close } of watches.listeners) close()
      return Fiber.interruptAll(underWay)
    })
  }
}
