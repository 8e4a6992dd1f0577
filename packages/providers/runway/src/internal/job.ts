/**
 * Runway's tasks and runs of workflows as jobs.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Progress from "@media-jobs/adapter/Progress"
import * as Success from "@media-jobs/adapter/Success"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireTime from "@media-jobs/adapter/WireTime"
import { Artifact, type MediaKind } from "@media-jobs/core/Artifact"
import * as FileType from "@media-jobs/core/FileType"
import * as JobId from "@media-jobs/core/JobId"
import type { FailureCause, JobState, Missing, Of } from "@media-jobs/core/JobState"
import * as DateTime from "effect/DateTime"
import type { Task } from "./wire.ts"

/** A run of a workflow is asked for at another address than a task, which its id must tell. */
const workflow = "workflow:"

export const workflowRun = (id: string): JobId.JobId => JobId.make(workflow + id)

export const isWorkflowRun = (id: string): boolean => id.startsWith(workflow)

/** The id that Runway gave. */
export const bare = (id: string): string => isWorkflowRun(id) ? id.slice(workflow.length) : id

/** Whether an id looks like one of Runway's: a UUID, of a workflow's run behind its mark. */
export const owns = (id: string): boolean => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(bare(id))

const ended: ReadonlySet<string> = new Set(["SUCCEEDED", "FAILED", "CANCELLED"])

/** Whether a task has ended, so that to cancel it would delete it: by its word, or by what only ended ones cost. */
export const hasEnded = ({ cost, status }: Task): boolean =>
  ended.has(status) || Wire.object(cost)["credits"] !== undefined

/** Quality that Runway refuses comes of the input, most often of text laid over it; a code without a pattern tells nothing. */
const causes: ReadonlyArray<readonly [RegExp, FailureCause]> = [
  [/\bSAFETY\b/, "content"],
  [/^INTERNAL\.BAD_OUTPUT\b|^ASSET\b/, "input"],
  [/^INTERNAL\b|^INPUT_PREPROCESSING\.INTERNAL\b|^THIRD_PARTY\b/, "service"]
]

const failed = (failure: unknown, failureCode: unknown): Of<"Failed" | "Cancelled"> => {
  const code = Wire.text(failureCode)
  const state = Failure.fromText(Wire.sentence(failure))
  if (code === undefined || state._tag !== "Failed") return state
  return { ...state, code, cause: causes.find(([pattern]) => pattern.test(code))?.[1] ?? state.cause }
}

/** Links are good for a day to two from the look that told them. */
const linksLive = { hours: 24 } as const

const kindOf = (url: string): MediaKind => FileType.ofName(/^[^?#]*/.exec(url)?.[0] ?? "")?.kind ?? "other"

/** Each output under its own label: its place in the list, of a workflow behind its node's name. */
const entriesOf = (output: unknown): ReadonlyArray<readonly [label: string, entry: unknown]> =>
  Array.isArray(output)
    ? output.map((entry, i) => [Wire.labelAt("primary", i), entry])
    : Object.entries(Wire.object(output)).flatMap(([node, entries]) =>
      Wire.array(entries).map((entry, i) => [Wire.labelAt(node, i), entry] as const)
    )

const succeeded = ({ nodeErrors, output }: Task, at: DateTime.Utc): JobState => {
  const expiresAt = DateTime.add(at, linksLive)
  const artifacts: Array<Artifact> = []
  const missing: Array<Missing> = []
  for (const [label, entry] of entriesOf(output)) {
    const url = Wire.link(entry)
    if (url === undefined) missing.push({ label, cause: "service" })
    else artifacts.push(new Artifact({ kind: kindOf(url), role: "primary", label, url, expiresAt }))
  }
  for (const [label, error] of Object.entries(Wire.object(nodeErrors))) {
    const { failureCode, message } = Wire.object(error)
    const { _tag, ...why } = failed(message, failureCode)
    missing.push({ label, cause: "unknown", ...why })
  }
  if (artifacts.length === 0) {
    const { label: _, ...why } = missing.find(({ reason }) => reason !== undefined) ?? {}
    if ("cause" in why) return { _tag: "Failed", ...why }
  }
  return Success.of(artifacts, { missing })
}

const stateOf = (task: Task, at: DateTime.Utc): Adapter.Report["state"] => {
  switch (task.status) {
    case "PENDING":
    case "THROTTLED":
      return { _tag: "Queued" }
    case "RUNNING":
      return { _tag: "Running", ...Progress.share(task.progress, 1) }
    case "SUCCEEDED":
      return succeeded(task, at)
    case "FAILED":
      return failed(task.failure, task.failureCode)
    case "CANCELLED":
      return { _tag: "Cancelled" }
    default:
      return { _tag: "Unknown", ...Progress.share(task.progress, 1) }
  }
}

/** What a task cost, or may at most. */
const costOf = ({ cost, estimatedCost }: Task): Adapter.Report["cost"] => {
  const credits = (told: unknown) => Wire.number(Wire.object(told)["credits"])
  const [charged, forecast] = [credits(cost), credits(estimatedCost)]
  const amount = charged ?? forecast
  return amount === undefined
    ? undefined
    : { amount, unit: "runway-credits", basis: charged === undefined ? "forecast" : "charged" }
}

/** The job that a task is; a record of a run holds the id without its mark. */
export const ofTask = (task: Task, at: DateTime.Utc, asked: string): Adapter.Report => ({
  id: isWorkflowRun(asked) ? workflowRun(task.id) : JobId.make(task.id),
  state: stateOf(task, at),
  providerStatus: task.status,
  createdAt: WireTime.fromText(task.createdAt),
  cost: costOf(task)
})
