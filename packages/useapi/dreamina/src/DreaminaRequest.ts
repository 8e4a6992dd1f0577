/**
 * What Dreamina can be asked to make.
 *
 * **Details**
 *
 * The fields have the vendor's own names, so its pages apply as they are: the service refuses a name it doesn't know, one
 * request at a time. Written from the pages of its five submits, of February to April 2026, and of what has been said of
 * Seedance 2.5 since.
 *
 * **Gotchas**
 *
 * Models come and go by the month and differ by region, so any model's name is taken; what is refused here no model takes.
 * Which lengths, resolutions, modes and how many references one of them takes is for the service to say.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import { AssetRef } from "@media-jobs/useapi/AssetRef"
import * as ReplyFields from "@media-jobs/useapi/ReplyFields"
import * as Schema from "effect/Schema"
import * as rules from "./internal/rules.ts"

const whole = (what: string, minimum: number, maximum: number) =>
  RequestSchema.number(
    `${what} from ${minimum} to ${maximum}`,
    (value) => Number.isInteger(value) && value >= minimum && value <= maximum
  )
const share = RequestSchema.number("a number from 0 to 1", (value) => value >= 0 && value <= 1)
const Text = RequestSchema.text("a text")

/** Fields that are counted in their names, as in `frame_2_imageRef`. */
const numbered = <const Prefix extends string, const Suffix extends string, S extends Schema.Constraint>(
  prefix: Prefix,
  suffix: Suffix,
  value: S
) => Schema.Record(Schema.TemplateLiteral([prefix, Schema.Int, suffix]), Schema.UndefinedOr(value))

const common = {
  maxJobs: Schema.optional(whole("a whole number", 1, 50)),
  ...ReplyFields.fields
}

const made = {
  model: Schema.optional(RequestSchema.text("a model's name")),
  account: Schema.optional(RequestSchema.text("an account's name")),
  ...common
}

/**
 * What all requests say.
 *
 * @since 0.1.0
 * @category models
 */
export interface Common extends ReplyFields.ReplyFields {
  /** How many jobs its account may be running for this one to be accepted, 1 to 50; the account's own limit unless given. */
  readonly maxJobs?: number | undefined
}

/**
 * What requests say that make something new.
 *
 * @since 0.1.0
 * @category models
 */
export interface Made extends Common {
  /** The model's name; the service has a default. */
  readonly model?: string | undefined
  /** The account to run on, as in `US:user@example.com`; that of the references or, without any, one with a free slot. */
  readonly account?: string | undefined
}

/**
 * One video, by `POST /videos`.
 *
 * **Details**
 *
 * What is there makes the mode; there is no field for it.
 *
 * | mode | made by | `prompt` | `ratio` |
 * | --- | --- | --- | --- |
 * | prompt | no reference at all | required | yes |
 * | first frame | `firstFrameRef` | yes | the image's |
 * | first and end frame | `firstFrameRef`, `endFrameRef` | yes | the images' |
 * | frames | `frame_1_imageRef` to at most `frame_10_imageRef`, at least two | each has its `frame_N_prompt` | the images' |
 * | omni | `omni_N_imageRef`, `omni_N_videoRef`, `omni_N_audioRef`, from 1 | required: it speaks of them | yes |
 *
 * `duration` and `frame_N_duration` are in seconds. Omni takes 30 images, 10 videos and 10 audios at most, and with most
 * models 9, 3 and 3. All references must be of one account.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Video = Schema.StructWithRest(
  Schema.TaggedStruct("Video", {
    prompt: Schema.optional(Text.check(RequestSchema.atMost(5000))),
    ratio: Schema.optional(Schema.Literals(rules.ratios)),
    duration: Schema.optional(whole("a whole number of seconds", 4, 30)),
    resolution: Schema.optional(Schema.Literals(["480p", "720p", "1080p", "2k", "4k"])),
    firstFrameRef: Schema.optional(AssetRef),
    endFrameRef: Schema.optional(AssetRef),
    ...made
  }),
  [
    numbered("frame_", "_imageRef", AssetRef),
    numbered("frame_", "_prompt", Text),
    numbered(
      "frame_",
      "_duration",
      RequestSchema.number("a number of seconds", (value) => value > 0 && value < Infinity)
    ),
    numbered("omni_", "_imageRef", AssetRef),
    numbered("omni_", "_videoRef", AssetRef),
    numbered("omni_", "_audioRef", AssetRef)
  ]
)

/**
 * A request for one video; what is in it makes the mode.
 *
 * @since 0.1.0
 * @category models
 */
export interface Video extends Made {
  readonly _tag: "Video"
  /** What to show, in 5,000 characters at most. */
  readonly prompt?: string | undefined
  /** Width to height; that of the image in modes that start from one. */
  readonly ratio?: "21:9" | "16:9" | "4:3" | "1:1" | "3:4" | "9:16" | undefined
  /** In whole seconds, 4 to 30. */
  readonly duration?: number | undefined
  readonly resolution?: "480p" | "720p" | "1080p" | "2k" | "4k" | undefined
  /** The image that it starts from: the assetRef of an upload. */
  readonly firstFrameRef?: string | undefined
  /** The image that it ends with, beside `firstFrameRef`: the assetRef of an upload. */
  readonly endFrameRef?: string | undefined
  /** An image to go through, numbered from 1 to at most 10. */
  readonly [frame: `frame_${number}_imageRef`]: string | undefined
  /** What happens from that image on. */
  readonly [prompt: `frame_${number}_prompt`]: string | undefined
  /** For how many seconds. */
  readonly [duration: `frame_${number}_duration`]: number | undefined
  /** An image that the prompt speaks of, numbered from 1 to at most 30. */
  readonly [image: `omni_${number}_imageRef`]: string | undefined
  /** A video that the prompt speaks of, numbered from 1 to at most 10. */
  readonly [video: `omni_${number}_videoRef`]: string | undefined
  /** An audio that the prompt speaks of, numbered from 1 to at most 10. */
  readonly [audio: `omni_${number}_audioRef`]: string | undefined
}

