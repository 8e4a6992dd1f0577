import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { isNotUndefined } from "effect/Predicate"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { Eta, Pace } from "../Pace.ts"
import * as Cell from "./cell.ts"
import * as Metrics from "./metrics.ts"
import { Timers } from "./timers.ts"

/** A new watch does not wait for the next list, but lists are never closer than this. */
const closestLists = 1_000
/** From incomplete lists nothing is concluded; after this long without news a job is asked by itself. */
const patience = 60_000
/** A listed job is not taken at the list's word for ever. */
const overdueAfter = 600_000
/** Of all requests, one in so many may go to jobs that are listed. */
const requestsPerProof = 20
/** So many strange answers in a row pass. */
const surprisesAllowed = 5
/** Of a provider that can't be asked about one job, absence is believed at the second list. */
const absencesBelieved = 2
const slowestRetry = 60_000
/** A job that is due while a list is on its way waits so long for it: the list may answer for it. */
const timelyList = 5_000
/** Whatever a pace says, looks are never closer than this. */
const closestLooks = 10
/** A job that is listed every second has not told anything new each time: the pace hears of it once it is so much older. */
const worthTelling = 1.05

export interface Options {
  readonly pace: Pace
  readonly concurrency: number
}

/** Whoever hears of all changes, and of the engine's end. */
export interface Listener {
  readonly change: (job: Job.Job) => void
  readonly close: () => void
}

export interface Engine {
  readonly open: (id: JobId, deadline: Duration.Duration, submission: Cell.Submitted | undefined) => Cell.Watcher
  readonly close: (watcher: Cell.Watcher) => void
  readonly offer: (job: Job.Job) => void
  readonly wake: (id: JobId) => void
  readonly eta: (id: JobId) => Eta | undefined
  readonly subscribe: (listener: Listener) => () => void
}

/**
 * The one loop that serves every watch of a provider.
 *
 * It sleeps until something is due (the next list, a job to be asked by itself, a watch's deadline) or until it is poked.
 * Requests run beside it, so that a service that hangs delays no deadline. State changes between two awaits, never across one.
 */
