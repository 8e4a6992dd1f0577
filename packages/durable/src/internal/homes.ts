import * as JobError from "@media-jobs/core/JobError"
import { JobId } from "@media-jobs/core/JobId"
import type * as Ledger from "@media-jobs/core/Ledger"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as PubSub from "effect/PubSub"
import * as RcMap from "effect/RcMap"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as MediaJobs from "media-jobs/MediaJobs"
import type { Done, Run } from "media-jobs/Run"
import { ofRun, RunCancelled, type RunError } from "media-jobs/RunError"
import type { Lookout } from "./lookout.ts"
import * as Outcome from "./outcome.ts"
import type { Persist } from "./persist.ts"
import type { Row, RunTable } from "./runTable.ts"

/** The runs of one provider instance, on the one machine that all of them are on. */
export interface Home {
  readonly runs: MediaJobs.RunsOf<MediaJobs.Runnable> & Partial<MediaJobs.Cancels>
  readonly shared: MediaJobs.Shared
}

/** How long a run's jobs are waited for where nothing else is said, as in media-jobs. */
const usual = /* @__PURE__ */ Duration.toMillis("1 hour")
/** What is taken up after its deadline is looked at once more. */
const least = 5000

export const make = Effect.fnUntraced(function*(
  parts: {
    readonly table: RunTable
    readonly ledger: Ledger.Ledger
    readonly lookout: Lookout
    readonly persist: Persist
    readonly open: (name: string) => Effect.Effect<Home, never, Scope.Scope>
  }
) {
  const { ledger, lookout, persist, table } = parts
  const [taken, told] = [persist("take runs up"), persist("write how runs ended")]
  const changes = yield* PubSub.sliding<Run>(1024)
  const opened = new Map<string, Home>()

  const homes = yield* RcMap.make({
    lookup: Effect.fnUntraced(function*(name: string) {
      const home = yield* parts.open(name)
      opened.set(name, home)
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          if (opened.get(name) === home) opened.delete(name)
        })
      )
      yield* Effect.forkScoped(Stream.runForEach(
        home.shared.changes,
        (run) => Effect.andThen(lookout.tell(run.key), PubSub.publish(changes, run))
      ))
      return home
    }),
    idleTimeToLive: "2 seconds"
  })

  /** From the request to the outcome, or on from where the ledger says that it is. */
  const run = Effect.fnUntraced(function*({ runs }: Home, row: Row): Effect.fn.Return<Done, RunError> {
    const { account, run_key: key } = row
    const deadline = row.deadline ?? usual
    const entry = yield* ledger.find(key)
    if (row.cancelled !== 0 && entry === undefined) return yield* new RunCancelled()
    // From the submit, or from when the same key was asked for again.
    const since = entry?.handles === undefined
      ? undefined
      : Math.max(entry.intent.submittedAt.epochMilliseconds, row.begun)
    const left = since === undefined ? deadline : Math.max(least, since + deadline - (yield* Clock.currentTimeMillis))
    const options = { key, account: account ?? undefined, deadline: left }
    const request = JSON.parse(row.request) as never // the provider's own schema refuses what is none of its requests

    yield* Effect.andThen(runs.submit(request, options), lookout.tell(key))
    if (row.cancelled !== 0 && runs.cancel !== undefined) yield* Effect.ignore(runs.cancel(key), { log: "Warn" })
    const wait = Effect.retry(runs.run(request, options), {
      while: (error) => error._tag === "FinishFailed" && !Predicate.isTagged(error.cause, "NothingToSave"),
      schedule: Schedule.upTo(Schedule.exponential("1 second"), { times: 6 })
    })
    if (since === undefined) return yield* wait
    const orElse = () => exceeded(runs, key, deadline)
    // What the ledger gave has been waited for with the usual deadline.
    return yield* left < usual
      ? Effect.timeoutOrElse(wait, { duration: left + least, orElse })
      : Effect.catchTag(wait, "DeadlineExceeded", orElse)
  })

  const exceeded = Effect.fnUntraced(function*(
    { provider: { id: provider, instance }, watch }: Home["runs"],
    key: string,
    deadline: number
  ) {
    const now = yield* Effect.orElseSucceed(Stream.runHead(watch(key)), () => Option.none<Run>())
    const { files = [], jobs = [] } = Option.getOrUndefined(now) ?? {}
    const job = jobs.find((job) => !job.isTerminal)
    const error = new JobError.DeadlineExceeded({
      provider,
      instance,
      operation: "watch",
      id: job?.id ?? JobId.make("unknown"),
      deadline: Duration.millis(deadline),
      ...(job === undefined ? undefined : { job })
    })
    return yield* Effect.fail(ofRun(error, { key, files, jobs }))
  })

  /** What one attempt of a run does on its home's machine; interrupted, it goes on elsewhere. */
  const work = Effect.fnUntraced(function*(key: string, attempt: number): Effect.fn.Return<void> {
    const row = yield* Effect.orDie(taken(table.take(key, attempt)))
    if (row === undefined) return
    yield* Effect.scoped(Effect.gen(function*() {
      const home = yield* RcMap.get(homes, row.name)
      const exit = yield* Effect.exit(Effect.retry(run(home, row), {
        while: (error) => error._tag === "LedgerUnavailable",
        schedule: Schedule.spaced("2 seconds")
      }))
      // A home that closes ends what runs in it: this is about to be interrupted as well.
      if (Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.never
      if (Exit.hasDies(exit)) yield* Effect.logError("A run ended by a defect", exit)
      const outcome = yield* Effect.orDie(Outcome.encode(Outcome.ofExit(home.runs.provider, exit)))
      const isOver = yield* Effect.orDie(told(table.end(row, outcome)))
      // Another machine has it by now, and this one stood still meanwhile: it is about to be told.
      if (!isOver) return yield* Effect.never
    })).pipe(
      // What it left running here is not to run on, as another machine may have it by now.
      Effect.onInterrupt(() => RcMap.invalidate(homes, row.name))
    )
    yield* lookout.tell(key)
  })

  /** Stops a run; one that has not begun here yet is stopped as it begins. */
  const cancel = Effect.fnUntraced(function*(name: string, key: string) {
    const home = yield* RcMap.get(homes, name)
    if (home.runs.cancel === undefined) return
    yield* home.runs.cancel(key).pipe(
      Effect.retry({
        while: (error) => error._tag === "UnknownRun",
        schedule: Schedule.upTo(Schedule.spaced("200 millis"), { times: 25 })
      }),
      Effect.catchTag("UnknownRun", () => Effect.void)
    )
  }, Effect.scoped)

  return {
    work,
    cancel,
    /** The home of a name, if it is here. */
    here: (name: string) => opened.get(name),
    all: () => Array.from(opened.values()),
    changes: Stream.fromPubSub(changes)
  }
})

export type Homes = Effect.Success<ReturnType<typeof make>>
