/**
 * What TemPolor can be asked to make.
 *
 * **Details**
 *
 * The fields have the vendor's own names, so its pages apply as they are. Written from what is known of its pages of 2025, its
 * collection and its scripts to September 2026.
 *
 * **Gotchas**
 *
 * Any model's name is taken: the service makes an old one's work by the one of today, and does not say so.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as ReplyFields from "@media-jobs/useapi/ReplyFields"
import * as Schema from "effect/Schema"

const atMost = (characters: number) => RequestSchema.text("a text").check(RequestSchema.atMost(characters))
const Text = Schema.optional(RequestSchema.text("a text"))
const Item = Schema.optional(Schema.Union([Schema.Int, RequestSchema.fileReference("an item's id")]))
const whole = (minimum: number, maximum: number) =>
  Schema.optional(RequestSchema.number(
    `a whole number from ${minimum} to ${maximum}`,
    (value) => Number.isInteger(value) && value >= minimum && value <= maximum
  ))

const common = {
  /** The TemPolor account to run on; the service chooses one unless told. */
  user_id: Text,
  /** How many jobs the account may run at once, 1 to 10. */
  maxJobs: whole(1, 10),
  ...ReplyFields.fields
}

/**
 * A song, by `POST /music/song`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Song = Schema.TaggedStruct("Song", {
  /** What it should be like, 2,000 characters at most. */
  prompt: atMost(2000),
  /** What is sung, 3,000 characters at most. */
  lyrics: Schema.optional(atMost(3000)),
  /** The model's name, as `v4.8`; the service has a default. */
  model_song: Text,
  /** One of the service's own voices. */
  artistVoiceItemId: Item,
  /** A voice that `upload` gave. */
  clonedVoiceItemId: Item,
  /** A melody that `upload` gave. */
  midiItemId: Item,
  ...common
})

/**
 * Music without voices, by `POST /music/instrumental`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Instrumental = Schema.TaggedStruct("Instrumental", {
  prompt: RequestSchema.text("a text"),
  /** The model's name, as `i4`; the service has a default. */
  model_instrumental: Text,
  tonality: Text,
  /** Beats in a minute, 50 to 190. */
  bpm: whole(50, 190),
  /** The chords, 200 characters at most. */
  chord: Schema.optional(atMost(200)),
  ...common
})

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
  Song: RequestSchema.kind(Song),
  Instrumental: RequestSchema.kind(Instrumental)
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(kinds, "a request made by TemPolor.song or TemPolor.instrumental")

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
 * Anything that `temPolor.submit` takes.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Requests[keyof Requests]
