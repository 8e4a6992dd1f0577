import type * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { isNotUndefined } from "effect/Predicate"
import * as Result from "effect/Result"
import type { Pace } from "../Pace.ts"
import * as Absence from "./absence.ts"
import { age } from "./age.ts"
import type { Cancellations } from "./cancellations.ts"
import type { EngineClock } from "./engineClock.ts"
import type { Metrics } from "./metrics.ts"
import * as RetryDelay from "./retryDelay.ts"
import type { Schedule } from "./schedule.ts"
import { cohortOf } from "./teaching.ts"
import * as Trouble from "./trouble.ts"
import * as WatchedJob from "./watchedJob.ts"
import type { Watches } from "./watches.ts"

/** Where lists fail, come incomplete or hang, a job without news for so long is asked for by itself. */
const withoutNews = 60_000
/** A listed job is not taken at the list's word for ever. */
const staleAfter = 600_000
/** Of all requests, one in so many may go to jobs that are listed. */
const requestsPerVerification = 20
/** While lists fail and looks stand in for them, or fail too, each is tried again half as often as alone. */
const slowestRetryBeside = 120_000

/** Requests to the service, and what their answers mean. */
export interface Looks {
  readonly list: () => void
  readonly look: (watched: WatchedJob.WatchedJob) => void
  /** The list does not come: what has been without news for long is asked for by itself. */
  readonly standIn: (at: number, jobs?: Iterable<WatchedJob.WatchedJob>) => void
  /** What the last list failed for, until one comes. */
  readonly listTrouble: () => string | undefined
  readonly interruptList: () => void
  readonly underWay: () => ReadonlyArray<Fiber.Fiber<unknown, unknown>>
}

