/**
 * Waits for jobs: one engine, one list for all watches.
 *
 * @since 0.1.0
 */
import type * as Handle from "@media-jobs/core/Handle"
import { InvalidHandle } from "@media-jobs/core/Handle"
import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import { OneTry } from "@media-jobs/core/OneTry"
import type * as Provider from "@media-jobs/core/Provider"
import { acceptedJob } from "@media-jobs/core/Submission"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Absence from "./internal/absence.ts"
import * as Engine from "./internal/engine.ts"
import * as RetryDelay from "./internal/retryDelay.ts"
import { rounded } from "./internal/schedule.ts"
import * as StepState from "./internal/stepState.ts"
import { resolve, type Target } from "./internal/target.ts"
import * as Trouble from "./internal/trouble.ts"
import * as Waits from "./internal/waits.ts"
import type { Pace } from "./Pace.ts"
import * as Pollers from "./Pollers.ts"

export type {
  /**
   * What can be waited on: the jobs of a submission, or one job, by its handle or its mere id.
   *
   * **Details**
   *
   * A submission and a handle tell how old their jobs are and that there are any: with them, what is known is there at once,
   * the pace places the first look, and a job that the service does not show yet is waited for. Of a mere id none of this is
   * known: one that the service does not find is `NotFound` at the first look.
   *
   * @since 0.1.0
   * @category models
   */
  Target
} from "./internal/target.ts"
export type {
  /**
   * What an engine does where its provider can cancel.
   *
   * @since 0.1.0
   * @category models
   */
  Cancels,
  /**
   * What waiting for `T` fails with: of one job, the error itself; of a submission, the same with all its `jobs`; and the refusal of
   * what is another provider's or instance's, or no id at all.
   *
   * @since 0.1.0
   * @category models
   */
  ErrorOf,
  /**
   * What waiting for `T` gives: one, or of a submission, one for each of its jobs.
   *
   * @since 0.1.0
   * @category models
   */
  Of,
  /**
   * The engine of one provider instance.
   *
   * @since 0.1.0
   * @category models
   */
  Poller,
  /**
   * What every engine does for the jobs of its provider.
   *
   * @since 0.1.0
   * @category models
   */
  Waits,
  /**
   * A provider that can be waited on: one that lists what executes, or answers for one job, or both.
   *
   * @since 0.1.0
   * @category models
   */
  Watchable,
  /**
   * How one watch goes.
   *
   * **Details**
   *
   * `deadline` is how long it may take (one hour); the job itself is left alone. With `onInterrupt: "cancel"`, interrupting
   * the watch also cancels the job at the service, where the provider can.
   *
   * @since 0.1.0
   * @category models
   */
  WatchOptions
} from "./internal/waits.ts"

/**
 * An engine of its own for one provider instance, which serves every watch of it while its scope is open.
 *
 * **When to use**
 *
 * Use where an engine is to have a pace of its own; otherwise `succeed`, `await` and `watch` share one, which `Pollers.layer`
 * gives the lifetime of the layer.
 *
 * **Details**
 *
 * With `list`, a tick is one list for all; a job that is absent from a complete list is asked for with `get`, and again at its
 * own pace until it is listed or has ended. Without `get`, a job absent twice is `Untracked`. Without `list`, each job is asked
 * for at its own pace. Watches of one id share; with no watch open, no request is made.
 *
 * A failed look is retried by its remedy, and up to five strange answers in a row pass. Trouble with the list ends no watch that
 * `get` can serve; a token that neither takes ends all at once. A job that was seen or submitted has `Expired` once the service has not
 * found it three times over a minute, or says itself that it is gone. The bound of it all is each watch's deadline.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = /* @__PURE__ */ Effect.fnUntraced(function*<P extends Waits.Watchable>(
  provider: P,
  { concurrency = 8, pace }: Pollers.Options & { readonly pace: Pace }
): Effect.fn.Return<Waits.Poller<P>, never, Scope.Scope> {
  const engine = Engine.make(provider, { pace, concurrency, context: yield* Effect.context() })
  yield* Effect.addFinalizer(() => engine.close)
  return Waits.make(provider, engine)
})

/** From JavaScript, anything may come as a provider; its engine says so. */
const spanOf = (provider: Provider.Identity) => ({
  attributes: { provider: provider?.id, instance: provider?.instance }
})

