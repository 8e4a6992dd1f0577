/**
 * Luma's records as jobs.
 *
 * @since 0.1.0
 */
import * as Artifact from "@media-jobs/core/Artifact"
import * as Job from "@media-jobs/core/Job"
import type { JobState } from "@media-jobs/core/JobState"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Classify from "@media-jobs/useapi/Classify"
import * as Ending from "@media-jobs/useapi/Ending"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import type * as LumaWire from "./LumaWire.ts"

/**
 * The name of this provider.
 *
 * @since 0.1.0
 * @category constants
 */
export const id = ProviderId.make("useapi-luma")

const kinds: ReadonlySet<string> = new Set(Artifact.MediaKind.literals)
const kindOf = (type: string): Artifact.MediaKind => kinds.has(type) ? type as Artifact.MediaKind : "other" // one of the literals

const slots = [
  ["video", "video", "primary"],
  ["image", "image", "primary"],
  // Typed as a video on the wire; the page says that it is a ZIP of EXR frames.
  ["video_hdr_exr", "archive", "hdr-frames"],
  ["thumbnail", "image", "thumbnail"],
  ["last_frame", "image", "last-frame"]
] as const

const artifactsOf = (response: LumaWire.JobRecord["response"]): ReadonlyArray<Artifact.Artifact> => {
  const artifacts: Array<Artifact.Artifact> = []
  if (Predicate.isNullish(response)) return artifacts
  for (const [slot, kind, role] of slots) {
    const media = response[slot]
    if (Predicate.isNullish(media)) continue
    const { duration, height, url, width } = media
    artifacts.push(Artifact.fromValid({
      kind,
      role,
      url,
      width: width ?? undefined,
      height: height ?? undefined,
      duration: typeof duration === "number" ? Duration.millis(duration * 1000) : undefined
    }))
  }
  return artifacts
}

const costOf = (credits: LumaWire.JobRecord["credits"]): Job.Cost | undefined => {
  const { dm_relaxed_usage: relaxed, dm_usage: usage } = credits ?? {}
  if (typeof usage === "number") return { amount: usage, unit: "luma-credits", basis: "charged" }
  return typeof relaxed === "number" ? { amount: relaxed, unit: "luma-relaxed-credits", basis: "charged" } : undefined
}

const running: JobState = { _tag: "Running" }

const words: ReadonlySet<string | undefined> = new Set(["created", "pending", "processing", "completed", "failed"])

/**
 * Whether a status word is on any page of the vendor; one that is not reads as `Running`.
 *
 * @since 0.1.0
 * @category guards
 */
export const isKnown = (status: string | undefined): boolean => words.has(status)

/**
 * The state that a record means.
 *
 * **Details**
 *
 * A `completed` record with no file at all is `Failed`: `Succeeded` promises something to fetch, and a program that waited
 * for it would find out only on reaching for what is not there. It is not `Running` either, since the service will not
 * speak of the job again.
 *
 * @since 0.1.0
 * @category conversions
 */
export const stateOf = (record: LumaWire.JobRecord): JobState => {
  switch (record.status) {
    case "created":
    case "pending":
      return { _tag: "Queued" }
    case "completed": {
      const artifacts = artifactsOf(record.response)
      return artifacts.length > 0
        ? { _tag: "Succeeded", artifacts }
        : { _tag: "Failed", reason: "Completed without a file", cause: "service" }
    }
    case "failed":
      return Ending.failed(Classify.words(record))
    default:
      return running
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
  /** The caller's part of what the service echoed. */
  readonly reference?: string | undefined
  /** The service's own record, where it was asked for. */
  readonly raw?: Schema.Json | undefined
}

/** One that can't be read is no reason to lose a job. */
const time = (text: string | null | undefined): DateTime.Utc | undefined => {
  const millis = typeof text === "string" ? Date.parse(text) : NaN
  return Number.isNaN(millis) ? undefined : DateTime.makeUnsafe(millis)
}

/**
 * The job that a record tells of.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromRecord = (record: LumaWire.JobRecord, seen: Seen): Job.Job => {
  const cost = costOf(record.credits)
  const [createdAt, updatedAt] = [time(record.created), time(record.updated)]
  return Job.fromValid({
    id: record.jobid,
    provider: id,
    instance: seen.instance,
    kind: kindOf(record.type),
    state: stateOf(record),
    providerStatus: record.status,
    reference: seen.reference,
    createdAt,
    updatedAt,
    observedAt: seen.observedAt,
    cost,
    raw: seen.raw
  })
}

/**
 * The job that an entry of the list tells of: it has no status, but is there because it executes.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromEntry = (entry: LumaWire.Executing["jobs"][number], seen: Seen): Job.Job => {
  const createdAt = time(entry.created)
  return Job.fromValid({
    id: entry.jobid,
    provider: id,
    instance: seen.instance,
    kind: kindOf(entry.type),
    state: running,
    account: entry.account,
    model: entry.model,
    createdAt,
    observedAt: seen.observedAt,
    raw: seen.raw
  })
}

/**
 * The job that the webhook of a broken request tells of, where it knows it.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromBroken = (broken: LumaWire.Broken, seen: Seen): ReadonlyArray<Job.Job> =>
  typeof broken.jobid !== "string" ? [] : [
    Job.fromValid({
      id: broken.jobid,
      provider: id,
      instance: seen.instance,
      state: Ending.failed(Classify.words(broken)),
      providerStatus: broken.status,
      reference: seen.reference,
      observedAt: seen.observedAt,
      raw: seen.raw
    })
  ]