export const make = Effect.fnUntraced(function*(
  provider: Provider.Identity & Partial<Pick<Provider.Operations, "list" | "get">>,
  { concurrency, pace }: Options
): Effect.fn.Return<Engine, never, Scope.Scope> {
  const clock = yield* Clock.Clock
  const random = yield* Random.Random
  const context = yield* Effect.context()
  const fork = Effect.runForkWith(context)
  const { get, list } = provider

  const cells = new Map<JobId, Cell.Cell>()
  const dues = new Timers<Cell.Cell>()
  const deadlines = new Timers<Cell.Watcher>()
  const ready = new Set<Cell.Cell>()
  const listeners = new Set<Listener>()
  let asking = 0
  let requests = 0
  let proofs = 0
  let quietUntil = 0
  let closed = false

  let poked = false
  let wake: (() => void) | undefined
  let alarm: Fiber.Fiber<unknown> | undefined
  let alarmAt = Infinity

  let lists = 0
  /** The last of them that came. */
  let answered = -1
  let listing = false
  let listFiber: Fiber.Fiber<unknown, unknown> | undefined
  let listedAt = -Infinity
  let listDueAt = Infinity
  let nextListNotBefore = -Infinity
  let listFailures = 0
  let listSurprises = 0
  let listTrouble: string | undefined

  const metrics = Metrics.make(provider.id, provider.instance, context)

  const startedAt = clock.currentTimeMillisUnsafe()
  const now = () => clock.currentTimeMillisUnsafe() - startedAt
  /** An instant of a service or of another process, as a time of this engine. */
  const timeOf = (instant: DateTime.Utc) => instant.epochMilliseconds - startedAt
  const instantOf = (time: number) => DateTime.makeUnsafe(startedAt + time)
  /** Consumers run while they are told, and may leave or come back at once. */
  const isOpen = (cell: Cell.Cell) => cells.get(cell.id) === cell
  const sortOf = ({ job, submission }: Cell.Cell) => ({
    provider: provider.id,
    kind: job?.kind ?? submission?.kind,
    model: job?.model ?? submission?.model
  })
  /** When a job began: by the clock that the submit went by, else by the service's. */
  const bornAt = ({ job, submission }: Cell.Cell) => {
    const instant = submission?.submittedAt ?? job?.createdAt
    return instant === undefined ? undefined : timeOf(instant)
  }
  const age = (cell: Cell.Cell, at: number) => Math.max(0, at - (bornAt(cell) ?? cell.openedAt))
  const delay = (cell: Cell.Cell, at: number, chance: number) =>
    Math.max(closestLooks, Math.round(pace.delay({ ...sortOf(cell), age: age(cell, at), random: chance }))) || patience
  const backoff = (failures: number, error: JobError.JobError) =>
    Math.max(
      Math.min(1_000 * 2 ** Math.min(failures, 10), slowestRetry),
      Duration.toMillis(JobError.retryAfterOf(error) ?? Duration.zero)
    )

  // --- sleeping and waking -----------------------------------------------------------------------------------------

  const poke = () => {
    poked = true
    wake?.()
  }
  /** Whoever opens one watch often opens another in the same breath, so the loop yields before it looks: one list for all. */
  const asleep = Effect.callback<void>((resume) => {
    wake = () => {
      wake = undefined
      resume(Effect.yieldNow)
    }
    if (poked) wake()
  })
  /** Pokes then, or sooner: one alarm for all that is to come. */
  const setAlarm = (dueAt: number) => {
    if (dueAt >= alarmAt && dueAt < Infinity) return
    alarm?.interruptUnsafe()
    alarmAt = dueAt
    // Whole milliseconds: woken a fraction too soon, it would sleep for no time at all, again and again.
    const delay = Math.max(0, Math.ceil(dueAt - now()))
    alarm = dueAt === Infinity ? undefined : fork(Effect.map(Effect.sleep(delay), () => {
      alarmAt = Infinity
      poke()
    }))
  }
  /** Sends a request, and takes in what it came to; a pace that throws ends the watches, as a defect of the program. */
  const send = <A, E extends JobError.JobError>(
    operation: "list" | "get",
    request: Effect.Effect<A, E>,
    takeIn: (exit: Exit.Exit<A, E>) => void
  ): Fiber.Fiber<A, E> => {
    requests++
    const fiber = fork(request)
    fiber.addObserver((exit) => {
      metrics.look(operation, outcomeOf(exit))
      const done = Result.try(() => takeIn(exit))
      if (Result.isFailure(done)) endAll(Exit.die(done.failure))
      poke()
    })
    return fiber
  }

  // --- what watches hear -------------------------------------------------------------------------------------------

  const forget = (cell: Cell.Cell) => {
    cells.delete(cell.id)
    dues.delete(cell)
    ready.delete(cell)
    cell.look?.fiber?.interruptUnsafe()
    if (cells.size > 0) return
    if (listing) listFiber?.interruptUnsafe()
    listDueAt = Infinity
    poke()
  }

  const close = (watcher: Cell.Watcher) => {
    watcher.ending ??= Exit.void
    deadlines.delete(watcher)
    const { cell } = watcher
    if (!Cell.leave(watcher)) return
    metrics.watches(-1)
    if (cell.watcher === undefined && isOpen(cell)) forget(cell)
  }

  /** Whoever is told may leave, or come back, at once. */
  const notify = (cell: Cell.Cell) => {
    for (let { watcher } = cell; watcher !== undefined; watcher = watcher.next) watcher.resume?.()
  }

  /** Forgotten before anyone is told: who comes back at once begins anew. */
  const end = (cell: Cell.Cell, ending: Cell.Ending) => {
    forget(cell)
    for (let { watcher } = cell; watcher !== undefined; watcher = watcher.next) {
      close(watcher)
      watcher.ending = ending
      watcher.resume?.()
    }
  }

  const endAll = (ending: Cell.Ending) => {
    for (const cell of Array.from(cells.values())) end(cell, ending)
  }

  /** Up to what age the pace knows of a job; what came before anyone watched it is not for it to know. */
  const toldAge = (cell: Cell.Cell, born: number) => cell.toldAge ?? Math.max(0, cell.openedAt - born)

  const tellThatItRuns = (cell: Cell.Cell, at: number) => {
    const born = pace.observe && bornAt(cell)
    if (born === undefined) return
    const [from, to] = [toldAge(cell, born), at - born]
    if (to < from * worthTelling && cell.toldAge !== undefined) return
    pace.observe?.({ ...sortOf(cell), from, to, ended: false })
    cell.toldAge = Math.max(from, to)
  }

  /** How long a job took is what the service says; else it is between the last look and this one. */
  const tellThatItEnded = (cell: Cell.Cell, job: Job.Job) => {
    const born = pace.observe && bornAt(cell)
    if (born === undefined || !job.is("Succeeded", "Failed")) return
    const from = toldAge(cell, born)
    const { createdAt, updatedAt } = job
    const took = createdAt && updatedAt && updatedAt.epochMilliseconds - createdAt.epochMilliseconds
    // Of one that had ended before anyone watched, others like it went unseen.
    if (cell.toldAge === undefined && (took === undefined ? from > patience : took < from)) return
    const to = Math.max(from, took ?? now() - born)
    if (took !== undefined) pace.observe?.({ ...sortOf(cell), from, to, ended: false })
    pace.observe?.({ ...sortOf(cell), from: took === undefined ? from : to, to, ended: true })
  }

  const tell = (cell: Cell.Cell, job: Job.Job) => {
    if (job.isTerminal) {
      const endedAt = job.is("Succeeded", "Failed", "Cancelled") ? job.updatedAt && timeOf(job.updatedAt) : undefined
      const wasWatched = endedAt !== undefined && endedAt >= cell.openedAt
      metrics.end(job.state._tag, wasWatched ? Math.max(0, now() - endedAt) : undefined)
      tellThatItEnded(cell, job)
    }
    for (const { change } of listeners) change(job)
    if (job.isTerminal) end(cell, Exit.void)
    else notify(cell)
  }

  const hear = (cell: Cell.Cell, job: Job.Job, at: number) => {
    const news = Cell.hear(cell, job)
    if (!job.isTerminal) tellThatItRuns(cell, at)
    if (news && cell.job !== undefined) tell(cell, cell.job)
  }

  /** An ending that the engine concludes; not joined, for `Untracked` ranks below whatever was seen. */
  const conclude = (cell: Cell.Cell, tag: "Untracked" | "Expired") => {
    cell.job = new Job.Job({
      ...(cell.job ?? { id: cell.id, provider: provider.id, instance: provider.instance }),
      state: { _tag: tag },
      observedAt: instantOf(now())
    })
    tell(cell, cell.job)
  }

  // --- one job at a time -------------------------------------------------------------------------------------------

  const ask = (cell: Cell.Cell) => {
    dues.delete(cell)
    if (cell.look === undefined) ready.add(cell)
    else cell.look.again = true
  }

  /** A job on the list is looked at with the list; any other by itself. */
  const askLater = (cell: Cell.Cell, at: number, wait: number) => {
    if (list === undefined || cell.listed !== lists) dues.set(cell, at + wait)
  }

  const onFailure = (cell: Cell.Cell, error: JobError.Of<"get">, at: number) => {
    const failures = (cell.trouble?.failures ?? 0) + 1
    const surprises = (cell.trouble?.surprises ?? 0) + (error._tag === "UnexpectedResponse" ? 1 : 0)
    cell.trouble = { failures, surprises, message: error.message }
    switch (error._tag) {
      case "NotFound":
        if (cell.heardAt !== undefined) return conclude(cell, "Expired")
        if (cell.submission === undefined) return end(cell, Exit.fail(error))
        // Submitted it was. Just now, the service may not show it yet.
        if (age(cell, at) > patience) return conclude(cell, "Expired")
        break
      case "RateLimited":
        quietUntil = Math.max(quietUntil, at + backoff(0, error))
        break
      case "Unavailable":
        break
      case "UnexpectedResponse":
        if (surprises > surprisesAllowed) return end(cell, Exit.fail(error))
        break
      default:
        return end(cell, Exit.fail(error))
    }
    askLater(cell, at, Math.max(backoff(failures - 1, error), delay(cell, at, random.nextDoubleUnsafe())))
  }

  const onLook = (cell: Cell.Cell, exit: Exit.Exit<Job.Job, JobError.Of<"get">>) => {
    asking--
    const again = cell.look?.again
    cell.look = undefined
    if (!isOpen(cell)) return
    const at = now()
    cell.provenAt = at
    if (Exit.isSuccess(exit)) {
      Cell.trust(cell, at)
      hear(cell, exit.value, at)
      if (isOpen(cell)) askLater(cell, at, delay(cell, at, random.nextDoubleUnsafe()))
    } else {
      const failure = exit.cause.reasons.find(Cause.isFailReason)
      if (failure !== undefined) onFailure(cell, failure.error, at)
      else if (Cause.hasInterruptsOnly(exit.cause)) askLater(cell, at, delay(cell, at, 0))
      else end(cell, Exit.failCause(withoutErrors(exit.cause)))
    }
    if (again === true && isOpen(cell)) ask(cell)
  }

  // --- all at once -------------------------------------------------------------------------------------------------

  const placeNextList = (at: number) => {
    const chance = random.nextDoubleUnsafe()
    let wait = Infinity
    for (const cell of cells.values()) wait = Math.min(wait, delay(cell, at, chance))
    // What was wished for while a list was on its way stands.
    listDueAt = Math.max(Math.min(listDueAt, at + wait), nextListNotBefore)
  }

  const onListing = ({ complete, jobs }: Provider.Listing, at: number) => {
    listFailures = 0
    listSurprises = 0
    listTrouble = undefined
    for (const job of jobs) {
      const cell = cells.get(job.id)
      if (cell === undefined) continue
      cell.listed = lists
      cell.absences = 0
      Cell.trust(cell, at)
      dues.delete(cell)
      hear(cell, job, at)
    }
    for (const cell of cells.values()) {
      if (cell.listed === lists || cell.openedAfter === lists) continue
      // Of one that has just left the list, a look beside that list may have been answered before.
      const waitsItsTurn = cell.listed !== answered && (cell.slot !== -1 || cell.look !== undefined || ready.has(cell))
      if (get === undefined) {
        if (complete && ++cell.absences >= absencesBelieved) conclude(cell, "Untracked")
      } else if (!waitsItsTurn && (complete || at - (cell.heardAt ?? cell.openedAt) >= patience)) {
        ask(cell)
      }
    }
    answered = lists
    if (get !== undefined) proveOverdue(at)
    placeNextList(at)
  }

  /** Services have listed finished jobs for ever: the longest unproven are asked by themselves, within the budget. */
  const proveOverdue = (at: number) => {
    let budget = Math.floor(requests / requestsPerProof) - proofs
    if (budget <= 0) return
    const unproven = (cell: Cell.Cell) => cell.provenAt ?? at - age(cell, at)
    const isOverdue = (cell: Cell.Cell) => at - unproven(cell) >= (pace.overdue?.(sortOf(cell)) ?? overdueAfter)
    const overdue: Array<Cell.Cell> = []
    for (const cell of cells.values()) {
      if (cell.listed === lists && cell.look === undefined && isOverdue(cell)) overdue.push(cell)
    }
    for (const cell of overdue.sort((a, b) => unproven(a) - unproven(b))) {
      if (budget-- <= 0) return
      proofs++
      ask(cell)
    }
  }

  const onListFailure = (error: JobError.Of<"list">, at: number) => {
    listTrouble = error.message
    const passes = JobError.isRetryable(error) ||
      error._tag === "UnexpectedResponse" && ++listSurprises <= surprisesAllowed
    if (passes) {
      nextListNotBefore = at + backoff(listFailures++, error)
      if (error._tag === "RateLimited") quietUntil = Math.max(quietUntil, nextListNotBefore)
      return placeNextList(at)
    }
    // Retryable errors passed above.
    endAll(Exit.fail(error as Exclude<JobError.Of<"list">, JobError.RateLimited | JobError.Unavailable>))
  }

  const onList = (exit: Exit.Exit<Provider.Listing, JobError.Of<"list">>) => {
    listing = false
    if (cells.size === 0) return
    const at = now()
    if (Exit.isSuccess(exit)) return onListing(exit.value, at)
    const failure = exit.cause.reasons.find(Cause.isFailReason)
    if (failure !== undefined) return onListFailure(failure.error, at)
    if (Cause.hasInterruptsOnly(exit.cause)) listDueAt = Math.max(at, nextListNotBefore)
    else endAll(Exit.failCause(withoutErrors(exit.cause)))
  }

  // --- the loop ----------------------------------------------------------------------------------------------------

  const expireWatches = (at: number) => {
    for (let watcher = deadlines.earliest; watcher !== undefined && watcher.dueAt <= at; watcher = deadlines.earliest) {
      const { cell, deadline } = watcher
      const trouble = cell.trouble?.message ?? listTrouble
      const job = cell.job && cell.heardAt !== undefined
        ? Job.fromValid({ ...cell.job, observedAt: instantOf(cell.heardAt) })
        : cell.job
      watcher.ending = Exit.fail(
        new JobError.Overdue({
          provider: provider.id,
          instance: provider.instance,
          operation: "watch",
          id: cell.id,
          deadline: Duration.millis(deadline),
          ...(job === undefined ? undefined : { job }),
          ...(trouble === undefined ? undefined : { detail: `the last trouble was: ${trouble}` })
        })
      )
      close(watcher)
      watcher.resume?.()
    }
  }

  const duesWaitUntil = () => listing ? listedAt + timelyList : -Infinity

  const tick = () => {
    poked = false
    const at = now()
    metrics.tick()
    expireWatches(at)
    if (at >= quietUntil) {
      if (list !== undefined && !listing && listDueAt <= at) {
        listing = true
        listDueAt = Infinity
        listedAt = at
        nextListNotBefore = at + closestLists
        lists++
        listFiber = send("list", list, onList)
      }
      if (duesWaitUntil() <= at) {
        for (let cell = dues.earliest; cell !== undefined && cell.dueAt <= at; cell = dues.earliest) ask(cell)
      }
      for (const cell of ready) {
        if (get === undefined || asking >= concurrency) break
        ready.delete(cell)
        const look: Cell.Look = { fiber: undefined, again: false }
        cell.look = look
        asking++
        look.fiber = send("get", get(cell.id), (exit) => onLook(cell, exit))
      }
    }
    setAlarm(Math.min(
      deadlines.earliest?.dueAt ?? Infinity,
      Math.max(dues.earliest?.dueAt ?? Infinity, duesWaitUntil(), quietUntil),
      listing ? Infinity : Math.max(listDueAt, quietUntil),
      ready.size > 0 && at < quietUntil ? quietUntil : Infinity
    ))
  }

  // A loop that runs for ever leaves it interrupted, or by a defect; no watch may outlive it in silence.
  yield* Effect.forkScoped(
    Effect.onExit(
      Effect.forever(Effect.andThen(Effect.sync(tick), asleep), { disableYield: true }),
      (exit) =>
        Effect.suspend(() => {
          closed = true
          const underWay = [alarm, listFiber, ...Array.from(cells.values(), ({ look }) => look?.fiber)].filter(
            isNotUndefined
          )
          endAll(exit)
          for (const { close } of listeners) close()
          return Fiber.interruptAll(underWay)
        })
    ),
    { startImmediately: true }
  )

  return {
    open: (id, deadline, submission) => {
      const at = now()
      let cell = cells.get(id)
      if (cell === undefined) {
        cell = Cell.make(id, at, lists, submission)
        // Of a job that was just submitted, the pace knows when to look; of any other, nobody does.
        const firstAt = submission === undefined ? at : at + delay(cell, at, random.nextDoubleUnsafe())
        cells.set(id, cell)
        if (list !== undefined) listDueAt = Math.min(listDueAt, Math.max(firstAt, nextListNotBefore))
        else if (firstAt > at) dues.set(cell, firstAt)
        else ask(cell)
        poke()
      } else cell.submission ??= submission
      const watcher = Cell.join(cell, Duration.toMillis(deadline))
      metrics.watches(1)
      if (closed) {
        end(cell, Exit.interrupt())
        return watcher
      }
      if (Duration.isFinite(deadline)) {
        deadlines.set(watcher, at + watcher.deadline)
        if (deadlines.earliest === watcher) poke()
      }
      return watcher
    },
    close,
    offer: (job) => {
      const cell = cells.get(job.id)
      if (cell === undefined || job.provider !== provider.id || job.instance !== provider.instance) return
      cell.heardAt = now()
      hear(cell, job, cell.heardAt)
    },
    wake: (id) => {
      const cell = cells.get(id)
      if (cell === undefined) return
      if (get === undefined) listDueAt = Math.min(listDueAt, Math.max(now(), nextListNotBefore))
      else ask(cell)
      poke()
    },
    eta: (id) => {
      const cell = cells.get(id)
      return cell && pace.eta?.({ ...sortOf(cell), age: age(cell, now()) })
    },
    subscribe: (listener) => {
      if (closed) listener.close()
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
  }
})

const outcomeOf = (exit: Exit.Exit<unknown, JobError.JobError>): string =>
  Exit.isSuccess(exit)
    ? "ok"
    : exit.cause.reasons.find(Cause.isFailReason)?.error._tag ??
      (Cause.hasInterruptsOnly(exit.cause) ? "interrupted" : "defect")

/** What is left of a cause that holds no error. */
const withoutErrors = (cause: Cause.Cause<unknown>): Cause.Cause<never> =>
  Cause.fromReasons(
    cause.reasons.filter((reason): reason is Cause.Die | Cause.Interrupt => !Cause.isFailReason(reason))
  )