export const make = ({ cancellations, clock, fork, metrics, pace, provider, random, schedule, signal, watches }: {
  readonly provider: Provider.Identity & Partial<Pick<Provider.Operations, "list" | "get">>
  readonly pace: Pace
  readonly clock: EngineClock
  readonly random: () => number
  readonly metrics: Metrics
  readonly schedule: Schedule
  readonly watches: Watches
  readonly cancellations: Cancellations
  readonly signal: () => void
  readonly fork: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
}): Looks => {
  const { get, list } = provider
  const { jobs } = watches
  let requests = 0
  let verifications = 0
  let listFiber: Fiber.Fiber<unknown, unknown> | undefined
  /** Since the last list that came. */
  let listTrouble: Trouble.Trouble | undefined
  /** Looks that failed since the last that came, while lists fail. */
  let probes = 0
  let hasWarned = false

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
      if (Result.isFailure(done)) watches.endAll(Exit.die(done.failure))
      signal()
    })
    return fiber
  }

  const backoff = (failures: number, error: JobError.JobError, slowest: number): number => {
    const warning = hasWarned ? undefined : RetryDelay.warning(provider.id, error)
    if (warning !== undefined) {
      hasWarned = true
      fork(warning)
    }
    return RetryDelay.backoff(failures, error, slowest)
  }

  const evidence = (watched: WatchedJob.WatchedJob): Absence.Evidence => ({
    seen: watched.answeredAt !== undefined,
    submitted: watched.submittedAt !== undefined,
    cancelled: cancellations.wasTaken(watched.id)
  })

  // --- one job at a time -------------------------------------------------------------------------------------------

  const onNotFound = (watched: WatchedJob.WatchedJob, error: JobError.NotFound, at: number) => {
    watched.absence = Absence.again(watched.absence, at)
    const verdict = Absence.ofLook(watched.absence, evidence(watched), at, error.status)
    if (verdict === "unknown") return watches.end(watched, Exit.fail(error))
    if (verdict !== undefined) return watches.conclude(watched, verdict)
    schedule.askLater(watched, at + Math.min(schedule.delay(watched, at, random()), Absence.lookAgainWithin))
  }

  const onFailure = (watched: WatchedJob.WatchedJob, error: JobError.Of<"get">, at: number) => {
    const trouble = watched.trouble = Trouble.again(watched.trouble, error)
    switch (error._tag) {
      case "NotFound":
        return onNotFound(watched, error, at)
      case "RateLimited":
        schedule.rateLimited(at + backoff(0, error, Trouble.slowestRetry))
        break
      case "Unavailable":
        if (listTrouble !== undefined) {
          schedule.probe(at + backoff(listTrouble.failures + probes++, error, slowestRetryBeside))
        }
        break
      case "Unauthorized":
        return listTrouble === undefined ? watches.end(watched, Exit.fail(error)) : watches.endAll(Exit.fail(error))
      default:
        if (!Trouble.passes(trouble, error)) return watches.end(watched, Exit.fail(error))
    }
    const wait = Math.max(
      backoff(trouble.failures - 1, error, Trouble.slowestRetry),
      schedule.delay(watched, at, random())
    )
    schedule.askLater(watched, at + wait)
  }

  const answers = () => {
    probes = 0
    schedule.endProbes()
  }

  const onLook = (watched: WatchedJob.WatchedJob, exit: Exit.Exit<Job.Job, JobError.Of<"get">>) => {
    schedule.lookCame()
    const again = watched.look?.again
    watched.look = undefined
    if (!watches.isOpen(watched)) return
    const at = clock.now()
    watched.verifiedAt = at
    if (Exit.isSuccess(exit)) {
      answers()
      WatchedJob.resetTrouble(watched, at)
      watches.merge(watched, exit.value, at)
      if (watches.isOpen(watched)) schedule.askLater(watched, at + schedule.delay(watched, at, random()))
    } else {
      const failed = Cause.findError(exit.cause)
      if (Result.isSuccess(failed)) onFailure(watched, failed.success, at)
      else if (Cause.hasInterruptsOnly(exit.cause)) schedule.askLater(watched, at + schedule.delay(watched, at, 0))
      else watches.end(watched, Exit.failCause(failed.failure))
    }
    if (again === true && watches.isOpen(watched)) schedule.ask(watched)
  }

  // --- all at once -------------------------------------------------------------------------------------------------

  /** Asks for a job by itself once it has been without news for so long. */
  const askWithoutNews = (watched: WatchedJob.WatchedJob, at: number, after: number) => {
    if (schedule.hasLook(watched)) return
    schedule.askLater(watched, Math.max(at, (watched.answeredAt ?? watched.openedAt) + after))
  }

  const standIn = (at: number, of: Iterable<WatchedJob.WatchedJob> = jobs.values(), after = withoutNews) => {
    if (get !== undefined) { for (const watched of of) askWithoutNews(watched, at, after) }
  }

  const onAbsent = (watched: WatchedJob.WatchedJob, complete: boolean, at: number) => {
    if (get === undefined) {
      if (!complete) return
      watched.absence = Absence.again(watched.absence, at)
      const verdict = Absence.ofLists(watched.absence, evidence(watched), at)
      if (verdict !== undefined) watches.conclude(watched, verdict)
    } else if (complete) {
      // Of one that has just left the list, a look beside that list may have been answered before.
      if (watched.listed === schedule.lastListReceived || !schedule.hasLook(watched)) schedule.ask(watched)
    } else askWithoutNews(watched, at, withoutNews)
  }

  const onListing = (listing: Provider.Listing, at: number) => {
    listTrouble = undefined
    answers()
    for (const job of listing.jobs) {
      const watched = jobs.get(job.id)
      if (watched === undefined) continue
      schedule.isListed(watched)
      WatchedJob.resetTrouble(watched, at)
      watches.merge(watched, job, at)
    }
    const { listsSent } = schedule
    for (const watched of jobs.values()) {
      if (watched.listed !== listsSent && watched.listsBefore !== listsSent) onAbsent(watched, listing.complete, at)
    }
    schedule.lastListReceived = listsSent
    if (get !== undefined) verifyStale(at)
    schedule.placeNextList(at)
  }

  /** Services have listed finished jobs for ever: the longest unverified are asked for, within the budget. */
  const verifyStale = (at: number) => {
    let budget = Math.floor(requests / requestsPerVerification) - verifications
    if (budget <= 0) return
    const verifiedAt = (watched: WatchedJob.WatchedJob) => watched.verifiedAt ?? at - age(clock, watched, at)
    const isStale = (watched: WatchedJob.WatchedJob) =>
      at - verifiedAt(watched) >= (pace.overdue?.(cohortOf(provider.id, watched)) ?? staleAfter)
    const stale: Array<WatchedJob.WatchedJob> = []
    for (const watched of jobs.values()) {
      if (watched.listed === schedule.listsSent && watched.look === undefined && isStale(watched)) stale.push(watched)
    }
    for (const watched of stale.sort((a, b) => verifiedAt(a) - verifiedAt(b))) {
      if (budget-- <= 0) return
      verifications++
      schedule.ask(watched)
    }
  }

  /** No trouble with the list ends a watch that `get` can serve; a token that neither takes ends all. */
  const onListFailure = (error: JobError.Of<"list">, at: number) => {
    listTrouble = Trouble.again(listTrouble, error)
    if (error._tag === "RateLimited") schedule.rateLimited(at + backoff(0, error, Trouble.slowestRetry))
    else if (error._tag !== "Unavailable" && get === undefined && !Trouble.passes(listTrouble, error)) {
      return watches.endAll(Exit.fail(error))
    }
    schedule.noListBefore(
      at + backoff(listTrouble.failures - 1, error, get === undefined ? Trouble.slowestRetry : slowestRetryBeside)
    )
    // One look tells whether the token is refused there too.
    if (error._tag === "Unauthorized") schedule.probe(at)
    // What no retry of the list helps against may be as true of each job: that is told at once.
    standIn(at, undefined, JobError.isRetryable(error) || error._tag === "UnexpectedResponse" ? withoutNews : 0)
    schedule.placeNextList(at)
  }

  const onList = (exit: Exit.Exit<Provider.Listing, JobError.Of<"list">>) => {
    schedule.listCame()
    if (jobs.size === 0) return
    const at = clock.now()
    if (Exit.isSuccess(exit)) return onListing(exit.value, at)
    const failed = Cause.findError(exit.cause)
    if (Result.isSuccess(failed)) return onListFailure(failed.success, at)
    if (Cause.hasInterruptsOnly(exit.cause)) schedule.listBy(at)
    else watches.endAll(Exit.failCause(failed.failure))
  }

  return {
    list: () => {
      if (list !== undefined) listFiber = send("list", list, onList)
    },
    look: (watched) => {
      if (get === undefined) return
      const look: WatchedJob.Look = { fiber: undefined, again: false }
      watched.look = look
      look.fiber = send("get", get(watched.id), (exit) => onLook(watched, exit))
    },
    standIn,
    listTrouble: () => listTrouble?.message,
    interruptList: () => {
      if (schedule.listing) listFiber?.interruptUnsafe()
    },
    underWay: () => [listFiber, ...Array.from(jobs.values(), ({ look }) => look?.fiber)].filter(isNotUndefined)
  }
}

const outcomeOf = (exit: Exit.Exit<unknown, JobError.JobError>): string =>
  Exit.isSuccess(exit)
    ? "ok"
    : exit.cause.reasons.find(Cause.isFailReason)?.error._tag ??
      (Cause.hasInterruptsOnly(exit.cause) ? "interrupted" : "defect")
