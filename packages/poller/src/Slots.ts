/**
 * What an account may run at once, as a resource.
 *
 * @since 0.1.0
 */
import type { MediaKind } from "@media-jobs/core/Artifact"
import type { Handle } from "@media-jobs/core/Handle"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Ledger from "@media-jobs/core/Ledger"
import type * as Provider from "@media-jobs/core/Provider"
import type { Remedy } from "@media-jobs/core/Remedy"
import type { Submission } from "@media-jobs/core/Submission"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { Permits, type Waiter } from "./internal/permits.ts"
import * as RetryDelay from "./internal/retryDelay.ts"

/**
 * What an earlier process left running.
 *
 * **Details**
 *
 * `handles` and `uncertain` as from `Ledger.resume`; those of another provider or instance are left aside. `ended` waits for the end of a job, as
 * `Poller.await` does; `over` for the end of what a submit became whose outcome was never written, or until it is known to have become nothing.
 *
 * @since 0.1.0
 * @category models
 */
export interface Resumed {
  readonly handles: ReadonlyArray<Handle>
  readonly ended: (handle: Handle) => Effect.Effect<unknown, unknown>
  readonly uncertain?: ReadonlyArray<Ledger.Intent> | undefined
  readonly over?: ((intent: Ledger.Intent) => Effect.Effect<unknown, unknown>) | undefined
}

/**
 * Where limits come from where the service tells none, what runs already, and how long a submit waits.
 *
 * **Details**
 *
 * `limits` are the application's own, at least one each, by account, and by kind where the service counts kinds apart; the
 * service's own word, from `capacity`, goes before them. `maxWait` is how long a submit may go on being told that there is no room (one hour),
 * from the first time; waiting for a slot before that does not count.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly limits?: ReadonlyArray<Pick<Provider.Capacity, "account" | "kind" | "limit">> | undefined
  readonly resumed?: Resumed | undefined
  readonly maxWait?: Duration.Input | undefined
}

/**
 * What a submit may fail with: any tagged error; a `RateLimited` with the remedy of core's is waited out.
 *
 * @since 0.1.0
 * @category models
 */
export interface Failure {
  readonly _tag: string
  readonly remedy?: Remedy | undefined
}

/**
 * One submit that wants a slot.
 *
 * **Details**
 *
 * Without an `account`, one with room is chosen. `ended` waits for the end of a job, as `Poller.await` does; `over` for that of whatever became of
 * the submit, where its reply was lost.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request<E, R> {
  readonly account?: string | undefined
  readonly kind?: MediaKind | undefined
  readonly submit: (account: string | undefined) => Effect.Effect<Submission, E, R>
  readonly ended: (id: JobId, submission: Submission) => Effect.Effect<unknown, unknown>
  readonly over?: Effect.Effect<unknown, unknown> | undefined
}

/**
 * The slots of one provider instance.
 *
 * @since 0.1.0
 * @category models
 */
export interface Slots {
  /**
   * Submits once there is a slot. The submission holds it until the last of its jobs has ended, or can't be watched any more.
   *
   * A submit that fails gives its slot back. Where it may run all the same (`SubmissionUncertain`, a defect, an interruption),
   * the slot is free once the service does not count it, or where there is no `capacity` a minute later, once it is `over`. One that is told that
   * there is no room (`RateLimited`) goes again: the service has refused it, so nothing was begun. No submit goes to the account for as
   * long as the service asks, or ten seconds; then one at a time tries, as long as they are taken.
   */
  readonly submit: <E extends Failure, R>(request: Request<E, R>) => Effect.Effect<Submission, E, R>
  /** Submissions that wait for a slot now. */
  readonly waiting: Effect.Effect<number>
}

const held = Metric.gauge("media_jobs_slots_held", { description: "Slots held by submissions of this process" })
const waited = Metric.gauge("media_jobs_slots_waiting", { description: "Submissions that wait for a slot" })

/** How old the service's word on its capacity may be while a submit waits. */
const freshFor = Duration.minutes(1)
/** How long to leave a service alone that has no room and does not say for how long. */
const pause = 10_000

