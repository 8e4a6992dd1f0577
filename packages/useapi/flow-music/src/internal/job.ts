/**
 * Flow Music's records as jobs.
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
import type * as DateTime from "effect/DateTime"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type * as wire from "./wire.ts"

/** The account in a job's id. */
const accountOf = (id: string): string | undefined => /^job:[^:]+-user:\d+-(.+)-bot:flowmusic$/.exec(id)?.[1]

/** The account in the name of a clip or a file, `user:{n}-{account}-{kind}:{uuid}`. */
export const ownerOf = (ref: string): string | undefined => /^user:\d+-(.+)-[a-z]+:[^:]+$/.exec(ref)?.[1]

/** The code of what its user cancelled, the only one that is known. */
const cancelled = "user_cancelled"

/** Where a record echoes what its submit gave, if it does: no page shows it. */
const echoOf = ({ replyRef, request }: wire.JobRecord): string | undefined =>
  Wire.text(replyRef) ?? Wire.text(Wire.object(request)["replyRef"])

const running: JobState = { _tag: "Running" }

/** The lossless file goes before the other. */
const filesOf = (clip: unknown, index: number): ReadonlyArray<Artifact.Artifact> => {
  const { audio_url, duration_s, image_url, wav_url } = Wire.object(clip)
  const duration = WireTime.duration(duration_s, 1000)
  const files = WireFile.of(Wire.first([wav_url, audio_url], Wire.link), {
    kind: "audio",
    role: "primary",
    index,
    duration
  })
  return WireFile.withThumbnail(files, image_url, { index })
}

/** What of a clip is no file: its name, which edits take, its title and its lyrics. */
const textOf = (clip: unknown): Schema.JsonObject =>
  Object.fromEntries(
    ["clip", "title", "lyrics"].flatMap((name) => {
      const text = Wire.text(Wire.object(clip)[name])
      return text === undefined ? [] : [[name, text]]
    })
  )

/** One clip or two, each in its place, whatever became of the other. */
const completed = (record: wire.JobRecord): JobState => {
  const clips = Wire.array(record.clips)
  return Success.ofWorks(clips, filesOf, undefined, clips.map(textOf))
}

const stateOf = (record: wire.JobRecord): Adapter.Report["state"] => {
  switch (record.status) {
    case "pending":
      return running
    case "completed":
      return completed(record)
    case "failed": {
      const code = Wire.text(Wire.object(record.error)["code"])
      if (code === cancelled) return { _tag: "Cancelled" }
      return Failure.coded(Failure.fromText(ErrorText.of(record)), code)
    }
    default:
      return { _tag: "Unknown", ended: Wire.text(record.completed_at) !== undefined }
  }
}

export const ofRecord = (record: wire.JobRecord): Adapter.Report => ({
  id: record.jobid,
  kind: "audio",
  state: stateOf(record),
  providerStatus: record.status,
  account: Wire.text(record.email) ?? accountOf(record.jobid),
  model: Wire.text(Wire.object(record.request)["model"]),
  echo: echoOf(record),
  createdAt: WireTime.fromText(record.created_at),
  updatedAt: WireTime.fromText(record.completed_at)
})

/** An entry is there because it runs. */
export const ofEntry = (
  { created_at, jobid }: wire.Entry,
  _: DateTime.Utc,
  account: string | undefined
): Adapter.Report => ({
  id: jobid,
  kind: "audio",
  state: running,
  account: account ?? accountOf(jobid),
  createdAt: WireTime.fromText(created_at)
})

/** The jobs that run, by account. What `running` counts beside them is not told: jobs that are not asynchronous are in no list. */
export const rowsOf = (body: unknown): Result.Result<Adapter.Rows, string> =>
  Predicate.isObject(body)
    ? Result.succeed(
      Rows.of(
        undefined,
        Object.entries(body).map(([account, found]) => [Wire.object(found)["jobs"], account]),
        undefined
      )
    )
    : Result.fail("Expected jobs by account")
