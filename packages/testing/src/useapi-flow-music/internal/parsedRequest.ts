import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { accountOf, read, Webhook } from "../../useapi/internal/body.ts"

/**
 * What a submit asks for, once it is known to be one that the service takes; `request` is what its record repeats.
 */
export interface ParsedRequest {
  readonly operation: string | undefined
  readonly isAsync: boolean
  readonly named: string | undefined
  readonly title: string
  readonly request: { readonly [field: string]: Schema.Json }
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
}

type Fields = Readonly<Record<string, unknown>>

const Text = Schema.optionalKey(Schema.NonEmptyString)
const Number = Schema.optionalKey(Schema.Finite)
const long = Schema.NonEmptyString.check(Schema.isMaxLength(10_000))
const common = {
  email: Text,
  mode: Schema.optionalKey(Schema.Literals(["sync", "async"])),
  replyUrl: Webhook,
  replyRef: Webhook
}
const refs = (prefix: string): { readonly [name: string]: typeof Text } =>
  Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${prefix}${i + 1}`, Text]))

const Music = Schema.Struct({
  prompt: long,
  model: Schema.NonEmptyString.pipe(Schema.withDecodingDefaultKey(Effect.succeed("lyria-3-pro"))),
  instrumental: Schema.optionalKey(Schema.Boolean),
  lyrics: Schema.optionalKey(long),
  ghostwriter: Schema.optionalKey(Schema.Literals(["standard", "pro"])),
  ...refs("refImage"),
  ...refs("refAudio"),
  ...common
})

const edit = { clip: Schema.NonEmptyString, title: Text, seed: Schema.optionalKey(Schema.Int), ...common }

const Edit = Schema.Union([
  Schema.Struct({
    operation: Schema.Literal("extend"),
    instruction: Text,
    extend_s: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 300 }))),
    extend_from_s: Number,
    ...edit
  }),
  Schema.Struct({
    operation: Schema.Literal("replace"),
    instruction: Text,
    mask_start_s: Number,
    mask_end_s: Number,
    ...edit
  }),
  Schema.Struct({ operation: Schema.Literal("cover"), instruction: Text, strength: Number, ...edit }),
  Schema.Struct({ operation: Schema.Literal("remix"), lyrics: Text, prompt: Text, ...edit }),
  Schema.Struct({ operation: Schema.Literal("stems"), ...edit })
])

const text = (value: unknown): string | undefined => typeof value === "string" ? value : undefined

/** The account of a clip or of an upload. */
const owner = /^user:\d+-(.+)-[a-z]+:[^:]+$/

const reader = (schema: Schema.ConstraintDecoder<Fields>) => (body: string): Result.Result<ParsedRequest, string> =>
  Result.gen(function*() {
    const fields = yield* read(schema, [], body)
    const files = Object.values(fields).filter((value) => typeof value === "string" && owner.test(value)).map(String)
    const operation = text(fields["operation"])
    return {
      operation,
      isAsync: fields["mode"] === "async" && operation !== "stems",
      named: yield* accountOf(text(fields["email"]), files, owner),
      title: text(fields["title"]) ?? "The lighthouse",
      request: fields as ParsedRequest["request"], // it was JSON
      replyUrl: text(fields["replyUrl"]),
      replyRef: text(fields["replyRef"])
    }
  })

export const music = reader(Music)
export const edited = reader(Edit)
