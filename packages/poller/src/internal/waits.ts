import type { InvalidHandle } from "@media-jobs/core/Handle"
import type * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import * as Log from "@media-jobs/core/Log"
import * as Provider from "@media-jobs/core/Provider"
import type { Submission } from "@media-jobs/core/Submission"
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Eta } from "../Pace.ts"
import { changes } from "./changes.ts"
import type { Engine } from "./engine.ts"
import * as Subscription from "./subscription.ts"
import { resolve, type Target, type Wanted } from "./target.ts"

export type Watchable = Provider.Provider<"list"> | Provider.Provider<"get">

export interface WatchOptions<P extends Watchable> {
  readonly deadline?: Duration.Input | undefined
  readonly onInterrupt?: (P extends Provider.Provider<"cancel"> ? "cancel" : never) | undefined
}

export type Of<T extends Target, A> = T extends Submission ? readonly [A, ...Array<A>] : A

export type Refusal<T extends Target> = T extends JobId ? JobError.InvalidJobId : JobError.InvalidJobId | InvalidHandle

export type ErrorOf<T extends Target, E extends JobError.JobError> =
  | (T extends Submission ? JobError.OfSubmission<E> : E)
  | Refusal<T>

export interface Waits<P extends Watchable> {
  /**
   * The visible changes of a job, or of all jobs of a submission, from what is known at once to the terminal ones.
   *
   * A failed job is a value. A consumer that is slow misses what lies between, never the end. Where the watch of one job ends
   * early, those of the submission's others go on, and the stream fails after them.
   */
  readonly watch: <T extends Target>(
    target: T,
    options?: WatchOptions<P>
  ) => Stream.Stream<Job.Job, ErrorOf<T, JobError.WatchError>>
  /** The job as it ended, however it ended; of a submission, all its jobs, once the last has ended. */
  readonly await: <T extends Target>(
    target: T,
    options?: WatchOptions<P>
  ) => Effect.Effect<Of<T, Job.Terminal>, ErrorOf<T, JobError.WatchError>>
  /**
   * The job once it succeeded; every other ending is an error that carries the job. Of a submission, all its jobs; where some
   * did not succeed, the error of the first of them, with all in `jobs`.
   */
  readonly succeed: <T extends Target>(
    target: T,
    options?: WatchOptions<P>
  ) => Effect.Effect<Of<T, Job.Succeeded>, ErrorOf<T, JobError.SucceedError>>
  /** Takes a snapshot that was obtained with the provider's token; of a job that is not watched, it does nothing. */
  readonly offer: (job: Job.Job) => Effect.Effect<void>
  /** Asks for a job now; for one that is not watched yet, this is remembered for five minutes. */
  readonly wake: (id: JobId) => Effect.Effect<void>
  /** A watched job as it is known, without a request; `undefined` for one that is not watched, or not known yet. */
  readonly known: (id: JobId) => Effect.Effect<Job.Job | undefined>
  /** How much longer a watched job will take; `undefined` where the pace has not learned it. */
  readonly eta: (id: JobId) => Effect.Effect<Eta | undefined>
  /**
   * The visible changes of all watched jobs, until the engine closes; it watches nothing by itself, and drops the oldest of
   * 1,024 unread ones.
   */
  readonly changes: Stream.Stream<Job.Job>
}

export interface Cancels {
  /**
   * Cancels a job at the service, or all jobs of a submission, and remembers it: where nothing was made, whatever the service
   * then says of the job reads as `Cancelled`. A result that is there all the same is `Succeeded`.
   */
  readonly cancel: <T extends Target>(target: T) => Effect.Effect<void, JobError.Of<"cancel"> | Refusal<T>>
}

export type Poller<P extends Watchable> =
  & Waits<P>
  & (P extends Provider.Provider<"cancel"> ? Cancels : unknown)

const defaultDeadline = Duration.hours(1)

