/**
 * Replicate's predictions as jobs.
 *
 * @since 0.1.0
 */
import * as Job from "@media-jobs/core/Job"
import type { FailureCause, JobState } from "@media-jobs/core/JobState"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import * as ReplicateOutput from "./ReplicateOutput.ts"
import type * as ReplicateWire from "./ReplicateWire.ts"

/**
 * The name of this provider.
 *
 * @since 0.1.0
 * @category constants
 */
export const id = ProviderId.make("replicate")

/**
 * Whether an id looks like one of Replicate's: 26 lower-case letters and digits, give or take a few.
 *
 * @since 0.1.0
 * @category guards
 */
export const owns = (id: string): boolean => /^[a-z0-9]{22,32}$/.test(id)

const executing: ReadonlySet<string> = new Set(["starting", "processing"])
const ended: ReadonlySet<string> = new Set(["succeeded", "failed", "canceled", "aborted"])

/**
 * Whether a status word is on any page of the vendor; one that is not reads as `Running`.
 *
 * @since 0.1.0
 * @category guards
 */
export const isKnown = (status: string | undefined): boolean =>
  status !== undefined && (executing.has(status) || ended.has(status))

/**
 * Whether a prediction has ended.
 *
 * @since 0.1.0
 * @category guards
 */
export const hasEnded = ({ status }: ReplicateWire.Prediction): boolean => ended.has(status)

/** Logs are as long as a model likes; a bar is redrawn at their end. */
const tail = 4096

/**
 * How far a job is by the last progress bar in its logs, as tqdm and its like draw them; `undefined` without one.
 *
 * **Example** (A bar that was redrawn)
 *
 * ```ts import.meta.vitest
 * import * as ReplicateJob from "@media-jobs/replicate/ReplicateJob"
 *
 * ReplicateJob.progress("seed: 7\n 10%|█         | 1/10 [00:01<00:09]\r 40%|████      | 4/10 [00:04<00:06]") // => 0.4
 * ReplicateJob.progress("40% of all people") // => undefined
 * ```
 *
 * @since 0.1.0
 * @category conversions
 */
export const progress = (logs: unknown): number | undefined => {
  if (typeof logs !== "string") return undefined
  const bars = logs.slice(-tail).split(/[\r\n]+/).flatMap((line) => {
    const percent = /^\s*(\d{1,3})%\s*\|[^|]*\|\s*\d+\/\d+/.exec(line)?.[1]
    return percent === undefined ? [] : [Number(percent) / 100]
  })
  return bars.findLast((bar) => bar <= 1)
}

const causes: ReadonlyArray<readonly [FailureCause, RegExp]> = [
  ["content", /\bE005\b|moderat|content polic|nsfw|safety|sensitive|inappropriate|prohibited|copyright/i],
  ["credits", /insufficient (?:credit|funds)|credit balance|payment/i],
  ["input", /\bE1001\b|out of memory|\bE006\b|invalid input|input (?:was|is) invalid|validation error/i],
  ["service", /\bE\d{3,4}\b|code: PA\b|interrupted|director:|timed? ?out|temporarily|unavailable/i]
]

const failed = (error: unknown): JobState => {
  const reason = typeof error === "string" ? error : error === undefined || error === null ? "" : JSON.stringify(error)
  if (reason === "") return { _tag: "Failed", cause: "unknown" }
  const code = /\b(E\d{3,4})\b/.exec(reason)?.[1] ?? /\(code: (\w+)\)/.exec(reason)?.[1]
  const cause = causes.find(([, pattern]) => pattern.test(reason))?.[0] ?? "unknown"
  return { _tag: "Failed", reason, cause, ...(code === undefined ? undefined : { code }) }
}

const time = (text: string | null | undefined): DateTime.Utc | undefined =>
  typeof text === "string" ? Option.getOrUndefined(Option.map(DateTime.make(text), DateTime.toUtc)) : undefined

/** What predictions of the API leave behind is deleted after this long; those of the website are kept. */
const kept = Duration.hours(1)

const succeeded = ({ completed_at, data_removed, output, source }: ReplicateWire.Prediction): JobState => {
  if (data_removed === true) return { _tag: "Expired" }
  const completedAt = source === "web" ? undefined : time(completed_at)
  const expiresAt = completedAt === undefined ? undefined : DateTime.addDuration(completedAt, kept)
  return { _tag: "Succeeded", artifacts: ReplicateOutput.artifacts(output, expiresAt) }
}

/**
 * The state that a prediction means.
 *
 * **Details**
 *
 * - A success whose data has been removed is `Expired`: whoever waits for it finds nothing to fetch.
 * - A success without a file is `Succeeded` with none: a text, a number or an object is what that model makes; ask for `raw`.
 * - `canceled` and `aborted` are `Cancelled`: its user stopped it, or the deadline that its user gave it passed, while it
 *   ran or before it did. `providerStatus` tells them apart; only the first is charged.
 *
 * @since 0.1.0
 * @category conversions
 */
export const stateOf = (prediction: ReplicateWire.Prediction): JobState => {
  switch (prediction.status) {
    case "starting":
      return { _tag: "Queued" }
    case "succeeded":
      return succeeded(prediction)
    case "failed":
      return failed(prediction.error)
    case "canceled":
    case "aborted":
      return { _tag: "Cancelled" }
    default: {
      const done = progress(prediction.logs)
      return done === undefined ? { _tag: "Running" } : { _tag: "Running", progress: done }
    }
  }
}

/**
 * How and by whom a job was seen.
 *
 * @since 0.1.0
 * @category models
 */
export interface Seen {
  readonly instance: ProviderId.Instance
  readonly observedAt: DateTime.Utc
  /** The service's own record, where it was asked for. */
  readonly raw?: Schema.Json | undefined
}

/**
 * The job that a prediction is.
 *
 * **Details**
 *
 * It has no `kind`: what sort of work a model does is not in its record, and is known from its files only once it ended. The
 * cost is the seconds that it ran, `predict_time`, which is what models that are priced by time charge.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromPrediction = (prediction: ReplicateWire.Prediction, seen: Seen): Job.Job => {
  const createdAt = time(prediction.created_at)
  const updatedAt = time(prediction.completed_at) ?? time(prediction.started_at)
  const seconds = prediction.metrics?.predict_time
  const model = prediction.model ?? prediction.version
  return Job.fromValid({
    id: prediction.id,
    provider: id,
    instance: seen.instance,
    state: stateOf(prediction),
    providerStatus: prediction.status,
    model: model ?? undefined,
    createdAt,
    updatedAt,
    observedAt: seen.observedAt,
    cost: typeof seconds === "number" && hasEnded(prediction)
      ? { amount: seconds, unit: "replicate-seconds", basis: "charged" }
      : undefined,
    raw: seen.raw
  })
}