/** A wait at the engine that all share, in a span of its own. */
const shared = <P extends Waits.Watchable, A, E>(
  name: string,
  provider: P,
  wait: (poller: Waits.Poller<P>) => Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  Effect.withSpan(
    Effect.flatMap(Pollers.Pollers, (pollers) => Effect.flatMap(pollers.get(provider), wait)),
    `Poller.${name}`,
    spanOf(provider)
  )

/**
 * `watch` of the engine that all waits for the provider's jobs share.
 *
 * **Example** (A live view of what one submit became)
 *
 * ```ts
 * const view = Poller.watch(provider, submission).pipe(
 *   Stream.runForEach((job) => Console.log(job.state._tag, job.providerStatus))
 * )
 * ```
 *
 * @since 0.1.0
 * @category waiting
 */
export const watch = <P extends Waits.Watchable, T extends Target>(
  provider: P,
  target: T,
  options?: Waits.WatchOptions<P>
): Stream.Stream<Job.Job, Waits.ErrorOf<T, JobError.WatchError>> =>
  Stream.unwrap(
    // In the stream's scope: `Stream.withSpan` weighs more than a watch.
    Effect.andThen(
      Effect.makeSpanScoped("Poller.watch", spanOf(provider)),
      Effect.map(Effect.flatMap(Pollers.Pollers, (pollers) => pollers.get(provider)), (poller) =>
        poller.watch(target, options))
    )
  )

const await_ = <P extends Waits.Watchable, T extends Target>(
  provider: P,
  target: T,
  options?: Waits.WatchOptions<P>
): Effect.Effect<Waits.Of<T, Job.Terminal>, Waits.ErrorOf<T, JobError.WatchError>> =>
  shared("await", provider, (poller) => poller.await(target, options))

export {
  /**
   * `await` of the engine that all waits for the provider's jobs share.
   *
   * @since 0.1.0
   * @category waiting
   */
  await_ as await
}

/**
 * `succeed` of the engine that all waits for the provider's jobs share.
 *
 * **Example** (All images of one submit)
 *
 * ```ts
 * const images = Effect.gen(function*() {
 *   const submission = yield* luma.submit(Luma.image({ prompt: "a lighthouse in the rain" }))
 *   const jobs = yield* Poller.succeed(luma, submission)
 *   return jobs.flatMap((job) => job.state.artifacts)
 * })
 * ```
 *
 * @since 0.1.0
 * @category waiting
 */
export const succeed = <P extends Waits.Watchable, T extends Target>(
  provider: P,
  target: T,
  options?: Waits.WatchOptions<P>
): Effect.Effect<Waits.Of<T, Job.Succeeded>, Waits.ErrorOf<T, JobError.SucceedError>> =>
  shared("succeed", provider, (poller) => poller.succeed(target, options))

/**
 * One look, when the next is due, and what that one must be given.
 *
 * **Details**
 *
 * `job` is what is known now. `again` is absent once the job has ended. `trouble` is what the look failed with, where another may
 * do better. `state` is a short text, with a version, which holds the job without its `raw`: keep it as private as the handle.
 *
 * @since 0.1.0
 * @category models
 */
export interface Step {
  readonly job: Job.Job
  readonly again: Duration.Duration | undefined
  readonly trouble: JobError.Of<"get"> | undefined
  readonly state: string
}

/**
 * How one step goes.
 *
 * **Details**
 *
 * `state` is that of the step before. `within` is the time that is left to the program: the service is asked once, and given up
 * by then; without it, the look takes what the provider's own retries and time limits allow.
 *
 * @since 0.1.0
 * @category models
 */
export interface StepOptions {
  readonly pace?: Pollers.Options["pace"]
  readonly state?: string | undefined
  readonly within?: Duration.Input | undefined
}

/**
 * Looks at a job once and tells how long to wait before the next look; it owns no sleep.
 *
 * **When to use**
 *
 * Use where something else does the waiting: a serverless function, a queue with delays, a durable workflow. Give `state` of
 * each step to the next; one that can't be read (cut, or of a newer release) counts as none. In a function that may run for
 * seconds, give `within` a little less than these.
 *
 * **Details**
 *
 * Endings are concluded as an engine does: a job has `Expired` once the service has not found it in three steps over a minute, or
 * says itself that it is gone. Of a provider that only lists, a job that has left the list twice is `Untracked`. So does trouble pass
 * as there: a step fails only where coming again is no help. `again` is then longer with each look that fails, and no sooner than the
 * service asks, within five minutes.
 *
 * **Example** (A function that has ten seconds)
 *
 * ```ts
 * const look = (handle: Handle.Handle, state?: string) => Poller.step(provider, handle, { state, within: "8 seconds" })
 * ```
 *
 * @since 0.1.0
 * @category waiting
 */
export const step = /* @__PURE__ */ Effect.fnUntraced(function*<P extends Waits.Watchable>(
  provider: P,
  handle: Handle.Handle,
  options?: StepOptions
): Effect.fn.Return<Step, Exclude<JobError.WatchError, JobError.DeadlineExceeded> | Handle.InvalidHandle> {
  yield* Effect.fromResult(resolve(provider, handle))
  // From JavaScript, what else can be waited on.
  if (typeof handle.id !== "string") return yield* new InvalidHandle({ reason: "foreign" })
  const before = StepState.fromText(options?.state, handle.id)
  if (before?.job?.isSettled === true) {
    return { job: before.job, again: undefined, trouble: undefined, state: StepState.toText(before) }
  }

  const looked = yield* Effect.result(inTime(provider, lookAt(provider, handle.id), options?.within))
  const observedAt = yield* DateTime.now
  const at = observedAt.epochMilliseconds
  const firstLookAt = before?.firstLookAt ?? at
  const known = before?.job ?? acceptedJob(handle, handle.id)
  const place = Effect.fnUntraced(function*(job: Job.Job) {
    const pace = options?.pace ?? (yield* Pollers.Pollers).pace(yield* Effect.context())
    const delay = pace.delay({
      provider: provider.id,
      kind: job.kind,
      model: job.model,
      age: Math.max(0, at - Math.min(handle.submittedAt.epochMilliseconds, firstLookAt)),
      random: yield* Random.next
    })
    return rounded(delay, provider.keeps)
  })

  if (Result.isFailure(looked)) {
    const error = looked.failure
    const trouble = Trouble.again(before?.trouble, error)
    if (error._tag !== "RateLimited" && error._tag !== "Unavailable" && !Trouble.passes(trouble, error)) {
      return yield* error
    }
    const pause = RetryDelay.backoff(trouble.failures - 1, error, Trouble.slowestRetry)
    return {
      job: known,
      again: Duration.millis(Math.max(pause, yield* place(known))),
      trouble: error,
      state: StepState.toText({ firstLookAt, absence: before?.absence, trouble, job: before?.job })
    }
  }

  const { absent, job: found } = looked.success
  // A list that lacks something neither finds the job nor misses it.
  const absence = absent ? Absence.again(before?.absence, at) : found ? undefined : before?.absence
  const told = found && before?.job ? Job.join(before.job, found) : found ?? before?.job
  const verdict = absence && absent?.(absence, { seen: told !== undefined, submitted: true, cancelled: false }, at)
  const job = verdict === undefined || verdict === "unknown"
    ? told ?? known
    : new Job.Job({ ...told ?? known, state: { _tag: verdict }, observedAt })
  const state = StepState.toText({ firstLookAt, absence, job: job.isSettled ? job : told })
  if (job.isTerminal) return { job, again: undefined, trouble: undefined, state }

  const delay = yield* place(job)
  const again = Duration.millis(absent ? Math.min(delay, Absence.lookAgainWithin) : delay)
  return { job, again, trouble: undefined, state }
})

/** A look that is tried once, and given up after `within`, where that is given. */
const inTime = <A>(
  { id, instance }: Provider.Identity,
  look: Effect.Effect<A, JobError.Of<"get">>,
  within: Duration.Input | undefined
): Effect.Effect<A, JobError.Of<"get">> => {
  if (within === undefined) return look
  const duration = Duration.fromInputUnsafe(within)
  const orElse = () =>
    Effect.fail(
      new JobError.Unavailable({
        provider: id,
        instance,
        operation: "get",
        detail: `No answer within ${Duration.toSeconds(duration)} s`
      })
    )
  return Effect.timeoutOrElse(Effect.provideService(look, OneTry, true), { duration, orElse })
}

/** The job, or what its absence means, or neither, where a list lacks something. */
interface Look {
  readonly job?: Job.Job
  readonly absent?: (...of: Parameters<typeof Absence.ofLists>) => Absence.Verdict | undefined
}

const lookAt = (provider: Waits.Watchable, id: JobId): Effect.Effect<Look, JobError.Of<"get">> => {
  if ("get" in provider) {
    return Effect.catchTag(
      Effect.map(provider.get(id), (job): Look => ({ job })),
      "NotFound",
      ({ status }) =>
        Effect.succeed<Look>({ absent: (absence, evidence, at) => Absence.ofLook(absence, evidence, at, status) })
    )
  }
  return Effect.map(provider.list, ({ complete, jobs }): Look => {
    const job = jobs.find((job) => job.id === id)
    return job !== undefined ? { job } : complete ? { absent: Absence.ofLists } : {}
  })
}
