/**
 * What PixVerse can be asked to make.
 *
 * **Details**
 *
 * The fields have the vendor's own names, so its pages apply as they are. Written from what is known of its pages, its collection of July
 * 2026 and its scripts: endpoints of which too few fields are known are not offered.
 *
 * **Gotchas**
 *
 * Models come and go by the month, so any model's name is taken, and which lengths and qualities one takes is for the service to say.
 * Files go by the path that an upload gave.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import type { Issue } from "@media-jobs/core/JobError"
import * as ReplyFields from "@media-jobs/useapi/ReplyFields"
import * as Schema from "effect/Schema"
import * as job from "./internal/job.ts"

const whole = (minimum: number, maximum: number) =>
  RequestSchema.number(
    `a whole number from ${minimum} to ${maximum}`,
    (value) => Number.isInteger(value) && value >= minimum && value <= maximum
  )
const Text = RequestSchema.text("a text")
const File = RequestSchema.text("the path of an upload").annotate({ takesFile: true })
const Flag = Schema.optional(Schema.Boolean)
const Ratio = Schema.String.check(
  Schema.makeFilter((text: string) => /^\d+:\d+$/.test(text), { expected: "a ratio such as 16:9" })
)
const Video = Schema.String.check(
  Schema.makeFilter((text: string) => job.partsOf(text)?.sort === "video", { expected: "the id of a video" })
)

/** Fields that are counted in their names, as in `frame_1_path` and `frame_2_path`. */
const numbered = <const N extends number, const Prefix extends string, const Suffix extends string, S>(
  numbers: ReadonlyArray<N>,
  prefix: Prefix,
  suffix: Suffix,
  value: S
) =>
  // Their names are told by the arguments, and `fromEntries` forgets them.
  Object.fromEntries(numbers.map((n) => [`${prefix}${n}${suffix}`, value])) as {
    readonly [K in N as `${Prefix}${K}${Suffix}`]: S
  }

const common = {
  /** The PixVerse account to run on; where it is absent the service chooses one with a free slot. */
  email: Schema.optional(RequestSchema.text("an account's address")),
  /** How many jobs its account may be running for this one to be accepted, 1 to 8; the account's own limit unless given. */
  maxJobs: Schema.optional(whole(1, 8)),
  ...ReplyFields.fields
}

const made = {
  /** The model's name; the service has a default. */
  model: Schema.optional(Text),
  /** In seconds. */
  duration: Schema.optional(whole(1, 15)),
  /** As in `720p`. */
  quality: Schema.optional(Text),
  seed: Schema.optional(Schema.Int)
}

/**
 * A video of a text, of frames or by a template, by `POST /videos/create`; a template of images makes an image.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateVideo = Schema.TaggedStruct("CreateVideo", {
  prompt: Schema.optional(Text),
  ...made,
  template_id: Schema.optional(Schema.Int),
  first_frame_path: Schema.optional(File),
  last_frame_path: Schema.optional(File),
  ...numbered([1, 2, 3, 4, 5], "frame_", "_path", Schema.optional(File)),
  /** Of a video of a text alone, which needs one. */
  aspect_ratio: Schema.optional(Ratio),
  audio: Flag,
  multi_shot: Flag,
  preview_mode: Flag,
  /** Within 24 hours, and cheaper. No list has it, and no slot. */
  off_peak_mode: Flag,
  auto_sound: Flag,
  ...common
})

