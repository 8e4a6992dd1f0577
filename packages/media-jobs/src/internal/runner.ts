import type { Saved } from "@media-jobs/artifacts/ArtifactStore"
import type { Handle } from "@media-jobs/core/Handle"
import type * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as Log from "@media-jobs/core/Log"
import type * as Provider from "@media-jobs/core/Provider"
import { acceptedJob, type LostSubmission, requested, type Sent, Submission } from "@media-jobs/core/Submission"
import type * as Poller from "@media-jobs/poller/Poller"
import type * as Slots from "@media-jobs/poller/Slots"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Predicate from "effect/Predicate"
import * as Tracer from "effect/Tracer"
import type { Done, Run } from "../Run.ts"
import { FinishFailed, ofRun, RunCancelled, type RunError, type SubmitError, type WaitError } from "../RunError.ts"
import * as RunKey from "../RunKey.ts"
import type { Gate } from "./gate.ts"
import type { LiveRun } from "./liveRun.ts"
import * as Metrics from "./metrics.ts"
import type { Runs } from "./runs.ts"

export type Runnable = Provider.Identity & Pick<Provider.Operations<never>, "submit"> & Poller.Watchable

export interface RunOptions {
  readonly key?: string | undefined
  readonly account?: string | undefined
  readonly deadline?: Duration.Input | undefined
}

/** What the runner of one provider works with. */
export interface Parts<P extends Runnable> {
  readonly name: string
  readonly provider: P
  readonly poller: Poller.Poller<P>
  readonly slots: Effect.Effect<Slots.Slots, JobError.InvalidRequest>
  readonly ledger: Ledger.Ledger | undefined
  readonly finish: (job: Job.Succeeded, key: string) => Effect.Effect<ReadonlyArray<Saved>, unknown>
  /** The files of a job that is finished already. */
  readonly saved: (job: Job.Succeeded) => Effect.Effect<ReadonlyArray<Saved>, unknown>
  /** Finds out what became of the submits whose outcome is not known. */
  readonly settle: Effect.Effect<unknown>
  readonly gate: Gate
  readonly runs: Runs
  /** Where metrics are counted. */
  readonly context: Context.Context<never>
  /** Forks with what is around the application's service, whose end interrupts all runs. */
  readonly fork: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
}

/** One job of a run, and whether the ledger says that the application needs it no more. */
interface Wanted {
  readonly handle: Handle
  readonly target: Submission
  readonly isDone: boolean
}

export interface Runner {
  /** The run of a key: the one that is known, or one that begins now. */
  readonly start: (request: unknown, options: RunOptions | undefined) => Effect.Effect<LiveRun, JobError.InvalidRequest>
  /** Goes on with what the ledger has of a submit. */
  readonly adopt: (entry: Ledger.Entry) => LiveRun
  /** Goes on with one job, of which nothing is known but its handle. */
  readonly adoptHandle: (handle: Handle, isDone: boolean) => Effect.Effect<LiveRun>
  /** A run that has stopped short of an end goes on. */
  readonly reopen: (run: LiveRun, deadline: Duration.Input | undefined) => LiveRun
  /** A submit in the ledger, as it stands there. */
  readonly view: (entry: Ledger.Entry) => Effect.Effect<Run>
}