/**
 * Up to four images, which are one job, by `POST /images`.
 *
 * **Details**
 *
 * There must be a `prompt` or a reference; some models want a prompt beside their references. References are
 * `imageRef_1` to at most `imageRef_6`, all of one account.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Image = Schema.TaggedStruct("Image", {
  prompt: Schema.optional(Text.check(RequestSchema.atMost(1600))),
  ratio: Schema.optional(Schema.Literals(["auto", "2:3", "3:2", ...rules.ratios])),
  resolution: Schema.optional(Schema.Literals(["1k", "2k", "4k"])),
  imageRef_1: Schema.optional(AssetRef),
  imageRef_2: Schema.optional(AssetRef),
  imageRef_3: Schema.optional(AssetRef),
  imageRef_4: Schema.optional(AssetRef),
  imageRef_5: Schema.optional(AssetRef),
  imageRef_6: Schema.optional(AssetRef),
  imageStrength: Schema.optional(RequestSchema.number("a number", Number.isFinite)),
  ...made
})

/**
 * A request for up to four images, which are one job.
 *
 * @since 0.1.0
 * @category models
 */
export interface Image extends Made {
  readonly _tag: "Image"
  /** What to show, in 1,600 characters at most; required unless there is a reference. */
  readonly prompt?: string | undefined
  readonly ratio?: "auto" | "2:3" | "3:2" | "21:9" | "16:9" | "4:3" | "1:1" | "3:4" | "9:16" | undefined
  readonly resolution?: "1k" | "2k" | "4k" | undefined
  /** An image to go by: the assetRef of an upload, all of one account. */
  readonly imageRef_1?: string | undefined
  /** As `imageRef_1`. */
  readonly imageRef_2?: string | undefined
  /** As `imageRef_1`. */
  readonly imageRef_3?: string | undefined
  /** As `imageRef_1`. */
  readonly imageRef_4?: string | undefined
  /** As `imageRef_1`. */
  readonly imageRef_5?: string | undefined
  /** As `imageRef_1`. */
  readonly imageRef_6?: string | undefined
  /** How much the references count; its range is on no page that could be read. */
  readonly imageStrength?: number | undefined
}

/**
 * A video of twice the width and height, once for each, by `POST /videos/upscale`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpscaleVideo = Schema.TaggedStruct("UpscaleVideo", {
  jobid: RequestSchema.text("a job's id"),
  ...common
})

/**
 * A request for a video of twice the width and height.
 *
 * @since 0.1.0
 * @category models
 */
export interface UpscaleVideo extends Common {
  readonly _tag: "UpscaleVideo"
  /** The job that made the video. */
  readonly jobid: string
}

/**
 * A larger image, by `POST /images/upscale`.
 *
 * **Details**
 *
 * Unless given, it is the first image, at 4k, of which 0.65 is preserved and detail enhanced by 0.5.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpscaleImage = Schema.TaggedStruct("UpscaleImage", {
  jobid: RequestSchema.text("a job's id"),
  imageIndex: Schema.optional(whole("a whole number", 0, 3)),
  upscaleResolution: Schema.optional(Schema.Literals(["2k", "4k", "8k"])),
  originalImageStrength: Schema.optional(share),
  detailStrength: Schema.optional(share),
  ...common
})

/**
 * A request for a larger image.
 *
 * @since 0.1.0
 * @category models
 */
export interface UpscaleImage extends Common {
  readonly _tag: "UpscaleImage"
  /** The job that made the image. */
  readonly jobid: string
  /** Which of its images, from 0 to 3; the first unless given. */
  readonly imageIndex?: number | undefined
  /** `4k` unless given. */
  readonly upscaleResolution?: "2k" | "4k" | "8k" | undefined
  /** How much of the image is preserved, from 0 to 1; 0.65 unless given. */
  readonly originalImageStrength?: number | undefined
  /** How much detail is enhanced, from 0 to 1; 0.5 unless given. */
  readonly detailStrength?: number | undefined
}

/**
 * A video of more frames a second, once for each, by `POST /videos/interpolate`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Interpolate = Schema.TaggedStruct("Interpolate", {
  jobid: RequestSchema.text("a job's id"),
  fps: Schema.Literals([30, 60]),
  ...common
})

/**
 * A request for a video of more frames a second.
 *
 * @since 0.1.0
 * @category models
 */
export interface Interpolate extends Common {
  readonly _tag: "Interpolate"
  /** The job that made the video, or that upscaled it. */
  readonly jobid: string
  /** Frames a second. */
  readonly fps: 30 | 60
}

/**
 * Anything that `dreamina.submit` takes.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Video | Image | UpscaleVideo | UpscaleImage | Interpolate

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
  Video: RequestSchema.kind(Video, rules.video),
  Image: RequestSchema.kind(Image, rules.image),
  UpscaleVideo: RequestSchema.kind(UpscaleVideo, rules.source("a Dreamina job that made a video", "VFiI")),
  UpscaleImage: RequestSchema.kind(UpscaleImage, rules.source("a Dreamina job that made images", "vVFI")),
  Interpolate: RequestSchema.kind(Interpolate, rules.source("a Dreamina job that made or upscaled a video", "FiI"))
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(
  kinds,
  "a request made by Dreamina.video, image, upscaleVideo, upscaleImage or interpolate"
)
