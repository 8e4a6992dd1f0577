/**
 * What Replicate can be asked to run.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Schema from "effect/Schema"

/** A part of a path that no URL parser rewrites. */
const name = "(?!\\.{1,2}(?:/|:|$))[\\w.-]+"
const text = (pattern: string, expected: string) =>
  Schema.String.check(Schema.isPattern(new RegExp(pattern), { expected }))

const common = {
  input: Schema.Record(Schema.String, Schema.Json),
  webhook: Schema.optional(RequestSchema.webhookUrl),
  webhook_events_filter: Schema.optional(Schema.Array(Schema.Literals(["start", "output", "logs", "completed"]))),
  reference: Schema.optional(Schema.String)
}

/**
 * What all requests say.
 *
 * @since 0.1.0
 * @category models
 */
export interface Common {
  /** What the model takes, in its own names; files as the URLs that `upload` returns, other URLs, or `data` URLs. */
  readonly input: { readonly [name: string]: Schema.Json }
  /** Where Replicate reports; where it is absent, `ReplyTo` says so if the application provides one. */
  readonly webhook?: string | undefined
  /** Which events it reports: `output` and `completed` unless given, and `completed` alone where `ReplyTo` gives the address. */
  readonly webhook_events_filter?: ReadonlyArray<"start" | "output" | "logs" | "completed"> | undefined
  /** The caller's own words, for the ledger and the submission; Replicate is told nothing of them. */
  readonly reference?: string | undefined
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
 * A request for a prediction of a model by its name.
 *
 * @since 0.1.0
 * @category models
 */
export interface OfModel extends Common {
  /** Owner and name, as in `black-forest-labs/flux-schnell`. */
  readonly model: string
}

/**
 * A request for a prediction of a certain version of a model.
 *
 * @since 0.1.0
 * @category models
 */
export interface OfVersion extends Common {
  /** The version's 64 hex digits, alone or after the model's name and a colon. */
  readonly version: string
}

/**
 * Anything that `replicate.submit` takes: it names either a `model` or a `version`.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = OfModel | OfVersion

const noPaths = ({ input }: RequestSchema.Fields) => RequestSchema.localPaths("input", input)

/**
 * The kinds of requests, each with everything that can be wrong with one; nothing is sent while anything is.
 *
 * **Details**
 *
 * No message holds what was given. What a model's own `input` must hold, only the service knows; a path of this machine it can't be.
 *
 * @since 0.1.0
 * @category validation
 */
export const kinds = {
  Model: RequestSchema.kind(OfModel, noPaths),
  Version: RequestSchema.kind(OfVersion, noPaths)
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(kinds, "either a model or a version", {
  field: "model",
  kindOf: (fields) => "model" in fields === "version" in fields ? undefined : "model" in fields ? "Model" : "Version"
})
