/**
 * What Kling can be asked to make.
 *
 * **Details**
 *
 * The fields have the vendor's own names, so its pages apply as they are. Written from what is known of its pages and its scripts of June
 * and July 2026: endpoints of which no fields are known are not offered.
 *
 * **Gotchas**
 *
 * Models come and go by the month, so any model's name is taken, and which lengths, modes and elements one takes is for the service
 * to say. Files go by the address that an upload gave.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import type { Issue } from "@media-jobs/core/JobError"
import * as ReplyFields from "@media-jobs/useapi/ReplyFields"
import * as Schema from "effect/Schema"

const whole = (minimum: number, maximum: number) =>
  RequestSchema.number(
    `a whole number from ${minimum} to ${maximum}`,
    (value) => Number.isInteger(value) && value >= minimum && value <= maximum
  )
const Prompt = RequestSchema.text("a text").check(RequestSchema.atMost(2500))
const Text = Schema.optional(RequestSchema.text("a text"))
const File = RequestSchema.fileReference("the address of an upload")
const Flag = Schema.optional(Schema.Boolean)
const Ratio = Schema.optional(
  Schema.String.check(
    Schema.makeFilter((text: string) => /^\d+:\d+$/.test(text), { expected: "a ratio such as 16:9" })
  )
)
/** A number of something that exists, which answers have as a number and lists as a text. */
const Id = Schema.Union([
  Schema.Int,
  Schema.String.check(Schema.makeFilter((text: string) => /^\d+$/.test(text), { expected: "a number's digits" }))
])
const Seconds = Schema.Union([
  whole(3, 15),
  Schema.String.check(
    Schema.makeFilter((text: string) => /^(?:[3-9]|1[0-5])$/.test(text), { expected: "a whole number from 3 to 15" })
  )
])

/** Fields that are counted in their names, as in `image_1` and `image_2`. */
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

const shotNumbers = [1, 2, 3, 4, 5, 6] as const
const shots = {
  ...numbered(shotNumbers, "shot_", "_prompt", Schema.optional(Prompt)),
  ...numbered(shotNumbers, "shot_", "_duration", Schema.optional(Seconds))
}
const elements = numbered([1, 2, 3], "element_", "", Text)

const common = {
  /** The Kling account to run on. It must be named, here or in the options of the submit: a task is read by it. */
  email: Schema.optional(RequestSchema.text("an account's address")),
  /** How many tasks its account may be running for this one to be accepted, 1 to 50; the account's own limit unless given. */
  maxJobs: Schema.optional(whole(1, 50)),
  ...ReplyFields.fields
}

const made = {
  negative_prompt: Schema.optional(Prompt),
  /** 0 to 1, with models 1.x alone. */
  cfg_scale: Schema.optional(RequestSchema.number("a number from 0 to 1", (value) => value >= 0 && value <= 1)),
  /** Seconds, 5 or 10, or 3 to 15 with models v3; as a number, or as a text, which the vendor's samples have. */
  duration: Schema.optional(Seconds),
  mode: Schema.optional(Schema.Literals(["std", "pro", "4k"])),
  model_name: Text,
  enable_audio: Flag
}

/**
 * A video of a text, by `POST /videos/text2video`: a prompt, or two to six shots of 3 to 15 seconds in all.
 *
 * @since 0.1.0
 * @category schemas
 */
export const TextToVideo = Schema.TaggedStruct("TextToVideo", {
  prompt: Schema.optional(Prompt),
  ...made,
  aspect_ratio: Schema.optional(Schema.Literals(["16:9", "9:16", "1:1"])),
  ...shots,
  ...common
})

/**
 * A video between two images, of which one may lack, by `POST /videos/image2video-frames`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FramesToVideo = Schema.TaggedStruct("FramesToVideo", {
  prompt: Schema.optional(Prompt),
  /** The image that it starts from. */
  image: Schema.optional(File),
  /** The image that it ends with. */
  image_tail: Schema.optional(File),
  ...made,
  ...shots,
  ...elements,
  ...common
})

