/**
 * What Veo on Vertex AI can be asked to make.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Schema from "effect/Schema"

const gcsUri = Schema.String.check(
  Schema.isPattern(/^gs:\/\/[^/]+\/?/, { expected: "an address in Google's storage, as in gs://bucket/folder" })
)

const Media = Schema.Union([
  Schema.Struct({ gcsUri, mimeType: Schema.String }),
  Schema.Struct({ bytesBase64Encoded: RequestSchema.text("Base64"), mimeType: Schema.String })
])

/**
 * A file by its address in Google's storage, or in Base64.
 *
 * @since 0.1.0
 * @category models
 */
export type Media = typeof Media.Type

/**
 * A video of Veo, made or extended.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Video = Schema.TaggedStruct("Video", {
  model: Schema.optional(
    Schema.String.check(Schema.isPattern(/^[\w.-]+$/, { expected: "the id of a model, as in veo-3.1-generate-001" }))
  ),
  prompt: Schema.optional(RequestSchema.text("a prompt")),
  image: Schema.optional(Media),
  lastFrame: Schema.optional(Media),
  video: Schema.optional(Media),
  referenceImages: Schema.optional(
    Schema.Array(Schema.Struct({ image: Media, referenceType: Schema.Literals(["asset", "style"]) }))
  ),
  sampleCount: Schema.optional(RequestSchema.number("a whole number from 1 to 4", (n) => [1, 2, 3, 4].includes(n))),
  storageUri: Schema.optional(gcsUri),
  durationSeconds: Schema.optional(Schema.Literals([4, 6, 8])),
  aspectRatio: Schema.optional(Schema.Literals(["16:9", "9:16"])),
  resolution: Schema.optional(Schema.Literals(["720p", "1080p", "4k"])),
  seed: Schema.optional(Schema.Int),
  negativePrompt: Schema.optional(Schema.String),
  enhancePrompt: Schema.optional(Schema.Boolean),
  generateAudio: Schema.optional(Schema.Boolean),
  personGeneration: Schema.optional(Schema.String),
  compressionQuality: Schema.optional(Schema.String),
  resizeMode: Schema.optional(Schema.String),
  labels: Schema.optional(Schema.Record(Schema.String, Schema.String))
})

/**
 * A request for videos.
 *
 * @since 0.1.0
 * @category models
 */
export interface Video {
  readonly _tag: "Video"
  /** `veo-3.1-generate-001` unless given. */
  readonly model?: string | undefined
  readonly prompt?: string | undefined
  /** The first frame. */
  readonly image?: Media | undefined
  readonly lastFrame?: Media | undefined
  /** What is extended. */
  readonly video?: Media | undefined
  readonly referenceImages?:
    | ReadonlyArray<{ readonly image: Media; readonly referenceType: "asset" | "style" }>
    | undefined
  /** How many videos, 1 to 4. */
  readonly sampleCount?: number | undefined
  /** Where the videos go, as in `gs://bucket/folder`; without it they stand in the answer itself, tens of megabytes. */
  readonly storageUri?: string | undefined
  readonly durationSeconds?: 4 | 6 | 8 | undefined
  readonly aspectRatio?: "16:9" | "9:16" | undefined
  readonly resolution?: "720p" | "1080p" | "4k" | undefined
  readonly seed?: number | undefined
  readonly negativePrompt?: string | undefined
  readonly enhancePrompt?: boolean | undefined
  readonly generateAudio?: boolean | undefined
  readonly personGeneration?: string | undefined
  readonly compressionQuality?: string | undefined
  readonly resizeMode?: string | undefined
  /** The caller's marks on the project's bill, lower-case. */
  readonly labels?: { readonly [name: string]: string } | undefined
}

/**
 * Anything that `vertex.submit` takes.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Video

const sources = ({ image, prompt, video }: RequestSchema.Fields) =>
  prompt === undefined && image === undefined && video === undefined
    ? [{ field: "prompt", message: "Expected a prompt, an image or a video" }]
    : []

/**
 * The kinds of requests, each with everything that can be wrong with one; nothing is sent while anything is.
 *
 * @since 0.1.0
 * @category validation
 */
export const kinds = { Video: RequestSchema.kind(Video, sources) }

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(kinds, "Video")
