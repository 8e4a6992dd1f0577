/**
 * What fal can be asked to run.
 *
 * @since 0.1.0
 */
import * as Endpoint from "@media-jobs/adapter/Endpoint"
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import { MediaKind } from "@media-jobs/core/Artifact"
import * as JobError from "@media-jobs/core/JobError"
import * as Schema from "effect/Schema"

/** A part of a path that no URL parser rewrites. */
const name = "(?!\\.{1,2}(?:/|$))[\\w.-]+"
const endpointId = new RegExp(
  `^(?:\\d+-[\\w-]+|(?:(?:workflows|comfy)/${name}/${name}|(?!workflows/|comfy/)${name}/${name})(?:/${name}){0,3})$`
)

/** What a header can carry. */
const headerText = (expected: string) =>
  Schema.String.check(Schema.isPattern(/^[\x21-\x7e][\x20-\x7e]{0,1023}$/, { expected }))

const Lifecycle = Schema.Struct({
  expiration_duration_seconds: Schema.optional(
    Schema.NullOr(RequestSchema.number("whole seconds, 1 or more", (n) => Number.isInteger(n) && n >= 1))
  ),
  initial_acl: Schema.optional(Schema.Struct({
    default: Schema.Literals(["allow", "forbid", "hide"]),
    rules: Schema.optional(Schema.Array(Schema.Json))
  }))
})

/**
 * A request for one run of an endpoint: `POST https://queue.fal.run/{model}`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Request = Schema.Struct({
  model: Schema.String.check(
    Schema.isPattern(endpointId, { expected: "an endpoint's id of owner and app, as in fal-ai/flux/dev" })
  ),
  input: Schema.Record(Schema.String, Schema.Json),
  kind: Schema.optional(MediaKind),
  priority: Schema.optional(Schema.Literals(["normal", "low"])),
  startTimeout: Schema.optional(RequestSchema.number("seconds, more than 0.1", (n) => n > 0.1 && n < Infinity)),
  maxQueueLength: Schema.optional(
    RequestSchema.number("a whole number, 0 or more", (n) => Number.isInteger(n) && n >= 0)
  ),
  hint: Schema.optional(headerText("ASCII that a header can carry")),
  noRetry: Schema.optional(Schema.Boolean),
  noFallback: Schema.optional(Schema.Boolean),
  storeIO: Schema.optional(Schema.Boolean),
  lifecycle: Schema.optional(Lifecycle),
  webhook: Schema.optional(RequestSchema.webhookUrl),
  reference: Schema.optional(Schema.String),
  refused: Schema.optional(Schema.Array(JobError.Issue))
})

/**
 * How a run goes, whatever the endpoint.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Where it stands in the queue, which all users of the endpoint share; `normal` unless given. */
  readonly priority?: "normal" | "low" | undefined
  /** Within how many seconds it must have begun; past that it is not run, and reads as `Cancelled`. No limit unless given. */
  readonly startTimeout?: number | undefined
  /** The most that may wait before it; with more, the submit is `RateLimited`. */
  readonly maxQueueLength?: number | undefined
  /** A text by which runs share a runner, where one is free. */
  readonly hint?: string | undefined
  /** Whether fal leaves it at one try, where it else runs again what its own machines broke. */
  readonly noRetry?: boolean | undefined
  /** Whether no other model stands in. */
  readonly noFallback?: boolean | undefined
  /** Whether fal keeps input and output, for 30 days, as it does unless told; `recover` finds the output of no others. */
  readonly storeIO?: boolean | undefined
  /** How long the files that it makes are kept, in seconds, and who may read them. */
  readonly lifecycle?: {
    readonly expiration_duration_seconds?: number | null | undefined
    readonly initial_acl?: {
      readonly default: "allow" | "forbid" | "hide"
      readonly rules?: ReadonlyArray<Schema.Json> | undefined
    } | undefined
  } | undefined
  /** Where fal reports the end; where it is absent, `ReplyTo` says so if the application provides one. */
  readonly webhook?: string | undefined
  /** The caller's own words, for the ledger and the submission; fal is told nothing of them. */
  readonly reference?: string | undefined
}

/**
 * A request for one run of an endpoint.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request extends Options {
  /** The endpoint's whole id, as in `fal-ai/flux/dev`. */
  readonly model: string
  /** What the model takes, in its own names; files as the URLs that `upload` returns, other URLs, or `data` URLs. */
  readonly input: Endpoint.Input
  /** What sort of work it is, for the pace of its wait. */
  readonly kind?: MediaKind | undefined
  /** What the schema of an `endpoint` found wrong with the input: nothing is sent while there is any. */
  readonly refused?: ReadonlyArray<JobError.Issue> | undefined
}

/**
 * An input of images by its usual names; a model may want others, and more.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageInput extends Named {
  readonly num_images?: number | undefined
}

/**
 * An input of videos by its usual names; a model may want others, and more.
 *
 * @since 0.1.0
 * @category models
 */
