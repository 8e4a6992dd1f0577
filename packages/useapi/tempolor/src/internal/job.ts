/**
 * TemPolor's records as jobs.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Progress from "@media-jobs/adapter/Progress"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireTime from "@media-jobs/adapter/WireTime"
import * as Artifact from "@media-jobs/core/Artifact"
import * as JobId from "@media-jobs/core/JobId"
import type { JobState } from "@media-jobs/core/JobState"
import type * as Provider from "@media-jobs/core/Provider"
import * as ErrorText from "@media-jobs/useapi/ErrorText"
import * as DateTime from "effect/DateTime"
import type * as wire from "./wire.ts"

/** The account in an id, `user:{n}-tempolor:{account}-job:{hex}`. */
export const accountOf = (id: string): string | undefined => /^user:\d+-tempolor:(.+)-job:[^:\s]+$/.exec(id)?.[1]

/** Names by their numbers, which stand in for a name that is not there. */
const names: Readonly<Record<number, string>> = { 0: "GENERATING", 10: "FAILED", 30: "COMPLETED" }

const nameOf = ({ status, status_name }: wire.Record): string => {
  const number = Wire.number(status)
  return Wire.text(status_name) ?? names[number ?? NaN] ?? `${number}`
}

/** Where a failure says why: no page shows one. */
const reasonOf = (record: wire.Record): string | undefined => ErrorText.of(record) ?? Wire.sentence(record.message)

/** A file may be there later than its job, by some seconds; for so long it is waited for, since clocks differ. */
const filesWithin = { hours: 1 }

const running: JobState = { _tag: "Running" }

/** A record never says where its file is: one that is completed is without it until another answer names it. */
const stateOf = (record: wire.Record): Adapter.Report["state"] => {
  const done = Progress.share(record.progress, 100)
  switch (nameOf(record).toUpperCase()) {
    case "GENERATING":
      return { ...running, ...done }
    case "COMPLETED":
      return Failure.withoutFile
    case "FAILED":
      return Failure.fromText(reasonOf(record))
    default:
      return { _tag: "Unknown", ...done, ended: record.status_final === true }
  }
}

export const ofRecord = (record: wire.Record): Adapter.Report => ({
  id: JobId.make(record.job_id),
  kind: "audio",
  state: stateOf(record),
  providerStatus: nameOf(record),
  account: accountOf(record.job_id),
  echo: Wire.text(record.replyRef),
  createdAt: WireTime.fromMillis(record.createTime),
  updatedAt: WireTime.fromMillis(record.updateTime)
})

/** What is completed, with its file, or without it yet. */
export const completed = (
  report: Adapter.Report,
  file: Provider.Link | undefined,
  now: DateTime.Utc
): Adapter.Report => {
  const { createdAt, updatedAt = createdAt } = report
  if (file !== undefined) {
    const artifact = Artifact.fromValid({ kind: "audio", role: "primary", url: file.url, expiresAt: file.expiresAt })
    return { ...report, state: { _tag: "Succeeded", artifacts: [artifact] } }
  }
  return updatedAt === undefined || DateTime.isLessThan(now, DateTime.add(updatedAt, filesWithin))
    ? { ...report, state: running }
    : report
}

/** Where a file is, and for how long: of the one answer that is known, for no time at all. */
export const linkOf = (body: unknown, at: DateTime.Utc): Provider.Link | undefined => {
  const { remainSeconds, url } = Wire.object(body)
  const [link, life] = [Wire.link(url), WireTime.duration(remainSeconds, 1000)]
  return link === undefined ? undefined : { url: link, expiresAt: life && DateTime.addDuration(at, life) }
}

/** An entry of the list has no status, but is there because it is tracked. */
export const ofEntry = ({ job_id, replyRef, started }: wire.Entry): Adapter.Report => ({
  id: JobId.make(job_id),
  kind: "audio",
  state: running,
  account: accountOf(job_id),
  echo: Wire.text(replyRef),
  createdAt: WireTime.fromText(started)
})
