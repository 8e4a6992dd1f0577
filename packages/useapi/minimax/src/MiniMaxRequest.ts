/**
 * What MiniMax can be asked to make.
 *
 * **Details**
 *
 * The fields have the vendor's own names, so its pages apply as they are. Written from its pages of September 2024 to August
 * 2026, its Postman collection and its scripts of 2026.
 *
 * **Gotchas**
 *
 * Models come and go and each takes other fields, so any model's name is taken; what is refused here no model takes.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as ReplyFields from "@media-jobs/useapi/ReplyFields"
import * as Schema from "effect/Schema"
import * as rules from "./internal/rules.ts"

const whole = (minimum: number, maximum: number) =>
  RequestSchema.number(
    `a whole number from ${minimum} to ${maximum}`,
    (value) => Number.isInteger(value) && value >= minimum && value <= maximum
  )
const Text = RequestSchema.text("a text")
const Prompt = Text.check(RequestSchema.atMost(7500))
const File = RequestSchema.fileReference("a fileID")
const Model = Schema.optional(RequestSchema.text("a model's name"))
const Account = Schema.optional(RequestSchema.text("an account"))

/** Fields that are counted in their names, as in `videoFileID2`. */
const numbered = <const Prefix extends string>(prefix: Prefix) =>
  Schema.Record(Schema.TemplateLiteral([prefix, Schema.Int]), Schema.UndefinedOr(File))

/**
 * One video, by `POST /videos/create`.
 *
 * **Details**
 *
 * Counted fields: `fileID2` to `fileID14`, `videoFileID1` to `videoFileID3`, `audioFileID1` to `audioFileID3`. All files must be of
 * one account. A prompt has 2,000 characters at most but for Seedance, which takes 7,500.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Video = Schema.StructWithRest(
  Schema.TaggedStruct("Video", {
    prompt: Schema.optional(Prompt),
    model: Model,
    account: Account,
    fileID: Schema.optional(File),
    end_frame_fileID: Schema.optional(File),
    options: Schema.optional(Text),
    resolution: Schema.optional(Text),
    duration: Schema.optional(whole(4, 15)),
    aspectRatio: Schema.optional(Text),
    promptOptimization: Schema.optional(Schema.Boolean),
    maxJobs: Schema.optional(whole(1, 10)),
    ...ReplyFields.fields
  }),
  [numbered("fileID"), numbered("videoFileID"), numbered("audioFileID")]
)

/**
 * A request for one video.
 *
 * @since 0.1.0
 * @category models
 */
export interface Video extends ReplyFields.ReplyFields {
  readonly _tag: "Video"
  /** What to show; required unless there is a file. */
  readonly prompt?: string | undefined
  /** The model's name; the service has a default. */
  readonly model?: string | undefined
  /** The account to run on; that of the files or, without any, one with a free slot. */
  readonly account?: string | undefined
  /** The first frame: the fileID of an upload. */
  readonly fileID?: string | undefined
  /** The last frame. */
  readonly end_frame_fileID?: string | undefined
  /** Resolution and length in one word, as in `768p-6sec`. */
  readonly options?: string | undefined
  /** Of Seedance, as in `1080`. */
  readonly resolution?: string | undefined
  /** Of Seedance, in seconds, 4 to 15. */
  readonly duration?: number | undefined
  readonly aspectRatio?: string | undefined
  readonly promptOptimization?: boolean | undefined
  /** How many jobs its account may be running for this one to be accepted, 1 to 10; the account's own limit unless given. */
  readonly maxJobs?: number | undefined
  /** Images to go by, counted from 2. */
  readonly [file: `fileID${number}`]: string | undefined
  /** Videos to go by, counted from 1. */
  readonly [video: `videoFileID${number}`]: string | undefined
  /** Audio to go by, counted from 1. */
  readonly [audio: `audioFileID${number}`]: string | undefined
}

/**
 * One video from a template, by `POST /videos/agent-create`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const TemplateVideo = Schema.TaggedStruct("TemplateVideo", {
  templateId: Text,
  prompt: Schema.optional(Prompt),
  fileID: Schema.optional(File),
  ossPath: Schema.optional(Text),
  account: Account,
  ...ReplyFields.fields
})

/**
 * A request for one video from a template.
 *
 * @since 0.1.0
 * @category models
 */
export interface TemplateVideo extends ReplyFields.ReplyFields {
  readonly _tag: "TemplateVideo"
  readonly templateId: string
  readonly prompt?: string | undefined
  /** A file that the template takes, beside its `ossPath`. */
  readonly fileID?: string | undefined
  /** The path that the upload of the file answered. */
  readonly ossPath?: string | undefined
  readonly account?: string | undefined
}

/**
 * Images, each its own job, by `POST /images/create`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Image = Schema.StructWithRest(
  Schema.TaggedStruct("Image", {
    prompt: Prompt,
    model: Model,
    account: Account,
    quantity: Schema.optional(whole(1, 4)),
    aspectRatio: Schema.optional(Text),
    resolution: Schema.optional(Text),
    quality: Schema.optional(Text),
    promptOptimization: Schema.optional(Schema.Boolean),
    ...ReplyFields.fields
  }),
  [numbered("referenceFileId")]
)

/**
 * A request for images.
 *
 * @since 0.1.0
 * @category models
 */