/**
 * A video of what is on up to four images, by `POST /videos/image2video-elements`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ElementsToVideo = Schema.TaggedStruct("ElementsToVideo", {
  prompt: Prompt,
  image_0: File,
  ...numbered([1, 2, 3], "image_", "", Schema.optional(File)),
  ...made,
  aspect_ratio: Ratio,
  ...elements,
  ...common
})

/**
 * An image with an effect, by `POST /videos/image2video-effects`; the service lists them at `GET /videos/effects`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Effect = Schema.TaggedStruct("Effect", {
  effect: RequestSchema.text("an effect's name"),
  image: File,
  mode: made.mode,
  prompt: Schema.optional(Prompt),
  ...common
})

/**
 * A video of a text with images, elements, frames or a video, by `POST /videos/omni`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Omni = Schema.TaggedStruct("Omni", {
  prompt: Schema.optional(RequestSchema.text("a text").check(RequestSchema.atMost(1700))),
  omni_version: Schema.optional(Schema.Literals(["v3", "o1"])),
  duration: made.duration,
  mode: made.mode,
  aspect_ratio: Ratio,
  ...numbered([1, 2, 3, 4, 5, 6, 7], "image_", "", Schema.optional(File)),
  ...numbered([1, 2, 3, 4, 5, 6, 7], "element_", "", Text),
  frame_start: Schema.optional(File),
  frame_end: Schema.optional(File),
  video_1: Schema.optional(File),
  video_mode: Schema.optional(Schema.Literals(["reference", "transform"])),
  keep_audio: Flag,
  enable_audio: Flag,
  /** How many variants of it. */
  count: Schema.optional(whole(1, 9)),
  ...shots,
  ...common
})

/**
 * A video that goes on, by `POST /videos/extend`: a new task.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Extend = Schema.TaggedStruct("Extend", {
  /** The number of the task that made it, without its account. */
  task_id: Id,
  prompt: Schema.optional(Prompt),
  negative_prompt: made.negative_prompt,
  cfg_scale: made.cfg_scale,
  enable_audio: Flag,
  ...common
})

/**
 * A video whose lips follow an audio, by `POST /videos/lipsync`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const LipSync = Schema.TaggedStruct("LipSync", { video: File, audio: File, ...common })

/**
 * A person in an image who moves as one in a video of 3 to 30 seconds, by `POST /videos/motion-create`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Motion = Schema.TaggedStruct("Motion", {
  imageUrl: File,
  motionUrl: File,
  prompt: Schema.optional(Prompt),
  model_name: Text,
  keepAudio: Flag,
  motionDirection: Text,
  mode: made.mode,
  element_1: Text,
  ...common
})

/**
 * A sound for a video of 3 to 20 seconds, by `POST /videos/add-sound`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AddSound = Schema.TaggedStruct("AddSound", { video: File, cropVideoOriginalSound: Flag, ...common })

/**
 * One to nine images, one task, by `POST /images/kolors`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Image = Schema.TaggedStruct("Image", {
  prompt: Prompt,
  version: Text,
  resolution: Text,
  aspect_ratio: Ratio,
  imageCount: Schema.optional(whole(1, 9)),
  reference: Schema.optional(Schema.Literals(["none", "subject", "face", "restyle"])),
  imageReference: Schema.optional(File),
  faceStrength: Schema.optional(Schema.Number),
  subjectStrength: Schema.optional(Schema.Number),
  faceNo: Schema.optional(Schema.Int),
  ...numbered([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "image_", "", Schema.optional(File)),
  ...common
})

/**
 * A larger image of one that was made, by `POST /images/upscale`: a new task.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpscaleImage = Schema.TaggedStruct("UpscaleImage", {
  /** The number of the task that made it, without its account. */
  task_id: Id,
  /** The number of the work, which the task's record has. */
  workId: Id,
  ...common
})

