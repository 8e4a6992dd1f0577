/**
 * Mureka's records as jobs.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Success from "@media-jobs/adapter/Success"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireFile from "@media-jobs/adapter/WireFile"
import * as WireTime from "@media-jobs/adapter/WireTime"
import type * as Artifact from "@media-jobs/core/Artifact"
import type { JobState } from "@media-jobs/core/JobState"
import * as ErrorText from "@media-jobs/useapi/ErrorText"
import * as Rows from "@media-jobs/useapi/Rows"
import * as DateTime from "effect/DateTime"
import * as Predicate from "effect/Predicate"
import type * as Result from "effect/Result"
import type * as wire from "./wire.ts"

/** How many songs a request for music makes. */
const songsOfMusic = 2

/** The `state` of a response that is whole, the only one that has been seen. */
const whole = 3

/** The works of a response: its songs or, of speech, of which no page shows a response, the one that it is itself. */
const worksOf = (response: unknown): ReadonlyArray<unknown> => {
  const { songs } = Wire.object(response)
  return Array.isArray(songs) ? songs : Predicate.isObject(response) ? [response] : []
}

const linkOf = (work: unknown): string | undefined => Wire.link(Wire.object(work)["mp3_url"])

/** Newer scripts of the vendor take a job with all its links for done, whatever its status says of it. */
const isMade = (response: unknown): boolean => {
  const works = worksOf(response)
  return Wire.number(Wire.object(response)["state"]) === whole && works.length > 0 &&
    works.every((work) => linkOf(work) !== undefined)
}

const running: JobState = { _tag: "Running" }

/** An account is a number of 14 digits; the id has it, and the request where it was named. */
const accountOf = (id: string, request: unknown): string | undefined =>
  /-a(\d+)-bot:mureka$/.exec(id)?.[1] ?? Wire.text(Wire.object(request)["account"])

const filesOf = (work: unknown, index: number): ReadonlyArray<Artifact.Artifact> => {
  const { cover, duration_milliseconds: millis } = Wire.object(work)
  const duration = WireTime.duration(millis, 1)
  const files = WireFile.of(linkOf(work), { kind: "audio", role: "primary", index, duration })
  return WireFile.withThumbnail(files, cover, { index })
}

/** Every song keeps its place, whatever became of the other. */
const completed = ({ jobType, response }: wire.JobRecord): Adapter.Report["state"] => {
  const found = worksOf(response)
  const works = Array.from({ length: Math.max(found.length, jobType === "tts" ? 1 : songsOfMusic) }, (_, i) => found[i])
  return Success.ofWorks(works, filesOf, (work) => Failure.missing(ErrorText.of(work)))
}

const stateOf = (record: wire.JobRecord): Adapter.Report["state"] => {
  switch (record.status) {
    case "created":
      return isMade(record.response) ? completed(record) : running
    case "completed":
      return completed(record)
    case "failed":
      return Failure.fromText(ErrorText.of(record))
    default:
      return { _tag: "Unknown" }
  }
}

export const ofRecord = (record: wire.JobRecord): Adapter.Report => {
  const { created, jobid: id, request, status, updated } = record
  const { model, replyRef } = Wire.object(request)
  return {
    id,
    kind: "audio",
    state: stateOf(record),
    providerStatus: status,
    account: accountOf(id, request),
    model: Wire.text(model),
    echo: Wire.text(replyRef),
    createdAt: WireTime.fromText(created),
    updatedAt: WireTime.fromText(updated)
  }
}

/** How long a job has run: the page's sample is `00:24`, and its words say `45s` and `1m 23s`. */
const elapsedForms = [
  /^(?:(?<hours>\d{1,3}):)?(?<minutes>\d{1,5}):(?<seconds>\d{1,5})$/,
  /^(?=\d)(?:(?<hours>\d{1,3})h ?)?(?:(?<minutes>\d{1,5})m ?)?(?:(?<seconds>\d{1,5})s)?$/
]

const beganAt = (elapsed: unknown, observedAt: DateTime.Utc): DateTime.Utc | undefined => {
  const found = elapsedForms.map((form) => form.exec(Wire.text(elapsed) ?? "")?.groups).find(Predicate.isNotUndefined)
  const [hours = 0, minutes = 0, seconds = 0] = ["hours", "minutes", "seconds"].map((unit) =>
    Number(found?.[unit] ?? 0)
  )
  return found && DateTime.subtract(observedAt, { hours, minutes, seconds })
}

/** An entry has no status, but is there because it runs. */
export const ofEntry = (
  { elapsed, jobid }: wire.Entry,
  at: DateTime.Utc,
  account: string | undefined
): Adapter.Report => ({
  id: jobid,
  kind: "audio",
  state: running,
  account: accountOf(jobid, { account }),
  createdAt: beganAt(elapsed, at)
})

/** The jobs that run, by account, with the count of each account and of all. */
export const rowsOf = (body: unknown): Result.Result<Adapter.Rows, string> => Rows.byAccount(body, "accounts")
