/**
 * Luma's records as jobs.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireTime from "@media-jobs/adapter/WireTime"
import * as Artifact from "@media-jobs/core/Artifact"
import type * as Job from "@media-jobs/core/Job"
import type { JobState } from "@media-jobs/core/JobState"
import * as ErrorText from "@media-jobs/useapi/ErrorText"
import type * as wire from "./wire.ts"

/** Of a word for something new, `other`; of none, nothing: a guess would speak against the job's being what was lost. */
const kindOf = (type: unknown): Artifact.MediaKind | undefined =>
  Artifact.MediaKind.literals.find((kind) => kind === type) ?? (typeof type === "string" ? "other" : undefined)

const files = [
  ["video", "video", "primary"],
  ["image", "image", "primary"],
  // Typed as a video on the wire; the page says that it is a ZIP of EXR frames.
  ["video_hdr_exr", "archive", "hdr-frames"],
  ["thumbnail", "image", "thumbnail"],
  ["last_frame", "image", "last-frame"]
] as const

const artifactsOf = (response: unknown): ReadonlyArray<Artifact.Artifact> => {
  const fields = Wire.object(response)
  return files.flatMap(([name, kind, role]) => {
    if (fields[name] === undefined) return []
    const { duration, height, url, width } = Wire.object(fields[name])
    const link = Wire.link(url)
    return link === undefined ? [] : [
      Artifact.fromValid({
        kind,
        role,
        url: link,
        width: Wire.number(width),
        height: Wire.number(height),
        duration: WireTime.duration(duration, 1000)
      })
    ]
  })
}

const costOf = (credits: unknown): Job.Cost | undefined => {
  const { dm_relaxed_usage, dm_usage } = Wire.object(credits)
  const [usage, relaxed] = [Wire.number(dm_usage), Wire.number(dm_relaxed_usage)]
  if (usage !== undefined) return { amount: usage, unit: "luma-credits", basis: "charged" }
  return relaxed === undefined ? undefined : { amount: relaxed, unit: "luma-relaxed-credits", basis: "charged" }
}

const stateOf = (record: wire.JobRecord): Adapter.Report["state"] => {
  switch (record.status) {
    case "created":
    case "pending":
      return { _tag: "Queued" }
    case "processing":
      return running
    case "completed": {
      const artifacts = artifactsOf(record.response)
      return artifacts.length > 0 ? { _tag: "Succeeded", artifacts } : Failure.withoutFile
    }
    case "failed":
      return Failure.fromText(ErrorText.of(record))
    default:
      return { _tag: "Unknown" }
  }
}

const running: JobState = { _tag: "Running" }

export const ofRecord = (record: wire.JobRecord): Adapter.Report => ({
  id: record.jobid,
  kind: kindOf(record.type),
  state: stateOf(record),
  providerStatus: record.status,
  echo: Wire.text(record.replyRef),
  createdAt: WireTime.fromText(record.created),
  updatedAt: WireTime.fromText(record.updated),
  cost: costOf(record.credits)
})

/** An entry of the list has no status, but is there because it executes. */
export const ofEntry = (entry: wire.Entry): Adapter.Report => ({
  id: entry.jobid,
  kind: kindOf(entry.type),
  state: running,
  account: Wire.text(entry.account),
  model: Wire.text(entry.model),
  createdAt: WireTime.fromText(entry.created)
})

/** A webhook's record: one of a batch has the batch's reference, unless it has its own. */
export const ofReported = (record: wire.JobRecord, _: unknown, body: unknown): Adapter.Report => ({
  ...ofRecord(record),
  echo: Wire.text(record.replyRef) ?? Wire.text(Wire.object(body)["replyRef"])
})