/**
 * Slots for the submits of one provider instance, for the time of the scope.
 *
 * **When to use**
 *
 * Use where more is submitted than the accounts may run at once: what waits here does not fail there.
 *
 * **Details**
 *
 * Limits come from the provider's `capacity`, asked for at the start, once a minute while a submit waits, and when there is doubt
 * about it; else from the options. A 429 teaches where both are silent or wrong, until submits that try are taken, or a
 * minute has passed for each slot. First come, first served, but a submit that waits for a full account holds up no other.
 *
 * What an earlier process left running is in the service's own count; where it gives none, each submission among the resumed
 * handles, and each that is uncertain, holds a slot, of every account, until the last of its jobs has ended.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  provider: Provider.Identity & Partial<Pick<Provider.Operations, "capacity">>,
  options?: Options
): Effect.fn.Return<Slots, JobError.InvalidRequest, Scope.Scope> {
  const longest = Option.getOrUndefined(Duration.fromInput(options?.maxWait ?? Duration.hours(1)))
  // From JavaScript, anything may come.
  const issues = (options?.limits ?? []).flatMap(({ account, limit }, i) => [
    ...(limit >= 1 ? [] : [{ field: `limits.${i}.limit`, message: "must be 1 or more, or nothing would ever run" }]),
    ...(typeof account === "string" ? [] : [{ field: `limits.${i}.account`, message: "must be an account's name" }])
  ]).concat(
    longest !== undefined ? [] : [{ field: "maxWait", message: "must be a duration, such as \"1 hour\"" }]
  )
  if (issues.length > 0 || longest === undefined) {
    return yield* new JobError.InvalidRequest({
      provider: provider.id,
      instance: provider.instance,
      operation: "capacity",
      issues
    })
  }

  const maxWait = Duration.toMillis(longest)
  const scope = yield* Effect.scope
  const context = yield* Effect.context()
  const attributes = { provider: provider.id, instance: provider.instance }
  const [holding, queued] = [Metric.withAttributes(held, attributes), Metric.withAttributes(waited, attributes)]
  const permits = new Permits(() => {
    holding.updateUnsafe(permits.allHeld, context)
    queued.updateUnsafe(permits.waiting, context)
  })

  for (const { account, kind, limit } of options?.limits ?? []) permits.setLimit(account, kind, limit)
  // A service that can't tell now is asked again; until then its limits are the application's, or unknown.
  // One odd answer is no such time: some services take no submit that names no account.
  const ask = Effect.retry(provider.capacity ?? Effect.succeed([]), {
    while: ({ _tag }) => _tag === "UnexpectedResponse",
    times: 2,
    schedule: Schedule.spaced("1 second")
  })
  const refresh = Effect.map(Effect.orElseSucceed(ask, () => []), (told) => {
    if (told.length > 0) {
      permits.report(told)
      permits.remove(anyAccount)
    }
    return told
  })
  yield* refresh
  // An account of which nothing is known takes what comes, until a 429 teaches better.
  if (permits.accounts.length === 0) permits.setLimit(anyAccount, undefined, Infinity)

  const doubt = yield* Latch.make()
  yield* Effect.forkScoped(Effect.forever(Effect.gen(function*() {
    const due = Option.isNone(yield* Effect.timeoutOption(doubt.await, freshFor))
    doubt.closeUnsafe()
    const idle = provider.capacity !== undefined && permits.waiting === 0 && !permits.accounts.includes(anyAccount)
    if (due && idle) return
    const told = yield* refresh
    if (due) permits.relax(told)
  })))

  yield* Effect.forEach(resumedEnds(provider, options?.resumed), (ended) => {
    permits.resume()
    const end = Effect.sync(() => {
      permits.endResumed()
      if (provider.capacity !== undefined) doubt.openUnsafe()
    })
    return Effect.forkIn(Effect.ensuring(ended, end), scope)
  }, { discard: true })

  const take = (
    { account, kind }: Pick<Request<never, never>, "account" | "kind">,
    ticket: number
  ): Effect.Effect<string> =>
    Effect.callback((resume) => {
      let granted: string | undefined
      const waiter: Waiter = {
        ticket,
        account,
        kind,
        grant: (name) => {
          granted = name
          resume(Effect.succeed(name))
        }
      }
      permits.acquire(waiter)
      return Effect.sync(() => {
        // Interrupted between the grant and its receipt.
        if (granted === undefined) permits.withdraw(waiter)
        else permits.release(granted, kind)
      })
    })

  let tickets = 0
  let hasWarned = false

  /** No submit goes to the account for as long as the service asks, whichever of them it told. */
  const leaveAlone = (account: string, kind: MediaKind | undefined, remedy: Remedy | undefined) => {
    const reopen = Effect.sync(permits.rejected(account, kind))
    const asked = remedy === undefined ? 0 : RetryDelay.askedFor({ remedy })
    const warning = hasWarned || remedy === undefined ? undefined : RetryDelay.warning(provider.id, { remedy })
    if (warning !== undefined) hasWarned = true
    return Effect.andThen(
      warning ?? Effect.void,
      Effect.forkIn(Effect.andThen(Effect.sleep(Math.max(pause, asked)), reopen), scope)
    )
  }

  /** A submission; or nothing, where the service had no room, which `refused` is told. */
  const attempt = <E extends Failure, R>(
    { account, ended, kind, over = Effect.void, submit }: Request<E, R>,
    permission: Effect.Effect<string, E>,
    refused: (failure: E) => Effect.Effect<void>
  ) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        const permit = yield* restore(permission)
        const release = Effect.sync(() => permits.release(permit, kind))
        const hold = (until: Effect.Effect<void>) =>
          Effect.forkIn(Effect.ensuring(Effect.interruptible(until), release), scope)
        const submitted = Effect.suspend(() => submit(account ?? (permit === anyAccount ? undefined : permit)))
        const exit = yield* Effect.exit(restore(submitted))
        if (Exit.isSuccess(exit)) {
          const submission = exit.value
          yield* hold(allEnded(submission.ids, (id) => ended(id, submission)))
          permits.accepted(permit, kind)
          return submission
        }
        const failure = exit.cause.reasons.find(Cause.isFailReason)?.error
        if (failure?._tag === "RateLimited") {
          yield* leaveAlone(permit, kind, failure.remedy)
          yield* refused(failure)
          return undefined
        }
        // A submit whose reply was lost may hold a slot at the service: its own word tells, else the time that a word is good.
        const lost = failure === undefined || failure._tag === "SubmissionUncertain"
        if (lost && provider.capacity === undefined) {
          yield* hold(Effect.andThen(Effect.sleep(freshFor), Effect.asVoid(Effect.exit(over))))
        } else if (lost) permits.releaseUnknown(permit, kind)
        else yield* release
        if (provider.capacity !== undefined && (lost || failure._tag === "AccountNotFound")) doubt.openUnsafe()
        return yield* Effect.failCause(exit.cause)
      })
    )

  return {
    submit: Effect.fnUntraced(function*<E extends Failure, R>(request: Request<E, R>) {
      const permit = take(request, tickets++)
      let permission: Effect.Effect<string, E> = permit
      let since: number | undefined
      const refused = (failure: E) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          since ??= now
          permission = Effect.timeoutOrElse(permit, {
            duration: Math.max(0, since + maxWait - now),
            orElse: () => Effect.fail(failure)
          })
        })
      for (;;) {
        const submission = yield* attempt(request, permission, refused)
        if (submission !== undefined) return submission
      }
    }),
    waiting: Effect.sync(() => permits.waiting)
  }
})

