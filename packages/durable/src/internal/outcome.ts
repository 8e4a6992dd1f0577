import * as Manifest from "@media-jobs/artifacts/Manifest"
import { InvalidHandle } from "@media-jobs/core/Handle"
import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import { LedgerUnavailable } from "@media-jobs/core/Ledger"
import type * as Provider from "@media-jobs/core/Provider"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Done, Phase } from "media-jobs/Run"
import { FinishFailed, ofRun, RunCancelled, type RunError } from "media-jobs/RunError"

/** How a run ended, as it is stored. */
const Outcome = Schema.Struct({
  jobs: Schema.Array(Job.Job),
  files: Schema.Array(Schema.Struct({ ...Manifest.Entry.fields, location: Schema.String })),
  error: Schema.optionalKey(
    Schema.Union([JobError.JobError, FinishFailed, InvalidHandle, LedgerUnavailable, RunCancelled])
  )
})
export type Outcome = typeof Outcome.Type

const codec = /* @__PURE__ */ Schema.fromJsonString(/* @__PURE__ */ Schema.toCodecJson(Outcome))
export const encode = /* @__PURE__ */ Schema.encodeEffect(codec)
export const decode = /* @__PURE__ */ Schema.decodeUnknownEffect(codec)

/** What a service's own record holds is the application's, and may be of any size. */
const bare = (job: Job.Job): Job.Job => job.raw === undefined ? job : Job.fromValid({ ...job, raw: undefined })

export const ofExit = ({ id, instance }: Provider.Identity, exit: Exit.Exit<Done, RunError>): Outcome => {
  if (Exit.isSuccess(exit)) return { jobs: exit.value.jobs.map(bare), files: exit.value.files }
  const error = Option.getOrElse(Exit.findErrorOption(exit), () =>
    new JobError.Unavailable({
      provider: id,
      instance,
      operation: "submit",
      detail: "The run ended by a defect",
      cause: exit.cause
    }))
  return {
    jobs: "jobs" in error && error.jobs !== undefined ? error.jobs.map(bare) : [],
    files: "files" in error ? error.files : [],
    error
  }
}

export const toExit = (key: string, { error, files, jobs }: Outcome): Exit.Exit<Done, RunError> => {
  if (error === undefined) return Exit.succeed({ key, files, jobs: jobs as Done["jobs"] }) // all of them succeeded
  // What ended a run once it was submitted is of the errors that `ofRun` takes.
  return Exit.fail(
    jobs.length === 0 ? error as RunError : ofRun(error as Parameters<typeof ofRun>[0], { key, files, jobs })
  )
}

/** Whether the same key begins again: nothing is paid for, or what is may still come to an end. */
export const isOpen = ({ error, jobs }: Outcome): boolean =>
  error !== undefined &&
  (jobs.length === 0 || error._tag === "FinishFailed" || jobs.some((job) => !job.isSettled))

export const phaseOf = ({ error }: Outcome): Phase => error === undefined ? "done" : "failed"
