/**
 * What Replicate can be asked to run.
 *
 * @since 0.1.0
 */
import type { Issue } from "@media-jobs/core/JobError"
import type * as Submission from "@media-jobs/core/Submission"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import type * as ReplicateWire from "./ReplicateWire.ts"

/** A part of a path that no URL parser rewrites. */
const name = "(?!\\.{1,2}(?:/|:|$))[\\w.-]+"
const text = (pattern: string, expected: string) =>
  Schema.String.check(Schema.isPattern(new RegExp(pattern), { expected }))

const common = {
  /** What the model takes, in its own names; files as the URLs that `upload` returns, other URLs, or `data` URLs. */
  input: Schema.Record(Schema.String, Schema.Json),
  /** Where Replicate reports; where it is absent, `ReplyTo` says so if the application provides one. */
  webhook: Schema.optional(
    Schema.String.check(
      Schema.makeFilter((url) => /^https?:\/\//i.test(url) && URL.canParse(url), {
        expected: "an absolute http or https URL"
      })
    )
  ),
  /**
   * Which events it reports: `output` and `completed` unless told otherwise, and `completed` alone where `ReplyTo` gives the
   * address.
   */
  webhook_events_filter: Schema.optional(Schema.Array(Schema.Literals(["start", "output", "logs", "completed"]))),
  /** The caller's own words, for the ledger and the submission; Replicate is told nothing of them. */
  reference: Schema.optional(Schema.String)
}

/**
 * One prediction of a model by its name, which Replicate keeps a version of for all: `POST /models/{owner}/{name}/predictions`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const OfModel = Schema.Struct({
  model: text(`^${name}/${name}$`, "an owner and a name, as in black-forest-labs/flux-schnell"),
  ...common
})

/**
 * One prediction of a certain version of a model: `POST /predictions`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const OfVersion = Schema.Struct({
  version: text(
    `^(?:${name}/${name}(?::[0-9a-f]{64})?|[0-9a-f]{64})$`,
    "a version's 64 hex digits, alone or after the model's name and a colon"
  ),
  ...common
})

/**
 * Anything that `replicate.submit` takes: it names either a `model` or a `version`.
 *
 * **Example** (One of each)
 *
 * ```ts import.meta.vitest
 * import * as ReplicateRequest from "@media-jobs/replicate/ReplicateRequest"
 *
 * const request: ReplicateRequest.Request = {
 *   model: "black-forest-labs/flux-schnell",
 *   input: { prompt: "a lighthouse in the rain" }
 * }
 * ReplicateRequest.issues(request) // => []
 * ReplicateRequest.issues({ version: "latest", input: {} }).map(({ field }) => field) // => ["version"]
 * ```
 *
 * @since 0.1.0
 * @category schemas
 */
export const Request = Schema.Union([OfModel, OfVersion])

/**
 * @since 0.1.0
 * @category models
 */
export type Request = typeof Request.Type

const format = SchemaIssue.makeFormatterStandardSchemaV1()
const strict = { errors: "all", onExcessProperty: "error" } as const
const decodeOfModel = Schema.decodeUnknownResult(OfModel, strict)
const decodeOfVersion = Schema.decodeUnknownResult(OfVersion, strict)

/**
 * Everything that is wrong with a request, by field; nothing is sent while there is any of it.
 *
 * **Details**
 *
 * No message holds what was given. What a model's own `input` must hold, only the service knows.
 *
 * @since 0.1.0
 * @category validation
 */
export const issues = (request: Request): ReadonlyArray<Issue> => {
  const byModel = Predicate.hasProperty(request, "model")
  if (byModel === Predicate.hasProperty(request, "version")) {
    return [{ field: "model", message: "Expected either a model or a version" }]
  }
  const decoded: Result.Result<Request, Schema.SchemaError> = byModel
    ? decodeOfModel(request)
    : decodeOfVersion(request)
  return Result.isSuccess(decoded) ? [] : format(decoded.failure.issue).issues.map(({ message, path }) => ({
    field: (path ?? []).map(String).join("."),
    message: message === "Expected no excess property"
      ? "Expected no such field"
      : message.replace(/ \| undefined$/, "")
  }))
}

/**
 * How a request names what it runs, as drafts and lost submits remember it.
 *
 * @since 0.1.0
 * @category getters
 */
export const modelOf = (request: Request): string => "model" in request ? request.model : request.version

/** Clocks differ, and a request may be long on its way; one candidate too many is one look for the caller. */
const early = 5_000
const late = 3_600_000

/**
 * The span of time, in milliseconds, in which a lost submit can have become a prediction.
 *
 * @since 0.1.0
 * @category getters
 */
export const spanOf = ({ submittedAt }: Pick<Submission.Lost, "submittedAt">): readonly [from: number, to: number] => [
  submittedAt.epochMilliseconds - early,
  submittedAt.epochMilliseconds + late
]

/**
 * Whether nothing that is known of a prediction speaks against its being what was lost: its begin, model and webhook.
 *
 * @since 0.1.0
 * @category guards
 */
export const couldBe = (lost: Submission.Lost) => (prediction: ReplicateWire.Prediction): boolean => {
  const { created_at, model, version, webhook } = prediction
  const [from, to] = spanOf(lost)
  const at = typeof created_at === "string" ? Date.parse(created_at) : NaN
  if (at < from || at > to) return false
  if (typeof webhook === "string" && lost.replyUrl !== undefined && webhook !== lost.replyUrl) return false
  if (lost.model === undefined) return true
  const [name, hash] = /^[0-9a-f]{64}$/.test(lost.model) ? [undefined, lost.model] : lost.model.split(":")
  const agrees = (told: string | null | undefined, sent: string | undefined) =>
    typeof told !== "string" || told === "hidden" || sent === undefined || told === sent
  return agrees(model, name) && agrees(version, hash)
}