/** The public face of an engine. */
export const make = <P extends Watchable>(provider: P, engine: Engine): Poller<P> => {
  const cancelOne = (id: JobId): Effect.Effect<void, JobError.Of<"cancel">> =>
    Provider.supports("cancel")(provider)
      ? Effect.suspend(() => {
        engine.cancellations.asked(id)
        const asked = Effect.mapError(provider.cancel(id), (error) => {
          // Any other error may be that of a cancel that the service took.
          if (error._tag !== "Unavailable" && error._tag !== "UnexpectedResponse") engine.cancellations.refused(id)
          return error
        })
        return Effect.map(asked, () => {
          engine.cancellations.taken(id)
          engine.lookAgain(id)
        })
      })
      : Effect.void

  const open = (target: Target, options: WatchOptions<P> | undefined) =>
    Result.map(resolve(provider, target), ([first, ...rest]): Subscription.Subscription => {
      const deadline = Duration.fromInputUnsafe(options?.deadline ?? defaultDeadline)
      const watch = (wanted: Wanted) => engine.open(wanted, deadline)
      return [watch(first), ...rest.map(watch)]
    })

  /** Leaves watches; those that were interrupted while their jobs ran cancel them, where that was wished for. */
  const leave = (watchers: Subscription.Subscription, options: WatchOptions<P> | undefined, interrupted: boolean) =>
    Effect.suspend(() => {
      const ran = watchers.filter(({ ending }) => ending === undefined)
      for (const watcher of watchers) engine.leave(watcher)
      return interrupted && options?.onInterrupt === "cancel"
        ? Effect.forEach(ran, ({ watched: { id } }) => Effect.catch(cancelOne(id), warn), {
          concurrency: "unbounded",
          discard: true
        })
        : Effect.void
    })

  /** Waits for the end of all, and makes of each ending what is wanted of it. */
  const settle = <T extends Target, A, E extends JobError.JobError>(
    target: T,
    options: WatchOptions<P> | undefined,
    read: (outcome: Subscription.Outcome) => Exit.Exit<A, E>
  ) =>
    Effect.callback<Of<T, A>, ErrorOf<T, E>>((resume) => {
      const opened = open(target, options)
      if (Result.isFailure(opened)) return resume(refuse<T>(opened.failure))
      const watchers = opened.success
      const check = () => {
        const outcomes = Subscription.outcomes(watchers)
        if (outcomes !== undefined) resume(together(target, watchers, outcomes.map(read)))
      }
      Subscription.listen(watchers, check)
      check()
      return leave(watchers, options, true)
    })

  const waits: Waits<P> & Cancels = {
    watch: <T extends Target>(target: T, options?: WatchOptions<P>) =>
      Stream.fromChannel(Channel.fromTransform((_upstream, scope) =>
        Effect.suspend(() => {
          const opened = open(target, options)
          if (Result.isFailure(opened)) return refuse<T>(opened.failure)
          const watchers = opened.success
          return Effect.as(
            Scope.addFinalizerExit(scope, (exit) =>
              leave(watchers, options, Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause))),
            Subscription.pull(watchers, (outcomes) =>
              Effect.andThen(together(target, watchers, outcomes), Cause.done()))
          )
        })
      )),
    await: (target, options) => settle(target, options, (outcome) => outcome),
    succeed: (target, options) => settle(target, options, succeeded),
    cancel: <T extends Target>(target: T) =>
      Effect.suspend((): Effect.Effect<void, JobError.Of<"cancel"> | Refusal<T>> => {
        const wanted = resolve(provider, target)
        if (Result.isFailure(wanted)) return refuse<T>(wanted.failure)
        const cancelled = Effect.forEach(wanted.success, ({ id }) => Effect.exit(cancelOne(id)), {
          concurrency: "unbounded"
        })
        return Effect.flatMap(cancelled, (exits) => exits.find(Exit.isFailure) ?? Effect.void)
      }),
    offer: (job) => Effect.sync(() => engine.offer(job)),
    wake: (id) =>
      Effect.suspend(() =>
        engine.wake(id)
          ? Effect.void
          : engine.wakes.wake({ provider: provider.id, instance: provider.instance, id })
      ),
    known: (id) => Effect.sync(() => engine.known(id)),
    eta: (id) => Effect.sync(() => engine.eta(id)),
    changes: changes(engine)
  }
  // Whether the provider can cancel is what the type of P says.
  return waits as Poller<P>
}

/** All of them; or the first that failed, of a submission with what is known of all its jobs. */
const together = <T extends Target, A, E extends JobError.JobError>(
  target: T,
  watchers: Subscription.Subscription,
  exits: ReadonlyArray<Exit.Exit<A, E>>
) => {
  const isSubmission = typeof target !== "string" && "ids" in target
  const failed = exits.find(Exit.isFailure)
  const values = exits.flatMap((exit) => Exit.isSuccess(exit) ? [exit.value] : [])
  const [job, ...jobs] = watchers.flatMap(({ watched: { job } }) => job ?? [])
  const together = failed === undefined
    ? Exit.succeed(isSubmission ? values : values[0])
    : isSubmission && job !== undefined
    ? Exit.mapError(failed, (error) => JobError.ofSubmission(error, [job, ...jobs]))
    : failed
  // One for each job, which are several where T is a submission; of each of its jobs, something is known from the start.
  return together as Exit.Exit<Of<T, A>, ErrorOf<T, E>>
}

const refuse = <T extends Target>(error: InvalidHandle | JobError.InvalidJobId): Effect.Effect<never, Refusal<T>> =>
  // Of a mere id, it is no InvalidHandle.
  Effect.fail(error as Refusal<T>)

const succeeded = (outcome: Subscription.Outcome): Exit.Exit<Job.Succeeded, JobError.SucceedError> => {
  if (Exit.isFailure(outcome)) return Exit.failCause(outcome.cause)
  const job = outcome.value
  if (job.is("Succeeded")) return Exit.succeed(job)
  const about = { provider: job.provider, instance: job.instance, operation: "watch", id: job.id, job } as const
  if (job.is("Failed")) return Exit.fail(new JobError.JobFailed(about))
  if (job.is("Cancelled")) return Exit.fail(new JobError.JobCancelled(about))
  if (job.is("Expired")) return Exit.fail(new JobError.JobExpired(about))
  return Exit.fail(new JobError.JobUntracked(about))
}

const warn = (error: JobError.Of<"cancel">) =>
  Log.warning("The wait was interrupted, and the job could not be cancelled", error)
