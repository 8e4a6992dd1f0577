import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { read, Webhook } from "../../useapi/internal/body.ts"

/**
 * What a submit asks for, once it is known to be one that the service takes.
 */
export interface ParsedRequest {
  readonly sort: "song" | "instrumental"
  readonly prompt: string
  readonly account: string | undefined
  readonly maxJobs: number | undefined
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
}

const text = (maximum: number) => Schema.NonEmptyString.check(Schema.isMaxLength(maximum))
const whole = (minimum: number, maximum: number) =>
  Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum, maximum })))
const Text = Schema.optionalKey(Schema.NonEmptyString)
const Item = Schema.optionalKey(Schema.Union([Schema.Int, Schema.NonEmptyString]))
const model = (name: string) => Schema.NonEmptyString.pipe(Schema.withDecodingDefaultKey(Effect.succeed(name)))
const common = { user_id: Text, maxJobs: whole(1, 10), replyUrl: Webhook, replyRef: Webhook }

const Song = Schema.Struct({
  prompt: text(2000),
  lyrics: Schema.optionalKey(text(3000)),
  model_song: model("v4.8"),
  artistVoiceItemId: Item,
  clonedVoiceItemId: Item,
  midiItemId: Item,
  ...common
})

const Instrumental = Schema.Struct({
  prompt: Schema.NonEmptyString,
  model_instrumental: model("i4"),
  tonality: Text,
  bpm: whole(50, 190),
  chord: Schema.optionalKey(text(200)),
  ...common
})

type Fields = Pick<typeof Song.Type, "prompt" | keyof typeof common>

const reader =
  (sort: ParsedRequest["sort"], schema: Schema.ConstraintDecoder<Fields>) =>
  (body: string): Result.Result<ParsedRequest, string> =>
    Result.map(
      read(schema, [], body),
      ({ maxJobs, prompt, replyRef, replyUrl, user_id: account }) => ({
        sort,
        prompt,
        account,
        maxJobs,
        replyUrl,
        replyRef
      })
    )

export const song = reader("song", Song)
export const instrumental = reader("instrumental", Instrumental)
