import type { Saved } from "@media-jobs/artifacts/ArtifactStore"
import type { Handle } from "@media-jobs/core/Handle"
import * as Job from "@media-jobs/core/Job"
import type { JobId } from "@media-jobs/core/JobId"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { Done, Phase, Run, Submitted } from "../Run.ts"
import type { RunError, SubmitError } from "../RunError.ts"
import { Feed } from "./feed.ts"

/** A run that this process works on, or has worked on. */
export class LiveRun {
  readonly key: string
  readonly name: string
  /** Of what was asked for; `undefined` for a submit that was made without a key of the application's own. */
  readonly digest: string | undefined
  readonly feed = new Feed<Run>()
  readonly accepted = Deferred.makeUnsafe<Submitted, SubmitError>()
  readonly ended = Deferred.makeUnsafe<Done, RunError>()
  readonly jobs = new Map<JobId, Job.Job>()
  /** Of the jobs that are finished, whatever of it is a file. */
  readonly files = new Map<JobId, ReadonlyArray<Saved>>()
  handles: ReadonlyArray<Handle> = []
  phase: Phase = "queued"
  error: RunError | undefined
  fiber: Fiber.Fiber<unknown, unknown> | undefined
  /** Whether the one request may have left: from then on, the run outlives its callers. */
  isSent = false
  isCancelled = false
  callers = 0
  readonly #ends = new Map<JobId, Deferred.Deferred<void>>()
  readonly #all: Feed<Run>

  constructor(key: string, name: string, digest: string | undefined, all: Feed<Run>) {
    this.key = key
    this.name = name
    this.digest = digest
    this.#all = all
  }

  get snapshot(): Run {
    const { error, key, name, phase } = this
    return {
      key,
      name,
      phase,
      jobs: Array.from(this.jobs.values()),
      files: this.handles.flatMap(({ id }) => this.files.get(id) ?? []),
      ...(error === undefined ? undefined : { error })
    }
  }

  /** Whether its request may be on its way now. */
  get isUnderWay(): boolean {
    return this.phase === "queued" && this.isSent
  }

  get isOver(): boolean {
    return this.phase === "done" || this.phase === "failed"
  }

  /** Whether all its jobs have. */
  get hasEnded(): boolean {
    return Array.from(this.jobs.values()).every((job) => job.isTerminal)
  }

  /** Whether the same key begins again where this has stopped: what it waits for, or makes of it, may still come to an end. */
  get isOpen(): boolean {
    return this.phase === "failed" &&
      Array.from(this.jobs.values()).some((job) => !job.isSettled || job.is("Succeeded") && !this.files.has(job.id))
  }

  enter(phase: Phase): void {
    if (phase === this.phase) return
    this.phase = phase
    this.#tell()
  }

  accept(handles: Submitted["handles"], jobs: ReadonlyArray<Job.Job>): void {
    this.handles = handles
    for (const job of jobs) this.jobs.set(job.id, job)
    this.isSent = true
    this.enter(jobs.every((job) => job.isTerminal) ? "finishing" : "running")
    // What waits for this goes on at once, and may watch: what it was told of would be told to it again.
    Deferred.doneUnsafe(this.accepted, Exit.succeed({ key: this.key, handles }))
  }

  see(job: Job.Job): void {
    const before = this.jobs.get(job.id)
    const now = before === undefined ? job : Job.join(before, job)
    this.jobs.set(job.id, now)
    if (now.isTerminal) {
      const end = this.#ends.get(job.id)
      if (end !== undefined) Deferred.doneUnsafe(end, Exit.void)
      this.#ends.delete(job.id)
    }
    if (before === undefined || Job.changed(before, now)) this.#tell()
  }

  /** Comes true once a job has ended, or nothing here waits for it any more. */
  endOf(id: JobId): Deferred.Deferred<void> {
    const end = this.#ends.get(id) ?? Deferred.makeUnsafe<void>()
    this.#ends.set(id, end)
    if (this.isOver || this.jobs.get(id)?.isTerminal === true) Deferred.doneUnsafe(end, Exit.void)
    return end
  }

  end(exit: Exit.Exit<Done, RunError>): void {
    for (const end of this.#ends.values()) Deferred.doneUnsafe(end, Exit.void)
    this.#ends.clear()
    this.fiber = undefined
    // What is interrupted has not failed: it goes on in the next process.
    if (Exit.isSuccess(exit) || !Cause.hasInterruptsOnly(exit.cause)) {
      this.error = Exit.isFailure(exit) ? firstError(exit) : undefined
      this.enter(Exit.isSuccess(exit) ? "done" : "failed")
    }
    this.feed.end()
    // Until it was accepted, what ended it is an error of its submit.
    Deferred.doneUnsafe(this.accepted, exit as Exit.Exit<never, SubmitError>)
    Deferred.doneUnsafe(this.ended, exit)
  }

  #tell(): void {
    if (!this.feed.isRead && !this.#all.isRead) return
    const { snapshot } = this
    this.feed.tell(snapshot)
    this.#all.tell(snapshot)
  }
}

const firstError = (exit: Exit.Failure<Done, RunError>): RunError | undefined => {
  for (const reason of exit.cause.reasons) if (reason._tag === "Fail") return reason.error
  return undefined
}
