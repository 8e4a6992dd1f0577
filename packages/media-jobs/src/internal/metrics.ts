import type { Saved } from "@media-jobs/artifacts/ArtifactStore"
import type * as Provider from "@media-jobs/core/Provider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import type { SubmitError } from "../RunError.ts"

const submits = Metric.counter("media_jobs_submits", {
  description: "Submits by outcome: accepted, refused, or uncertain, whose reply was lost",
  incremental: true
})
const saves = Metric.counter("media_jobs_saves", {
  description: "Jobs whose results were finished, by outcome: done or failed",
  incremental: true
})
const bytes = Metric.counter("media_jobs_saved_bytes", { description: "Bytes of saved files", incremental: true })

const outcomeOf = (exit: Exit.Exit<unknown, SubmitError>): string | undefined => {
  if (Exit.isSuccess(exit)) return "accepted"
  const failure = exit.cause.reasons.find((reason) => reason._tag === "Fail")
  return failure === undefined ? undefined : failure.error._tag === "SubmissionUncertain" ? "uncertain" : "refused"
}

/** Counts what becomes of one provider's runs. */
export const make = ({ id: provider, instance }: Provider.Identity) => {
  const of = { provider, instance }
  return {
    submit: <A, E extends SubmitError, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.onExit(effect, (exit) => {
        const outcome = outcomeOf(exit)
        return outcome === undefined
          ? Effect.void
          : Metric.update(Metric.withAttributes(submits, { ...of, outcome }), 1)
      }),
    finish: <E, R>(effect: Effect.Effect<ReadonlyArray<Saved>, E, R>): Effect.Effect<ReadonlyArray<Saved>, E, R> =>
      Effect.onExit(effect, (exit) => {
        if (Exit.isFailure(exit)) return Metric.update(Metric.withAttributes(saves, { ...of, outcome: "failed" }), 1)
        const saved = exit.value.reduce((sum, { bytes }) => sum + bytes, 0)
        return Effect.andThen(
          Metric.update(Metric.withAttributes(saves, { ...of, outcome: "done" }), 1),
          saved === 0 ? Effect.void : Metric.update(Metric.withAttributes(bytes, of), saved)
        )
      })
  }
}
