/**
 * Waits for jobs: one engine, one list for all watches.
 *
 * @since 0.1.0
 */
import * as Handle from "@media-jobs/core/Handle"
import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import * as Log from "@media-jobs/core/Log"
import * as Provider from "@media-jobs/core/Provider"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Cell from "./internal/cell.ts"
import * as Engine from "./internal/engine.ts"
import * as Pace from "./Pace.ts"

/**
 * What can be waited on: a provider that lists what executes, or answers for one job, or both.
 *
 * @since 0.1.0
 * @category models
 */
export type Watchable = Provider.Provider<"list"> | Provider.Provider<"get">

/**
 * How an engine looks.
 *
 * **Details**
 *
 * `pace` places the looks: `Pace.adaptive()`, with a floor of one minute and a ceiling of five where the service reports to
 * the application (`ReplyTo`). `concurrency` is how many jobs may be asked for at once (8).
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly pace?: Pace.Pace | undefined
  readonly concurrency?: number | undefined
}

/**
 * How one watch goes.
 *
 * **Details**
 *
 * `deadline` is how long it may take (one hour); the job itself is left alone. With `onInterrupt: "cancel"`, interrupting
 * the watch also cancels the job at the service, where the provider can. A `submission` (or a handle) tells how old the job
 * is: without it the watch begins with a look, with it the pace places the first look too.
 *
 * @since 0.1.0
 * @category models
 */
export interface WatchOptions<P extends Watchable> {
  readonly deadline?: Duration.Input | undefined
  readonly submission?: Cell.Submitted | undefined
  readonly onInterrupt?: (P extends Provider.Provider<"cancel"> ? "cancel" : never) | undefined
}

/**
 * The engine of one provider instance.
 *
 * @since 0.1.0
 * @category models
 */
export interface Poller<P extends Watchable> {
  /**
   * The visible changes of a job, from the first that is known to the terminal one.
   *
   * A failed job is a value. A consumer that is slow misses what lies between, never the end.
   */
  readonly watch: (id: JobId, options?: WatchOptions<P>) => Stream.Stream<Job.Job, JobError.WatchError>
  /** The job as it ended, however it ended. */
  readonly await: (id: JobId, options?: WatchOptions<P>) => Effect.Effect<Job.Terminal, JobError.WatchError>
  /** The job once it succeeded; every other ending is an error that carries the job. */
  readonly succeed: (id: JobId, options?: WatchOptions<P>) => Effect.Effect<Job.Succeeded, JobError.SucceedError>
  /** Takes a snapshot that was obtained with the provider's token; of a job that nobody watches, it does nothing. */
  readonly offer: (job: Job.Job) => Effect.Effect<void>
  /** Asks for a job now; for one that nobody watches, it does nothing. */
  readonly wake: (id: JobId) => Effect.Effect<void>
  /** How much longer a watched job will take; `undefined` where the pace has not learned it, or nobody watches. */
  readonly eta: (id: JobId) => Effect.Effect<Pace.Eta | undefined>
  /**
   * The visible changes of all watched jobs, until the engine's scope closes; it watches nothing by itself, and drops the oldest
   * of 1,024 unread ones.
   */
  readonly changes: Stream.Stream<Job.Job>
}

const defaultDeadline = Duration.hours(1)

/** Where the service is asked to report, the looks are for what it fails to tell. */
const paceOf = (provider: Watchable, pace: Pace.Pace | undefined): Effect.Effect<Pace.Pace> =>
  Effect.map(ReplyTo.ReplyTo, (replyTo) =>
    pace ?? (replyTo !== undefined && Provider.supports("webhook")(provider)
      ? Pace.adaptive({ floor: Duration.minutes(1), ceiling: Duration.minutes(5) })
      : Pace.adaptive()))

