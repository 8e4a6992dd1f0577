/**
 * Midjourney's records as jobs.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Progress from "@media-jobs/adapter/Progress"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireFile from "@media-jobs/adapter/WireFile"
import * as WireTime from "@media-jobs/adapter/WireTime"
import type * as Artifact from "@media-jobs/core/Artifact"
import * as FileType from "@media-jobs/core/FileType"
import * as ErrorText from "@media-jobs/useapi/ErrorText"
import * as DateTime from "effect/DateTime"
import type * as wire from "./wire.ts"

const kinds: ReadonlyMap<unknown, Artifact.MediaKind> = new Map([
  ["image", "image"],
  ["video", "video"],
  ["i", "image"],
  ["v", "video"]
])

/** Where a record does not tell its kind, the id does: `j`, digits, and a letter that is `i` or `v`. */
const kindOf = (jobid: string, jobType: unknown): Artifact.MediaKind | undefined =>
  kinds.get(jobType) ?? kinds.get(/^j\d+([a-z])-/.exec(jobid)?.[1])

/** The channel that an id names; the second form is of Midjourney v2. */
const channelOf = (jobid: string): string | undefined => /-c(?:hannel:)?(\d+)-bot:midjourney$/.exec(jobid)?.[1]

/** Discord signs its links, and their `ex` is when they die, in seconds and hexadecimal. */
const expiryOf = (url: string): DateTime.Utc | undefined => {
  const [, seconds] = /^https:\/\/(?:cdn|media)\.discordapp\.(?:com|net)\/.*[?&]ex=([0-9a-f]{8})(?:&|$)/.exec(url) ?? []
  return seconds === undefined ? undefined : WireTime.fromSeconds(Number.parseInt(seconds, 16))
}

/** Those that Discord keeps tell their media type or their name. */
const postedKind = ({ content_type, filename, url }: Readonly<Record<string, unknown>>): Artifact.MediaKind => {
  const mediaType = Wire.text(content_type)
  const kind = mediaType === undefined
    ? FileType.ofName(Wire.text(filename) ?? Wire.text(url)?.replace(/[?#].*$/, "") ?? "")?.kind
    : FileType.kindOf(mediaType)
  return kind === "video" ? "video" : "image"
}

const files = (
  found: unknown,
  role: string,
  label: string,
  kindOf: (file: Readonly<Record<string, unknown>>) => Artifact.MediaKind
) =>
  Wire.array(found).map(Wire.object).flatMap((file, i) => {
    const { height, url, width } = file
    const expiresAt = expiryOf(Wire.text(url) ?? "")
    return WireFile.of(url, { kind: kindOf(file), role, label: Wire.labelAt(label, i), width, height, expiresAt })
  })

/**
 * The four results are `primary`, what the bot posted beside them is `grid`; a post with nothing beside it is `primary`. The
 * images of a video job are `thumbnail`. What a file is to the others may change as they appear; its label does not.
 */
const artifactsOf = (response: Readonly<Record<string, unknown>>): ReadonlyArray<Artifact.Artifact> => {
  const videos = files(response["videoUx"], "primary", "primary", () => "video")
  const images = files(response["imageUx"], videos.length > 0 ? "thumbnail" : "primary", "primary", () => "image")
  const separate = [...videos, ...images]
  const role = separate.length > 0 ? "grid" : "primary"
  return [...separate, ...files(response["attachments"], role, "attachment", postedKind)]
}

/** What ends with words or with nothing, never with a file. */
const withoutFiles: ReadonlySet<unknown> = new Set([
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

const stateOf = (record: wire.JobRecord): Adapter.Report["state"] => {
  const response = Wire.object(record.response)
  const progress = Progress.share(response["progress_percent"], 100)
  switch (record.status) {
    case "created":
      return { _tag: "Queued" }
    case "started":
    case "progress":
      return { _tag: "Running", ...progress }
    case "completed": {
      const artifacts = artifactsOf(response)
      return artifacts.length > 0 || withoutFiles.has(record.verb)
        ? { _tag: "Succeeded", artifacts }
        : Failure.withoutFile
    }
    case "failed":
      return Failure.fromText(ErrorText.of(record))
    case "moderated": {
      const reason = ErrorText.of(record)
      return { _tag: "Failed", cause: "content", ...(reason === undefined ? undefined : { reason }) }
    }
    case "cancelled":
      return { _tag: "Cancelled" }
    default:
      return { _tag: "Unknown", ...progress }
  }
}

/** What a record says of its job; its channel is the one in its id. */
export const ofRecord = (record: wire.JobRecord): Adapter.Report => ({
  id: record.jobid,
  kind: kindOf(record.jobid, record.jobType),
  state: stateOf(record),
  providerStatus: record.status,
  account: channelOf(record.jobid),
  echo: Wire.first([record.response, record.request, record], (part) => Wire.text(Wire.object(part)["replyRef"])),
  createdAt: WireTime.fromText(record.created),
  updatedAt: WireTime.fromText(record.updated)
})

/** When a job began that has run for `mm:ss`. */
const beganAt = (elapsed: unknown, observedAt: DateTime.Utc): DateTime.Utc | undefined => {
  const [, minutes, seconds] = /^(\d{1,5}):([0-5]?\d)$/.exec(Wire.text(elapsed) ?? "") ?? []
  return minutes === undefined ? undefined : DateTime.subtract(observedAt, {
    minutes: Number(minutes),
    seconds: Number(seconds)
  })
}

/** An entry of the list has no status, but is there because it executes. */
export const ofEntry = (entry: wire.Entry, at: DateTime.Utc, channel: string | undefined): Adapter.Report => ({
  id: entry.jobid,
  kind: kindOf(entry.jobid, entry.jobType),
  state: { _tag: "Running" },
  account: channel,
  createdAt: WireTime.fromText(entry.created) ?? beganAt(entry.elapsed, at)
})
