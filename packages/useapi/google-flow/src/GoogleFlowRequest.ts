/**
 * What Google Flow can be asked to make.
 *
 * **Details**
 *
 * The fields have the vendor's own names, so its pages apply as they are: the service refuses a name it doesn't know, one
 * request at a time. Written from the pages of its four submits, of November 2025 to October 2026.
 *
 * **Gotchas**
 *
 * Models come and go, so any model's name is taken, and a rule about Veo speaks of names that begin so, and of no name, which is
 * `veo-3.1-fast`. What a plan allows the service says itself.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as ReplyFields from "@media-jobs/useapi/ReplyFields"
import * as Schema from "effect/Schema"
import * as rules from "./internal/rules.ts"

const whole = (what: string, minimum: number, maximum: number) =>
  RequestSchema.number(
    `${what} from ${minimum} to ${maximum}`,
    (value) => Number.isInteger(value) && value >= minimum && value <= maximum
  )
const Prompt = RequestSchema.text("a text")
const MediaRef = RequestSchema.fileReference("a mediaGenerationId")

/** Fields that are counted in their names, as in `reference_2`. */
const numbered = <const Prefix extends string, S extends Schema.Constraint>(prefix: Prefix, value: S) =>
  Schema.Record(Schema.TemplateLiteral([prefix, Schema.Int]), Schema.UndefinedOr(value))

const common = {
  captchaToken: Schema.optional(RequestSchema.text("a captcha's token")),
  captchaRetry: Schema.optional(whole("a whole number", 1, 10)),
  captchaOrder: Schema.optional(RequestSchema.text("a list of captcha services")),
  ...ReplyFields.fields
}

const made = {
  model: Schema.optional(RequestSchema.text("a model's name")),
  count: Schema.optional(whole("a whole number", 1, 4)),
  seed: Schema.optional(whole("a whole number", 0, Number.MAX_SAFE_INTEGER)),
  ...common
}

const Email = Schema.optional(RequestSchema.text("an account's address"))

/**
 * What all requests say; of the three fields about captchas there may be one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Common extends ReplyFields.ReplyFields {
  /** A captcha that the caller has solved. */
  readonly captchaToken?: string | undefined
  /** How often the service tries a captcha, 1 to 10. */
  readonly captchaRetry?: number | undefined
  /** The services that are to solve it, by names with commas between, ten at most. */
  readonly captchaOrder?: string | undefined
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
  /** How many to make in one job, 1 to 4; without it the service makes one video, and four images by its newest scripts. */
  readonly count?: number | undefined
  /** A whole number from 0 on. */
  readonly seed?: number | undefined
}

/**
 * Videos, by `POST /videos`.
 *
 * **Details**
 *
 * Counted fields: `referenceImage_1` to `_7`, `character_1` to `_7`, `referenceAudio_1` to `_5`. The prompt may speak of each as
 * `@referenceImage_1` and so on. Veo takes three images and characters together, and one audio; `veo-3.1-quality` takes no images.
 * With a video to edit there are five, and its length is that of its frames. All references must be of one account.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Video = Schema.StructWithRest(
  Schema.TaggedStruct("Video", {
    prompt: Prompt,
    aspectRatio: Schema.optional(
      Schema.String.check(
        Schema.makeFilter((text: string) => /^(?:landscape|portrait|\d+:\d+)$/.test(text), {
          expected: "landscape, portrait, or a ratio such as 1:1"
        })
      )
    ),
    duration: Schema.optional(Schema.Literals([4, 6, 8, 10])),
    resolution: Schema.optional(Schema.Literals(["720p", "360p"])),
    startImage: Schema.optional(MediaRef),
    endImage: Schema.optional(MediaRef),
    referenceVideo_1: Schema.optional(MediaRef),
    startFrameIndex_1: Schema.optional(whole("a frame", 0, 239)),
    endFrameIndex_1: Schema.optional(whole("a frame", 1, 240)),
    email: Email,
    ...made
  }),
  [
    numbered("referenceImage_", MediaRef),
    numbered("character_", RequestSchema.text("a character")),
    numbered("referenceAudio_", RequestSchema.text("a voice"))
  ]
)

/**
 * A request for videos.
 *
 * @since 0.1.0
 * @category models
 */