/**
 * An engine for one provider instance, which serves every watch of it while its scope is open.
 *
 * **When to use**
 *
 * Use one for all the jobs of an application, so that one list serves every watch.
 *
 * **Details**
 *
 * With `list`, a tick is one list for all; a job that is absent from a complete list is asked for with `get`, and again at its
 * own pace until it is listed or has ended. Without `get`, a job absent twice is `Untracked`. Without `list`, each job is asked
 * for at its own pace. Watches of one id share; with no watch open, no request is made.
 *
 * A failed look is retried by its remedy, and up to five strange answers in a row pass; a refused token or account ends the
 * watches at once. The bound of it all is each watch's deadline.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*<P extends Watchable>(
  provider: P,
  options?: Options
): Effect.fn.Return<Poller<P>, never, Scope.Scope> {
  const engine = yield* Engine.make(provider, {
    pace: yield* paceOf(provider, options?.pace),
    concurrency: options?.concurrency ?? 8
  })

  const open = (id: JobId, options: WatchOptions<P> | undefined) =>
    engine.open(id, Duration.fromInputUnsafe(options?.deadline ?? defaultDeadline), options?.submission)

  /** Leaves a watch; if it was interrupted while the job ran, cancels the job where that was wished for. */
  const leave = (watcher: Cell.Watcher, options: WatchOptions<P> | undefined, interrupted: boolean) =>
    Effect.suspend(() => {
      const ran = watcher.ending === undefined
      engine.close(watcher)
      return interrupted && ran && options?.onInterrupt === "cancel" ? cancel(provider, watcher.cell.id) : Effect.void
    })

  const watch: Poller<P>["watch"] = (id, options) =>
    Stream.fromChannel(Channel.fromTransform((_upstream, scope) =>
      Effect.suspend(() => {
        const watcher = open(id, options)
        return Effect.as(
          Scope.addFinalizerExit(scope, (exit) =>
            leave(watcher, options, Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause))),
          pull(watcher)
        )
      })
    ))

  const awaitEnd: Poller<P>["await"] = (id, options) =>
    Effect.callback((resume) => {
      const watcher = open(id, options)
      const settle = () => {
        if (watcher.ending !== undefined) resume(outcome(watcher.cell, watcher.ending))
      }
      watcher.resume = settle
      settle()
      return Effect.suspend(() => leave(watcher, options, true))
    })

  return {
    watch,
    await: awaitEnd,
    succeed: (id, options) => Effect.flatMap(awaitEnd(id, options), succeeded),
    offer: (job) => Effect.sync(() => engine.offer(job)),
    wake: (id) => Effect.sync(() => engine.wake(id)),
    eta: (id) => Effect.sync(() => engine.eta(id)),
    changes: Stream.fromChannel(Channel.fromTransform((_upstream, scope) =>
      Effect.suspend(() => {
        const reader: Reader = { unread: [], closed: false, resume: undefined }
        const unsubscribe = engine.subscribe({
          change: (job) => {
            if (reader.unread.push(job) > mostUnread) reader.unread.shift()
            reader.resume?.()
          },
          close: () => {
            reader.closed = true
            reader.resume?.()
          }
        })
        return Effect.as(Scope.addFinalizer(scope, Effect.sync(unsubscribe)), read(reader))
      })
    ))
  }
})

/**
 * What its consumer has not seen yet: a snapshot at a time, then the ending.
 *
 * Whether there is something is asked where the fiber begins to wait: before, it may have yielded, and who told found nobody.
 */
const pull = (
  watcher: Cell.Watcher
): Effect.Effect<readonly [Job.Job, ...Array<Job.Job>], JobError.WatchError | Cause.Done> =>
  Effect.callback((resume) => {
    watcher.resume = () => {
      const { cell: { job }, ending } = watcher
      const isNews = job !== undefined && (watcher.seen === undefined || Job.changed(watcher.seen, job))
      if (!isNews && ending === undefined) return
      // To resume is to run, maybe up to the next wait.
      watcher.resume = undefined
      if (isNews) {
        watcher.seen = job
        resume(Effect.succeed([job]))
      } else if (ending !== undefined) resume(Exit.isSuccess(ending) ? Cause.done() : Effect.failCause(ending.cause))
    }
    watcher.resume()
    return stopWaiting(watcher)
  })

/** Whoever waits no longer takes nothing that another wait is for. */
const stopWaiting = (waiter: { resume: (() => void) | undefined }): Effect.Effect<void> =>
  Effect.sync(() => {
    waiter.resume = undefined
  })

const outcome = ({ job }: Cell.Cell, ending: Cell.Ending): Effect.Effect<Job.Terminal, JobError.WatchError> =>
  Exit.isFailure(ending)
    ? Effect.failCause(ending.cause)
    : job !== undefined && Job.isTerminal(job)
    ? Effect.succeed(job)
    : Effect.interrupt

const mostUnread = 1024

interface Reader {
  readonly unread: Array<Job.Job>
  closed: boolean
  resume: (() => void) | undefined
}

const read = (reader: Reader): Effect.Effect<readonly [Job.Job, ...Array<Job.Job>], Cause.Done> =>
  Effect.callback((resume) => {
    reader.resume = () => {
      const [first, ...rest] = reader.unread.splice(0)
      if (first === undefined && !reader.closed) return
      reader.resume = undefined
      resume(first === undefined ? Cause.done() : Effect.succeed([first, ...rest]))
    }
    reader.resume()
    return stopWaiting(reader)
  })

const cancel = (provider: Provider.Identity, id: JobId) =>
  Provider.supports("cancel")(provider)
    ? Effect.catch(
      provider.cancel(id),
      (error) => Log.warning("The wait was interrupted, and the job could not be cancelled", error)
    )
    : Effect.void

const succeeded = (job: Job.Terminal): Effect.Effect<Job.Succeeded, JobError.SucceedError> => {
  if (job.is("Succeeded")) return Effect.succeed(job)
  const about = { provider: job.provider, instance: job.instance, operation: "watch", job } as const
  if (job.is("Failed")) return Effect.fail(new JobError.JobFailed(about))
  if (job.is("Cancelled")) return Effect.fail(new JobError.JobCancelled(about))
  if (job.is("Expired")) return Effect.fail(new JobError.JobExpired(about))
  return Effect.fail(new JobError.JobUntracked(about))
}

