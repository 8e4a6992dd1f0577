/**
 * What the Gemini API can be asked to make.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Schema from "effect/Schema"

const Part = Schema.Union([
  Schema.Struct({ type: Schema.Literal("text"), text: RequestSchema.text("a text") }),
  Schema.Struct({
    type: Schema.Literals(["image", "video", "audio", "document"]),
    uri: RequestSchema.fileReference("an address that upload returns"),
    mime_type: Schema.optional(Schema.String)
  }),
  Schema.Struct({
    type: Schema.Literals(["image", "video", "audio"]),
    data: RequestSchema.text("Base64"),
    mime_type: RequestSchema.text("a media type, as in image/png,")
  })
])

/**
 * A part of what a model is told: a text, a file by the reference that `upload` returns, or one in Base64.
 *
 * @since 0.1.0
 * @category models
 */
export type Part = typeof Part.Type

const model = (expected: string) =>
  Schema.optional(
    Schema.String.check(Schema.isPattern(/^[\w.-]+$/, { expected: `the id of a model, as in ${expected}` }))
  )

const common = {
  input: Schema.Union([RequestSchema.text("a prompt"), Schema.Array(Part)]),
  previous_interaction_id: Schema.optional(RequestSchema.text("the id of an interaction")),
  seed: Schema.optional(Schema.Int),
  labels: Schema.optional(Schema.Record(Schema.String, Schema.String)),
  service_tier: Schema.optional(Schema.Literals(["flex", "standard", "priority", "deferred"])),
  webhook: Schema.optional(RequestSchema.webhookUrl),
  reference: Schema.optional(Schema.String)
}

/**
 * What all requests say.
 *
 * @since 0.1.0
 * @category models
 */
export interface Common {
  /** What the model is told: a prompt, or parts, of images in the order in which they are spoken of. */
  readonly input: string | ReadonlyArray<Part>
  /** The interaction whose result is edited or extended. */
  readonly previous_interaction_id?: string | undefined
  readonly seed?: number | undefined
  /** The caller's marks on the project's bill, lower-case. */
  readonly labels?: { readonly [name: string]: string } | undefined
  readonly service_tier?: "flex" | "standard" | "priority" | "deferred" | undefined
  /** Where Google reports, in place of the project's webhooks; where it is absent, `ReplyTo` says so if the application provides one. */
  readonly webhook?: string | undefined
  /** The caller's own words, for the ledger and the submission; Google is told nothing of them. */
  readonly reference?: string | undefined
}

/**
 * A video with sound, made, edited or extended.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Video = Schema.TaggedStruct("Video", {
  ...common,
  model: model("gemini-omni-1.1-flash"),
  aspect_ratio: Schema.optional(Schema.Literals(["16:9", "9:16"])),
  resolution: Schema.optional(Schema.Literals(["360p", "720p", "1080p", "4k"])),
  duration: Schema.optional(RequestSchema.number("a number of seconds from 3 to 10", (s) => s >= 3 && s <= 10)),
  task: Schema.optional(
    Schema.Literals(["text_to_video", "image_to_video", "reference_to_video", "edit", "extend", "upscale"])
  )
})

/**
 * A request for a video.
 *
 * @since 0.1.0
 * @category models
 */
export interface Video extends Common {
  readonly _tag: "Video"
  /** `gemini-omni-1.1-flash` unless given. */
  readonly model?: string | undefined
  readonly aspect_ratio?: "16:9" | "9:16" | undefined
  readonly resolution?: "360p" | "720p" | "1080p" | "4k" | undefined
  /** In seconds, 3 to 10. */
  readonly duration?: number | undefined
  readonly task?:
    | "text_to_video"
    | "image_to_video"
    | "reference_to_video"
    | "edit"
    | "extend"
    | "upscale"
    | undefined
}

/**
 * Music.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Music = Schema.TaggedStruct("Music", {
  ...common,
  model: model("lyria-3.5"),
  mime_type: Schema.optional(RequestSchema.text("a media type, as in audio/mpeg,")),
  bit_rate: Schema.optional(Schema.Int),
  sample_rate: Schema.optional(Schema.Int)
})

/**
 * A request for music.
 *
 * @since 0.1.0
 * @category models
 */
export interface Music extends Common {
  readonly _tag: "Music"
  /** `lyria-3.5` unless given. */
  readonly model?: string | undefined
  readonly mime_type?: string | undefined
  /** In bits a second. */
  readonly bit_rate?: number | undefined
  /** In hertz. */
  readonly sample_rate?: number | undefined
}

/**
 * An image, made or edited.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Image = Schema.TaggedStruct("Image", {
  ...common,
  model: model("gemini-3.1-flash-image"),
  aspect_ratio: Schema.optional(RequestSchema.text("a ratio, as in 16:9,")),
  image_size: Schema.optional(RequestSchema.text("a size, as in 2K,")),
  mime_type: Schema.optional(RequestSchema.text("a media type, as in image/png,"))
})

/**
 * A request for an image.
 *
 * @since 0.1.0
 * @category models
 */
export interface Image extends Common {
  readonly _tag: "Image"
  /** `gemini-3.1-flash-image` unless given. */
  readonly model?: string | undefined
  /** As in `16:9`. */
  readonly aspect_ratio?: string | undefined
  /** As in `2K`. */
  readonly image_size?: string | undefined
  readonly mime_type?: string | undefined
}

/**
 * Anything that `gemini.submit` takes.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Video | Music | Image

/** A file that is edited or extended must come from somewhere. */
const tasks = ({ input, previous_interaction_id, task }: RequestSchema.Fields) =>
  (task === "edit" || task === "extend" || task === "upscale") && previous_interaction_id === undefined &&
    typeof input === "string"
    ? [{ field: "previous_interaction_id", message: `Expected it, or a video in input, with the task ${task}` }]
    : []

/**
 * The kinds of requests, each with everything that can be wrong with one; nothing is sent while anything is.
 *
 * **Details**
 *
 * Fields of a result's form and of its making stand beside each other, under the service's own names; `duration` is a number of
 * seconds, which is sent as the service has it.
 *
 * @since 0.1.0
 * @category validation
 */
export const kinds = {
  Video: RequestSchema.kind(Video, tasks),
  Music: RequestSchema.kind(Music),
  Image: RequestSchema.kind(Image)
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(kinds, "Video, Music or Image")
