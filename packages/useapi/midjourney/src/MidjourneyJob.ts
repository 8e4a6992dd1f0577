/**
 * Midjourney's records as jobs.
 *
 * @since 0.1.0
 */
import { Artifact, type MediaKind } from "@media-jobs/core/Artifact"
import * as FileType from "@media-jobs/core/FileType"
import * as Job from "@media-jobs/core/Job"
import type { JobState } from "@media-jobs/core/JobState"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Classify from "@media-jobs/useapi/Classify"
import * as Ending from "@media-jobs/useapi/Ending"
import * as DateTime from "effect/DateTime"
import type * as Schema from "effect/Schema"
import type * as MidjourneyWire from "./MidjourneyWire.ts"

/**
 * The name of this provider.
 *
 * @since 0.1.0
 * @category constants
 */
export const id = ProviderId.make("useapi-midjourney")

const kinds: ReadonlyMap<string | undefined, MediaKind> = new Map([
  ["image", "image"],
  ["video", "video"],
  ["i", "image"],
  ["v", "video"]
])

/** Where a record does not tell its kind, the id does: `j`, digits, and a letter that is `i` or `v`. */
const kindOf = (jobid: string, jobType: string | undefined): MediaKind | undefined =>
  kinds.get(jobType) ?? kinds.get(/^j\d+([a-z])-/.exec(jobid)?.[1])

/** The channel that an id names; the second form is of Midjourney v2. */
const channelOf = (jobid: string): string | undefined => /-c(?:hannel:)?(\d+)-bot:midjourney$/.exec(jobid)?.[1]