export interface Video extends Made {
  readonly _tag: "Video"
  readonly prompt: string
  /** `landscape` unless given; Veo also makes `1:1`, `4:3` and `3:4`. */
  readonly aspectRatio?: string | undefined
  /** In seconds, 8 unless given; 10 is for `omni-flash`. */
  readonly duration?: 4 | 6 | 8 | 10 | undefined
  /** `360p` is for `omni-flash`. */
  readonly resolution?: "720p" | "360p" | undefined
  /** The image that it starts from: the mediaGenerationId of an upload or of what was made. */
  readonly startImage?: string | undefined
  /** The image that it ends with, beside `startImage`. */
  readonly endImage?: string | undefined
  /** The video that is edited, by `omni-flash`. */
  readonly referenceVideo_1?: string | undefined
  /** Its first frame, of 24 a second, from 0 to 239. */
  readonly startFrameIndex_1?: number | undefined
  /** Its last frame, from 1 to 240. */
  readonly endFrameIndex_1?: number | undefined
  /** The Google account to run on; that of the references or, without any, one that the service chooses. */
  readonly email?: string | undefined
  /** An image to go by, counted from 1. */
  readonly [image: `referenceImage_${number}`]: string | undefined
  /** A character that the service was given, counted from 1. */
  readonly [character: `character_${number}`]: string | undefined
  /** A voice, by its name or reference, counted from 1. */
  readonly [audio: `referenceAudio_${number}`]: string | undefined
}

/**
 * Images, by `POST /images`, which answers once they are made.
 *
 * **Details**
 *
 * Counted fields: `reference_1` to `_10`, `character_1` to `_7`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Image = Schema.StructWithRest(
  Schema.TaggedStruct("Image", {
    prompt: Prompt,
    aspectRatio: Schema.optional(
      Schema.Literals(["16:9", "4:3", "1:1", "3:4", "9:16", "auto", "landscape", "portrait"])
    ),
    email: Email,
    ...made
  }),
  [numbered("reference_", MediaRef), numbered("character_", RequestSchema.text("a character"))]
)

/**
 * A request for images.
 *
 * @since 0.1.0
 * @category models
 */
export interface Image extends Made {
  readonly _tag: "Image"
  readonly prompt: string
  /** `auto` is that of the first reference. */
  readonly aspectRatio?: "16:9" | "4:3" | "1:1" | "3:4" | "9:16" | "auto" | "landscape" | "portrait" | undefined
  /** The Google account to run on; that of the references or, without any, one that the service chooses. */
  readonly email?: string | undefined
  /** An image to go by, counted from 1: the mediaGenerationId of an upload or of what was made. */
  readonly [image: `reference_${number}`]: string | undefined
  /** A character that the service was given, counted from 1. */
  readonly [character: `character_${number}`]: string | undefined
}

/**
 * Eight more seconds of a video that Veo made, by `POST /videos/extend`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ExtendVideo = Schema.TaggedStruct("ExtendVideo", {
  mediaGenerationId: MediaRef,
  prompt: Schema.optional(Prompt),
  ...made
})

/**
 * A request for more of a video.
 *
 * @since 0.1.0
 * @category models
 */
export interface ExtendVideo extends Made {
  readonly _tag: "ExtendVideo"
  /** The video, by its mediaGenerationId. */
  readonly mediaGenerationId: string
  /** What happens next. */
  readonly prompt?: string | undefined
}

/**
 * A video of more pixels, by `POST /videos/upscale`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpscaleVideo = Schema.TaggedStruct("UpscaleVideo", {
  mediaGenerationId: MediaRef,
  resolution: Schema.optional(Schema.Literals(["720p", "1080p", "4K"])),
  ...common
})

/**
 * A request for a video of more pixels.
 *
 * @since 0.1.0
 * @category models
 */
export interface UpscaleVideo extends Common {
  readonly _tag: "UpscaleVideo"
  /** The video, by its mediaGenerationId. */
  readonly mediaGenerationId: string
  /** `1080p` unless given. */
  readonly resolution?: "720p" | "1080p" | "4K" | undefined
}

/**
 * Anything that `googleFlow.submit` takes.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Video | Image | ExtendVideo | UpscaleVideo

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
  ExtendVideo: RequestSchema.kind(ExtendVideo, rules.captcha),
  UpscaleVideo: RequestSchema.kind(UpscaleVideo, rules.captcha)
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(
  kinds,
  "a request made by GoogleFlow.video, image, extendVideo or upscaleVideo"
)