export interface Image extends ReplyFields.ReplyFields {
  readonly _tag: "Image"
  readonly prompt: string
  /** The model's name; the service has a default. */
  readonly model?: string | undefined
  readonly account?: string | undefined
  /** How many, 1 to 4; Midjourney's are always four. */
  readonly quantity?: number | undefined
  readonly aspectRatio?: string | undefined
  readonly resolution?: string | undefined
  readonly quality?: string | undefined
  readonly promptOptimization?: boolean | undefined
  /** Images to go by, counted from 1 to 16. */
  readonly [file: `referenceFileId${number}`]: string | undefined
}

/**
 * A song, by `POST /music/create`.
 *
 * **Details**
 *
 * It needs credits of MiniMax Audio, and runs one at a time on an account. The service does not report about it.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Music = Schema.TaggedStruct("Music", {
  prompt: Text,
  model: Schema.optional(RequestSchema.text("a model's name")),
  lyrics: Schema.optional(Text),
  instrumental: Schema.optional(Schema.Boolean),
  account: Account
})

/**
 * A request for a song.
 *
 * @since 0.1.0
 * @category models
 */
export interface Music {
  readonly _tag: "Music"
  readonly prompt: string
  /** As in `music-3.0`. */
  readonly model?: string | undefined
  readonly lyrics?: string | undefined
  readonly instrumental?: boolean | undefined
  readonly account?: string | undefined
}

const VoiceEffect = RequestSchema.number("a number from -100 to 100", (value) => value >= -100 && value <= 100)

/**
 * Speech, by `POST /speech/create`.
 *
 * **Details**
 *
 * A text has 5,000 characters at most, and 10,000 with a turbo model. It needs credits of MiniMax Audio.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Speech = Schema.TaggedStruct("Speech", {
  text: Text.check(RequestSchema.atMost(10_000)),
  voice_id: Text,
  model: Model,
  account: Account,
  emotion: Schema.optional(Text),
  language_boost: Schema.optional(Text),
  speed: Schema.optional(RequestSchema.number("a number from 0.5 to 2", (value) => value >= 0.5 && value <= 2)),
  pitch: Schema.optional(RequestSchema.number("a number from -12 to 12", (value) => value >= -12 && value <= 12)),
  vol: Schema.optional(RequestSchema.number("a number above 0", (value) => value > 0 && value < Infinity)),
  deepen_lighten: Schema.optional(VoiceEffect),
  stronger_softer: Schema.optional(VoiceEffect),
  nasal_crisp: Schema.optional(VoiceEffect),
  spacious_echo: Schema.optional(Schema.Boolean),
  lofi_telephone: Schema.optional(Schema.Boolean),
  robotic: Schema.optional(Schema.Boolean),
  auditorium_echo: Schema.optional(Schema.Boolean),
  ...ReplyFields.fields
})

/**
 * A request for speech.
 *
 * @since 0.1.0
 * @category models
 */
export interface Speech extends ReplyFields.ReplyFields {
  readonly _tag: "Speech"
  /** What to say, with the service's marks of emotions, sounds and pauses. */
  readonly text: string
  /** The number of a voice of the account, as `GET /speech/voices` lists them. */
  readonly voice_id: string
  /** As in `speech-2.8-turbo`; the service has a default. */
  readonly model?: string | undefined
  readonly account?: string | undefined
  /** As in `sad`, of the whole text. */
  readonly emotion?: string | undefined
  /** As in `English`. */
  readonly language_boost?: string | undefined
  /** 0.5 to 2. */
  readonly speed?: number | undefined
  /** -12 to 12. */
  readonly pitch?: number | undefined
  readonly vol?: number | undefined
  /** -100 to 100, as the two after it. */
  readonly deepen_lighten?: number | undefined
  readonly stronger_softer?: number | undefined
  readonly nasal_crisp?: number | undefined
  readonly spacious_echo?: boolean | undefined
  readonly lofi_telephone?: boolean | undefined
  readonly robotic?: boolean | undefined
  readonly auditorium_echo?: boolean | undefined
}

/**
 * What an agent makes of a prompt, files of any sort, by `POST /agent`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Agent = Schema.TaggedStruct("Agent", {
  prompt: Prompt,
  models: Schema.optional(RequestSchema.text("a list of models")),
  file: Schema.optional(File),
  account: Account,
  ...ReplyFields.fields
})

/**
 * A request to an agent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Agent extends ReplyFields.ReplyFields {
  readonly _tag: "Agent"
  readonly prompt: string
  /** The models that it may use, with commas between. */
  readonly models?: string | undefined
  readonly file?: string | undefined
  readonly account?: string | undefined
}

/**
 * Anything that `miniMax.submit` takes.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Video | TemplateVideo | Image | Music | Speech | Agent

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
  TemplateVideo: RequestSchema.kind(TemplateVideo, rules.template),
  Image: RequestSchema.kind(Image, rules.image),
  Music: RequestSchema.kind(Music, rules.music),
  Speech: RequestSchema.kind(Speech, rules.speech),
  Agent: RequestSchema.kind(Agent, rules.ofOneAccount)
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(
  kinds,
  "a request made by MiniMax.video, templateVideo, image, music, speech or agent"
)
