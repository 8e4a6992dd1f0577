/**
 * Luma's records as jobs.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireTime from "@media-jobs/adapter/WireTime"
import * as Artifact from "@media-jobs/core/Artifact"
import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import type { JobState } from "@media-jobs/core/JobState"
import * as ErrorText from "@media-jobs/useapi/ErrorText"
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as wire from "./wire.ts"

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
    const [link, seconds] = [Wire.text(url), Wire.number(duration)]
    return link === undefined ? [] : [
      Artifact.fromValid({
        kind,
        role,
        url: link,
        width: Wire.number(width),
        height: Wire.number(height),
        duration: seconds === undefined ? undefined : Duration.millis(seconds * 1000)
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

const decodeRecord = Schema.decodeUnknownResult(wire.JobRecord)
const decodeBatch = Schema.decodeUnknownResult(wire.Batch)
const decodeBroken = Schema.decodeUnknownResult(wire.Broken)

/** The three webhooks: a batch of images, a request that broke, one job. */
export const ofWebhook = (body: unknown): Result.Result<ReadonlyArray<Adapter.Seen>, Schema.SchemaError> => {
  if (Predicate.hasProperty(body, "images")) {
    const records = Wire.array(body.images)
    return Result.map(
      decodeBatch(body),
      ({ images, replyRef }) =>
        images.map((record, i) => [{ ...ofRecord(record), echo: Wire.text(record.replyRef ?? replyRef) }, records[i]])
    )
  }
  if (!Predicate.hasProperty(body, "error") || Predicate.hasProperty(body, "type")) {
    return Result.map(decodeRecord(body), (record) => [[ofRecord(record), body]])
  }
  return Result.map(decodeBroken(body), (broken) => {
    const id = Wire.text(broken.jobid)
    return id === undefined ? [] : [[{
      id: JobId.make(id),
      state: Failure.fromText(ErrorText.of(broken)),
      providerStatus: broken.status,
      echo: Wire.text(broken.replyRef)
    }, body]]
  })
}
