import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { read, type Refusals, Webhook } from "../../useapi/internal/body.ts"

/**
 * What a submit asks for, once it is known to be one that the service takes; `request` is what its record repeats.
 */
export interface ParsedRequest {
  readonly verb: string
  readonly isAsync: boolean
  readonly named: string | undefined
  readonly title: string
  readonly request: { readonly [field: string]: Schema.Json }
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
}

const otherwise = <S extends Schema.Codec<unknown, unknown>>(schema: S, value: S["Encoded"]) =>
  Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema)

const Text = Schema.optionalKey(Schema.NonEmptyString)
const Prompt = Schema.optionalKey(Schema.String.check(Schema.isMaxLength(3000)))
const SongId = Schema.Union([Schema.Int, Schema.NonEmptyString])
const common = {
  account: Text,
  model: otherwise(Schema.NonEmptyString, "V9"),
  async: otherwise(Schema.Boolean, false),
  replyUrl: Webhook,
  replyRef: Webhook
}

const speechRefusals: Refusals<Fields> = [
  [({ conversation, text }) => conversation === undefined && text === undefined, "Parameter text is required"],
  [({ text, voice_id: voice }) => text !== undefined && voice === undefined, "Parameter voice_id is required"]
]

type Fields = Readonly<Record<string, unknown>>

const text = (value: unknown): string | undefined => typeof value === "string" ? value : undefined

const endpoint = (verb: string, schema: Schema.ConstraintDecoder<Fields>, refusals: Refusals<Fields> = []) => ({
  path: verb,
  parse: (body: string): Result.Result<ParsedRequest, string> =>
    Result.map(read(schema, refusals, body), (fields) => ({
      verb,
      isAsync: fields["async"] === true,
      named: text(fields["account"]),
      title: text(fields["title"]) ?? "The lighthouse",
      request: fields as ParsedRequest["request"], // it was JSON
      replyUrl: text(fields["replyUrl"]),
      replyRef: text(fields["replyRef"])
    }))
})

/** What makes something, by operation, each at the path that its verb is. */
export const endpoints = {
  create: endpoint("music/create", Schema.Struct({ prompt: Prompt, ...common })),
  createAdvanced: endpoint(
    "music/create-advanced",
    Schema.Struct({
      lyrics: Schema.NonEmptyString,
      title: Text,
      desc: Text,
      ref_id: Text,
      vocal_id: Text,
      motif_id: Text,
      vocal_gender: Text,
      ...common
    })
  ),
  createInstrumental: endpoint(
    "music/create-instrumental",
    Schema.Struct({ prompt: Prompt, ref_id: Text, title: Text, ...common })
  ),
  extend: endpoint("music/extend", Schema.Struct({ song_id: SongId, lyrics: Text, ...common })),
  regenerate: endpoint(
    "music/regenerate",
    Schema.Struct({ song_id: SongId, start_milliseconds: Schema.optionalKey(Schema.Int), ...common })
  ),
  speech: endpoint(
    "speech",
    Schema.Struct({
      text: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(5000))),
      voice_id: Schema.optionalKey(Schema.Int),
      conversation: Text,
      ...common
    }),
    speechRefusals
  )
}
