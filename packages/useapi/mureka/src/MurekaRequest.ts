/**
 * What Mureka can be asked to make.
 *
 * **Details**
 *
 * The fields have the vendor's own names, so its pages apply as they are. Written from what is known of its pages and its scripts to
 * July 2026.
 *
 * **Gotchas**
 *
 * Models come and go, and several have other names too, so any model's name is taken. Which of its optional fields an endpoint wants
 * all the same, the service says itself.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as ReplyFields from "@media-jobs/useapi/ReplyFields"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const Text = Schema.optional(RequestSchema.text("a text"))
const Prompt = Schema.optional(RequestSchema.text("a text").check(RequestSchema.atMost(3000)))
const File = Schema.optional(RequestSchema.fileReference("the id of an upload"))
/** Answers have it as a text, of several parts, and requests as a number. */
const SongId = Schema.Union([Schema.Int, RequestSchema.text("a song_id")])

const common = {
  /** The Mureka account to run on, its number of 14 digits; to be named where there are several. */
  account: Schema.optional(
    Schema.String.check(
      Schema.makeFilter((text: string) => /^\d+$/.test(text), { expected: "an account's number, as its digits" })
    )
  ),
  /** The model's name, as `V9`; the service has a default. */
  model: Text,
  ...ReplyFields.fields
}

/**
 * Songs of a description, by `POST /music/create`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Create = Schema.TaggedStruct("Create", {
  /** What they should be like, 3,000 characters at most; without it the lyrics are random. */
  prompt: Prompt,
  ...common
})

/**
 * Songs of lyrics, by `POST /music/create-advanced`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateAdvanced = Schema.TaggedStruct("CreateAdvanced", {
  lyrics: RequestSchema.text("a text"),
  title: Text,
  /** What they should be like. */
  desc: Text,
  /** An audio whose style they follow. */
  ref_id: File,
  /** A voice that sings. */
  vocal_id: File,
  /** A melody that they begin from, which `upload` gives. */
  motif_id: File,
  vocal_gender: Text,
  ...common
})

/**
 * Music without voices, by `POST /music/create-instrumental`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateInstrumental = Schema.TaggedStruct("CreateInstrumental", {
  prompt: Prompt,
  /** An audio whose style it follows. */
  ref_id: File,
  title: Text,
  ...common
})

/**
 * Songs that go on, by `POST /music/extend`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Extend = Schema.TaggedStruct("Extend", {
  song_id: SongId,
  /** What is sung from there on. */
  lyrics: Text,
  ...common
})

/**
 * Songs made anew from some point on, by `POST /music/regenerate`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Regenerate = Schema.TaggedStruct("Regenerate", {
  song_id: SongId,
  start_milliseconds: Schema.optional(
    RequestSchema.number("a number of milliseconds from 0 on", (value) => Number.isInteger(value) && value >= 0)
  ),
  ...common
})

/**
 * Speech, by `POST /speech`: a text and its voice, or a conversation.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Speech = Schema.TaggedStruct("Speech", {
  /** 5,000 characters at most. */
  text: Schema.optional(RequestSchema.text("a text").check(RequestSchema.atMost(5000))),
  voice_id: Schema.optional(Schema.Int),
  /** Who says what, as JSON in a text. */
  conversation: Schema.optional(
    Schema.String.check(
      Schema.makeFilter((text: string) => Result.isSuccess(Result.try((): unknown => JSON.parse(text))), {
        expected: "JSON in a text"
      })
    )
  ),
  ...common
})

const speech = ({ conversation, text, voice_id: voice }: RequestSchema.Fields) => {
  if (conversation === undefined) {
    return [
      ...(text === undefined ? [{ field: "text", message: "Expected a text, or conversation in its place" }] : []),
      ...(text !== undefined && voice === undefined
        ? [{ field: "voice_id", message: "Expected the voice of the text" }]
        : [])
    ]
  }
  return Object.entries({ text, voice_id: voice }).filter(([, value]) => value !== undefined).map(([field]) => ({
    field,
    message: "Expected none beside conversation"
  }))
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
  Create: RequestSchema.kind(Create),
  CreateAdvanced: RequestSchema.kind(CreateAdvanced),
  CreateInstrumental: RequestSchema.kind(CreateInstrumental),
  Extend: RequestSchema.kind(Extend),
  Regenerate: RequestSchema.kind(Regenerate),
  Speech: RequestSchema.kind(Speech, speech)
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(
  kinds,
  "a request made by Mureka.create, speech or another of its functions"
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
 * Anything that `mureka.submit` takes.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Requests[keyof Requests]
