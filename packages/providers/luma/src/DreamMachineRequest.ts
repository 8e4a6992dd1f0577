/**
 * What Luma's Dream Machine can be asked to make.
 *
 * **Details**
 *
 * The fields have the service's own names; `generation_type` tells the kinds apart. Models that are not known here pass. Written
 * from the OpenAPI document 1.1.0 and the official client 1.19.1. `sync` is not offered: a job is waited for as any other is.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import type { Issue } from "@media-jobs/core/JobError"
import * as Schema from "effect/Schema"

const text = RequestSchema.text("a text")
const url = RequestSchema.fileAddress("a URL")
const generationId = RequestSchema.text("the id of a generation")

const prompt = Schema.optional(
  Schema.String.check(
    Schema.makeFilter((text: string) => text.length >= 3 && text.length <= 5000, {
      expected: "a text of 3 to 5000 characters"
    })
  )
)

const ratio = Schema.Literals(["1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"])

/** Width to height. */
type Ratio = typeof ratio.Type

const reply = {
  callback_url: Schema.optional(RequestSchema.webhookUrl),
  reference: Schema.optional(Schema.String)
}

interface Reply {
  /** Where the service reports; where the application's webhooks are unless given. */
  readonly callback_url?: string | undefined
  /** The application's own name for the request; it stays here. */
  readonly reference?: string | undefined
}

const videoModel = RequestSchema.text("a model's name, as in ray-2,")
const imageModel = RequestSchema.text("a model's name, as in photon-1,")

const Media = Schema.Struct({ url })

/** A file at an address that the service can read until the job has ended. */
interface Media {
  readonly url: string
}

const WeightedRef = Schema.Struct({
  url,
  weight: Schema.optional(RequestSchema.number("a number from 0 to 1", (n) => n >= 0 && n <= 1))
})

/** An image to go by, and how much, from 0 to 1. */
interface WeightedRef extends Media {
  readonly weight?: number | undefined
}

const Keyframe = Schema.Union([
  Schema.Struct({ type: Schema.Literal("image"), url }),
  Schema.Struct({ type: Schema.Literal("generation"), id: generationId })
])

/**
 * An image, or a generation to go on from or to lead to.
 *
 * @since 0.1.0
 * @category models
 */
export type Keyframe =
  | { readonly type: "image"; readonly url: string }
  | { readonly type: "generation"; readonly id: string }

/**
 * @since 0.1.0
 * @category schemas
 */
export const Video = Schema.Struct({
  generation_type: Schema.Literal("video"),
  model: videoModel,
  prompt,
  aspect_ratio: Schema.optional(ratio),
  loop: Schema.optional(Schema.Boolean),
  duration: Schema.optional(text),
  resolution: Schema.optional(text),
  keyframes: Schema.optional(
    Schema.Struct({ frame0: Schema.optional(Keyframe), frame1: Schema.optional(Keyframe) })
  ),
  concepts: Schema.optional(Schema.Array(Schema.Struct({ key: text }))),
  ...reply
})

/**
 * A request for a video.
 *
 * @since 0.1.0
 * @category models
 */