/**
 * An avatar that speaks, by `POST /avatars/video`: a saved one or an image, with an audio or with a text and a speaker.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Avatar = Schema.TaggedStruct("Avatar", {
  avatarId: Schema.optional(Schema.Union([Schema.Int, RequestSchema.text("an avatar's id")])),
  imageUrl: Schema.optional(File),
  audioUrl: Schema.optional(File),
  text: Schema.optional(RequestSchema.text("a text").check(RequestSchema.atMost(5000))),
  speakerId: Schema.optional(Schema.Union([Schema.Int, RequestSchema.text("a speaker's id")])),
  emotion: Text,
  speed: Schema.optional(Schema.Number),
  mode: made.mode,
  ...common
})

type Rule = (fields: RequestSchema.Fields) => ReadonlyArray<Issue>

const issue = (isWrong: boolean, field: string, message: string): ReadonlyArray<Issue> =>
  isWrong ? [{ field, message: `Expected ${message}` }] : []

const accountIssues: Rule = ({ email }) =>
  issue(
    email === undefined,
    "email",
    "the account to run on, here or in the submit's options: its tasks are read by it"
  )

/** Each shot has both its fields, they are counted from 1, and stand in the place of prompt and duration. */
const shotIssues: Rule = (fields) => {
  const last = shotNumbers.findLast((n) =>
    fields[`shot_${n}_prompt`] !== undefined || fields[`shot_${n}_duration`] !== undefined
  )
  if (last === undefined) return []
  const count = Math.max(2, last)
  const names = shotNumbers.filter((n) => n <= count).flatMap((n) => [`shot_${n}_prompt`, `shot_${n}_duration`])
  const lacking = names.filter((name) => fields[name] === undefined)
  const seconds = shotNumbers.reduce((sum, n) => sum + Number(fields[`shot_${n}_duration`] ?? 0), 0)
  return [
    ...lacking.flatMap((name) => issue(true, name, "one: there are at least two shots, each with prompt and duration")),
    ...issue(lacking.length === 0 && seconds > 15, "shot_1_duration", "at most 15 seconds in all shots"),
    ...["prompt", "duration"].flatMap((name) => issue(fields[name] !== undefined, name, "none with shots"))
  ]
}

const promptOrShots: Rule = (fields) => [
  ...issue(
    fields["prompt"] === undefined && shotNumbers.every((n) => fields[`shot_${n}_prompt`] === undefined),
    "prompt",
    "a text, or shot_1_prompt in its place"
  ),
  ...shotIssues(fields)
]

const either = (a: string, b: string): Rule => (fields) =>
  issue(fields[a] === undefined && fields[b] === undefined, a, `one, or ${b} in its place`)

const kind = <A>(schema: Schema.ConstraintDecoder<A>, ...rules: ReadonlyArray<Rule>) =>
  RequestSchema.kind(schema, (fields) => [accountIssues, ...rules].flatMap((rule) => rule(fields)))

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
  TextToVideo: kind(TextToVideo, promptOrShots),
  FramesToVideo: kind(FramesToVideo, either("image", "image_tail"), shotIssues),
  ElementsToVideo: kind(ElementsToVideo),
  Effect: kind(Effect),
  Omni: kind(Omni, promptOrShots),
  Extend: kind(Extend),
  LipSync: kind(LipSync),
  Motion: kind(Motion),
  AddSound: kind(AddSound),
  Image: kind(Image),
  UpscaleImage: kind(UpscaleImage),
  Avatar: kind(
    Avatar,
    either("avatarId", "imageUrl"),
    either("audioUrl", "text"),
    ({ speakerId, text }) =>
      issue(text !== undefined && speakerId === undefined, "speakerId", "the speaker of the text")
  )
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(
  kinds,
  "a request made by Kling.textToVideo, image or another of its functions"
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
 * Anything that `kling.submit` takes.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Requests[keyof Requests]