/**
 * A video of what images, videos and audios show, by `POST /videos/create-fusion`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Fusion = Schema.TaggedStruct("Fusion", {
  prompt: Text,
  ...made,
  aspect_ratio: Schema.optional(Ratio),
  frame_1_path: File,
  ...numbered([2, 3, 4, 5, 6, 7, 8, 9], "frame_", "_path", Schema.optional(File)),
  ...numbered([1, 2, 3], "video_", "_path", Schema.optional(File)),
  ...numbered([1, 2, 3], "audio_", "_path", Schema.optional(File)),
  ...common
})

/**
 * A person in an image who moves as one in a video, by `POST /videos/motion-control`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MotionControl = Schema.TaggedStruct("MotionControl", {
  prompt: Schema.optional(Text),
  model: made.model,
  quality: made.quality,
  frame_1_path: File,
  video_1_path: File,
  ...common
})

/**
 * A video that goes on, by `POST /videos/extend`: one that was made, or an upload.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Extend = Schema.TaggedStruct("Extend", {
  prompt: Schema.optional(Text),
  ...made,
  video_id: Schema.optional(Video),
  video_path: Schema.optional(File),
  ...common
})

/**
 * A larger video of one that was made, by `POST /videos/upscale`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Upscale = Schema.TaggedStruct("Upscale", { video_id: Video, ...common })

/**
 * One to four images, by `POST /images/create`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateImage = Schema.TaggedStruct("CreateImage", {
  prompt: Text,
  model: made.model,
  create_count: Schema.optional(whole(1, 4)),
  quality: made.quality,
  aspect_ratio: Schema.optional(Ratio),
  /** Of model gpt-image-2.0 alone. */
  detail_level: Schema.optional(Text),
  seed: made.seed,
  ...numbered([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], "image_path_", "", Schema.optional(File)),
  ...common
})

/**
 * A piece of music, by `POST /music/create`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Music = Schema.TaggedStruct("Music", {
  prompt: Text,
  model: made.model,
  instrumental: Flag,
  lyrics: Schema.optional(Text),
  ...common
})

/**
 * A text that is spoken, by `POST /speech/create`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Speech = Schema.TaggedStruct("Speech", {
  text: Text,
  voice_id: Schema.optional(Schema.Union([Schema.Int, Text])),
  model: made.model,
  ...common
})

const videoIssues = (fields: RequestSchema.Fields): ReadonlyArray<Issue> => {
  const { aspect_ratio, prompt, template_id } = fields
  const hasFrame = Object.keys(fields).some((name) => name.endsWith("_path") && fields[name] !== undefined)
  const expected = (isWrong: boolean, field: string, what: string) =>
    isWrong ? [{ field, message: `Expected ${what}` }] : []
  return [
    ...expected(
      prompt === undefined && template_id === undefined && !hasFrame,
      "prompt",
      "a text, or template_id or a frame in its place"
    ),
    ...expected(
      aspect_ratio === undefined && template_id === undefined && !hasFrame,
      "aspect_ratio",
      "a ratio such as 16:9, which a video of a text alone needs"
    ),
    ...expected(aspect_ratio !== undefined && hasFrame, "aspect_ratio", "none with frames: it is that of the image")
  ]
}

const extendIssues = ({ video_id, video_path }: RequestSchema.Fields): ReadonlyArray<Issue> =>
  (video_id === undefined) === (video_path === undefined)
    ? [{ field: "video_id", message: "Expected the id of a video, or video_path in its place" }]
    : []

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
  CreateVideo: RequestSchema.kind(CreateVideo, videoIssues),
  Fusion: RequestSchema.kind(Fusion),
  MotionControl: RequestSchema.kind(MotionControl),
  Extend: RequestSchema.kind(Extend, extendIssues),
  Upscale: RequestSchema.kind(Upscale),
  CreateImage: RequestSchema.kind(CreateImage),
  Music: RequestSchema.kind(Music),
  Speech: RequestSchema.kind(Speech)
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(
  kinds,
  "a request made by PixVerse.video, image or another of its functions"
)

/**
 * Requests by their kind.
 *
 * @since 0.1.0
 * @category models
 */
export type Requests = {
  readonly [K in keyof typeof kinds]: (typeof kinds)[K] extends RequestSchema.Kind<infer A> ? A : never
}

/**
 * Anything that `pixverse.submit` takes.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Requests[keyof Requests]
