/**
 * Google Flow's records as jobs.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Success from "@media-jobs/adapter/Success"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireTime from "@media-jobs/adapter/WireTime"
import type { JobState } from "@media-jobs/core/JobState"
import * as ErrorText from "@media-jobs/useapi/ErrorText"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as causes from "./causes.ts"
import * as outputs from "./outputs.ts"
import type * as wire from "./wire.ts"

/** What a job makes, by its record's word or the letter in its id. */
const kindOf = (id: string, type?: unknown): "video" | "image" | undefined => {
  if (type === "video" || type === "image") return type
  const letter = /^j\d+([a-z])-/.exec(id)?.[1]
  return letter === "v" ? "video" : letter === "i" ? "image" : undefined
}

/** An address that the service has not masked. */
const accountOf = (id: string, email: unknown): string | undefined =>
  [/-email:(.+)-bot:google-flow$/.exec(id)?.[1], email].map(Wire.text).find((found) => found?.includes("*") === false)

const running: JobState = { _tag: "Running" }

/** Where nothing is there, the first output says why. */
const completed = ({ request, response }: wire.JobRecord): Adapter.Report["state"] => {
  const works = outputs.worksOf(response, Wire.number(Wire.object(request)["count"]))
  const state = Success.ofWorks(works, outputs.filesOf, outputs.missingOf)
  return state._tag === "Succeeded" || works.length === 0 ? state : { _tag: "Failed", ...outputs.missingOf(works[0]) }
}

/** The job's own words, and those of Google below them. */
const failed = (record: wire.JobRecord): JobState => {
  const said = new Set([record, record.response].flatMap((body) => ErrorText.of(body) ?? []))
  return Failure.coded(causes.ended([...said].join(": ")), Wire.number(record.code))
}

const stateOf = (record: wire.JobRecord): Adapter.Report["state"] => {
  switch (record.status) {
    case "created":
      return { _tag: "Queued" }
    case "started":
      return running
    case "completed":
      return completed(record)
    case "failed":
      return failed(record)
    default:
      return { _tag: "Unknown" }
  }
}

export const ofRecord = (record: wire.JobRecord): Adapter.Report => {
  const { email, model, replyRef } = Wire.object(record.request)
  return {
    id: record.jobid,
    kind: kindOf(record.jobid, record.type),
    state: stateOf(record),
    providerStatus: record.status,
    account: accountOf(record.jobid, email),
    model: Wire.text(model),
    echo: Wire.text(replyRef),
    createdAt: WireTime.fromText(record.created),
    updatedAt: WireTime.fromText(record.updated)
  }
}

/** An entry has no status, but is there because it executes; of those that have ended, it only names the job. */
export const ofEntry = ({ email, jobid, timestamp, type }: wire.Entry): Adapter.Report => ({
  id: jobid,
  kind: kindOf(jobid, type),
  state: running,
  account: accountOf(jobid, email),
  createdAt: WireTime.fromMillis(Wire.number(timestamp))
})

type Option = "executing" | "history"

const groups = [["combined", undefined], ["videos", "video"], ["images", "image"]] as const

/**
 * The jobs of the statistics, each once, as the group of its kind has it. A group may count more than it shows, and of no jobs it may
 * have no list.
 */
export const rowsOf = (option: Option) => (body: unknown): Result.Result<Adapter.Rows, string> => {
  const found = Wire.object(body)
  if (!groups.some(([name]) => Predicate.isObject(found[name]))) {
    return Result.fail("Expected statistics at [\"videos\"]")
  }
  const rows = new Map<string, Adapter.Rows["rows"][number]>()
  let complete = Predicate.isNullish(found["error"])
  for (const [name, type] of groups) {
    const { [option]: jobs = {}, summary } = Wire.object(found[name])
    const entries = Object.entries(Wire.object(jobs)).map(([jobid, entry]) => ({ ...Wire.object(entry), jobid, type }))
    for (const record of entries) rows.set(record.jobid, { record })
    const counts = Object.values(Wire.object(summary)).map((one) => Wire.number(Wire.object(one)["executing"]) ?? 0)
    const count = option === "executing" ? counts.reduce((sum, count) => sum + count, 0) : 0
    complete &&= Predicate.isObject(jobs) && count <= entries.length
  }
  return Result.succeed({ rows: [...rows.values()], complete })
}
