/**
 * What Luma can be asked to make.
 *
 * **Details**
 *
 * The fields have the service's own names. Models that are not known here pass; the rules of those that are hold before anything
 * is sent. Written from the official client 0.5.0 and the guides of summer 2026. Requests of type `layering` are not offered:
 * what they hold is on no page.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import type { Issue } from "@media-jobs/core/JobError"
import * as Schema from "effect/Schema"

const text = RequestSchema.text("a text")
const flag = Schema.optional(Schema.Boolean)
const index = RequestSchema.number("a whole number of frames, at least 0", (n) => Number.isInteger(n) && n >= 0)

/**
 * An image or a video to work on: exactly one of `url`, `data`, `generation_id` and `file_id`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ImageRef = Schema.Struct({
  url: Schema.optional(RequestSchema.fileAddress("a URL")),
  data: Schema.optional(RequestSchema.text("Base64")),
  media_type: Schema.optional(RequestSchema.text("a media type")),
  generation_id: Schema.optional(RequestSchema.text("the id of a generation")),
  file_id: Schema.optional(RequestSchema.fileReference("the reference of an upload"))
})

/**
 * An image or a video to work on: exactly one of `url`, `data`, `generation_id` and `file_id`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageRef {
  /** An address that the service can read. */
  readonly url?: string | undefined
  /** The bytes in Base64; their `media_type` must be there. */
  readonly data?: string | undefined
  /** As in `image/png`; required with `data`, and with the `url` of a video. */
  readonly media_type?: string | undefined
  /** A generation of this key that is completed. */
  readonly generation_id?: string | undefined
  /** What `upload` gave as the reference. */
  readonly file_id?: string | undefined
}

const frames = {
  keyframes: Schema.optional(Schema.Array(ImageRef)),
  keyframe_indexes: Schema.optional(Schema.Array(index))
}

/** Several frames, and at which of 24 a second each stands. */
interface Frames {
  /** 1 to 64 images. */
  readonly keyframes?: ReadonlyArray<ImageRef> | undefined
  /** The frame of each, all different: 0 to 120, of 10 seconds 0 to 240. */
  readonly keyframe_indexes?: ReadonlyArray<number> | undefined
}

const norm = RequestSchema.number("a number from 0 to 1", (n) => n >= 0 && n <= 1)

/**
 * The options of all that makes a video.
 *
 * @since 0.1.0
 * @category schemas
 */
export const VideoOptions = Schema.Struct({
  resolution: Schema.optional(text),
  duration: Schema.optional(text),
  loop: flag,
  hdr: flag,
  exr_export: flag,
  start_frame: Schema.optional(ImageRef),
  end_frame: Schema.optional(ImageRef),
  ...frames,
  source_position: Schema.optional(Schema.Struct({ x_norm: norm, y_norm: norm, w_norm: norm, h_norm: norm })),
  edit: Schema.optional(Schema.Struct({
    auto_controls: flag,
    strength: Schema.optional(
      Schema.Literals([
        "adhere_1",
        "adhere_2",
        "adhere_3",
        "flex_1",
        "flex_2",
        "flex_3",
        "reimagine_1",
        "reimagine_2",
        "reimagine_3"
      ])
    ),
    controls: Schema.optional(Schema.Record(Schema.String, Schema.Json)),
    ...frames
  }))
})

/**
 * The options of all that makes a video.
 *
 * **Details**
 *
 * With model `ray-3.2`:
 *
 * | with | there may be no |
 * | --- | --- |
 * | `duration` 10s | `hdr` (type `video`), `loop`, `start_frame`, `end_frame` |
 * | `loop` | `hdr`, `end_frame`, `keyframes` |
 * | `hdr` | `resolution` 360p and 540p, type `video_reframe` |
 * | `exr_export` | lack of `hdr` |
 * | `start_frame` of a generation | `end_frame`, `keyframes`, `hdr` |
 *
 * @since 0.1.0
 * @category models
 */
export interface VideoOptions extends Frames {
  /** `360p`, `540p`, `720p` or `1080p`; `720p` unless given. */
  readonly resolution?: string | undefined
  /** `5s` or `10s`; `5s` unless given. */
  readonly duration?: string | undefined
  readonly loop?: boolean | undefined
  readonly hdr?: boolean | undefined
  /** EXR frames beside the video. */
  readonly exr_export?: boolean | undefined
  /** The image that it starts from, or the generation that it goes on from. */
  readonly start_frame?: ImageRef | undefined
  readonly end_frame?: ImageRef | undefined
  /** Where the source stands in the new frame, from 0 to 1; of type `video_reframe`. */
  readonly source_position?: {
    readonly x_norm: number
    readonly y_norm: number
    readonly w_norm: number
    readonly h_norm: number
  } | undefined
  /** How an edit keeps to its source; of type `video_edit`. */
  readonly edit?: EditOptions | undefined
}

