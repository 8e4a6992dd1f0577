import type { ProviderId } from "@media-jobs/core/ProviderId"
import * as Duration from "effect/Duration"
import type { Pace, Query } from "../Pace.ts"
import { age } from "./age.ts"
import type { EngineClock } from "./engineClock.ts"
import { cohortOf } from "./teaching.ts"
import { Timers } from "./timers.ts"
import type { WatchedJob } from "./watchedJob.ts"
import type { WebhookTrust } from "./webhookTrust.ts"

/** A new watch does not wait for the next list, but lists are never closer than this. */
const closestLists = 1_000
/** A job that is due while a list is on its way waits so long for it: the list may answer for it. */
const timelyList = 5_000
/** Whatever a pace says, looks are never closer than this. */
const closestLooks = 10
/** A list that takes longer than this is no news. */
const slowList = 60_000
/** Where a pace gives no number. */
const withoutPace = 60_000
/** Once there are so many times as many jobs as the next list was placed for, it is placed anew. */
const farMore = 1.5

/** What a pace says, as far as it is a time to wait; where results are kept for minutes, half of that at most. */
export const rounded = (delay: number, keeps?: Duration.Duration): number =>
  Math.min(
    Math.max(closestLooks, Math.round(delay)) || withoutPace,
    keeps === undefined ? Infinity : Duration.toMillis(keeps) / 2
  )

export interface Options {
  readonly provider: ProviderId
  readonly pace: Pace
  readonly concurrency: number
  readonly clock: EngineClock
  readonly random: () => number
  readonly jobs: ReadonlyMap<unknown, WatchedJob>
  readonly webhooks: WebhookTrust
  readonly canList: boolean
  readonly canGet: boolean
  readonly keeps?: Duration.Duration | undefined
}

/** When the next list and the next looks go out; all times are the engine's. */
export class Schedule {
  readonly #options: Options
  /** Jobs to be asked for by themselves, each at its time. */
  readonly #looksDue = new Timers<WatchedJob>()
  /** Those whose time has come, until there is room. */
  readonly #pending = new Set<WatchedJob>()
  #inFlight = 0
  #rateLimitedUntil = 0
  #listing = false
  #listSentAt = -Infinity
  #listDueAt = Infinity
  #listNotBefore = -Infinity
  /** How many jobs the next list was placed for. */
  #placedFor = 0
  /** Cleared where it is to be placed anew when the loop wakes. */
  #isPlaced = true
  /** The only job, asked for by itself though there is a list. */
  #lone: WatchedJob | undefined
  /** While the service is down, one look at a time goes out, and none before this. */
  #probeAt: number | undefined
  /** Whether the list under way has been so for long. */
  listIsSlow = false
  /** How many lists went out. */
  listsSent = 0
  /** The last of them that came. */
  lastListReceived = -1

  constructor(options: Options) {
    this.#options = options
  }

  // --- when ----------------------------------------------------------------------------------------------------------

  delay(watched: WatchedJob, at: number, random: number): number {
    return rounded(this.#options.pace.delay(this.#query(watched, at, random)), this.#options.keeps)
  }

  #query(watched: WatchedJob, at: number, random: number): Query {
    const { clock, provider, webhooks } = this.#options
    const reported = webhooks.isTrusted && watched.wasCalled !== undefined
    return { ...cohortOf(provider, watched), age: age(clock, watched, at), random, reported }
  }

