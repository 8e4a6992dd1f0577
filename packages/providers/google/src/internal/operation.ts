/**
 * Long-running operations of Veo: those of Vertex, and those of the Gemini API's older part, which wraps the same.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Success from "@media-jobs/adapter/Success"
import * as Wire from "@media-jobs/adapter/Wire"
import { Artifact } from "@media-jobs/core/Artifact"
import * as JobId from "@media-jobs/core/JobId"
import type { FailureCause, JobState, Missing } from "@media-jobs/core/JobState"
import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { inline } from "./inline.ts"

/** An operation, as both wires answer it; `done` may be absent while it runs. */
export const Operation = Schema.Struct({
  name: Wire.side,
  done: Wire.side,
  response: Wire.side,
  error: Wire.side
})
export type Operation = typeof Operation.Type

/** The words of Google's filters, wherever they stand. */
export const filters: ReadonlyArray<readonly [FailureCause, RegExp]> = [
  ["content", /responsible ai|usage guidelines|support codes?:|safety|prohibited.content|recitation|blocklist/i]
]

/** By the number of its error, as gRPC has them. */
const causes: { readonly [code: number]: FailureCause } = {
  3: "input",
  4: "service",
  5: "input",
  8: "service",
  13: "service",
  14: "service"
}

const supportCode = (reason: string | undefined): string | undefined =>
  /support codes?:\s*(\d+)/i.exec(reason ?? "")?.[1]

const failed = (error: Readonly<Record<string, unknown>>): JobState => {
  const [code, reason] = [Wire.number(error["code"]), Wire.sentence(error["message"])]
  if (code === 1) return { _tag: "Cancelled" }
  const state = Failure.fromText(reason, filters)
  const cause = causes[code ?? 0] ?? "unknown"
  const known = state._tag === "Failed" && state.cause === "unknown" ? { ...state, cause } : state
  return Failure.coded(known, supportCode(reason) ?? code)
}

/** A file as a link, as an address in Google's storage, or in the operation itself. */
const urlOf = (video: Readonly<Record<string, unknown>>): string | undefined => {
  const bytes = video["bytesBase64Encoded"] ?? video["encodedVideo"]
  const mediaType = video["mimeType"] ?? video["encoding"]
  const stored = Wire.text(video["gcsUri"])
  return Wire.link(video["uri"]) ?? (stored?.startsWith("gs://") === true ? stored : undefined) ??
    inline(bytes, mediaType, "video/mp4")
}

/** What the filter took of the samples, with its reasons as far as it tells them. */
const takenOf = (made: Readonly<Record<string, unknown>>): ReadonlyArray<Missing> => {
  const reasons = Wire.array(made["raiMediaFilteredReasons"]).map((reason) => Wire.text(reason))
  const count = Math.min(Math.max(Wire.number(made["raiMediaFilteredCount"]) ?? 0, reasons.length), 100)
  return Array.from({ length: count }, (_, i) => {
    const reason = reasons[i] ?? reasons[0]
    const code = supportCode(reason)
    return { cause: "content", ...(reason && { reason }), ...(code && { code }) }
  })
}

const ended = (response: Readonly<Record<string, unknown>>): JobState => {
  const made = Wire.object(response["generateVideoResponse"] ?? response)
  const videos = Wire.array(made["generatedSamples"]).map((sample) => Wire.object(sample)["video"])
  const artifacts = [...videos, ...Wire.array(made["videos"])].flatMap((video, i) => {
    const url = urlOf(Wire.object(video))
    return url === undefined
      ? []
      : [new Artifact({ kind: "video", role: "primary", label: Wire.labelAt("video", i), url })]
  })
  const taken = takenOf(made)
  const [first] = taken
  if (artifacts.length > 0 || first === undefined) return Success.of(artifacts, { missing: taken })
  const reason = [...new Set(taken.flatMap(({ reason }) => reason ?? []))].join("; ")
  return Failure.coded({ _tag: "Failed", cause: "content", ...(reason && { reason }) }, first.code)
}

const endOf = (name: string): string => name.slice(name.lastIndexOf("/"))

/**
 * The job that an operation is; it has no words for how it stands, so those of its record's fields stand in for them. Its name may
 * have the project's number, where the one that was asked for has its id.
 */
export const ofOperation = (
  { done, error, name, response }: Operation,
  _at: DateTime.Utc,
  id: JobId.JobId
): Adapter.Report => {
  const [failure, result, told = id] = [Wire.object(error), Wire.object(response), Wire.text(name)]
  const hasFailed = Object.keys(failure).length > 0
  const isDone = done === true || hasFailed || Object.keys(result).length > 0
  return {
    id: endOf(told) === endOf(id) ? id : JobId.make(told),
    kind: "video",
    state: hasFailed ? failed(failure) : isDone ? ended(result) : { _tag: "Running" },
    providerStatus: hasFailed ? "error" : isDone ? "done" : "running",
    model: /\/?models\/([^/]+)\//.exec(id)?.[1]
  }
}
