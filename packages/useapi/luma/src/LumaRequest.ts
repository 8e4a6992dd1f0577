/**
 * What Luma can be asked to make.
 *
 * **Details**
 *
 * The fields have the vendor's own names, so its pages apply as they are: the services refuse a name they don't know, one
 * request at a time. Written from the pages of `POST /videos` and `POST /images` of April 6, 2026.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import type { Issue } from "@media-jobs/core/JobError"
import { AssetRef as OneAssetRef, ofOneAccount } from "@media-jobs/useapi/AssetRef"
import * as ReplyFields from "@media-jobs/useapi/ReplyFields"
import * as Schema from "effect/Schema"

const AssetRef = Schema.optional(OneAssetRef)
const Prompt = RequestSchema.text("a text")

const common = {
  email: Schema.optional(RequestSchema.text("an account's address")),
  ...ReplyFields.fields
}

/**
 * One video, by `POST /videos`.
 *
 * **Details**
 *
 * | model | resolution | hdr | hdr_exr | imageCharacter |
 * | --- | --- | --- | --- | --- |
 * | `ray-v3-flash` (the service's default) | all four | 540p to 1080p, 5s | 540p, 720p, 5s | no |
 * | `ray-v3` | all four | 540p to 1080p, 5s | 540p, 720p, 5s | sdr only |
 * | `ray-v3-reasoning` | 720p, 1080p | 720p, 1080p, 5s | 720p, 5s | no |
 *
 * There must be a `prompt` or an image to start from or to end with.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Video = Schema.TaggedStruct("Video", {
  prompt: Schema.optional(Prompt),
  model: Schema.optional(Schema.Literals(["ray-v3-flash", "ray-v3", "ray-v3-reasoning"])),
  resolution: Schema.optional(Schema.Literals(["draft", "540p", "720p", "1080p"])),
  aspect_ratio: Schema.optional(
    Schema.String.check(
      Schema.makeFilter((text: string) => /^\d+:\d+$/.test(text), { expected: "a ratio such as 16:9" })
    )
  ),
  duration: Schema.optional(Schema.Literals(["5s", "10s"])),
  dynamic_range: Schema.optional(Schema.Literals(["sdr", "hdr", "hdr_exr"])),
  imageStart: AssetRef,
  imageEnd: AssetRef,
  imageCharacter: AssetRef,
  ...common
})

/**
 * A request for one video.
 *
 * @since 0.1.0
 * @category models
 */
export interface Video extends ReplyFields.ReplyFields {
  readonly _tag: "Video"
  /** What to show; required unless there is an image to start from or to end with. */
  readonly prompt?: string | undefined
  /** `ray-v3-flash` unless given. */
  readonly model?: "ray-v3-flash" | "ray-v3" | "ray-v3-reasoning" | undefined
  /** `ray-v3-reasoning` makes 720p and 1080p only. */
  readonly resolution?: "draft" | "540p" | "720p" | "1080p" | undefined
  /** Width to height, as in `16:9`. */
  readonly aspect_ratio?: string | undefined
  /** `10s` is for `sdr` alone. */
  readonly duration?: "5s" | "10s" | undefined
  /** `hdr` makes 540p to 1080p, `hdr_exr` 540p and 720p, with `ray-v3-reasoning` 720p at least. */
  readonly dynamic_range?: "sdr" | "hdr" | "hdr_exr" | undefined
  /** The image that it starts from: the assetRef of an upload. */
  readonly imageStart?: string | undefined
  /** The image that it ends with: the assetRef of an upload. */
  readonly imageEnd?: string | undefined
  /** An image of a character that it shows, with model `ray-v3` in `sdr`: the assetRef of an upload. */
  readonly imageCharacter?: string | undefined
  /** The Luma account to run on; where it is absent the service chooses one with a free slot. */
  readonly email?: string | undefined
}

