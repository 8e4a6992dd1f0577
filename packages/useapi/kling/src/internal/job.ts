/**
 * Kling's tasks as jobs.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Success from "@media-jobs/adapter/Success"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireFile from "@media-jobs/adapter/WireFile"
import * as WireTime from "@media-jobs/adapter/WireTime"
import * as Artifact from "@media-jobs/core/Artifact"
import * as JobId from "@media-jobs/core/JobId"
import type { JobState } from "@media-jobs/core/JobState"
import * as ErrorText from "@media-jobs/useapi/ErrorText"
import * as wire from "./wire.ts"

/** Numbers of tasks at work. Only 5 has been seen here; that 10 is one too, other clients of Kling say. */
const working: ReadonlySet<string> = new Set(["5", "10"])

/** The number and the name of what is done, the only ones that a page pairs. */
const done = { status: "99", name: "succeed" }

const failed = "failed"

/** A task of an account, as an id: the number names no account, and no task is read without one where there are several. */
export const idOf = (task: string, account: string | undefined): JobId.JobId =>
  JobId.make(account === undefined ? task : `${account}/${task}`)

/** The account, if it has one, and the number of an id. */
export const partsOf = (id: string): { readonly account: string | undefined; readonly task: string } | undefined => {
  const [, account, task] = /^(?:([^/\s]+@[^/\s]+)\/)?(\d+)$/.exec(id) ?? []
  return task === undefined ? undefined : { account, task }
}

/** The status of a task or of a work: its name and its number, and that it is final, which each has for itself. */
const statusOf = (record: unknown) => {
  const { status, status_final: final, status_name } = Wire.object(record)
  const name = Wire.text(status_name)?.toLowerCase()
  // A name that is not known says less than the number.
  const isDone = name === done.name || name !== failed && Wire.word(status) === done.status
  return { isFinal: final === true || isDone && final !== false, isDone }
}

const kindOf = (contentType: unknown): Artifact.MediaKind =>
  Artifact.MediaKind.literals.find((kind) => kind === contentType) ?? "other"

const aboutOf = ({ duration, height, width }: Readonly<Record<string, unknown>>): WireFile.About => ({
  width,
  height,
  duration: duration === 0 ? undefined : WireTime.duration(duration, 1)
})

/** What one work made, with a watermark, or nothing. */
const filesOf = (work: unknown, index: number): ReadonlyArray<Artifact.Artifact> => {
  const { contentType, cover, resource } = Wire.object(work)
  const [made, shown] = [Wire.object(resource), Wire.object(cover)]
  const kind = kindOf(contentType)
  const files = statusOf(work).isDone
    ? WireFile.of(made["resource"], { ...aboutOf(made), kind, role: "primary", index, isProvisional: true })
    : []
  return WireFile.withThumbnail(files, shown["resource"], { ...aboutOf(shown), index })
}

const said = (record: unknown): string | undefined =>
  ErrorText.of(record) ?? Wire.sentence(Wire.object(record)["message"])

/** The work that made an artifact, and the artifact as it is now. */
export const sourceOf = (record: wire.TaskRecord, { kind, label }: Artifact.Artifact) =>
  Wire.array(record.works).flatMap((work, i) =>
    filesOf(work, i).filter((one) => one.kind === kind && one.label === label).map((artifact) => ({
      artifact,
      workId: Wire.word(Wire.object(work)["workId"])
    }))
  )[0]

/** A task that has ended is what its works are: with one of them it has succeeded, whatever became of the others. */
const stateOf = (record: wire.TaskRecord): Adapter.Report["state"] => {
  const { isDone, isFinal } = statusOf(record)
  if (!isFinal) return working.has(record.status) ? running : { _tag: "Unknown" }
  const made = Success.ofWorks(Wire.array(record.works), filesOf, (work) => Failure.missing(said(work)))
  if (isDone || made._tag === "Succeeded") return made
  const reason = said(record)
  return reason === undefined ? { _tag: "Unknown", ended: true } : Failure.fromText(reason)
}

const running: JobState = { _tag: "Running" }

const kindOfWorks = (works: unknown): Artifact.MediaKind | undefined =>
  Wire.first(Wire.array(works), (work) => {
    const type = Wire.text(Wire.object(work)["contentType"])
    return type === undefined ? undefined : kindOf(type)
  })

/** A record names its task and never its account, which is that of the id that was asked for. */
export const ofRecord = (
  record: wire.TaskRecord,
  { account, task }: { readonly account?: string | undefined; readonly task?: string } = {}
): Adapter.Report => {
  const { createTime, taskInfo, updateTime } = Wire.object(record.task)
  const model = Wire.array(Wire.object(taskInfo)["arguments"]).map(Wire.object).find(({ name }) => name === modelName)
  return {
    id: idOf(wire.taskOf(record.task) ?? task ?? "", account),
    kind: kindOfWorks(record.works),
    state: stateOf(record),
    providerStatus: Wire.text(record.status_name) ?? record.status,
    account,
    model: Wire.text(model?.["value"]),
    echo: Wire.text(record.replyRef),
    createdAt: WireTime.fromMillis(createTime),
    updatedAt: WireTime.fromMillis(updateTime)
  }
}

/** What a task's arguments call its model, if they have it: the samples hold other arguments alone. */
const modelName = "model_name"

/** An entry of the list has no status, but is there because it is tracked. */
export const ofEntry = ({ email, id, replyRef, started }: wire.Entry): Adapter.Report => ({
  id: idOf(id, email),
  state: running,
  account: email,
  echo: Wire.text(replyRef),
  createdAt: WireTime.fromText(started)
})
