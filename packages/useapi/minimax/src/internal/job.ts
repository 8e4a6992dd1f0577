/**
 * MiniMax's records as jobs.
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
import * as JobId from "@media-jobs/core/JobId"
import type { JobState } from "@media-jobs/core/JobState"
import * as ErrorText from "@media-jobs/useapi/ErrorText"
import * as wire from "./wire.ts"

const families = ["video", "image", "music", "audio", "agent"] as const

export type Family = (typeof families)[number]

const kinds = { video: "video", image: "image", music: "audio", audio: "audio", agent: "other" } as const

/** What sort of job an id is of; `undefined` of what is no MiniMax id. */
export const familyOf = (id: string): Family | undefined => {
  const found = /^user:\d+-minimax:.+-(video|image|music|audio):/.exec(id)?.[1]
  return id.endsWith("-bot:minimax") ? "agent" : families.find((family) => family === found)
}

/** The account in the id of a job or of a file. */
export const accountOf = (id: string): string | undefined =>
  (/^user:\d+-minimax:(.+)-(?:video|image|music|audio|file):/.exec(id) ?? /-a([^-]+)-bot:minimax$/.exec(id))?.[1]

/** What the numbers mean; a number that is not here is what its label says. */
const labels: Readonly<Record<string, string>> = {
  0: "pending",
  1: "processing",
  2: "completed",
  3: "failed",
  5: "moderated",
  7: "moderated",
  11: "queued",
  12: "processing",
  14: "moderated"
}

const running: JobState = { _tag: "Running" }

/** The file without a watermark, which paid accounts have, is better than the other. */
const filesOf = (record: wire.JobRecord, kind: Artifact.MediaKind): ReadonlyArray<Artifact.Artifact> => {
  const { audioURL, audio_url, coverURL, downloadURL, height, videoURL, width } = record
  const url = Wire.first([downloadURL, videoURL, audio_url, audioURL], Wire.link)
  const files = WireFile.of(url, { kind, role: "primary", width, height })
  return kind === "image" ? files : WireFile.withThumbnail(files, coverURL)
}

/** An agent's files, whose numbers are texts. */
const attachmentsOf = (response: unknown): ReadonlyArray<Artifact.Artifact> =>
  Wire.array(Wire.object(response)["attachments"]).flatMap((attachment, index) => {
    const { file, type } = Wire.object(attachment)
    const { extra, fileUrl } = Wire.object(file)
    const { duration, height, no_watermark_url, width } = Wire.object(extra)
    return WireFile.of(Wire.first([no_watermark_url, fileUrl], Wire.link), {
      kind: type === 1 ? "video" : type === 2 ? "image" : "other",
      role: "primary",
      index,
      width,
      height,
      duration: WireTime.duration(duration, 1000)
    })
  })

/** What it made as text: an agent's answer, a song's lyrics. */
const completed = (record: wire.JobRecord, family: Family | undefined): Adapter.Report["state"] => {
  const artifacts = family === "agent" ? attachmentsOf(record.response) : filesOf(record, kinds[family ?? "video"])
  const output = Wire.text(record.lyrics) ?? Wire.text(Wire.object(record.response)["msg_content"])
  return Success.of(artifacts, { output })
}

/** An agent's error has its code in `status`, that of speech stands beside its error. */
const failed = (record: wire.JobRecord): JobState =>
  Failure.coded(
    Failure.fromText(ErrorText.of(record) ?? Wire.text(record.message)),
    Wire.number(Wire.object(record.error)["status"]) ?? Wire.number(record.code)
  )

/** A link may be there while the job runs, so `statusFinal` decides where it is told; without one the label does. */
const stateOf = (record: wire.JobRecord, family: Family | undefined): Adapter.Report["state"] => {
  const progress = Progress.share(record.percent, 100)
  // The number of a song or of speech is 0 whatever has become of it.
  const word = wire.wordOf(record) ?? "" // its schema has seen to it
  const label = (kinds[family ?? "video"] === "audio" ? undefined : labels[Wire.word(record.status) ?? ""]) ?? word
  if (record.statusFinal === false && !/^(?:pending|queued)$/.test(label)) return { ...running, ...progress }
  switch (label) {
    case "pending":
    case "queued":
      return { _tag: "Queued" }
    case "processing":
    case "started":
      return { ...running, ...progress }
    case "completed":
      return completed(record, family)
    case "moderated":
      return { _tag: "Failed", reason: Wire.text(record.message) ?? label, cause: "content" }
    case "failed":
      return failed(record)
    default:
      return { _tag: "Unknown", ...progress, ended: record.statusFinal === true }
  }
}

const known = (record: wire.Entry | wire.JobRecord, asked = wire.idOf(record)) => {
  const id = asked ?? "" // its schema has seen to it
  const family = familyOf(id)
  const echo = Wire.text(record.replyRef)
  return { id: JobId.make(id), kind: family && kinds[family], account: accountOf(id), echo }
}

/** With the id that its job is `asked` for by, or else its own. */
export const ofRecord = (record: wire.JobRecord, asked?: string): Adapter.Report => {
  const about = known(record, asked)
  return {
    ...about,
    state: stateOf(record, familyOf(about.id)),
    providerStatus: wire.wordOf(record),
    model: Wire.text(record.modelID) ?? Wire.text(record.model),
    createdAt: Wire.first([record.created, record.createTime, record.create_time], WireTime.fromAny)
  }
}

/** All of an id but its own number: whose job of what sort. */
const ownerOf = (id: string): string => id.slice(0, id.lastIndexOf(":"))

/** Speech at work has no id in its record, and a recording may have another than it is asked for by, of the same owner. */
export const ofSpeech = (record: wire.JobRecord, asked: string): Adapter.Report => {
  const id = wire.idOf(record) ?? asked
  return ofRecord(record, ownerOf(id) === ownerOf(asked) ? asked : id)
}

/** An entry of a list has no status, but is there because it executes. */
export const ofEntry = (entry: wire.Entry): Adapter.Report => ({
  ...known(entry),
  state: running,
  createdAt: WireTime.fromAny(entry.started)
})

const seenIn = Records.reader(wire.NamedRecord, (record) => ofRecord(record))

/** What answers a create of images is on no page whole: all ids that stand in it, in lists or in records. */
export const accepted = (body: unknown): Adapter.Accepted | undefined => {
  const records = Array.isArray(body) ? body : [body]
  const ids = records.flatMap((record) => {
    const { data, images, imageIds } = Wire.object(record)
    return [record, data, ...Wire.array(images)].map((one) => wire.idOf(Wire.object(one)))
      .concat(Wire.array(imageIds).map(Wire.text))
  })
  return Records.accepted(ids, records.flatMap(seenIn))
}