const isVideo = ({ content_type, filename, url }: MidjourneyWire.File): boolean =>
  (content_type === undefined
    ? FileType.ofName(filename ?? url?.replace(/[?#].*$/, "") ?? "")?.kind
    : FileType.kindOf(content_type)) === "video"

/** Discord signs its links, and their `ex` is when they die, in seconds and hexadecimal. */
const expiryOf = (url: string): DateTime.Utc | undefined => {
  const [, seconds] = /^https:\/\/(?:cdn|media)\.discordapp\.(?:com|net)\/.*[?&]ex=([0-9a-f]{8})(?:&|$)/.exec(url) ?? []
  return seconds === undefined ? undefined : DateTime.makeUnsafe(Number.parseInt(seconds, 16) * 1000)
}

const artifact = (kind: MediaKind, role: string) => (file: MidjourneyWire.File): ReadonlyArray<Artifact> => {
  const { height, url, width } = file
  if (url === undefined) return []
  const expiresAt = expiryOf(url)
  return [
    new Artifact({
      kind,
      role,
      url,
      ...(width === undefined ? undefined : { width }),
      ...(height === undefined ? undefined : { height }),
      ...(expiresAt === undefined ? undefined : { expiresAt })
    })
  ]
}

const artifactsOf = (response: MidjourneyWire.JobRecord["response"]): ReadonlyArray<Artifact> => {
  const videos = response?.videoUx?.flatMap(artifact("video", "primary")) ?? []
  const images = response?.imageUx?.flatMap(artifact("image", videos.length > 0 ? "thumbnail" : "primary")) ?? []
  const separate = [...videos, ...images]
  const role = separate.length > 0 ? "grid" : "primary"
  const posted = response?.attachments?.flatMap((file) => artifact(isVideo(file) ? "video" : "image", role)(file)) ?? []
  return [...separate, ...posted]
}

const words: ReadonlySet<string | undefined> = new Set([
  "created",
  "started",
  "progress",
  "completed",
  "failed",
  "moderated",
  "cancelled"
])

/**
 * Whether a status word is in any page or script of the vendor; one that is not reads as `Running`.
 *
 * @since 0.1.0
 * @category guards
 */
export const isKnown = (status: string | undefined): boolean => words.has(status)

/** What ends with words or with nothing, never with a file. */
const withoutFiles: ReadonlySet<string | undefined> = new Set([
  "describe",
  "seed",
  "settings",
  "info",
  "fast",
  "relax",
  "turbo",
  "remix",
  "variability"
])

/**
 * The state that a record means.
 *
 * **Details**
 *
 * - `failed` with "Job cancelled by user" is `Cancelled`: so the service marks what its DELETE stopped.
 * - `moderated` is `Failed` with cause `content`.
 * - The four results are `primary`, what the bot posted beside them is `grid`; a post with nothing beside it is
 *   `primary`. The images of a video job are `thumbnail`.
 * - A `completed` record without a file is `Failed`, unless its verb makes none: describe, seed, the settings. Those
 *   are `Succeeded` with no artifacts, and their words are in `raw`.
 * - Progress is what the record says, from 0 to 100; anything else is no progress.
 *
 * @since 0.1.0
 * @category conversions
 */
export const stateOf = (record: MidjourneyWire.JobRecord): JobState => {
  switch (record.status) {
    case "created":
      return { _tag: "Queued" }
    case "completed": {
      const artifacts = artifactsOf(record.response)
      return artifacts.length > 0 || withoutFiles.has(record.verb)
        ? { _tag: "Succeeded", artifacts }
        : { _tag: "Failed", reason: "Completed without a file", cause: "service" }
    }
    case "failed":
      return Ending.failed(Classify.words(record))
    case "moderated": {
      const reason = Classify.words(record)
      return { _tag: "Failed", cause: "content", ...(reason === undefined ? undefined : { reason }) }
    }
    case "cancelled":
      return { _tag: "Cancelled" }
    default: {
      const percent = record.response?.progress_percent
      return percent === undefined || percent < 0 || percent > 100
        ? { _tag: "Running" }
        : { _tag: "Running", progress: percent / 100 }
    }
  }
}

/**
 * What a record echoes of its submit's `replyRef`, wherever it stands.
 *
 * @since 0.1.0
 * @category getters
 */
export const echoOf = ({ replyRef, request, response }: MidjourneyWire.JobRecord): string | undefined =>
  response?.replyRef ?? request?.replyRef ?? replyRef

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

/**
 * The job that a record tells of; its channel is the one in its id.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromRecord = (record: MidjourneyWire.JobRecord, seen: Seen): Job.Job => {
  const { created, jobid, jobType, status, updated } = record
  const kind = kindOf(jobid, jobType)
  const account = channelOf(jobid)
  return Job.fromValid({
    id: jobid,
    provider: id,
    instance: seen.instance,
    kind,
    state: stateOf(record),
    providerStatus: status,
    account,
    reference: seen.reference,
    createdAt: created,
    updatedAt: updated,
    observedAt: seen.observedAt,
    raw: seen.raw
  })
}

/** When a job began that has run for `mm:ss`. */
const began = (elapsed: string | undefined, observedAt: DateTime.Utc): DateTime.Utc | undefined => {
  const [, minutes, seconds] = /^(\d{1,5}):([0-5]?\d)$/.exec(elapsed ?? "") ?? []
  return minutes === undefined ? undefined : DateTime.subtract(observedAt, {
    minutes: Number(minutes),
    seconds: Number(seconds)
  })
}

/**
 * The job that an entry of the list tells of: it has no status, but is there because it executes.
 *
 * **Gotchas**
 *
 * An entry without a time of creation has one worked out from `elapsed`, to the second.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromEntry = (channel: string, entry: MidjourneyWire.Entry, seen: Seen): Job.Job => {
  const { jobid, jobType } = entry
  const kind = kindOf(jobid, jobType)
  const createdAt = entry.created ?? began(entry.elapsed, seen.observedAt)
  return Job.fromValid({
    id: jobid,
    provider: id,
    instance: seen.instance,
    kind,
    state: { _tag: "Running" },
    account: channel,
    createdAt,
    observedAt: seen.observedAt,
    raw: seen.raw
  })
}
