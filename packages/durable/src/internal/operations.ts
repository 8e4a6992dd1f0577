import { type Handle, InvalidHandle } from "@media-jobs/core/Handle"
import * as Ledger from "@media-jobs/core/Ledger"
import * as Provider from "@media-jobs/core/Provider"
import { acceptedJob } from "@media-jobs/core/Submission"
import type * as Poller from "@media-jobs/poller/Poller"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as MediaJobs from "media-jobs/MediaJobs"
import type { Done, Run, Submitted } from "media-jobs/Run"
import { type RunError, type SubmitError, UnknownRun } from "media-jobs/RunError"
import * as RunKey from "media-jobs/RunKey"
import type { Homes } from "./homes.ts"
import type { Lookout } from "./lookout.ts"
import * as Outcome from "./outcome.ts"
import type { Row, RunTable } from "./runTable.ts"
import { steadily } from "./steady.ts"

export type StopError = Effect.Error<ReturnType<MediaJobs.Cancels["cancel"]>>

export interface Parts {
  readonly table: RunTable
  readonly ledger: Ledger.Ledger
  readonly lookout: Lookout
  readonly homes: Homes
  /** What the workflow calls an attempt, so that it lands on the provider's home. */
  readonly executionOf: (provider: Provider.Identity, key: string, attempt: number) => string
  /** Has the attempt of a run begin, on whichever machine is its home. */
  readonly execute: (
    row: Pick<Row, "run_key" | "attempt" | "execution">
  ) => Effect.Effect<void, Ledger.LedgerUnavailable>
  /** Asks the home of a provider to stop a run. */
  readonly stop: (
    provider: Provider.Identity,
    name: string,
    key: string
  ) => Effect.Effect<void, StopError>
}

const outcomeOf = ({ outcome }: Row): Effect.Effect<Outcome.Outcome | undefined, Ledger.LedgerUnavailable> =>
  outcome === null
    ? Effect.undefined
    : Effect.mapError(Outcome.decode(outcome), (cause) => new Ledger.LedgerUnavailable({ cause }))

/** A run as the database has it, and as its home knows it where that is here. */
export const view = Effect.fnUntraced(function*(
  { homes, ledger, table }: Pick<Parts, "table" | "ledger" | "homes">,
  key: string
): Effect.fn.Return<Run | undefined, Ledger.LedgerUnavailable> {
  const row = yield* table.get(key)
  if (row === undefined) return undefined
  const { name } = row
  const outcome = yield* outcomeOf(row)
  if (outcome !== undefined) {
    const { files, jobs } = outcome
    const error = Option.getOrUndefined(Exit.findErrorOption(Outcome.toExit(key, outcome)))
    return {
      key,
      name,
      phase: error === undefined ? "done" : "failed",
      jobs,
      files,
      ...(error === undefined ? {} : { error })
    }
  }
  const live = Option.getOrUndefined(yield* homes.here(name)?.shared.find(key) ?? Effect.succeedNone)
  // What has ended there and is not written down yet has not ended.
  if (live !== undefined && live.phase !== "done" && live.phase !== "failed") return live
  const entry = yield* ledger.find(key)
  const jobs = entry?.handles?.map(({ id }) => entry.done.get(id) ?? acceptedJob(entry.intent, id)) ?? []
  return { key, name, phase: jobs.length === 0 ? "queued" : "running", jobs, files: live?.files ?? [] }
})