export interface VideoInput extends Named {
  readonly aspect_ratio?: string | undefined
  readonly duration?: string | number | undefined
}

/**
 * An input of sounds by its usual names; a model may want others, and more.
 *
 * @since 0.1.0
 * @category models
 */
export interface AudioInput extends Named {
  readonly text?: string | undefined
}

interface Named {
  readonly prompt?: string | undefined
  readonly negative_prompt?: string | undefined
  readonly image_url?: string | undefined
  readonly seed?: number | undefined
  readonly [name: string]: Schema.Json | undefined
}

/** What is undefined is as good as absent, and no JSON. */
const given = (input: Named): Endpoint.Input =>
  Object.fromEntries(Object.entries(input).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]))

const ofKind = <Input extends Named>(kind: MediaKind) => (model: string, input: Input, options?: Options): Request => ({
  ...options,
  model,
  input: given(input),
  kind
})

/**
 * A request for images.
 *
 * **Example** (One of each kind)
 *
 * ```ts import.meta.vitest
 * import { Fal, FalRequest } from "@media-jobs/fal"
 *
 * const requests = [
 *   Fal.image("fal-ai/flux/dev", { prompt: "a lighthouse in the rain", num_images: 2 }),
 *   Fal.video("fal-ai/veo3", { prompt: "a lighthouse in the rain", duration: "8s" }, { priority: "low" }),
 *   Fal.audio("fal-ai/lyria2", { prompt: "rain on a roof" }),
 *   Fal.request("fal-ai/any-llm", { prompt: "a name for a lighthouse" })
 * ]
 * requests.flatMap(FalRequest.issues) // => []
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const image = /* @__PURE__ */ ofKind<ImageInput>("image")

/**
 * A request for videos.
 *
 * @since 0.1.0
 * @category requests
 */
export const video = /* @__PURE__ */ ofKind<VideoInput>("video")

/**
 * A request for sounds: music, speech.
 *
 * @since 0.1.0
 * @category requests
 */
export const audio = /* @__PURE__ */ ofKind<AudioInput>("audio")

/**
 * A request for a run of any endpoint, with its input as JSON.
 *
 * @since 0.1.0
 * @category requests
 */
export const request = (model: string, input: Endpoint.Input, options?: Options): Request => ({
  ...options,
  model,
  input
})

const told = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

/**
 * A file in an output, for the schema of one: of all but its link, a model may tell nothing.
 *
 * @since 0.1.0
 * @category schemas
 */
export const File = Schema.Struct({
  url: Schema.String,
  content_type: told(Schema.String),
  file_name: told(Schema.String),
  file_size: told(Schema.Number),
  width: told(Schema.Number),
  height: told(Schema.Number),
  duration: told(Schema.Number)
})

/**
 * An endpoint by its id, with schemas of what it takes and makes.
 *
 * **Details**
 *
 * `request` makes requests: one that the input's schema refuses fails its submit as `InvalidRequest`, by field, unsent. `output` is what
 * a job of it made, or the only job of a run, as a value of the output's schema. `kind` says what sort of work it is.
 *
 * **Example** (What is refused)
 *
 * ```ts import.meta.vitest
 * import { Fal, FalRequest } from "@media-jobs/fal"
 * import { Schema } from "effect"
 *
 * const flux = Fal.endpoint("fal-ai/flux/dev", {
 *   input: Schema.Struct({ prompt: Schema.NonEmptyString, num_images: Schema.optionalKey(Schema.Int) }),
 *   output: Schema.Struct({ images: Schema.Array(Fal.File), seed: Schema.Number })
 * })
 * FalRequest.issues(flux.request({ prompt: "a lighthouse in the rain" })) // => []
 * FalRequest.issues(flux.request({ prompt: "" })).map(({ field }) => field) // => ["input.prompt"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const endpoint = <
  I extends Schema.ConstraintCodec<unknown, object>,
  O extends Schema.ConstraintDecoder<unknown>
>(
  model: string,
  { kind, ...schemas }: Endpoint.Schemas<I, O> & { readonly kind?: MediaKind | undefined }
): Endpoint.Endpoint<I["Encoded"], O["Type"], Options, Request> =>
  Endpoint.make(model, schemas, (asked, options: Options = {}): Request => ({ ...options, ...asked, model, kind }))

/**
 * The kinds of requests, each with everything that can be wrong with one; nothing is sent while anything is.
 *
 * **Details**
 *
 * No message holds what was given. What a model's own `input` must hold, only fal knows, or the schema of an `endpoint`; a path of this machine it
 * can't be.
 *
 * @since 0.1.0
 * @category validation
 */
export const kinds = {
  Request: RequestSchema.kind(Request, ({ input, refused }) => [
    ...RequestSchema.localPaths("input", input),
    ...refused as Request["refused"] ?? [] // rules are asked of what has its shape
  ])
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(kinds, "a request", { field: "model", kindOf: () => "Request" })