interface EditOptions extends Frames {
  readonly auto_controls?: boolean | undefined
  readonly strength?: `${"adhere" | "flex" | "reimagine"}_${1 | 2 | 3}` | undefined
  /** By `pose`, `depth`, `normals`, `trajectory` and `face`. */
  readonly controls?: { readonly [name: string]: Schema.Json } | undefined
}

const ratio = Schema.String.check(
  Schema.makeFilter((ratio: string) => /^\d+:\d+$/.test(ratio), { expected: "a ratio such as 16:9" })
)

const common = {
  prompt: text.check(RequestSchema.atMost(6000)),
  model: Schema.optional(RequestSchema.text("a model's name")),
  aspect_ratio: Schema.optional(ratio),
  user_id: Schema.optional(text.check(RequestSchema.atMost(256)))
}

interface Common {
  /** What to show, in 6,000 characters at most. */
  readonly prompt: string
  /** `uni-1` for images and `ray-3.2` for videos unless given. */
  readonly model?: string | undefined
  /** Width to height, as in `16:9`. */
  readonly aspect_ratio?: string | undefined
  /** A tag of the application's own end user, in 256 characters at most. */
  readonly user_id?: string | undefined
}

const ofImage = {
  ...common,
  image_ref: Schema.optional(Schema.Array(ImageRef)),
  style: Schema.optional(Schema.Literals(["auto", "manga"])),
  output_format: Schema.optional(Schema.Literals(["png", "jpeg"])),
  web_search: flag
}

interface OfImage extends Common {
  /** Images to go by: at most 9, of an edit at most 8. */
  readonly image_ref?: ReadonlyArray<ImageRef> | undefined
  /** `auto` or `manga`. */
  readonly style?: "auto" | "manga" | undefined
  /** What the model chooses unless given. */
  readonly output_format?: "png" | "jpeg" | undefined
  /** Whether it may look for references on the web. */
  readonly web_search?: boolean | undefined
}

const ofVideo = { ...common, video: Schema.optional(VideoOptions) }