/** What the application does with the runs of one provider. */
export const make = <P extends MediaJobs.Runnable>(
  parts: Parts,
  { name, poller, provider }: { readonly name: string; readonly provider: P; readonly poller: Poller.Poller<P> }
) => {
  const { execute, executionOf, ledger, lookout, stop, table } = parts

  /** The next attempt of a run that stopped short of an end; of all that begin it, one does. */
  const reopen = Effect.fnUntraced(function*(row: Row, deadline: number | null) {
    const attempt = row.attempt + 1
    const next = { attempt, execution: executionOf(provider, row.run_key, attempt), deadline }
    if (yield* table.reopen(row, next)) yield* execute({ ...row, ...next })
  })

  const start = Effect.fnUntraced(function*(
    request: unknown,
    options: MediaJobs.RunOptions | undefined
  ): Effect.fn.Return<string, SubmitError> {
    const key = yield* RunKey.make(provider, options?.key)
    const digest = RunKey.digest(provider, request, options?.account)
    const deadline = options?.deadline === undefined ? null : Duration.toMillis(options.deadline)
    const execution = executionOf(provider, key, 1)
    const asked = {
      run_key: key,
      name,
      digest,
      request: JSON.stringify(request),
      account: options?.account ?? null,
      deadline,
      execution
    }
    if (yield* table.insert(asked)) {
      yield* execute({ ...asked, attempt: 1 })
      return key
    }
    const row = yield* table.get(key)
    if (row === undefined || row.name !== name || row.digest !== digest) {
      return yield* RunKey.refuse(provider, "Expected a key of its own: this one is another request's")
    }
    const outcome = yield* outcomeOf(row)
    if (outcome !== undefined && Outcome.isOpen(outcome)) yield* reopen(row, deadline)
    return key
  })

  /** Whether the service may work still on a run that has ended here, past its deadline or in doubt. */
  const mayRun = (key: string, { jobs }: Outcome.Outcome) =>
    jobs.length > 0
      ? Effect.succeed(jobs.some((job) => !job.isTerminal))
      : Effect.map(ledger.find(key), (entry) => entry !== undefined)

  /** What a look gives of a run that is there as long as it is waited for; a database that is away is waited for as well. */
  const until = <A>(key: string, look: (row: Row) => Effect.Effect<A | undefined, Ledger.LedgerUnavailable>) =>
    lookout.until(
      key,
      steadily(Effect.flatMap(table.get(key), (row) => row === undefined ? Effect.die(new UnknownRun()) : look(row)))
    )

  const ended = (key: string): Effect.Effect<Done, RunError> =>
    Effect.flatMap(until(key, outcomeOf), (outcome) => Outcome.toExit(key, outcome))

  const accepted = Effect.fnUntraced(function*(key: string): Effect.fn.Return<Submitted, SubmitError> {
    const found = yield* until(key, (row) =>
      Effect.gen(function*() {
        const [first, ...rest] = (yield* ledger.find(key))?.handles ?? []
        if (first !== undefined) return Exit.succeed({ key, handles: [first, ...rest] as const })
        const outcome = yield* outcomeOf(row)
        // What ended it before it had a job is an error of its submit.
        return outcome && Outcome.toExit(key, outcome) as Exit.Exit<never, SubmitError>
      }))
    return yield* found
  })

  const locate = Effect.fnUntraced(function*(target: string | Handle): Effect.fn.Return<Row, MediaJobs.FindError> {
    const key = typeof target === "string" ? target : yield* keyOf(target)
    const row = key === undefined ? undefined : yield* table.get(key)
    return row?.name === name ? row : yield* new UnknownRun()
  })
  const keyOf = (handle: Handle): Effect.Effect<string | undefined, MediaJobs.FindError> =>
    handle.provider === provider.id && handle.instance === provider.instance
      ? table.keyOfJob(handle.provider, handle.instance, handle.id)
      : Effect.fail(new InvalidHandle({ reason: "foreign" }))

  const wait = Effect.fnUntraced(function*(target: string | Handle) {
    const row = yield* locate(target)
    const outcome = yield* outcomeOf(row)
    // What the ledger does not have was not sent, and a wait is no reason to send it.
    const isOpen = outcome !== undefined && Outcome.isOpen(outcome) && (yield* ledger.find(row.run_key)) !== undefined
    if (isOpen) yield* reopen(row, null)
    return yield* ended(row.run_key)
  })

  const watch = (target: string | Handle): Stream.Stream<Run, MediaJobs.FindError> =>
    Stream.unwrap(Effect.map(locate(target), ({ run_key: key }) => {
      let last: string | undefined
      const next = lookout.until(
        key,
        Effect.gen(function*() {
          const run = yield* steadily(view(parts, key))
          if (run === undefined) return yield* new UnknownRun()
          const text = JSON.stringify([run.phase, run.files.length, run.jobs.map(({ state }) => state)])
          if (text === last) return undefined
          last = text
          return run
        })
      )
      return Stream.takeUntil(Stream.fromEffectRepeat(next), ({ phase }) => phase === "done" || phase === "failed")
    }))

  const operations = {
    provider,
    poller,
    run: (request: unknown, options?: MediaJobs.RunOptions) => Effect.flatMap(start(request, options), ended),
    submit: (request: unknown, options?: MediaJobs.RunOptions) => Effect.flatMap(start(request, options), accepted),
    wait,
    watch
  }
  if (!Provider.supports("cancel")(provider)) return operations
  return {
    ...operations,
    cancel: Effect.fnUntraced(function*(target: string | Handle) {
      const row = yield* locate(target)
      const { run_key: key } = row
      const outcome = yield* outcomeOf(row)
      if (outcome !== undefined && !(yield* mayRun(key, outcome))) return
      yield* table.cancel(key)
      yield* stop(provider, name, key)
      if (outcome === undefined) return
      // How its jobs end now is to be written down. Without their ids, the next attempt might send the request again.
      if ((yield* ledger.find(key))?.handles !== undefined) yield* reopen(row, null)
    })
  }
}