/**
 * Four images, each its own job, by `POST /images`.
 *
 * **Details**
 *
 * `photon-v2` is the service's default model, 720p and 16:9 are the other defaults. `image-v2` with references makes 720p
 * only. All references must be of one account.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Image = Schema.TaggedStruct("Image", {
  prompt: Prompt.check(RequestSchema.atMost(2000)),
  model: Schema.optional(Schema.Literals(["photon-v2", "image-v2"])),
  resolution: Schema.optional(Schema.Literals(["720p", "1080p"])),
  aspect_ratio: Schema.optional(Schema.Literals(["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"])),
  imageRef1: AssetRef,
  imageRef2: AssetRef,
  imageRef3: AssetRef,
  imageRef4: AssetRef,
  ...common
})

/**
 * A request for four images.
 *
 * @since 0.1.0
 * @category models
 */
export interface Image extends ReplyFields.ReplyFields {
  readonly _tag: "Image"
  /** What to show, in 2,000 characters at most. */
  readonly prompt: string
  /** `photon-v2` unless given. */
  readonly model?: "photon-v2" | "image-v2" | undefined
  /** `720p` unless given, which is all that `image-v2` makes with references. */
  readonly resolution?: "720p" | "1080p" | undefined
  /** Width to height; `16:9` unless given. */
  readonly aspect_ratio?: "9:16" | "3:4" | "1:1" | "4:3" | "16:9" | "21:9" | undefined
  /** An image to go by: the assetRef of an upload, all of one account. */
  readonly imageRef1?: string | undefined
  /** As `imageRef1`. */
  readonly imageRef2?: string | undefined
  /** As `imageRef1`. */
  readonly imageRef3?: string | undefined
  /** As `imageRef1`. */
  readonly imageRef4?: string | undefined
  /** The Luma account to run on; where it is absent the service chooses one with a free slot. */
  readonly email?: string | undefined
}

/**
 * Anything that `luma.submit` takes.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Request = /* @__PURE__ */ Schema.Union([Video, Image])

/**
 * A request for a video or for images.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Video | Image

const videoIssues = (fields: RequestSchema.Fields): ReadonlyArray<Issue> => {
  const { dynamic_range: range, imageCharacter, imageEnd, imageStart, model, prompt } = fields
  const reasoning = model === "ray-v3-reasoning"
  const wide = range === "hdr" || range === "hdr_exr"
  const resolutions = ["draft", "540p", "720p", "1080p"].filter((resolution) =>
    !(reasoning && (resolution === "draft" || resolution === "540p")) &&
    !(wide && resolution === "draft") &&
    !(range === "hdr_exr" && resolution === "1080p")
  )
  const conditions = [...(reasoning ? [`model ${model}`] : []), ...(wide ? [`dynamic_range ${range}`] : [])].join(
    " and "
  )
  return [
    ...(prompt === undefined && imageStart === undefined && imageEnd === undefined
      ? [{ field: "prompt", message: "Expected a text, or imageStart or imageEnd in its place" }]
      : []),
    ...(conditions === "" ? [] : RequestSchema.oneOf(fields, "resolution", resolutions, conditions)),
    ...(wide ? RequestSchema.oneOf(fields, "duration", ["5s"], `dynamic_range ${range}`) : []),
    ...(imageCharacter === undefined || model === "ray-v3"
      ? []
      : [{ field: "imageCharacter", message: "Expected none but with model ray-v3" }]),
    ...(imageCharacter === undefined ? [] : RequestSchema.oneOf(fields, "dynamic_range", ["sdr"], "imageCharacter"))
  ]
}

/** The account in an assetRef, `u{user}-email:{address}-image:{uuid}`. */
const accountOf = (assetRef: string): string | undefined => /^u\d+-email:(.+)-image:[^:]+$/.exec(assetRef)?.[1]

const imageIssues = (fields: RequestSchema.Fields): ReadonlyArray<Issue> => {
  const refs = ["imageRef1", "imageRef2", "imageRef3", "imageRef4"].filter((field) => fields[field] !== undefined)
  return [
    ...(fields["model"] === "image-v2" && refs.length > 0
      ? RequestSchema.oneOf(fields, "resolution", ["720p"], "model image-v2 and references")
      : []),
    ...ofOneAccount(fields, "email", refs, accountOf)
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
  Image: RequestSchema.kind(Image, imageIssues)
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(kinds, "a request made by Luma.video or Luma.image")
