import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { read, type Refusals, Webhook } from "../../useapi/internal/body.ts"
import { partsOf } from "./media.ts"

/**
 * What a submit asks for, once it is known to be one that the service takes; `request` is what its record repeats.
 */
export interface ParsedRequest {
  readonly type: "video" | "image"
  readonly isAsync: boolean
  readonly model: string
  readonly prompt: string
  readonly seconds: number
  readonly count: number
  readonly seed: number
  readonly email: string | undefined
  readonly request: { readonly [field: string]: Schema.Json }
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
}

const otherwise = <S extends Schema.Codec<unknown, unknown>>(schema: S, value: S["Encoded"]) =>
  Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema)

const Whole = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const Text = Schema.optionalKey(Schema.NonEmptyString)

const Common = {
  captchaToken: Text,
  captchaRetry: Schema.optionalKey(Whole(1, 10)),
  captchaOrder: Text,
  replyUrl: Webhook,
  replyRef: Webhook
}
const Async = { async: otherwise(Schema.Boolean, false) }
const Made = {
  count: otherwise(Whole(1, 4), 1),
  seed: Schema.optionalKey(Whole(0, Number.MAX_SAFE_INTEGER)),
  ...Common
}

const slots = <const Names extends ReadonlyArray<string>>(names: Names) =>
  Object.fromEntries(names.flatMap((name) => {
    const [prefix = "", most] = name.split("*")
    return Array.from({ length: Number(most) }, (_, i) => [`${prefix}${i + 1}`, Text])
  })) as { readonly [name: string]: typeof Text }

const Video = Schema.Struct({
  prompt: Schema.NonEmptyString,
  model: otherwise(Schema.NonEmptyString, "veo-3.1-fast"),
  aspectRatio: otherwise(Schema.NonEmptyString, "landscape"),
  duration: Schema.optionalKey(Schema.Literals([4, 6, 8, 10])),
  resolution: Schema.optionalKey(Schema.Literals(["720p", "360p"])),
  startImage: Text,
  endImage: Text,
  referenceVideo_1: Text,
  startFrameIndex_1: Schema.optionalKey(Whole(0, 239)),
  endFrameIndex_1: Schema.optionalKey(Whole(1, 240)),
  email: Text,
  ...slots(["referenceImage_*7", "character_*7", "referenceAudio_*5"]),
  ...Async,
  ...Made
})
const Image = Schema.Struct({
  prompt: Schema.NonEmptyString,
  model: otherwise(Schema.NonEmptyString, "nano-banana-2-lite"),
  aspectRatio: otherwise(
    Schema.Literals(["16:9", "4:3", "1:1", "3:4", "9:16", "auto", "landscape", "portrait"]),
    "16:9"
  ),
  email: Text,
  ...slots(["reference_*10", "character_*7"]),
  ...Made,
  count: otherwise(Whole(1, 4), 4)
})
const Extend = Schema.Struct({
  mediaGenerationId: Schema.NonEmptyString,
  prompt: otherwise(Schema.String, ""),
  model: otherwise(Schema.NonEmptyString, "veo-3.1-fast"),
  ...Async,
  ...Made
})
const Upscale = Schema.Struct({
  mediaGenerationId: Schema.NonEmptyString,
  resolution: otherwise(Schema.Literals(["720p", "1080p", "4K"]), "1080p"),
  ...Async,
  ...Common
})

type Fields = Readonly<Record<string, unknown>>

const has = (body: Fields, pattern: RegExp): boolean => Object.keys(body).some((name) => pattern.test(name))
const isVeo = ({ model }: Fields) => String(model).startsWith("veo")
const imagesOf = (body: Fields) => Object.keys(body).filter((name) => /^(?:referenceImage|character)_/.test(name))

const captchas: Refusals<Fields> = [[
  (_) => Object.keys(_).filter((name) => name.startsWith("captcha")).length > 1,
  "captchaToken, captchaRetry and captchaOrder are mutually exclusive"
]]

const videoRefusals: Refusals<Fields> = [
  [(_) => "endImage" in _ && !("startImage" in _), "endImage requires startImage"],
  [(_) => "startImage" in _ && has(_, /^(?:reference|character_)/), "startImage can't be used with references"],
  [(_) => isVeo(_) && _["duration"] === 10, "duration 10 is supported by omni-flash only"],
  [(_) => "referenceVideo_1" in _ && (isVeo(_) || "duration" in _), "Parameter duration not supported"],
  [(_) => isVeo(_) && imagesOf(_).length > 3, "At most 3 reference images"],
  [
    (_) => Array.from(String(_["prompt"]).matchAll(/@(\w+_\d+)/g)).some(([, name = ""]) => !(name in _)),
    "A marker of the prompt has no parameter"
  ],
  ...captchas
]

const refsOf = (body: Fields): ReadonlyArray<string> =>
  Object.entries(body).flatMap(([name, value]) =>
    /^(?:mediaGenerationId|startImage|endImage|reference|character_)/.test(name) && partsOf(String(value)) !== undefined
      ? [String(value)]
      : []
  )

/** The account that a body names, or that the references are of. */
const emailOf = (body: Fields): Result.Result<string | undefined, string> => {
  const owners = new Set(refsOf(body).map((ref) => partsOf(ref)?.email))
  const [owner] = owners
  const named = typeof body["email"] === "string" ? body["email"] : undefined
  return owners.size > 1 || (named !== undefined && owner !== undefined && named !== owner)
    ? Result.fail(`Email mismatch: body has '${named}', references have '${owner}'`)
    : Result.succeed(named ?? owner)
}

const unknownOf = (names: object, text: string): string | undefined => {
  const json = Result.getOrUndefined(Result.try((): unknown => JSON.parse(text)))
  return Object.keys(Object(json)).find((name) => !Object.hasOwn(names, name))
}

const reader = (
  type: ParsedRequest["type"],
  schema: Schema.ConstraintDecoder<Fields> & { readonly fields: object },
  refusals: Refusals<Fields>,
  model: string
) =>
(text: string, seed: number): Result.Result<ParsedRequest, string> =>
  Result.gen(function*() {
    const unknown = unknownOf(schema.fields, text)
    if (unknown !== undefined) return yield* Result.fail(`Parameter ${unknown} not supported`)
    const body = yield* read(schema, refusals, text)
    const { captchaToken: _, ...told } = body
    return {
      type,
      isAsync: body["async"] === true,
      model: String(body["model"] ?? model),
      prompt: String(body["prompt"] ?? ""),
      seconds: typeof body["duration"] === "number" ? body["duration"] : 8,
      count: typeof body["count"] === "number" ? body["count"] : 1,
      seed: typeof body["seed"] === "number" ? body["seed"] : seed,
      email: yield* emailOf(body),
      request: told as ParsedRequest["request"], // it was JSON
      replyUrl: typeof body["replyUrl"] === "string" ? body["replyUrl"] : undefined,
      replyRef: typeof body["replyRef"] === "string" ? body["replyRef"] : undefined
    }
  })

export const video = reader("video", Video, videoRefusals, "")
export const image = reader("image", Image, [
  [(_) => _["aspectRatio"] === "auto" && !has(_, /^reference_/), "aspectRatio auto requires a reference"],
  ...captchas
], "")
export const extend = reader("video", Extend, captchas, "")
export const upscale = reader("video", Upscale, captchas, "upscale")
