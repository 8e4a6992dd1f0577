import { type Handle, InvalidHandle } from "@media-jobs/core/Handle"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Ledger from "@media-jobs/core/Ledger"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { UnknownRun } from "../RunError.ts"
import type { Following } from "./following.ts"
import type { LiveRun } from "./liveRun.ts"
import type { Parts, Runnable, Runner, RunOptions } from "./runner.ts"

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
  /** Awaits a run; a request that has not left leaves with the last call that wants it. */
  const join = <A, E>(run: LiveRun, deferred: Deferred.Deferred<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      run.callers++
      const leave = Effect.suspend(() =>
        --run.callers === 0 && !run.isSent && !run.isOver && run.fiber !== undefined
          ? Fiber.interrupt(run.fiber)
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
      ? yield* new JobError.SubmissionUncertain({ ...settled.intent, operation: "submit" })
      : runs.get(key) ?? runner.adopt(settled)
  })

  const locate = Effect.fnUntraced(function*(target: string | Handle): Effect.fn.Return<LiveRun, FindError> {
    if (typeof target !== "string") {
      if (target.provider !== provider.id || target.instance !== provider.instance) {
        return yield* new InvalidHandle({ reason: "foreign" })
      }
      yield* isRead
    }
    const known = typeof target === "string" ? runs.get(target) : runs.ofJob(name, target.id)
    if (known !== undefined && known.name !== name) return yield* new UnknownRun()
    if (known !== undefined) return known.isOpen ? runner.reopen(known) : known
    return typeof target === "string" ? yield* inLedger(target) : yield* runner.adoptHandle(target)
  })

  const cancelJob = "cancel" in poller
    ? poller.cancel as (id: JobId) => Effect.Effect<void, JobError.Of<"cancel">>
    : undefined

  const operations = {
    provider,
    poller,
    run: (request: unknown, options?: RunOptions) => start(request, options, ({ ended }) => ended),
    submit: (request: unknown, options?: RunOptions) => start(request, options, ({ accepted }) => accepted),
    wait: (target: string | Handle) => Effect.flatMap(locate(target), (run) => join(run, run.ended)),
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
      const run = yield* locate(target)
      if (run.isOver) return
      if (!run.isSent && run.fiber !== undefined) {
        run.isCancelled = true
        return yield* Fiber.interrupt(run.fiber)
      }
      const { handles } = yield* Deferred.await(run.accepted)
      const open = handles.filter(({ id }) => run.jobs.get(id)?.isTerminal !== true)
      const exits = yield* Effect.forEach(open, ({ id }) => Effect.exit(cancelJob(id)), { concurrency: "unbounded" })
      for (const exit of exits) yield* exit
    })
  }
}