  /** The pace knows when to look at a job that was submitted; where that is past, or not known, the job may have ended. */
  open(watched: WatchedJob, at: number): void {
    const { submittedAt } = watched
    const firstAt = submittedAt === undefined
      ? at
      : Math.max(at, submittedAt + this.delay(watched, submittedAt, this.#options.random()))
    if (this.#options.canList) {
      this.listBy(firstAt)
      if (this.#listDelay !== undefined && this.#options.jobs.size >= farMore * this.#placedFor) this.#isPlaced = false
    } else if (firstAt > at) this.#looksDue.set(watched, firstAt)
    else this.ask(watched)
  }

  /** Asks for a job by itself now; once more, where that is under way. */
  ask(watched: WatchedJob): void {
    this.#looksDue.delete(watched)
    if (watched.look === undefined) this.#pending.add(watched)
    else watched.look.again = true
  }

  /** A job on the list is looked at with the list; any other by itself. */
  askLater(watched: WatchedJob, dueAt: number): void {
    if (!this.#options.canList || watched.listed !== this.listsSent || watched === this.#lone) {
      this.#looksDue.set(watched, dueAt)
    }
  }

  /** The list has answered for the job. */
  isListed(watched: WatchedJob): void {
    watched.listed = this.listsSent
    this.#looksDue.delete(watched)
  }

  /** Whether a look is due, wished for or under way. */
  hasLook(watched: WatchedJob): boolean {
    return watched.heapIndex !== -1 || watched.look !== undefined || this.#pending.has(watched)
  }

  listBy(dueAt: number): void {
    this.#listDueAt = Math.min(this.#listDueAt, Math.max(dueAt, this.#listNotBefore))
  }

  placeNextList(at: number): void {
    const { canGet, jobs } = this.#options
    this.#isPlaced = true
    this.#placedFor = jobs.size
    if (this.#lone !== undefined) this.#looksDue.delete(this.#lone)
    this.#lone = undefined
    const [first] = jobs.values()
    if (this.#listDelay !== undefined && canGet && jobs.size === 1 && first !== undefined) this.#askAlone(first, at)
    // What was wished for while a list was on its way stands.
    else this.#listDueAt = Math.max(Math.min(this.#listDueAt, at + this.#waitForList(at)), this.#listNotBefore)
  }

  #waitForList(at: number): number {
    const random = this.#options.random()
    const queries: Array<Query> = []
    let wait = Infinity
    for (const watched of this.#options.jobs.values()) {
      if (this.#listDelay === undefined) wait = Math.min(wait, this.delay(watched, at, random))
      else if (!this.#hasJustLeft(watched)) queries.push(this.#query(watched, at, random))
    }
    return this.#listDelay === undefined ? wait : rounded(this.#listDelay(queries))
  }

  /** Whether a job is asked for by itself just now since the list lacks it, most often for having ended. */
  #hasJustLeft(watched: WatchedJob): boolean {
    return watched.listed !== this.listsSent && (watched.look !== undefined || this.#pending.has(watched))
  }

  /** What the list was wished for goes to the look in its place. */
  #askAlone(watched: WatchedJob, at: number): void {
    this.#lone = watched
    const dueAt = Math.min(this.#listDueAt, at + this.delay(watched, at, this.#options.random()))
    this.#listDueAt = Infinity
    if (!this.hasLook(watched)) this.#looksDue.set(watched, dueAt)
  }

  get #listDelay(): Pace["listDelay"] {
    return this.#options.canList ? this.#options.pace.listDelay : undefined
  }

  /** While more jobs wait to be asked for than may be at once, a list would only add to them. */
  get #holdsList(): boolean {
    const { concurrency } = this.#options
    return this.#listDelay !== undefined && this.#inFlight >= concurrency && this.#pending.size > concurrency
  }

  /** The next looks go before the next list. */
  noListBefore(time: number): void {
    this.#listNotBefore = Math.max(time, this.#rateLimitedUntil + closestLists)
  }

  rateLimited(until: number): void {
    this.#rateLimitedUntil = Math.max(this.#rateLimitedUntil, until)
  }

  /** Neither list nor look is answered: the next looks are probes. */
  probe(notBefore: number): void {
    this.#probeAt = notBefore
  }

  /** The service answers again. */
  endProbes(): void {
    this.#probeAt = undefined
  }

  /** A job that is watched no more; the last one takes the next list with it. */
  remove(watched: WatchedJob): void {
    this.#looksDue.delete(watched)
    this.#pending.delete(watched)
    if (this.#options.jobs.size === 1) this.#isPlaced = this.#listDelay === undefined
    if (this.#options.jobs.size > 0) return
    this.#isPlaced = true
    this.#placedFor = 0
    this.#lone = undefined
    this.#listDueAt = Infinity
  }

  // --- what goes out now ---------------------------------------------------------------------------------------------

  get listing(): boolean {
    return this.#listing
  }

  /** Whether the list under way has just become slow. */
  listBecameSlow(at: number): boolean {
    return this.#listing && !this.listIsSlow && (this.listIsSlow = at >= this.#listSentAt + slowList)
  }

  listCame(): void {
    this.#listing = this.listIsSlow = false
  }

  lookCame(): void {
    this.#inFlight--
  }

  /** Hands out what is due: the list, then the looks that there is room for. */
  send(at: number, list: () => void, look: (watched: WatchedJob) => void): void {
    if (!this.#isPlaced) this.placeNextList(at)
    if (at < this.#rateLimitedUntil) return
    if (this.#options.canList && !this.#listing && this.#listDueAt <= at && !this.#holdsList) {
      this.#listing = true
      this.#listDueAt = Infinity
      this.#listSentAt = at
      this.#listNotBefore = at + closestLists
      this.listsSent++
      list()
    }
    if (this.#looksWaitUntil() <= at) {
      for (let next = this.#looksDue.earliest; next !== undefined && next.dueAt <= at; next = this.#looksDue.earliest) {
        this.ask(next)
      }
    }
    if (!this.#options.canGet) return
    for (const watched of this.#pending) {
      if (this.#inFlight >= this.#most(at)) break
      this.#pending.delete(watched)
      this.#inFlight++
      look(watched)
    }
  }

  /** When something is due again that no answer brings about. */
  nextAt(at: number): number {
    const pendingFrom = Math.max(this.#rateLimitedUntil, this.#probeAt ?? 0)
    return Math.min(
      Math.max(this.#looksDue.earliest?.dueAt ?? Infinity, this.#looksWaitUntil(), this.#rateLimitedUntil),
      this.#listing ? this.#slowFrom() : this.#holdsList ? Infinity : Math.max(this.#listDueAt, this.#rateLimitedUntil),
      this.#pending.size > 0 && at < pendingFrom ? pendingFrom : Infinity
    )
  }

  /** How many looks may be under way. */
  #most(at: number): number {
    return this.#probeAt === undefined ? this.#options.concurrency : at < this.#probeAt ? 0 : 1
  }

  #slowFrom(): number {
    return this.listIsSlow ? Infinity : this.#listSentAt + slowList
  }

  #looksWaitUntil(): number {
    return this.#listing ? this.#listSentAt + timelyList : -Infinity
  }
}
