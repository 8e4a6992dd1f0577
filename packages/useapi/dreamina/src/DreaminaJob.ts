/**
 * Dreamina's records as jobs.
 *
 * @since 0.1.0
 */
import { Artifact } from "@media-jobs/core/Artifact"
import * as Job from "@media-jobs/core/Job"
import type { JobId } from "@media-jobs/core/JobId"
import type { JobState } from "@media-jobs/core/JobState"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Classify from "@media-jobs/useapi/Classify"
import * as Ending from "@media-jobs/useapi/Ending"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import type * as Schema from "effect/Schema"
import type * as DreaminaWire from "./DreaminaWire.ts"

/**
 * The name of this provider.
 *
 * @since 0.1.0
 * @category constants
 */
export const id = ProviderId.make("useapi-dreamina")

/**
 * What Dreamina makes, each with a path of its own to read it at.
 *
 * @since 0.1.0
 * @category models
 */
export type Kind = "video" | "image"

/**
 * What sort of work the letter in an id tells of: `v` a video, `V` an upscaled one, `F` an interpolated one, `i` an image,
 * `I` an upscaled one; `undefined` where there is none.
 *
 * @since 0.1.0
 * @category getters
 */
export const letterOf = (id: string): string | undefined => /^j\d+([A-Za-z])-/.exec(id)?.[1]

/**
 * What a job makes, by its id.
 *
 * **Example** (An upscaled video)
 *
 * ```ts import.meta.vitest
 * import * as DreaminaJob from "@media-jobs/useapi-dreamina/DreaminaJob"
 *
 * DreaminaJob.kindOf("j0302140630123456789V-u12345-CA:user@example.com-bot:dreamina") // => "video"
 * DreaminaJob.kindOf("j0302140630123456789") // => undefined
 * ```
 *
 * @since 0.1.0
 * @category getters
 */
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
const accountOf = (id: JobId): string | undefined => /^j\d+[A-Za-z]-u\d+-([A-Z]+:.+)-bot:dreamina$/.exec(id)?.[1]

const kindOfRecord = ({ jobid, type }: DreaminaWire.JobRecord): Kind | undefined => {
  const kind = kindOf(jobid)
  if (kind !== undefined || typeof type !== "string") return kind
  return type.startsWith("video") ? "video" : type === "image" || type === "upscale" ? "image" : undefined
}

type Response = DreaminaWire.JobRecord["response"]

const file = (
  kind: Kind,
  role: string,
  url: string,
  { durationMs, height, width }: {
    readonly width?: number | undefined
    readonly height?: number | undefined
    readonly durationMs?: number | undefined
  } = {}
): Artifact =>
  new Artifact({
    kind,
    role,
    url,
    ...(width === undefined ? undefined : { width }),
    ...(height === undefined ? undefined : { height }),
    ...(durationMs === undefined ? undefined : { duration: Duration.millis(durationMs) })
  })

/** What was asked for; a service that sends the empty text has nothing there. */
const primary = (response: NonNullable<Response>): ReadonlyArray<Artifact> => {
  const video = [response.videoUrl, response.videoUrlBackup, response.videoUrlWatermarked].find((url) => isUrl(url))
  return [
    ...(isUrl(video) ? [file("video", "primary", video, response)] : []),
    ...(response.images ?? []).flatMap((image) =>
      isUrl(image.imageUrl) ? [file("image", "primary", image.imageUrl, image)] : []
    )
  ]
}

const isUrl = (url: string | null | undefined): url is string => typeof url === "string" && url !== ""

const failed = (record: DreaminaWire.JobRecord): JobState => {
  const said = Classify.words(record)
  const state = Ending.failed(said)
  if (state._tag === "Cancelled") return state
  const code = /\b(?:fail_code|ret):\s*(\w+)/i.exec(said ?? "")?.[1]
  const details = Classify.words({ error: record.errorDetails })
  return {
    ...state,
    ...(details === undefined ? undefined : { reason: details }),
    ...(code === undefined ? undefined : { code })
  }
}