interface OfVideo extends Common {
  readonly video?: VideoOptions | undefined
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Image = Schema.Struct({ type: Schema.Literal("image"), ...ofImage })

/**
 * A request for an image.
 *
 * @since 0.1.0
 * @category models
 */
export interface Image extends OfImage {
  readonly type: "image"
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ImageEdit = Schema.Struct({ type: Schema.Literal("image_edit"), ...ofImage, source: ImageRef })

/**
 * A request for a changed image.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageEdit extends OfImage {
  readonly type: "image_edit"
  /** The image to change. */
  readonly source: ImageRef
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Video = Schema.Struct({ type: Schema.Literal("video"), ...ofVideo })

/**
 * A request for a video.
 *
 * @since 0.1.0
 * @category models
 */
export interface Video extends OfVideo {
  readonly type: "video"
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const VideoEdit = Schema.Struct({ type: Schema.Literal("video_edit"), ...ofVideo, source: ImageRef })

/**
 * A request for a changed video; its `aspect_ratio` stays that of the source.
 *
 * @since 0.1.0
 * @category models
 */
export interface VideoEdit extends OfVideo {
  readonly type: "video_edit"
  /** The video to change, of 18 seconds at most; with its `media_type` where it is a URL. */
  readonly source: ImageRef
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const VideoReframe = Schema.Struct({
  type: Schema.Literal("video_reframe"),
  ...ofVideo,
  source: ImageRef,
  aspect_ratio: ratio
})

/**
 * A request for a video in another aspect ratio.
 *
 * @since 0.1.0
 * @category models
 */
export interface VideoReframe extends OfVideo {
  readonly type: "video_reframe"
  /** The video to reframe, of 30 seconds at most; with its `media_type` where it is a URL. */
  readonly source: ImageRef
  /** Width to height of what is made. */
  readonly aspect_ratio: string
}

/**
 * Anything that `luma.submit` takes.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Image | ImageEdit | Video | VideoEdit | VideoReframe

const ratios = {
  image: ["3:1", "2:1", "16:9", "3:2", "1:1", "2:3", "9:16", "1:2", "1:3"],
  video: ["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"]
}

const models: { readonly [model: string]: "image" | "video" } = {
  "uni-1": "image",
  "uni-1-max": "image",
  "ray-3.2": "video"
}

/**
 * The model of a request that names none.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultModels = { image: "uni-1", video: "ray-3.2" } as const

/**
 * What a request makes.
 *
 * @since 0.1.0
 * @category getters
 */
export const kindOf = ({ type }: Pick<Request, "type">): "image" | "video" =>
  type.startsWith("image") ? "image" : "video"

const issue = (field: string, message: string): Issue => ({ field, message: `Expected ${message}` })

const refIssues = (field: string, ref: unknown, isVideo = false): ReadonlyArray<Issue> => {
  if (ref === undefined) return []
  const fields = Wire.object(ref)
  const given = ["url", "data", "generation_id", "file_id"].filter((name) => fields[name] !== undefined)
  const type = fields["media_type"]
  return [
    ...(given.length === 1 ? [] : [issue(field, "one of url, data, generation_id and file_id, and one alone")]),
    ...(type === undefined && (given[0] === "data" || isVideo && given[0] === "url")
      ? [issue(`${field}.media_type`, "one, as in image/png or video/mp4")]
      : [])
  ]
}

const refsIssues = (field: string, refs: unknown, most: number): ReadonlyArray<Issue> => {
  const found = Wire.array(refs)
  return found.length > most
    ? [issue(field, `at most ${most}`)]
    : found.flatMap((ref, i) => refIssues(`${field}.${i}`, ref))
}

const framesIssues = (at: string, fields: RequestSchema.Fields, last: number): ReadonlyArray<Issue> => {
  const { keyframe_indexes: indexes, keyframes } = fields
  if (keyframes === undefined && indexes === undefined) return []
  const [images, places] = [Wire.array(keyframes), Wire.array(indexes)]
  return [
    ...(images.length === 0 ? [issue(`${at}.keyframes`, "1 to 64")] : refsIssues(`${at}.keyframes`, keyframes, 64)),
    ...(places.length === images.length && new Set(places).size === places.length &&
        places.every((n) => Number(n) <= last)
      ? []
      : [issue(`${at}.keyframe_indexes`, `one for each keyframe, all different, of 0 to ${last}`)])
  ]
}

/** What excludes what, as the guide to videos has it. */
const videoIssues = ({ type, video }: RequestSchema.Fields): ReadonlyArray<Issue> => {
  const fields = Wire.object(video)
  const { duration, edit, hdr, loop, resolution, start_frame } = fields
  const last = duration === "10s" ? 240 : 120
  const extended = Wire.object(start_frame)["generation_id"] !== undefined
  const none = (when: boolean, names: ReadonlyArray<string>, why: string) =>
    names.filter((name) => when && fields[name] !== undefined && fields[name] !== false)
      .map((name) => issue(`video.${name}`, `none with ${why}`))
  const found = [
    ...none(duration === "10s", [...(type === "video" ? ["hdr"] : []), "loop", "start_frame", "end_frame"], "10s"),
    ...none(loop === true, ["hdr", "end_frame", "keyframes"], "loop"),
    ...none(hdr === true && (resolution === "360p" || resolution === "540p"), ["hdr"], "a resolution below 720p"),
    ...none(type === "video_reframe", ["hdr"], "type video_reframe"),
    ...none(hdr !== true, ["exr_export"], "no hdr"),
    ...none(extended, ["end_frame", "keyframes", "hdr"], "a start_frame that is a generation"),
    ...RequestSchema.oneOf(fields, "resolution", ["360p", "540p", "720p", "1080p"], "model ray-3.2").map(inVideo),
    ...RequestSchema.oneOf(fields, "duration", ["5s", "10s"], "model ray-3.2").map(inVideo),
    ...framesIssues("video", fields, last),
    ...framesIssues("video.edit", Wire.object(edit), last)
  ]
  // One sentence for each field.
  return found.filter(({ field }, i) => found.findIndex((other) => other.field === field) === i)
}

const inVideo = ({ field, message }: Issue): Issue => ({ field: `video.${field}`, message })

const rules = (type: Request["type"]) => (fields: RequestSchema.Fields): ReadonlyArray<Issue> => {
  const kind = kindOf({ type })
  const { model = defaultModels[kind], source } = fields
  const known = models[String(model)]
  const { end_frame, start_frame } = Wire.object(fields["video"])
  return [
    ...(known === undefined || known === kind ? [] : [issue("model", `one that makes ${kind}s`)]),
    ...(known === kind && type !== "video_edit"
      ? RequestSchema.oneOf(fields, "aspect_ratio", ratios[kind], `model ${String(model)}`)
      : []),
    ...refsIssues("image_ref", fields["image_ref"], type === "image" ? 9 : 8),
    ...refIssues("source", source, kind === "video"),
    ...refIssues("video.start_frame", start_frame),
    ...refIssues("video.end_frame", end_frame),
    ...(known === "video" && kind === "video" ? videoIssues(fields) : [])
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
  Image: RequestSchema.kind(Image, rules("image")),
  ImageEdit: RequestSchema.kind(ImageEdit, rules("image_edit")),
  Video: RequestSchema.kind(Video, rules("video")),
  VideoEdit: RequestSchema.kind(VideoEdit, rules("video_edit")),
  VideoReframe: RequestSchema.kind(VideoReframe, rules("video_reframe"))
}

const names: { readonly [type: string]: keyof typeof kinds } = {
  image: "Image",
  image_edit: "ImageEdit",
  video: "Video",
  video_edit: "VideoEdit",
  video_reframe: "VideoReframe"
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
  { field: "type", kindOf: ({ type }) => typeof type === "string" ? names[type] : undefined }
)
