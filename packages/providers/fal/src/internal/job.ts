/**
 * fal's jobs: what they are called, and what queue, result and history say of them.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Progress from "@media-jobs/adapter/Progress"
import * as Recovery from "@media-jobs/adapter/Recovery"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireTime from "@media-jobs/adapter/WireTime"
import { JobId } from "@media-jobs/core/JobId"
import type { FailureCause, JobState } from "@media-jobs/core/JobState"
import type * as DateTime from "effect/DateTime"
import type * as Schema from "effect/Schema"
import * as output from "./output.ts"
import type * as wire from "./wire.ts"

const name = "(?!\\.{1,2}/)[\\w.-]+"
const jobPattern = new RegExp(`^((?:(?:workflows|comfy)/)?${name}/${name})/([\\w-]{8,})$`)

/** Old endpoints have one part for both owner and app. */
export const endpointOf = (model: string): string => model.replace(/^(\d+)-([\w-]+)$/, "$1/$2")

/** A job is called by owner, app and request; what was called of the app is not part of it. */
export const idOf = (endpoint: string, request: string): JobId => {
  const parts = endpointOf(endpoint).split("/")
  const app = parts.slice(0, parts[0] === "workflows" || parts[0] === "comfy" ? 3 : 2)
  return JobId.make([...app, request].join("/"))
}

const partsOf = (id: string) => {
  const [, app = "", request = ""] = jobPattern.exec(id) ?? []
  return { app, request }
}

export const owns = (id: string): boolean => jobPattern.test(id)

/** Where the queue has a job. */
export const pathOf = (id: string): string | undefined => {
  const { app, request } = partsOf(id)
  return request === "" ? undefined : `${app}/requests/${request}`
}

/** How far a job is by the bars in its logs. */
const progressIn = (logs: unknown): number | undefined =>
  Progress.ofBars(Wire.array(logs).slice(-50).map((entry) => Wire.text(Wire.object(entry)["message"]) ?? "").join("\n"))

const causes: { readonly [type: string]: FailureCause } = {
  bad_request: "input",
  content_policy_violation: "content",
  downstream_service_error: "service",
  downstream_service_unavailable: "service",
  generation_timeout: "service",
  internal_error: "service",
  internal_server_error: "service",
  no_media_generated: "unknown",
  request_timeout: "service",
  startup_timeout: "service"
}

/** How a job failed: by its type where that is told, else by the words, or by a status that speaks of the input. */
const failed = (type: string | undefined, reason: string | undefined, status?: number): JobState => {
  if (type === "client_cancelled") return { _tag: "Cancelled" }
  const told = type?.startsWith("runner_") === true || type === "client_disconnected" ? "service" : causes[type ?? ""]
  const found = Failure.fromText(reason)
  if (found._tag === "Cancelled") return found
  // Every other type is of a check that the input did not pass.
  const cause = told ??
    (found.cause !== "unknown" ? found.cause : type !== undefined || status === 422 ? "input" : "unknown")
  return { ...found, cause, ...(type === undefined ? undefined : { code: type }) }
}

/** A result that is no success, and none of the caller's troubles: how the job ended, or that it runs on. */
export class Verdict {
  readonly status: number
  readonly body: unknown
  constructor(status: number, body: unknown) {
    this.status = status
    this.body = body
  }
}

/** The type of what a model found wrong, as it lists it. */
const typeIn = (detail: unknown): string | undefined =>
  Wire.array(detail).map((entry) => Wire.text(Wire.object(entry)["type"])).find((type) => type !== undefined)

/**
 * What an answer to the question for a result says of the job. What is told of the caller, of the address, or of a service in
 * trouble says nothing of it, unless a model lists it, which answers with statuses of its own. A 422 is a model's in any form.
 */
export const verdict = (status: number, body: unknown): Verdict | undefined => {
  const { detail, error, error_type } = Wire.object(body)
  const isTyped = Wire.text(error_type) !== undefined
  const isTold = isTyped || status === 422 || (detail ?? error) !== undefined && status < 500
  const isListed = typeIn(detail) !== undefined && status !== 401 && status !== 429
  const isOfCaller = [401, 402, 403, 404, 405, 408, 410, 429].includes(status)
  return isListed || isTold && !isOfCaller ? new Verdict(status, body) : undefined
}

/** The state that a result means; `timedOut` says that the caller's own deadline for the start had passed. */
export const ofResult = (body: unknown, timedOut: boolean): JobState => {
  if (!(body instanceof Verdict)) return output.made(body as Schema.Json) // as it was parsed from the wire
  const { detail, error_type, status_url } = Wire.object(body.body)
  const type = typeIn(detail) ?? Wire.text(error_type)
  // Not finished yet, though its status said so.
  if (type === undefined && Wire.text(status_url) !== undefined) return { _tag: "Running" }
  return timedOut ? { _tag: "Cancelled" } : failed(type, Wire.sentence(body.body), body.status)
}

const stateOf = ({ error, error_type, logs, status }: wire.Status): Adapter.Report["state"] => {
  const progress = progressIn(logs)
  const told = progress === undefined ? undefined : { progress }
  switch (status) {
    case "IN_QUEUE":
      return { _tag: "Queued" }
    case "IN_PROGRESS":
      return { _tag: "Running", ...told }
    case "COMPLETED": {
      const [reason, type] = [Wire.sentence(error), Wire.text(error_type)]
      return reason === undefined && type === undefined ? { _tag: "Expired" } : failed(type, reason)
    }
    default:
      return { _tag: "Unknown", ...told }
  }
}

/**
 * The job that a status tells of. Of a completed one, it is what holds where the result is gone: expired, or failed as the
 * status says.
 */
export const ofStatus = (status: wire.Status, _at: DateTime.Utc, id: JobId): Adapter.Report => {
  const { app, request } = partsOf(id)
  const told = Wire.word(status.request_id) ?? request
  return {
    id: told === request ? id : idOf(app, told),
    state: stateOf(status),
    providerStatus: status.status,
    model: undefined
  }
}

/** The job that an entry of the history is; without its output it is only known to be there. */
export const ofEnded = (ended: wire.Ended): Adapter.Report => {
  const status = Wire.number(ended.status_code)
  const body = status === undefined || status < 300 ? ended.json_output : new Verdict(status, ended.json_output)
  return {
    id: idOf(ended.endpoint_id, ended.request_id),
    state: body === undefined || body === null ? { _tag: "Running" } : ofResult(body, false),
    providerStatus: status === undefined ? undefined : `${status}`,
    model: ended.endpoint_id,
    inputDigest: Recovery.inputDigest(ended.json_input),
    createdAt: WireTime.fromText(ended.sent_at),
    updatedAt: WireTime.fromText(ended.ended_at)
  }
}
