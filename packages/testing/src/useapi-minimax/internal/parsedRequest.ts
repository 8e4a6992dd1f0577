import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { accountOf, read, type Refusals, Webhook } from "../../useapi/internal/body.ts"

/**
 * What a submit asks for, once it is known to be one that the service takes.
 */
export interface ParsedRequest {
  readonly family: "video" | "image" | "music" | "audio" | "agent"
  readonly prompt: string
  readonly model: string
  readonly account: string | undefined
  readonly maxJobs: number | undefined
  readonly quantity: number
  readonly isAsync: boolean
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
}

type Fields = Readonly<Record<string, unknown>>

const Text = Schema.optionalKey(Schema.NonEmptyString)
const Bool = Schema.optionalKey(Schema.Boolean)
const Whole = (minimum: number, maximum: number) =>
  Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum, maximum })))
const model = (name: string) => Schema.NonEmptyString.pipe(Schema.withDecodingDefaultKey(Effect.succeed(name)))
const slots = (prefix: string, least: number, most: number): { readonly [name: string]: typeof Text } =>
  Object.fromEntries(Array.from({ length: most - least + 1 }, (_, i) => [`${prefix}${least + i}`, Text]))
const Reply = { replyUrl: Webhook, replyRef: Webhook }

const Video = Schema.Struct({
  prompt: Text,
  model: model("02"),
  account: Text,
  fileID: Text,
  end_frame_fileID: Text,
  ...slots("fileID", 2, 14),
  ...slots("videoFileID", 1, 3),
  ...slots("audioFileID", 1, 3),
  options: Text,
  resolution: Text,
  duration: Whole(4, 15),
  aspectRatio: Text,
  promptOptimization: Bool,
  maxJobs: Whole(1, 10),
  ...Reply
})
const Template = Schema.Struct({
  templateId: Schema.NonEmptyString,
  model: model("template"),
  prompt: Text,
  fileID: Text,
  ossPath: Text,
  account: Text,
  ...Reply
})
const Image = Schema.Struct({
  prompt: Schema.NonEmptyString,
  model: model("image-01"),
  account: Text,
  quantity: Whole(1, 4),
  aspectRatio: Text,
  resolution: Text,
  quality: Text,
  promptOptimization: Bool,
  ...slots("referenceFileId", 1, 16),
  ...Reply
})
const Music = Schema.Struct({
  prompt: Schema.NonEmptyString,
  model: model("music-3.0"),
  lyrics: Text,
  instrumental: Bool,
  account: Text
})
const between = (minimum: number, maximum: number) =>
  Schema.optionalKey(Schema.Number.check(Schema.isBetween({ minimum, maximum })))
const Speech = Schema.Struct({
  text: Schema.NonEmptyString,
  voice_id: Schema.NonEmptyString,
  model: model("speech-2.8-hd"),
  account: Text,
  emotion: Text,
  language_boost: Text,
  speed: between(0.5, 2),
  pitch: between(-12, 12),
  vol: Schema.optionalKey(Schema.Number.check(Schema.isGreaterThan(0))),
  deepen_lighten: between(-100, 100),
  stronger_softer: between(-100, 100),
  nasal_crisp: between(-100, 100),
  spacious_echo: Bool,
  lofi_telephone: Bool,
  robotic: Bool,
  auditorium_echo: Bool,
  ...Reply
})
const Agent = Schema.Struct({
  prompt: Schema.NonEmptyString,
  model: model("agent"),
  models: Text,
  file: Text,
  account: Text,
  async: Bool,
  ...Reply
})

const file = /^user:\d+-minimax:(.+)-file:/
const filesOf = (body: Fields): ReadonlyArray<string> =>
  Object.values(body).filter((value) => typeof value === "string" && file.test(value)).map(String)

const text = (value: unknown): string | undefined => typeof value === "string" ? value : undefined
const number = (value: unknown): number | undefined => typeof value === "number" ? value : undefined

const reader =
  (family: ParsedRequest["family"], schema: Schema.ConstraintDecoder<Fields>, refusals: Refusals<Fields> = []) =>
  (json: string): Result.Result<ParsedRequest, string> =>
    Result.gen(function*() {
      const body = yield* read(schema, refusals, json)
      return {
        family,
        prompt: text(body["prompt"]) ?? text(body["text"]) ?? "",
        model: text(body["model"]) ?? "",
        account: yield* accountOf(text(body["account"]), filesOf(body), file),
        maxJobs: number(body["maxJobs"]),
        quantity: number(body["quantity"]) ??
          (family === "image" && String(body["model"]).startsWith("midjourney") ? 4 : 1),
        isAsync: body["async"] === true,
        replyUrl: text(body["replyUrl"]),
        replyRef: text(body["replyRef"])
      }
    })

export const video = reader("video", Video, [
  [(_) => _["prompt"] === undefined && filesOf(_).length === 0, "Parameter prompt is required"]
])
export const template = reader("video", Template)
export const image = reader("image", Image)
export const music = reader("music", Music)
export const speech = reader("audio", Speech, [
  [
    (_) => String(_["text"]).length > (String(_["model"]).includes("turbo") ? 10_000 : 5000),
    "Parameter text is too long"
  ]
])
export const agent = reader("agent", Agent)