/** However each ends, or can't be watched any more. */
const allEnded = <A>(jobs: ReadonlyArray<A>, ended: (job: A) => Effect.Effect<unknown, unknown>): Effect.Effect<void> =>
  Effect.forEach(jobs, (job) => Effect.exit(Effect.suspend(() => ended(job))), {
    // Most submissions are of one job, which needs no fiber of its own.
    concurrency: jobs.length === 1 ? 1 : "unbounded",
    discard: true
  })

/** The ends of what was left: of submissions, as far as it can be told that those of one instant with one reference are one; and of uncertain submits. */
const resumedEnds = (
  { id, instance }: Provider.Identity,
  resumed: Resumed | undefined
): ReadonlyArray<Effect.Effect<void>> => {
  if (resumed === undefined) return []
  const { ended, handles, over = () => Effect.void, uncertain = [] } = resumed
  const isOurs = (one: Pick<Handle, "provider" | "instance">) => one.provider === id && one.instance === instance
  const submissions = new Map<string, Array<Handle>>()
  for (const handle of handles.filter(isOurs)) {
    const key = `${handle.submittedAt.epochMilliseconds} ${handle.reference ?? ""}`
    submissions.set(key, [...submissions.get(key) ?? [], handle])
  }
  return [
    ...Array.from(submissions.values(), (handles) => allEnded(handles, ended)),
    ...uncertain.filter(isOurs).map((intent) => allEnded([intent], over))
  ]
}

/** Stands for the account that the service chooses, where none is known. */
const anyAccount = ""