const running: JobState = { _tag: "Running" }
const words: ReadonlySet<string | undefined> = new Set(["created", "completed", "failed"])

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
 * - `created` is `Running`: the page's own heading over it is "Processing", and the list calls the same jobs executing.
 * - The video is `videoUrl`, else its backup, else the watermarked one: `primary` is the best there is of what was asked
 *   for, and nothing is listed twice. Its cover is a `thumbnail`. Each of up to four images is `primary`.
 * - A `completed` record with nothing of what was asked for is `Failed`, as every adapter of this family has it:
 *   `Succeeded` promises something to fetch.
 * - `fail_code: 2043` is the `code`, and `errorDetails` the reason if there are any.
 *
 * @since 0.1.0
 * @category conversions
 */
export const stateOf = (record: DreaminaWire.JobRecord): JobState => {
  switch (record.status) {
    case "completed": {
      const response = record.response ?? {}
      const artifacts = primary(response)
      if (artifacts.length === 0) return { _tag: "Failed", reason: "Completed without a file", cause: "service" }
      return {
        _tag: "Succeeded",
        artifacts: isUrl(response.coverUrl) ? [...artifacts, file("image", "thumbnail", response.coverUrl)] : artifacts
      }
    }
    case "failed":
      return failed(record)
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

/**
 * What came back of a submit's `replyRef`, which may stand in two places.
 *
 * @since 0.1.0
 * @category getters
 */
export const echoOf = (record: DreaminaWire.JobRecord): string | undefined =>
  record.replyRef ?? record.request?.replyRef ?? undefined

/** A time beyond what a clock can show tells nothing. */
const time = (millis: number | undefined): DateTime.Utc | undefined =>
  millis === undefined || Math.abs(millis) > 8.64e15 ? undefined : DateTime.makeUnsafe(Math.round(millis))

/** How far an entry's age, in whole seconds and as old as its way to us, may be from what its id says. */
const near = 10_000

/**
 * When a listed job began. Its age says so to the second, so that each look would tell another time; where the digits of
 * its id, month to millisecond, agree with it, they are the time that the job's record prints.
 */
const begun = (id: string, elapsedSeconds: number | undefined, observedAt: DateTime.Utc): DateTime.Utc | undefined => {
  if (elapsedSeconds === undefined) return undefined
  const told = time(observedAt.epochMilliseconds - elapsedSeconds * 1000)
  const digits = /^j(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})/.exec(id)
  if (told === undefined || digits === null) return told
  const [, month, day, hour, minute, second, milli] = digits
  const year = DateTime.formatIso(told).slice(0, 4)
  const stamped = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milli}Z`)
  return Math.abs(stamped - told.epochMilliseconds) <= near ? time(stamped) : told
}

/**
 * The job that a record tells of.
 *
 * **Details**
 *
 * The cost stays a forecast to the end: no page has a word for what was charged.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromRecord = (record: DreaminaWire.JobRecord, seen: Seen): Job.Job => {
  const { finishTime, forecastCost } = record.response ?? {}
  const kind = kindOfRecord(record)
  const account = accountOf(record.jobid)
  const createdAt = time(record.created)
  const updatedAt = time(record.updated ?? (finishTime === undefined ? undefined : finishTime * 1000))
  return Job.fromValid({
    id: record.jobid,
    provider: id,
    instance: seen.instance,
    kind,
    state: stateOf(record),
    providerStatus: record.status,
    account,
    model: record.model ?? undefined,
    reference: seen.reference,
    createdAt,
    updatedAt,
    observedAt: seen.observedAt,
    cost: forecastCost === undefined
      ? undefined
      : { amount: forecastCost, unit: "dreamina-credits", basis: "forecast" },
    raw: seen.raw
  })
}

/**
 * The job that an entry of the list tells of: it has no status, but is there because it executes.
 *
 * **Details**
 *
 * `createdAt` is reckoned from the entry's age, by our clock.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromEntry = (account: string, entry: DreaminaWire.Entry, seen: Seen): Job.Job => {
  const { elapsedSeconds, jobid, model } = entry
  const kind = kindOf(jobid)
  const createdAt = begun(jobid, elapsedSeconds, seen.observedAt)
  return Job.fromValid({
    id: jobid,
    provider: id,
    instance: seen.instance,
    kind,
    state: running,
    account,
    model: model ?? undefined,
    createdAt,
    observedAt: seen.observedAt,
    raw: seen.raw
  })
}