export const make = <P extends Runnable>(parts: Parts<P>): Runner => {
  const { fork, gate, ledger, name, poller, provider, runs, settle } = parts
  const metrics = Metrics.make(provider, parts.context)
  const attributes = { provider: provider.id, instance: provider.instance, name }

  const noteDone = (handle: Handle, job: Job.Job) =>
    ledger === undefined ?
      Effect.void :
      Effect.catch(ledger.done(handle, job), (error) =>
        Log.warning(
          `A job is done and stands in the ledger still: it is finished once more at the next start. ${error.message}`
        ))

  const finishOne = (job: Job.Succeeded, key: string) =>
    parts.finish(job, key).pipe(
      Effect.onExit((exit) => Effect.sync(() => metrics.finish(exit))),
      // The application's own code may throw: the job is to be finished all the same.
      Effect.catchCause((cause) =>
        Cause.hasInterruptsOnly(cause)
          ? Effect.interrupt
          : Effect.fail(
            new FinishFailed({ provider: provider.id, instance: provider.instance, cause: Cause.squash(cause) })
          )
      )
    )

  /** What was finished before is so, whatever has become of its files. */
  const savedOf = (job: Job.Succeeded) => Effect.orElseSucceed(parts.saved(job), () => [])

  const waitFor = (run: LiveRun, { handle, isDone, target }: Wanted, deadline: Duration.Input | undefined) =>
    poller.succeed(target, { deadline }).pipe(
      Effect.map(([job]) => job),
      Effect.tapError((error) => {
        if (!("job" in error) || error.job === undefined) return Effect.void
        run.see(error.job)
        return isDone || !error.job.isTerminal ? Effect.void : noteDone(handle, error.job)
      }),
      Effect.tap((job) => {
        run.see(job)
        if (run.hasEnded) run.enter("finishing")
        const keep = (files: ReadonlyArray<Saved>) => void run.files.set(job.id, files)
        return isDone
          ? Effect.map(savedOf(job), keep)
          : finishOne(job, run.key).pipe(
            Effect.map(keep),
            // Where nothing was made, there is nothing to come back for at the next start.
            Effect.tapError(({ cause }) =>
              Predicate.isTagged(cause, "NothingToSave") ? noteDone(handle, job) : Effect.void
            ),
            Effect.andThen(noteDone(handle, job))
          )
      })
    )

  const wait = (
    run: LiveRun,
    wanted: ReadonlyArray<Wanted>,
    deadline: Duration.Input | undefined
  ): Effect.Effect<Done, WaitError> =>
    Effect.flatMap(
      Effect.forEach(wanted, (one) => Effect.exit(waitFor(run, one, deadline)), {
        // Most runs are of one job, which needs no fiber of its own.
        concurrency: wanted.length === 1 ? 1 : "unbounded"
      }),
      (exits): Exit.Exit<Done, WaitError> => {
        const jobs = exits.flatMap((exit) => Exit.isSuccess(exit) ? [exit.value] : [])
        const failed = exits.find(Exit.isFailure)
        return failed === undefined
          ? Exit.succeed({ key: run.key, jobs, files: run.snapshot.files })
          : Exit.failCause(Cause.map(failed.cause, (error) => ofRun(error, run.snapshot)))
      }
    )

  const accept = (run: LiveRun, handles: Submission["handles"], jobs: ReadonlyArray<Job.Job>) => {
    run.accept(handles, jobs)
    runs.index(run)
  }

  const submit = Effect.fnUntraced(function*(
    run: LiveRun,
    request: unknown,
    account: string | undefined
  ): Effect.fn.Return<ReadonlyArray<Wanted>, JobError.Of<"submit">> {
    const slots = yield* parts.slots
    // Its type is that of the runner's own `run`.
    const send = (account: string | undefined) =>
      provider.submit(request as never, account === undefined ? undefined : { account })
    const post = (chosen: string | undefined) =>
      gate.pass(Effect.suspend(() => {
        run.isSent = true
        return account === undefined && chosen !== undefined
          // Work on a job takes no account, for the job has one; what is wrong with the request is wrong without it too.
          ? Effect.catchTag(send(chosen), "InvalidRequest", (error) =>
            error.status === undefined ? send(undefined) : Effect.fail(error))
          : send(chosen)
      })).pipe(
        Effect.onExit((exit) =>
          Effect.sync(() =>
            metrics.submit(exit)
          )
        ),
        Effect.tapError((error) =>
          Effect.sync(() => {
            run.isSent = error._tag === "SubmissionUncertain"
          })
        ),
        Effect.provideService(Ledger.Key, { key: run.key, digest: run.digest ?? "" })
      )
    const submission = yield* slots.submit({
      account,
      submit: post,
      ended: (id) => Deferred.await(run.endOf(id)),
      over: Deferred.await(run.ended)
    })
    const known = (id: JobId) => submission.snapshots?.find((job) => job.id === id)
    const { handles } = submission
    accept(run, handles, submission.ids.map((id) => known(id) ?? acceptedJob(submission, id)))
    return handles.map((handle): Wanted => ({
      handle,
      isDone: false,
      target: handles.length === 1 ? submission : alone(submission, handle.id, known(handle.id))
    }))
  })

  /** The jobs of what the ledger has. */
  const taken = (run: LiveRun, { done, handles, intent }: Ledger.Entry): ReadonlyArray<Wanted> | undefined => {
    const [first, ...rest] = handles ?? []
    if (first === undefined) return undefined
    const all: Submission["handles"] = [first, ...rest]
    accept(run, all, all.map(({ id }) => done.get(id) ?? acceptedJob(intent, id)))
    return all.map((handle) => ({
      handle,
      isDone: done.has(handle.id),
      target: alone(intent, handle.id, done.get(handle.id))
    }))
  }

  /** What the ledger has of a run's key, once it is known what became of its submit. */
  const before = Effect.fnUntraced(
    function*(run: LiveRun): Effect.fn.Return<ReadonlyArray<Wanted> | undefined, SubmitError> {
      const found = yield* ledger?.find(run.key) ?? Effect.undefined
      if (found === undefined) return undefined
      if (found.intent.digest !== run.digest) {
        return yield* RunKey.refuse(provider, "Expected a key of its own: this one is another request's")
      }
      const jobs = taken(run, found)
      if (jobs !== undefined) return jobs
      run.enter("uncertain")
      yield* settle
      const settled = yield* ledger?.find(run.key) ?? Effect.undefined
      if (settled === undefined && run.isCancelled) return yield* new RunCancelled()
      if (settled === undefined) return void run.enter("queued")
      return taken(run, settled) ?? (yield* uncertain(settled.intent))
    }
  )

  /** Asks what became of a submit whose reply was lost, and fails as it did where that can't be told. */
  const recovered = Effect.fnUntraced(function*(
    run: LiveRun,
    error: JobError.SubmissionUncertain
  ): Effect.fn.Return<ReadonlyArray<Wanted>, SubmitError> {
    run.enter("uncertain")
    if (ledger !== undefined) yield* settle
    const found = yield* ledger?.find(run.key) ?? Effect.undefined
    if (ledger !== undefined && found === undefined) {
      run.isSent = false
      return yield* new JobError.Unavailable({
        provider: provider.id,
        instance: provider.instance,
        operation: "submit",
        detail: "The request was lost before the service took it: nothing was started"
      })
    }
    return (found && taken(run, found)) ?? (yield* error)
  })

  const go = (run: LiveRun, effect: Effect.Effect<Done, RunError>, parent?: Tracer.AnySpan): LiveRun => {
    run.fiber = fork(effect.pipe(
      Effect.withSpan("MediaJobs.run", { attributes: { ...attributes, key: run.key }, parent }, {
        captureStackTrace: false
      }),
      Effect.onExit((exit) =>
        Effect.sync(() => {
          const cancelled = run.isCancelled && !run.isSent && Exit.isFailure(exit) &&
            Cause.hasInterruptsOnly(exit.cause)
          run.end(cancelled ? Exit.fail(new RunCancelled()) : exit)
          runs.over(run, ledger !== undefined)
        })
      )
    ))
    return run
  }

  const goOn = (run: LiveRun, wanted: ReadonlyArray<Wanted>, deadline?: Duration.Input): LiveRun =>
    go(run, wait(run, wanted, deadline))

  const reopen = (run: LiveRun, deadline: Duration.Input | undefined): LiveRun => {
    const again = runs.add(run.key, name, run.digest)
    const [first, ...rest] = run.handles
    if (first !== undefined) accept(again, [first, ...rest], Array.from(run.jobs.values()))
    for (const [id, files] of run.files) again.files.set(id, files)
    return goOn(
      again,
      run.handles.map((handle) => {
        const job = run.jobs.get(handle.id)
        return { handle, isDone: run.files.has(handle.id), target: alone(handle, handle.id, job) }
      }),
      deadline
    )
  }

  return {
    start: Effect.fnUntraced(function*(request, options) {
      const key = yield* RunKey.make(provider, options?.key)
      const digest = RunKey.digest(provider, request, options?.account)
      const known = runs.get(key)
      if (known !== undefined && known.digest !== digest) {
        return yield* RunKey.refuse(provider, "Expected a key of its own: this one is another request's")
      }
      if (known !== undefined) return known.isOpen ? reopen(known, options?.deadline) : known
      const run = runs.add(key, name, digest)
      const parent = Context.getOrUndefined(yield* Effect.context(), Tracer.ParentSpan)
      // A key that was made just now is in no ledger.
      const entered = options?.key === undefined ? Effect.undefined : before(run)
      const wanted = Effect.flatMap(entered, (found) =>
        found === undefined
          ? Effect.catchTag(submit(run, request, options?.account), "SubmissionUncertain", (error) =>
            recovered(run, error))
          : Effect.succeed(found))
      return go(run, Effect.flatMap(wanted, (wanted) => wait(run, wanted, options?.deadline)), parent)
    }),
    adopt: (entry) => {
      const { digest, key } = entry.intent
      const run = runs.add(key, name, digest)
      return goOn(run, taken(run, entry) ?? [])
    },
    adoptHandle: Effect.fnUntraced(function*(handle, isDone) {
      const run = runs.add(yield* Effect.orDie(RunKey.make(provider, undefined)), name, undefined)
      accept(run, [handle], [acceptedJob(handle, handle.id)])
      return goOn(run, [{ handle, isDone, target: alone(handle, handle.id, undefined) }])
    }),
    reopen,
    view: Effect.fnUntraced(function*({ done, handles, intent }) {
      const jobs = (handles ?? []).map(({ id }) => done.get(id) ?? acceptedJob(intent, id))
      const finished = jobs.filter((job): job is Job.Succeeded => job.is("Succeeded") && done.has(job.id))
      return {
        key: intent.key,
        name,
        phase: handles === undefined ? "uncertain" : done.size < handles.length ? "running" : phaseOf(done.values()),
        jobs,
        files: (yield* Effect.forEach(finished, savedOf)).flat()
      }
    })
  }
}

/** Of jobs that the application needs no more; of one that it told no end of, it had what it wanted. */
const phaseOf = (jobs: Iterable<Job.Job | undefined>): "done" | "failed" =>
  Array.from(jobs).every((job) => job === undefined || job.is("Succeeded")) ? "done" : "failed"

export const uncertain = (intent: Ledger.Intent): JobError.SubmissionUncertain =>
  new JobError.SubmissionUncertain({ ...sentOf(intent), key: intent.key, operation: "submit" })

type Origin = LostSubmission & Pick<Sent, "provider" | "instance">

const sentOf = (of: Origin): Sent => {
  const { account, instance, kind, model, provider, reference, replyRef, replyUrl, submittedAt } = of
  return { ...requested({ account, instance, kind, model, provider, reference, replyRef, replyUrl }), submittedAt }
}

/** One job of a submit, with what is known of it, as a submit of its own: each is waited for and finished by itself. */
const alone = (of: Origin, id: JobId, job: Job.Job | undefined): Submission =>
  new Submission({ ...sentOf(of), ids: [id], ...(job === undefined ? undefined : { snapshots: [job] }) })
