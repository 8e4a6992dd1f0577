/**
 * Luma's generations as jobs, by either API.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Records from "@media-jobs/adapter/Records"
import * as Success from "@media-jobs/adapter/Success"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireFile from "@media-jobs/adapter/WireFile"
import * as WireTime from "@media-jobs/adapter/WireTime"
import * as Artifact from "@media-jobs/core/Artifact"
import * as FileType from "@media-jobs/core/FileType"
import type { FailureCause, JobState } from "@media-jobs/core/JobState"
import type * as DateTime from "effect/DateTime"
import * as wire from "./wire.ts"

/** Whether an id looks like one of Luma's: both APIs name their generations by UUIDs. */
export const owns = (id: string): boolean => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)

/** Why an id can't be one of Luma's. */
export const objection = (id: string): string | undefined =>
  /^[\w-]+$/.test(id) ? undefined : "The id is another service's"

const kindOf = (word: unknown): Artifact.MediaKind | undefined =>
  Artifact.MediaKind.literals.find((kind) => Wire.text(word)?.startsWith(kind))

const stateOf = (
  { state }: wire.Generation,
  running: "processing" | "dreaming",
  artifacts: ReadonlyArray<Artifact.Artifact>,
  failed: JobState
): Adapter.Report["state"] => {
  switch (state) {
    case "queued":
      return { _tag: "Queued" }
    case running:
      return { _tag: "Running" }
    case "completed":
      return Success.of(artifacts)
    case "failed":
      return failed
    default:
      return { _tag: "Unknown" }
  }
}

const causes: ReadonlyArray<readonly [FailureCause, RegExp]> = [
  ["content", /^content_moderated$/],
  ["service", /^(?:generation_failed|output_not_found|rate_limited)$/],
  ["credits", /^budget_exhausted$/],
  ["input", /^(?:image_too_large|unsupported_format|corrupt_input|invalid_request)$/]
]

/** The code tells the cause; the list of codes grows, and of a new one the words may. */
const failedWith = ({ failure_code, failure_reason }: wire.Generation): JobState => {
  const [reason, code] = [Wire.sentence(failure_reason), Wire.text(failure_code)]
  const cause = causes.find(([, pattern]) => pattern.test(code ?? ""))?.[0]
  return Failure.coded(Failure.fromText(reason ?? code, cause && [[cause, /^/]]), code)
}

/** What a link lives for that doesn't say, in seconds. */
const linkLife = 3600

/** When a presigned link dies, by what it says of itself, else by when it was seen. */
const expiryOf = (link: string, seenAt: DateTime.Utc | undefined): DateTime.Utc | undefined => {
  const query = new URLSearchParams(/\?([^#]*)/.exec(link)?.[1])
  const signed = query.get("X-Amz-Date")?.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z")
  const from = WireTime.fromText(signed) ?? seenAt
  const seconds = Wire.number(query.get("X-Amz-Expires")) ?? linkLife
  return from && WireTime.fromMillis(from.epochMilliseconds + seconds * 1000)
}

/** Every file of a generation; what is of another kind than the job, as EXR frames beside a video, came with it. */
export const outputsOf = ({ output, type }: wire.Generation, at: DateTime.Utc | undefined) =>
  Wire.array(output).flatMap((entry, i) => {
    const { type: word, url } = Wire.object(entry)
    const link = Wire.link(url)
    if (link === undefined) return []
    const file = FileType.ofName(link.replace(/[?#].*$/s, ""))
    const kind = file?.kind ?? kindOf(word) ?? "other"
    const isFrames = file?.ending === "exr" || file?.kind === "archive"
    const role = isFrames ? "hdr-frames" : kind === (kindOf(type) ?? kind) ? "primary" : kind
    return WireFile.of(link, { kind, role, label: Wire.labelAt("output", i), expiresAt: expiryOf(link, at) })
  })

/** The job that a generation of the Agents API is. */
export const ofAgents = (record: wire.Generation, at?: DateTime.Utc): Adapter.Report => ({
  id: record.id,
  kind: kindOf(record.type),
  state: stateOf(record, "processing", outputsOf(record, at), failedWith(record)),
  providerStatus: record.state,
  model: Wire.text(record.model),
  createdAt: WireTime.fromText(record.created_at)
})

const assets = [
  ["video", "video", "primary"],
  ["image", "image", "primary"],
  ["progress_video", "video", "progress"]
] as const

/** The files of a generation; what shows its progress alone is no result. */
const assetsOf = (record: wire.Generation): ReadonlyArray<Artifact.Artifact> => {
  const fields = Wire.object(record.assets)
  const found = assets.flatMap(([name, kind, role]) => WireFile.of(fields[name], { kind, role }))
  return found.some(({ role }) => role === "primary") ? found : []
}

const words: ReadonlyArray<readonly [FailureCause, RegExp]> = [
  ["input", /failed to read user input/i],
  ["service", /processing failed/i]
]

/** The job that a generation of Dream Machine is. */
export const ofDreamMachine = (record: wire.Generation): Adapter.Report => ({
  id: record.id,
  kind: kindOf(record.generation_type),
  state: stateOf(record, "dreaming", assetsOf(record), Failure.fromText(Wire.sentence(record.failure_reason), words)),
  providerStatus: record.state,
  model: Wire.text(record.model) ?? Wire.text(Wire.object(record.request)["model"]) ?? Wire.text(record.version),
  createdAt: WireTime.fromText(record.created_at)
})

/** The id is paid for, whatever else of the generation can be read. */
export const accepted = (report: (record: wire.Generation) => Adapter.Report) => {
  const read = Records.reader(wire.Generation, report)
  return (body: unknown) => Records.accepted([Wire.text(Wire.object(body)["id"])], read(body))
}
