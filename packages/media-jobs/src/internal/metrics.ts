import type { Saved } from "@media-jobs/artifacts/ArtifactStore"
import type * as Provider from "@media-jobs/core/Provider"
import type * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import type { SubmitError } from "../RunError.ts"

/**
 * What becomes of one provider's runs.
 *
 * - `media_jobs_submits`: submits by `outcome`: `accepted`, `refused`, or `uncertain`, whose reply was lost.
 * - `media_jobs_finished`: jobs that succeeded, by what became of what they made: `done` or `failed`.
 * - `media_jobs_saved_bytes`: bytes of saved files.
 */
export const make = ({ id: provider, instance }: Provider.Identity, context: Context.Context<never>) => {
  const counter = (name: string, outcome?: string) =>
    Metric.counter(`media_jobs_${name}`, {
      attributes: { provider, instance, ...(outcome === undefined ? undefined : { outcome }) },
      incremental: true
    })
  const submits = {
    accepted: counter("submits", "accepted"),
    refused: counter("submits", "refused"),
    uncertain: counter("submits", "uncertain")
  }
  const finished = { done: counter("finished", "done"), failed: counter("finished", "failed") }
  const bytes = counter("saved_bytes")
  return {
    submit: (exit: Exit.Exit<unknown, SubmitError>): void => {
      const outcome = outcomeOf(exit)
      if (outcome !== undefined) submits[outcome].updateUnsafe(1, context)
    },
    finish: (exit: Exit.Exit<ReadonlyArray<Saved>, unknown>): void => {
      finished[Exit.isSuccess(exit) ? "done" : "failed"].updateUnsafe(1, context)
      if (Exit.isSuccess(exit)) { for (const saved of exit.value) bytes.updateUnsafe(saved.bytes, context) }
    }
  }
}

/** One that was interrupted was not refused, and may not have been sent. */
const outcomeOf = (exit: Exit.Exit<unknown, SubmitError>): "accepted" | "refused" | "uncertain" | undefined => {
  if (Exit.isSuccess(exit)) return "accepted"
  const failure = exit.cause.reasons.find((reason) => reason._tag === "Fail")
  return failure && (failure.error._tag === "SubmissionUncertain" ? "uncertain" : "refused")
}
