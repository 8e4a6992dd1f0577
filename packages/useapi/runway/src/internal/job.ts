/**
 * Runway's tasks as jobs.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Progress from "@media-jobs/adapter/Progress"
import * as Records from "@media-jobs/adapter/Records"
import * as Success from "@media-jobs/adapter/Success"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireFile from "@media-jobs/adapter/WireFile"
import * as WireTime from "@media-jobs/adapter/WireTime"
import type * as Artifact from "@media-jobs/core/Artifact"
import * as FileType from "@media-jobs/core/FileType"
import * as JobId from "@media-jobs/core/JobId"
import * as ErrorText from "@media-jobs/useapi/ErrorText"
import * as wire from "./wire.ts"

/** A word that users have met, and no page has. */
const cancelled = "CANCELLED"

/** The account in the id of a task. */
export const accountOf = (id: string): string | undefined => /^user:\d+-runwayml:(.+)-task:[^:]+$/.exec(id)?.[1]

/** What an artifact is no page tells: the ending of its link or of its name does, and else that it lasts. */
const kindOf = (url: string, filename: unknown, lasts: boolean): Artifact.MediaKind =>
  [url.replace(/[?#].*$/, ""), Wire.text(filename) ?? ""].map((name) => FileType.ofName(name)?.kind).find((kind) =>
    kind !== undefined
  ) ?? (lasts ? "video" : "other")

/** `[width, height]`, as far as is known. */
const sizeOf = (dimensions: unknown): ReadonlyArray<number | undefined> => Wire.array(dimensions).map(Wire.number)

const filesOf = (artifact: unknown, index: number): ReadonlyArray<Artifact.Artifact> => {
  const { filename, metadata, previewUrls, url } = Wire.object(artifact)
  const { dimensions, duration: length } = Wire.object(metadata)
  const duration = WireTime.duration(length === 0 ? undefined : length, 1000)
  const [width, height] = sizeOf(dimensions)
  const kind = kindOf(Wire.text(url) ?? "", filename, duration !== undefined)
  const files = WireFile.of(url, { kind, role: "primary", index, width, height, duration })
  return WireFile.withThumbnail(files, Wire.array(previewUrls)[0], { index })
}

const stateOf = (record: wire.TaskRecord): Adapter.Report["state"] => {
  switch (record.status) {
    case "PENDING":
    case "THROTTLED":
      return { _tag: "Queued" }
    case "RUNNING":
      return { _tag: "Running", ...Progress.share(record.progressRatio, 1) }
    case "SUCCEEDED":
      return Success.ofWorks(Wire.array(record.artifacts), filesOf)
    case "FAILED":
      return Failure.fromText(ErrorText.of(record))
    case cancelled:
      return { _tag: "Cancelled" }
    default:
      return { _tag: "Unknown" }
  }
}

/** The whole id that a body names. */
export const idOf = (body: unknown): JobId.JobId | undefined => {
  const id = Wire.text(Wire.object(body)["taskId"])
  return id === undefined || accountOf(id) === undefined ? undefined : JobId.make(id)
}

/** A record that does not name its task whole is of the one that was asked for. */
export const ofRecord = (record: wire.TaskRecord, asked: JobId.JobId): Adapter.Report => {
  const id = idOf(record) ?? asked
  const state = stateOf(record)
  return {
    id,
    kind: state._tag === "Succeeded" ? state.artifacts[0]?.kind : undefined,
    state,
    providerStatus: record.status,
    account: accountOf(id),
    model: Wire.text(Wire.object(record.options)["model"]),
    echo: Wire.text(record.replyRef),
    createdAt: WireTime.fromText(record.createdAt),
    updatedAt: WireTime.fromText(record.updatedAt)
  }
}

/** An entry of the list has no status, but is there because it is tracked. */
export const ofEntry = ({ replyRef, taskId }: wire.Entry): Adapter.Report => ({
  id: taskId,
  state: { _tag: "Running" },
  account: accountOf(taskId),
  echo: Wire.text(replyRef)
})

/** Records that name their task whole. */
export const seenIn = Records.reader(wire.NamedTask, (record) => ofRecord(record, record.taskId))

/** The task of a body that names it, and what the body says of it, where it says anything. */
export const accepted = (body: unknown): Adapter.Accepted | undefined => {
  const id = idOf(body)
  return id && { ids: [id], seen: seenIn(body) }
}
