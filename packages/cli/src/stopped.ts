/** How the program ends but for success: an exit code, and one sentence on stderr that says what to do. */
import { scrub } from "@media-jobs/core/JobError"
import type * as Remedy from "@media-jobs/core/Remedy"
import * as Data from "effect/Data"
import * as Predicate from "effect/Predicate"
import * as Runtime from "effect/Runtime"

export type Code = 1 | 2 | 3 | 4

export class Stopped extends Data.TaggedError("Stopped")<{ readonly code: Code; readonly sentence: string }> {
  override readonly [Runtime.errorExitCode] = this.code
  override readonly [Runtime.errorReported] = false
}

export const usage = (sentence: string): Stopped => new Stopped({ code: 2, sentence })

/** Errors about what was given to the command, whatever their remedy. */
const asked: ReadonlySet<string> = new Set([
  "InvalidRequest",
  "InvalidJobId",
  "InvalidHandle",
  "NotFound",
  "Forbidden",
  "NotTerminal",
  "UnknownRun"
])
/** Errors of the service, in its trouble. */
const service: ReadonlySet<string> = new Set([
  "RateLimited",
  "Unavailable",
  "UnexpectedResponse",
  "Discontinued",
  "SubmissionUncertain"
])
/** How a job can end: none of the service's accounts or tokens is wrong where one failed for want of credits. */
const ended: ReadonlySet<string> = new Set(["JobFailed", "JobCancelled", "JobExpired", "JobUntracked"])

export const codeOf = (error: {
  readonly _tag: string
  readonly remedy?: Remedy.Remedy
  readonly detail?: unknown
}): Code => {
  const { _tag, detail, remedy } = error
  if (asked.has(_tag)) return 2
  if (ended.has(_tag)) return 1
  if (_tag === "ConfigError" || remedy?._tag === "Reauthenticate" || remedy?._tag === "Pay") return 3
  // Beside a deadline that has passed stands what the last look failed with.
  return service.has(_tag) || _tag === "DeadlineExceeded" && detail !== undefined ? 4 : 1
}

/** What a typed error of the library comes to. */
export const ofError = (error: { readonly _tag: string; readonly message: string }): Stopped => {
  if (error instanceof Stopped) return error
  const remedy = "remedy" in error ? { remedy: error.remedy as Remedy.Remedy } : undefined // every error that has one
  const detail = "detail" in error ? { detail: error.detail } : undefined
  const reason = Predicate.hasProperty(error, "cause") && Predicate.isTagged(error, "FinishFailed") &&
      error.cause instanceof Error
    ? error.cause.message
    : error.message
  return new Stopped({
    code: codeOf({ _tag: error._tag, ...remedy, ...detail }),
    sentence: scrub(reason.replace(/^SourceError: /, ""))
  })
}
