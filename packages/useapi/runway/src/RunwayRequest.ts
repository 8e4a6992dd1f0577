/**
 * What Runway can be asked to make through useapi.net.
 *
 * **Details**
 *
 * The fields have the vendor's own names, so its pages apply as they are. Written from what is known of its pages and its scripts to
 * July 2026: endpoints of which too few fields are known are not offered, nor are those of single models, which the unified ones replace.
 *
 * **Gotchas**
 *
 * Models come and go by the month, so any model's name is taken, and which lengths, ratios and files one takes is for the service to say.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import type { Issue } from "@media-jobs/core/JobError"
import * as AssetRef from "@media-jobs/useapi/AssetRef"
import * as ReplyFields from "@media-jobs/useapi/ReplyFields"
import * as Schema from "effect/Schema"

const whole = (minimum: number, maximum: number) =>
  RequestSchema.number(
    `a whole number from ${minimum} to ${maximum}`,
    (value) => Number.isInteger(value) && value >= minimum && value <= maximum
  )
const Model = RequestSchema.text("a model's name")
const Prompt = RequestSchema.text("a text").check(RequestSchema.atMost(5000))
const Text = Schema.optional(RequestSchema.text("a text"))
const File = Schema.optional(RequestSchema.fileReference("an assetId"))
const Flag = Schema.optional(Schema.Boolean)
const Seed = Schema.optional(whole(0, Number.MAX_SAFE_INTEGER))
const Seconds = Schema.optional(RequestSchema.number("a number of seconds", (value) => value > 0))
const Ratio = Schema.optional(
  Schema.String.check(
    Schema.makeFilter((text: string) => /^\d+:\d+$/.test(text), { expected: "a ratio such as 16:9" })
  )
)

/** Fields that are counted in their names, as in `imageAssetId1`. */
const numbered = <const N extends number, const Prefix extends string, S>(
  prefix: Prefix,
  numbers: ReadonlyArray<N>,
  value: S
) =>
  // Their names are told by the arguments, and `fromEntries` forgets them.
  Object.fromEntries(numbers.map((n) => [`${prefix}${n}`, value])) as { readonly [K in N as `${Prefix}${K}`]: S }

const shotNumbers = [1, 2, 3, 4, 5, 6] as const

const common = {
  /** How many tasks its account may be running for this one to be accepted, 1 to 10; the account's own limit unless given. */
  maxJobs: Schema.optional(whole(1, 10)),
  ...ReplyFields.fields
}

const chosen = {
  aspect_ratio: Ratio,
  seed: Seed,
  /** Without credits, later: for accounts with a plan for it. */
  exploreMode: Flag,
  /** The account to run on; that of its files or, without any, one that the service chooses. */
  email: Schema.optional(RequestSchema.text("an account's address")),
  ...common
}

const made = { model: Model, resolution: Text, ...chosen }

const NumImages = Schema.optional(Schema.Literals([1, 4]))
const Diversity = Schema.optional(Schema.Int)

/**
 * A video of a text, of images, videos and audio, or of two to six shots of 15 seconds in all, by `POST /videos/create`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Video = Schema.TaggedStruct("Video", {
  text_prompt: Schema.optional(Prompt),
  duration: Seconds,
  audio: Flag,
  ...numbered("imageAssetId", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], File),
  startFrameAssetId: File,
  endFrameAssetId: File,
  videoAssetId: File,
  ...numbered("videoAssetId", [2, 3], File),
  ...numbered("audioAssetId", [1, 2, 3], File),
  characterOrientation: Text,
  ...numbered("multishot_prompt_", shotNumbers, Schema.optional(Prompt)),
  ...numbered("multishot_duration_", shotNumbers, Seconds),
  ...made
})

/**
 * A video of more pixels, of at most 40 seconds, by `POST /videos/upscale`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpscaleVideo = Schema.TaggedStruct("UpscaleVideo", {
  videoAssetId: RequestSchema.fileReference("an assetId"),
  ...common
})

/**
 * One image or four, by `POST /images/create`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Image = Schema.TaggedStruct("Image", {
  text_prompt: Prompt,
  num_images: NumImages,
  ...numbered("imageAssetId", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], File),
  diversity: Diversity,
  style: Text,
  ...made
})

/**
 * One image or four of the model Frames, by `POST /frames/create`, which names its files in the text as `@IMG_1` to `@IMG_3`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Frames = Schema.TaggedStruct("Frames", {
  text_prompt: Prompt,
  num_images: NumImages,
  ...numbered("imageAssetId", [1, 2, 3], File),
  diversity: Diversity,
  style: Text,
  ...chosen
})

/**
 * A video slowed down, by `POST /super_slow_motion`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SlowMotion = Schema.TaggedStruct("SlowMotion", {
  assetId: RequestSchema.fileReference("an assetId"),
  /** From 0.1, ten times slower, to 1. */
  speed: RequestSchema.number("a number from 0.1 to 1", (value) => value >= 0.1 && value <= 1),
  /** The three are needed where the asset does not have them. */
  duration: Seconds,
  width: Schema.optional(whole(1, 10_000)),
  height: Schema.optional(whole(1, 10_000)),
  ...common
})

/** The account that a request's files are of, and the fields that name them. */
const files = (fields: RequestSchema.Fields): ReadonlyArray<string> =>
  Object.keys(fields).filter((field) => /assetId\d*$/i.test(field) && fields[field] !== undefined)

const ownerOf = (assetId: string): string | undefined => /^user:\d+-runwayml:(.+)-asset:/.exec(assetId)?.[1]

/**
 * The account that a request will run on, as far as it says: by name, or by its files.
 *
 * @since 0.1.0
 * @category getters
 */
export const accountOf = (request: Request): string | undefined => {
  const fields: RequestSchema.Fields = { ...request }
  return AssetRef.accountOf(fields, "email", files(fields), ownerOf)
}

const ofOneAccount = (fields: RequestSchema.Fields): ReadonlyArray<Issue> =>
  AssetRef.ofOneAccount(fields, "email", files(fields), ownerOf)

const shots = (fields: RequestSchema.Fields): ReadonlyArray<Issue> => {
  const names = (n: number) => [`multishot_prompt_${n}`, `multishot_duration_${n}`]
  const last = shotNumbers.findLast((n) => names(n).some((name) => fields[name] !== undefined))
  if (last === undefined) return []
  const seconds = shotNumbers.reduce((sum, n) => sum + Number(fields[`multishot_duration_${n}`] ?? 0), 0)
  return [
    ...shotNumbers.filter((n) => n <= Math.max(2, last)).flatMap(names).filter((name) => fields[name] === undefined)
      .map((field) => ({
        field,
        message: "Expected one: there are at least two shots, each with prompt and duration"
      })),
    ...(seconds > 15 ? [{ field: "multishot_duration_1", message: "Expected at most 15 seconds in all shots" }] : [])
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
  Video: RequestSchema.kind(Video, (fields) => [...shots(fields), ...ofOneAccount(fields)]),
  UpscaleVideo: RequestSchema.kind(UpscaleVideo),
  Image: RequestSchema.kind(Image, ofOneAccount),
  Frames: RequestSchema.kind(Frames, ofOneAccount),
  SlowMotion: RequestSchema.kind(SlowMotion)
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(kinds, "a request made by Runway.video, image or another of its functions")

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
 * Anything that `runway.submit` takes.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Requests[keyof Requests]
