/**
 * Replicate's predictions as jobs.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Progress from "@media-jobs/adapter/Progress"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireTime from "@media-jobs/adapter/WireTime"
import type { FailureCause, JobState } from "@media-jobs/core/JobState"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import * as output from "./output.ts"
import type * as wire from "./wire.ts"

/** Whether an id looks like one of Replicate's: 26 lower-case letters and digits, give or take a few. */
export const owns = (id: string): boolean => /^[a-z0-9]{22,32}$/.test(id)

const ended: ReadonlySet<string> = new Set(["succeeded", "failed", "canceled", "aborted"])

/** Whether a prediction has ended: by its word, or by when it did. */
export const hasEnded = ({ completed_at, status }: wire.Prediction): boolean =>
  ended.has(status) || WireTime.fromText(completed_at) !== undefined

const causes: ReadonlyArray<readonly [FailureCause, RegExp]> = [
  ["content", /\bE005\b/],
  ["input", /\bE1001\b|\bE006\b/],
  ["service", /\bE\d{3,4}\b|code: PA\b|director:/]
]

const failed = (error: unknown): JobState => {
  const reason = Wire.sentence(error) ?? (Predicate.isNullish(error) || error === "" ? "" : JSON.stringify(error))
  const code = /\b(E\d{3,4})\b/.exec(reason)?.[1] ?? /\(code: (\w+)\)/.exec(reason)?.[1]
  return { ...Failure.fromText(reason, causes), ...(code === undefined ? undefined : { code }) }
}

/** What predictions of the API leave behind is deleted after this long; those of the website are kept. */
const kept = Duration.hours(1)

/** Whether a model made anything at all: a text, a number, something in a list or an object. */
const isSomething = (output: unknown, depth = 16): boolean =>
  typeof output === "object" && output !== null
    ? depth === 0 || Object.values(output).some((inner) => isSomething(inner, depth - 1))
    : !Predicate.isNullish(output) && output !== ""

/** A success whose data has been removed has expired: there is nothing to fetch. One without a file made a text or an object. */
const succeeded = ({ completed_at, data_removed, output: made, source }: wire.Prediction): JobState => {
  if (data_removed === true) return { _tag: "Expired" }
  if (!isSomething(made)) return Failure.withoutFile
  const completedAt = source === "web" ? undefined : WireTime.fromText(completed_at)
  const expiresAt = completedAt === undefined ? undefined : DateTime.addDuration(completedAt, kept)
  return {
    _tag: "Succeeded",
    artifacts: output.artifacts(made, expiresAt),
    output: made as Schema.Json // as it was parsed from the wire
  }
}

const runningAt = (_tag: "Running" | "Unknown", logs: unknown): Adapter.Report["state"] => {
  const progress = Progress.ofBars(logs)
  return progress === undefined ? { _tag } : { _tag, progress }
}

/**
 * `canceled` and `aborted` are `Cancelled`: its user stopped it, or the deadline that its user gave it passed, while it ran or
 * before it did. `providerStatus` tells them apart; only the first is charged.
 */
const stateOf = (prediction: wire.Prediction): Adapter.Report["state"] => {
  switch (prediction.status) {
    case "succeeded":
      return succeeded(prediction)
    case "failed":
      return failed(prediction.error)
    case "canceled":
    case "aborted":
      return { _tag: "Cancelled" }
  }
  if (hasEnded(prediction)) return { _tag: "Unknown", ended: true }
  switch (prediction.status) {
    case "starting":
      return { _tag: "Queued" }
    case "processing":
      return runningAt("Running", prediction.logs)
    default:
      return runningAt("Unknown", prediction.logs)
  }
}

/**
 * The job that a prediction is.
 *
 * It has no `kind`: what sort of work a model does is not in its record, and is known from its files only once it ended. The
 * cost is the seconds that it ran, `predict_time`, which is what models that are priced by time charge.
 */
export const ofPrediction = (prediction: wire.Prediction): Adapter.Report => {
  const seconds = Wire.number(Wire.object(prediction.metrics)["predict_time"])
  return {
    id: prediction.id,
    state: stateOf(prediction),
    providerStatus: prediction.status,
    model: Wire.text(prediction.model) ?? Wire.text(prediction.version),
    createdAt: WireTime.fromText(prediction.created_at),
    updatedAt: WireTime.fromText(prediction.completed_at) ?? WireTime.fromText(prediction.started_at),
    cost: seconds !== undefined && hasEnded(prediction)
      ? { amount: seconds, unit: "replicate-seconds", basis: "charged" }
      : undefined
  }
}
