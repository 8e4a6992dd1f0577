import { type Handle, InvalidHandle } from "@media-jobs/core/Handle"
import type * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Ledger from "@media-jobs/core/Ledger"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { UnknownRun } from "../RunError.ts"
import type { Following } from "./following.ts"
import type { LiveRun } from "./liveRun.ts"
import { type Parts, type Runnable, type Runner, type RunOptions, uncertain } from "./runner.ts"

type FindError = UnknownRun | InvalidHandle | Ledger.LedgerUnavailable | JobError.SubmissionUncertain

/** What the application does with the runs of one provider. */
export const make = <P extends Runnable>(
  { ledger, name, poller, provider, runs, settle }: Parts<P>,
  { following, isRead, runner }: {
    readonly runner: Runner
    readonly following: Following
    /** Comes true once what the ledger holds has been taken up. */
    readonly isRead: Effect.Effect<void>
  }
) => {
  /** Interrupts a run before its request has left; the same key begins anew. */
  const withdraw = (run: LiveRun, fiber: Fiber.Fiber<unknown, unknown>) =>
    Effect.suspend(() => {
      run.isCancelled = run.phase === "queued"
      runs.forget(run)
      return Fiber.interrupt(fiber)
    })

  /** Awaits a run; a request that has not left is withdrawn with its last caller. */
  const join = <A, E>(run: LiveRun, deferred: Deferred.Deferred<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      run.callers++
      const leave = Effect.suspend(() =>
        --run.callers === 0 && !run.isSent && !run.isOver && run.fiber !== undefined
          ? withdraw(run, run.fiber)
          : Effect.void
      )
      return Effect.ensuring(Deferred.await(deferred), leave)
    })

  const start = <A, E>(
    request: unknown,
    options: RunOptions | undefined,
    deferred: (run: LiveRun) => Deferred.Deferred<A, E>
  ) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(runner.start(request, options), (run) => restore(join(run, deferred(run))))
    )

  /** To the end of a run, which may be under way and be waited for less long than is asked for here: then on, for what is left. */
  const run = (request: unknown, options?: RunOptions) =>
    Effect.flatMap(
      Clock.currentTimeMillis,
      (began) =>
        Effect.catchTag(start(request, options, ({ ended }) => ended), "DeadlineExceeded", (error) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            const left = options?.deadline === undefined ? 0 : began + Duration.toMillis(options.deadline) - now
            return left > 0
              ? start(request, { ...options, deadline: left }, ({ ended }) =>
                ended)
              : Effect.fail(error)
          }))
    )

  /** The run in the ledger, once it is known what became of its submit. */
  const inLedger = Effect.fnUntraced(function*(key: string): Effect.fn.Return<LiveRun, FindError> {
    const isOurs = ({ intent }: Ledger.Entry) =>
      intent.provider === provider.id && intent.instance === provider.instance
    const found = yield* ledger?.find(key) ?? Effect.undefined
    if (found === undefined || !isOurs(found)) return yield* new UnknownRun()
    if (found.handles !== undefined) return runs.get(key) ?? runner.adopt(found)
    yield* settle
    const settled = yield* ledger?.find(key) ?? Effect.undefined
    if (settled === undefined) return yield* new UnknownRun()
    return settled.handles === undefined
      ? yield* uncertain(settled.intent)
      : runs.get(key) ?? runner.adopt(settled)
  })

  const locate = Effect.fnUntraced(function*(target: string | Handle): Effect.fn.Return<LiveRun, FindError> {
    if (typeof target === "string") {
      const known = runs.get(target)
      if (known === undefined) return yield* inLedger(target)
      return known.name === name ? known : yield* new UnknownRun()
    }
    if (target.provider !== provider.id || target.instance !== provider.instance) {
      return yield* new InvalidHandle({ reason: "foreign" })
    }
    yield* isRead
    // What the ledger holds and no run here has is finished, or another process is at it.
    const isDone = runs.ofJob(name, target.id) === undefined && ledger !== undefined &&
      (yield* ledger.known([target.id])).has(target.id)
    return runs.ofJob(name, target.id) ?? (yield* runner.adoptHandle(target, isDone))
  })

  /** A run that has stopped short of an end goes on. */
  const goOn = (run: LiveRun) => run.isOpen ? runner.reopen(run, undefined) : run

  const cancelJob = "cancel" in poller
    ? poller.cancel as (id: JobId) => Effect.Effect<void, JobError.Of<"cancel">>
    : undefined

  const operations = {
    provider,
    poller,
    run,
    submit: (request: unknown, options?: RunOptions) => start(request, options, ({ accepted }) => accepted),
    wait: (target: string | Handle) => Effect.flatMap(Effect.map(locate(target), goOn), (run) => join(run, run.ended)),
    watch: (target: string | Handle) =>
      following.follow(Stream.unwrap(Effect.map(
        Effect.flatMap(locate(target), following.refresh),
        (run) => run.feed.stream(() => [run.snapshot])
      )))
  }
  if (cancelJob === undefined) return operations
  return {
    ...operations,
    cancel: Effect.fnUntraced(function*(target: string | Handle) {
      const known = yield* locate(target)
      if (known.isOver && known.hasEnded) return
      const run = goOn(known)
      if (run.phase === "queued" && !run.isSent && run.fiber !== undefined) return yield* withdraw(run, run.fiber)
      // Of what an earlier process sent under the key, it is found out first what it became.
      run.isCancelled = true
      const accepted = yield* Effect.catchTag(Deferred.await(run.accepted), "RunCancelled", () => Effect.undefined)
      const handles = accepted?.handles ?? []
      const open = handles.filter(({ id }) => run.jobs.get(id)?.isTerminal !== true)
      const exits = yield* Effect.forEach(open, ({ id }) => Effect.exit(cancelJob(id)), { concurrency: "unbounded" })
      for (const exit of exits) yield* exit
    })
  }
}