/**
 * `watch` of an engine that is opened for this one job.
 *
 * **Example** (A live view of one job)
 *
 * ```ts
 * const view = Poller.watch(provider, id).pipe(
 *   Stream.runForEach((job) => Console.log(job.state._tag, job.providerStatus))
 * )
 * ```
 *
 * @since 0.1.0
 * @category waiting
 */
export const watch = <P extends Watchable>(
  provider: P,
  id: JobId,
  options?: Options & WatchOptions<P>
): Stream.Stream<Job.Job, JobError.WatchError> =>
  Stream.unwrap(Effect.map(make(provider, options), (poller) => poller.watch(id, options)))

const await_ = <P extends Watchable>(
  provider: P,
  id: JobId,
  options?: Options & WatchOptions<P>
): Effect.Effect<Job.Terminal, JobError.WatchError> =>
  Effect.scoped(Effect.flatMap(make(provider, options), (poller) => poller.await(id, options)))

export {
  /**
   * `await` of an engine that is opened for this one job.
   *
   * @since 0.1.0
   * @category waiting
   */
  await_ as await
}

/**
 * `succeed` of an engine that is opened for this one job.
 *
 * @since 0.1.0
 * @category waiting
 */
export const succeed = <P extends Watchable>(
  provider: P,
  id: JobId,
  options?: Options & WatchOptions<P>
): Effect.Effect<Job.Succeeded, JobError.SucceedError> =>
  Effect.scoped(Effect.flatMap(make(provider, options), (poller) => poller.succeed(id, options)))

/**
 * One look, and when the next is due.
 *
 * **Details**
 *
 * `again` is absent once the job has ended.
 *
 * @since 0.1.0
 * @category models
 */
export interface Step {
  readonly job: Job.Job
  readonly again: Duration.Duration | undefined
}

/** A job that was submitted so few milliseconds ago may not be there yet. */
const mayNotShowYet = 60_000

/**
 * Looks at a job once and tells how long to wait before the next look; it owns no sleep.
 *
 * **When to use**
 *
 * Use where something else does the waiting: a serverless function, a queue with delays, a durable workflow.
 *
 * **Details**
 *
 * A handle tells that the job was submitted, so a job that the service does not know is `Expired`; in the first minute, when the
 * service may not show it yet, it is `Untracked` and to be looked for again. Of a provider that only lists, a job that is not
 * on the list is `Untracked`, and looked for once more. `known` is the last step's job, which this one's is joined with.
 *
 * @since 0.1.0
 * @category waiting
 */
export const step = /* @__PURE__ */ Effect.fnUntraced(function*<P extends Watchable>(
  provider: P,
  handle: Handle.Handle,
  options?: { readonly pace?: Pace.Pace | undefined; readonly known?: Job.Job | undefined }
): Effect.fn.Return<Step, JobError.Of<"get"> | Handle.InvalidHandle> {
  if (handle.provider !== provider.id || handle.instance !== provider.instance) {
    return yield* new Handle.InvalidHandle({ reason: "foreign" })
  }
  const known = options?.known
  if (known?.isSettled === true) return { job: known, again: undefined }
  const canAsk = Provider.supports("get")(provider)
  const seen = yield* canAsk
    ? Effect.catchTag(provider.get(handle.id), "NotFound", () =>
      Effect.map(DateTime.now, ({ epochMilliseconds }) => {
        const wasSeen = known !== undefined && !known.is("Untracked")
        const isNew = epochMilliseconds - handle.submittedAt.epochMilliseconds < mayNotShowYet
        return isNew && !wasSeen ? "Untracked" as const : "Expired" as const
      }))
    : Effect.flatMap(
      listOf(provider),
      ({ complete, jobs }): Effect.Effect<Job.Job | "Untracked", JobError.Unavailable> => {
        const listed = jobs.find((job) => job.id === handle.id) ?? (complete ? "Untracked" : known)
        return listed === undefined
          ? Effect.fail(
            new JobError.Unavailable({
              provider: provider.id,
              instance: provider.instance,
              operation: "list",
              detail: "The service's list lacks something"
            })
          )
          : Effect.succeed(listed)
      }
    )
  const observedAt = yield* DateTime.now
  const job = typeof seen === "string"
    ? new Job.Job({
      ...(known ?? { id: handle.id, provider: handle.provider, instance: handle.instance }),
      state: { _tag: seen },
      observedAt
    })
    : known === undefined
    ? seen
    : Job.join(known, seen)
  // One absence may be a list made too soon: the second is believed.
  const gone = seen !== "Untracked" || !canAsk && known?.is("Untracked") === true
  if (job.isTerminal && gone) return { job, again: undefined }
  const delay = (yield* paceOf(provider, options?.pace)).delay({
    provider: provider.id,
    kind: job.kind,
    model: job.model,
    age: Math.max(0, observedAt.epochMilliseconds - (job.createdAt ?? handle.submittedAt).epochMilliseconds),
    random: yield* Random.next
  })
  return { job, again: Duration.millis(delay) }
})

/** A watchable provider that can't `get` can `list`. */
const listOf = (provider: Watchable): Effect.Effect<Provider.Listing, JobError.Of<"list">> =>
  "list" in provider ? provider.list : Effect.succeed({ jobs: [], complete: false })
