/**
 * Dreamina's records as jobs.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Success from "@media-jobs/adapter/Success"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireFile from "@media-jobs/adapter/WireFile"
import * as WireTime from "@media-jobs/adapter/WireTime"
import type { Artifact } from "@media-jobs/core/Artifact"
import type { JobState } from "@media-jobs/core/JobState"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as ErrorText from "@media-jobs/useapi/ErrorText"
import * as DateTime from "effect/DateTime"
import type * as wire from "./wire.ts"

export const id = ProviderId.make("useapi-dreamina")

/** What Dreamina makes, each with a path of its own to read it at. */
export type Kind = "video" | "image"

/**
 * What sort of work the letter in an id tells of: `v` a video, `V` an upscaled one, `F` an interpolated one, `i` an image,
 * `I` an upscaled one; `undefined` where there is none.
 */
export const letterOf = (id: string): string | undefined => /^j\d+([A-Za-z])-/.exec(id)?.[1]

/** What a job makes, by its id. */
export const kindOf = (id: string): Kind | undefined => {
  switch (letterOf(id)) {
    case "v":
    case "V":
    case "F":
      return "video"
    case "i":
    case "I":
      return "image"
    default:
      return undefined
  }
}

/** In an id that is whole; the documents' samples have lost what ends the account. */
const accountOf = (id: string): string | undefined => /^j\d+[A-Za-z]-u\d+-([A-Z]+:.+)-bot:dreamina$/.exec(id)?.[1]

const kindOfRecord = ({ jobid, type }: wire.JobRecord): Kind | undefined => {
  const kind = kindOf(jobid)
  if (kind !== undefined || typeof type !== "string") return kind
  return type.startsWith("video") ? "video" : type === "image" || type === "upscale" ? "image" : undefined
}

/**
 * The video is `videoUrl`, else its backup, else the watermarked one: `primary` is the best there is of what was asked for,
 * and nothing is listed twice. Each of up to four images is `primary`. A cover comes with what was asked for, or not at all.
 */
const artifactsOf = (response: unknown): ReadonlyArray<Artifact> => {
  const { coverUrl, durationMs, height, images, videoUrl, videoUrlBackup, videoUrlWatermarked, width } = Wire.object(
    response
  )
  const duration = WireTime.duration(durationMs, 1)
  const video = Wire.first([videoUrl, videoUrlBackup, videoUrlWatermarked], Wire.link)
  const primary = [
    ...WireFile.of(video, { kind: "video", role: "primary", index: 0, width, height, duration }),
    ...Wire.array(images).flatMap((image, index) => {
      const { durationMs, height, imageUrl, width } = Wire.object(image)
      const duration = WireTime.duration(durationMs, 1)
      return WireFile.of(imageUrl, { kind: "image", role: "primary", index, width, height, duration })
    })
  ]
  return WireFile.withThumbnail(primary, coverUrl, { index: 0 })
}

/** `fail_code: 2043` is the code, and `errorDetails` the reason if there are any. */
const failed = (record: wire.JobRecord): JobState => {
  const said = ErrorText.of(record)
  const state = Failure.fromText(said)
  if (state._tag === "Cancelled") return state
  const code = /\b(?:fail_code|ret):\s*(\w+)/i.exec(said ?? "")?.[1]
  const details = ErrorText.of({ error: record.errorDetails })
  return Failure.coded(details === undefined ? state : { ...state, reason: details }, code)
}

const running: JobState = { _tag: "Running" }

const stateOf = (record: wire.JobRecord): Adapter.Report["state"] => {
  switch (record.status) {
    // The page's own heading over it is "Processing", and the list calls the same jobs executing.
    case "created":
      return running
    case "completed":
      return Success.of(artifactsOf(record.response))
    case "failed":
      return failed(record)
    default:
      return { _tag: "Unknown" }
  }
}

/** The cost stays a forecast to the end: no page has a word for what was charged. */
export const ofRecord = (record: wire.JobRecord): Adapter.Report => {
  const { finishTime, forecastCost } = Wire.object(record.response)
  const cost = Wire.number(forecastCost)
  return {
    id: record.jobid,
    kind: kindOfRecord(record),
    state: stateOf(record),
    providerStatus: record.status,
    account: accountOf(record.jobid),
    model: Wire.text(record.model),
    echo: Wire.text(record.replyRef) ?? Wire.text(Wire.object(record.request)["replyRef"]),
    createdAt: WireTime.fromText(record.created),
    updatedAt: WireTime.fromText(record.updated) ?? WireTime.fromSeconds(Wire.number(finishTime)),
    cost: cost === undefined ? undefined : { amount: cost, unit: "dreamina-credits", basis: "forecast" }
  }
}

/** How far an entry's age, in whole seconds and as old as its way to us, may be from what its id says. */
const near = 10_000

/**
 * When a listed job began. Its age says so to the second, so that each look would tell another time; where the digits of
 * its id, month to millisecond, agree with it, they are the time that the job's record prints.
 */
const beganAt = (
  id: string,
  elapsedSeconds: number | undefined,
  observedAt: DateTime.Utc
): DateTime.Utc | undefined => {
  // No job is a year old.
  const told = elapsedSeconds === undefined || elapsedSeconds < 0 || elapsedSeconds > 3e7
    ? undefined
    : DateTime.subtract(observedAt, { seconds: elapsedSeconds })
  const digits = /^j(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})/.exec(id)
  if (told === undefined || digits === null) return told
  const [, month, day, hour, minute, second, milli] = digits
  const year = DateTime.formatIso(told).slice(0, 4)
  const stamped = WireTime.fromText(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milli}Z`)
  return stamped !== undefined && Math.abs(stamped.epochMilliseconds - told.epochMilliseconds) <= near ? stamped : told
}

/** An entry of the list has no status, but is there because it executes. */
export const ofEntry = (entry: wire.Entry, at: DateTime.Utc, account: string | undefined): Adapter.Report => ({
  id: entry.jobid,
  kind: kindOf(entry.jobid),
  state: running,
  account,
  model: Wire.text(entry.model),
  createdAt: beganAt(entry.jobid, Wire.number(entry.elapsedSeconds), at)
})