export interface Video extends Reply {
  readonly generation_type: "video"
  /** `ray-2` or `ray-flash-2`. */
  readonly model: string
  /** What to show, in 3 to 5000 characters; required unless there are keyframes. */
  readonly prompt?: string | undefined
  /** `16:9` unless given. */
  readonly aspect_ratio?: Ratio | undefined
  /** Not with a `frame1`. */
  readonly loop?: boolean | undefined
  /** As in `5s` or `9s`. */
  readonly duration?: string | undefined
  /** As in `540p`, `720p`, `1080p` or `4k`. */
  readonly resolution?: string | undefined
  /** What it starts from, and what it ends with: a generation as `frame0` is extended, as `frame1` led up to. */
  readonly keyframes?: { readonly frame0?: Keyframe | undefined; readonly frame1?: Keyframe | undefined } | undefined
  /** Camera motions and the like, by the keys that the service lists. */
  readonly concepts?: ReadonlyArray<{ readonly key: string }> | undefined
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Image = Schema.Struct({
  generation_type: Schema.Literal("image"),
  model: imageModel,
  prompt,
  aspect_ratio: Schema.optional(ratio),
  format: Schema.optional(Schema.Literals(["jpg", "png"])),
  image_ref: Schema.optional(Schema.Array(WeightedRef)),
  style_ref: Schema.optional(Schema.Array(WeightedRef)),
  character_ref: Schema.optional(
    Schema.Record(Schema.String, Schema.Struct({ images: Schema.Array(url) }))
  ),
  modify_image_ref: Schema.optional(WeightedRef),
  ...reply
})

/**
 * A request for an image.
 *
 * @since 0.1.0
 * @category models
 */
export interface Image extends Reply {
  readonly generation_type: "image"
  /** `photon-1` or `photon-flash-1`. */
  readonly model: string
  /** What to show, in 3 to 5000 characters. */
  readonly prompt?: string | undefined
  /** `16:9` unless given. */
  readonly aspect_ratio?: Ratio | undefined
  /** `jpg` unless given. */
  readonly format?: "jpg" | "png" | undefined
  readonly image_ref?: ReadonlyArray<WeightedRef> | undefined
  readonly style_ref?: ReadonlyArray<WeightedRef> | undefined
  /** Images of the characters that it shows, by `identity0` and so on. */
  readonly character_ref?: { readonly [identity: string]: { readonly images: ReadonlyArray<string> } } | undefined
  readonly modify_image_ref?: WeightedRef | undefined
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ModifyVideo = Schema.Struct({
  generation_type: Schema.Literal("modify_video"),
  media: Media,
  mode: Schema.Literals([
    "adhere_1",
    "adhere_2",
    "adhere_3",
    "flex_1",
    "flex_2",
    "flex_3",
    "reimagine_1",
    "reimagine_2",
    "reimagine_3"
  ]),
  model: videoModel,
  first_frame: Schema.optional(Media),
  prompt,
  ...reply
})

/**
 * A request for a changed video.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModifyVideo extends Reply {
  readonly generation_type: "modify_video"
  readonly media: Media
  /** How far it may go from its source. */
  readonly mode: `${"adhere" | "flex" | "reimagine"}_${1 | 2 | 3}`
  readonly model: string
  readonly first_frame?: Media | undefined
  readonly prompt?: string | undefined
}

const place = Schema.optional(RequestSchema.number("a number", Number.isFinite))

const reframed = {
  media: Media,
  aspect_ratio: ratio,
  prompt,
  grid_position_x: place,
  grid_position_y: place,
  x_start: place,
  x_end: place,
  y_start: place,
  y_end: place,
  resized_width: place,
  resized_height: place,
  ...reply
}

interface Reframed extends Reply {
  readonly media: Media
  readonly model: string
  readonly aspect_ratio: Ratio
  readonly prompt?: string | undefined
  readonly grid_position_x?: number | undefined
  readonly grid_position_y?: number | undefined
  readonly x_start?: number | undefined
  readonly x_end?: number | undefined
  readonly y_start?: number | undefined
  readonly y_end?: number | undefined
  readonly resized_width?: number | undefined
  readonly resized_height?: number | undefined
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ReframeVideo = Schema.Struct({
  generation_type: Schema.Literal("reframe_video"),
  model: videoModel,
  ...reframed,
  first_frame: Schema.optional(Media)
})

/**
 * A request for a video in another aspect ratio.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReframeVideo extends Reframed {
  readonly generation_type: "reframe_video"
  readonly first_frame?: Media | undefined
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ReframeImage = Schema.Struct({
  generation_type: Schema.Literal("reframe_image"),
  model: imageModel,
  ...reframed,
  format: Schema.optional(Schema.Literals(["jpg", "png"]))
})

/**
 * A request for an image in another aspect ratio.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReframeImage extends Reframed {
  readonly generation_type: "reframe_image"
  readonly format?: "jpg" | "png" | undefined
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const UpscaleVideo = Schema.Struct({
  generation_type: Schema.Literal("upscale_video"),
  id: generationId,
  resolution: Schema.optional(text),
  ...reply
})

/**
 * A request for a generation in a higher resolution; `id` is the generation's.
 *
 * @since 0.1.0
 * @category models
 */
export interface UpscaleVideo extends Reply {
  readonly generation_type: "upscale_video"
  readonly id: string
  /** As in `1080p` or `4k`. */
  readonly resolution?: string | undefined
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const AddAudio = Schema.Struct({
  generation_type: Schema.Literal("add_audio"),
  id: generationId,
  prompt,
  negative_prompt: Schema.optional(text),
  ...reply
})

/**
 * A request for a generation with sound; `id` is the generation's.
 *
 * @since 0.1.0
 * @category models
 */
export interface AddAudio extends Reply {
  readonly generation_type: "add_audio"
  readonly id: string
  readonly prompt?: string | undefined
  readonly negative_prompt?: string | undefined
}

/**
 * Anything that `submit` of Dream Machine takes.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Video | Image | ModifyVideo | ReframeVideo | ReframeImage | UpscaleVideo | AddAudio

/**
 * Where each kind of request goes, behind the generations or the one that it is asked of, and what it makes.
 *
 * @since 0.1.0
 * @category constants
 */
export const routes = {
  video: { path: "/video", kind: "video" },
  image: { path: "/image", kind: "image" },
  modify_video: { path: "/video/modify", kind: "video" },
  reframe_video: { path: "/video/reframe", kind: "video" },
  reframe_image: { path: "/image/reframe", kind: "image" },
  upscale_video: { path: "/upscale", kind: "video" },
  add_audio: { path: "/audio", kind: "video" }
} as const

const known: { readonly [model: string]: "video" | "image" } = {
  "ray-2": "video",
  "ray-flash-2": "video",
  "ray-1-6": "video",
  "photon-1": "image",
  "photon-flash-1": "image"
}

const ofModel = (kind: "video" | "image") => ({ model }: RequestSchema.Fields): ReadonlyArray<Issue> => {
  const made = known[String(model)]
  return made === undefined || made === kind ? [] : [{ field: "model", message: `Expected one that makes ${kind}s` }]
}

const videoIssues = (fields: RequestSchema.Fields): ReadonlyArray<Issue> => {
  const { frame0, frame1 } = Wire.object(fields["keyframes"])
  return [
    ...ofModel("video")(fields),
    ...(fields["prompt"] === undefined && frame0 === undefined && frame1 === undefined
      ? [{ field: "prompt", message: "Expected a text, or keyframes in its place" }]
      : []),
    ...(fields["loop"] === true && frame1 !== undefined
      ? [{ field: "loop", message: "Expected none with a frame1" }]
      : [])
  ]
}

/**
 * The kinds of requests, each with everything that can be wrong with one; nothing is sent while anything is.
 *
 * **Details**
 *
 * No message holds what was given.
 *
 * @since 0.1.0
 * @category validation
 */
export const kinds = {
  Video: RequestSchema.kind(Video, videoIssues),
  Image: RequestSchema.kind(Image, ofModel("image")),
  ModifyVideo: RequestSchema.kind(ModifyVideo, ofModel("video")),
  ReframeVideo: RequestSchema.kind(ReframeVideo, ofModel("video")),
  ReframeImage: RequestSchema.kind(ReframeImage, ofModel("image")),
  UpscaleVideo: RequestSchema.kind(UpscaleVideo),
  AddAudio: RequestSchema.kind(AddAudio)
}

const names: { readonly [type: string]: keyof typeof kinds } = {
  video: "Video",
  image: "Image",
  modify_video: "ModifyVideo",
  reframe_video: "ReframeVideo",
  reframe_image: "ReframeImage",
  upscale_video: "UpscaleVideo",
  add_audio: "AddAudio"
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(
  kinds,
  Object.keys(names).map((type) => JSON.stringify(type)).join(" | "),
  {
    field: "generation_type",
    kindOf: ({ generation_type: type }) => typeof type === "string" ? names[type] : undefined
  }
)
