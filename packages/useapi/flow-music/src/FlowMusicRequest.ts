/**
 * What Flow Music can be asked to make.
 *
 * **Details**
 *
 * The fields have the vendor's own names, so its pages apply as they are. Written from its pages of June 2026, its collection and its
 * scripts to September.
 *
 * **Gotchas**
 *
 * Models come and go, so any model's name is taken. Which of its optional fields an edit wants all the same, the service says itself.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as AssetRef from "@media-jobs/useapi/AssetRef"
import * as ReplyFields from "@media-jobs/useapi/ReplyFields"
import * as Schema from "effect/Schema"
import * as job from "./internal/job.ts"

const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const
const Text = Schema.optional(RequestSchema.text("a text"))
const long = RequestSchema.text("a text").check(RequestSchema.atMost(10_000))
const File = Schema.optional(RequestSchema.fileReference("the id of an upload"))
const Seconds = Schema.optional(RequestSchema.number("a number of seconds from 0 on", (value) => value >= 0))

/** References that are counted in their names, as in `refImage1`. */
const numbered = <const Prefix extends string>(prefix: Prefix) =>
  // Their names are told by the argument, and `fromEntries` forgets them.
  Object.fromEntries(numbers.map((n) => [`${prefix}${n}`, File])) as {
    readonly [K in typeof numbers[number] as `${Prefix}${K}`]: typeof File
  }

const common = {
  /** The Flow Music account to run on; the service chooses one unless told. */
  email: Text,
  ...ReplyFields.fields
}

const edit = {
  /** The clip to edit, as a job's `output` names it. */
  clip: RequestSchema.text("a clip"),
  title: Text,
  seed: Schema.optional(Schema.Int),
  ...common
}

/**
 * Music of a description, by `POST /music`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Music = Schema.TaggedStruct("Music", {
  /** What it should be like, 10,000 characters at most. */
  prompt: long,
  /** The model's name, as `lyria-3.5`; the service has a default. */
  model: Text,
  instrumental: Schema.optional(Schema.Boolean),
  /** What is sung, 10,000 characters at most. */
  lyrics: Schema.optional(long),
  ghostwriter: Schema.optional(Schema.Literals(["standard", "pro"])),
  ...numbered("refImage"),
  ...numbered("refAudio"),
  ...common
})

/**
 * A clip that goes on, by `POST /music/edit`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Extend = Schema.TaggedStruct("Extend", {
  instruction: Text,
  /** By how many seconds, 1 to 300. */
  extend_s: Schema.optional(
    RequestSchema.number("a number of seconds from 1 to 300", (value) => value >= 1 && value <= 300)
  ),
  extend_from_s: Seconds,
  ...edit
})

/**
 * A part of a clip made anew, by `POST /music/edit`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Replace = Schema.TaggedStruct("Replace", {
  instruction: Text,
  mask_start_s: Seconds,
  mask_end_s: Seconds,
  ...edit
})

/**
 * A clip in another style, by `POST /music/edit`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Cover = Schema.TaggedStruct("Cover", {
  instruction: Text,
  strength: Schema.optional(Schema.Finite),
  ...edit
})

/**
 * A clip with other words or of another description, by `POST /music/edit`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Remix = Schema.TaggedStruct("Remix", { lyrics: Text, prompt: Text, ...edit })

/**
 * The parts of a clip, each alone, by `POST /music/edit`, which answers with them.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Stems = Schema.TaggedStruct("Stems", edit)

const refs = (fields: RequestSchema.Fields): ReadonlyArray<string> =>
  Object.keys(fields).filter((field) => /^(?:clip|ref(?:Image|Audio)\d+)$/.test(field) && fields[field] !== undefined)

const kind = <A>(schema: Schema.ConstraintDecoder<A>) =>
  RequestSchema.kind(schema, (fields) => AssetRef.ofOneAccount(fields, "email", refs(fields), job.ownerOf))

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
  Music: kind(Music),
  Extend: kind(Extend),
  Replace: kind(Replace),
  Cover: kind(Cover),
  Remix: kind(Remix),
  Stems: kind(Stems)
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(
  kinds,
  "a request made by FlowMusic.music, extend or another of its functions"
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
 * Anything that `flowMusic.submit` takes.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Requests[keyof Requests]
