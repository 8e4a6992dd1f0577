import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { StoredJob } from "../../JobStore.ts"
import { accountOf, dimensions, oneOf, read, type Refusals, Webhook } from "../../useapi/internal/body.ts"

/**
 * What a submit asks for, once it is known to be one that the service takes; `request` is what its record repeats.
 */
export interface ParsedRequest {
  readonly type: StoredJob<string>["type"]
  readonly model: string
  readonly account: string | undefined
  readonly maxJobs: number | undefined
  readonly width: number
  readonly height: number
  readonly seconds: number
  readonly cost: number
  readonly request: { readonly [field: string]: Schema.Json }
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
}

/**
 * What is to be done with a finished job.
 */
export interface Change {
  readonly source: string
  readonly imageIndex: number | undefined
  readonly maxJobs: number | undefined
  readonly request: { readonly [field: string]: Schema.Json }
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
}

const assetRef = /^([A-Z]{2}:.+?)-(?:image|video|audio):/
const AssetRef = Schema.String.check(Schema.isPattern(assetRef))
const Prompt = (longest: number) => Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(longest))
const numbered = <
  const Prefix extends string,
  const Suffix extends string,
  Value extends Schema.Codec<unknown, unknown>
>(
  prefix: Prefix,
  suffix: Suffix,
  value: Value
) => Schema.Record(Schema.TemplateLiteral([prefix, Schema.Int, suffix]), value)

const Account = Schema.optionalKey(Schema.NonEmptyString)
const Common = {
  maxJobs: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 }))),
  replyUrl: Webhook,
  replyRef: Webhook
}

const Model = (otherwise: string) =>
  Schema.NonEmptyString.pipe(Schema.withDecodingDefaultKey(Effect.succeed(otherwise)))

const Video = Schema.StructWithRest(
  Schema.Struct({
    prompt: Schema.optionalKey(Prompt(5000)),
    model: Model("seedance-2.0"),
    ratio: Schema.optionalKey(Schema.Literals(["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"])),
    duration: Schema.Int.check(Schema.isBetween({ minimum: 4, maximum: 15 })).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(5))
    ),
    resolution: Schema.optionalKey(Schema.Literals(["720p", "1080p", "2k", "4k"])),
    firstFrameRef: Schema.optionalKey(AssetRef),
    endFrameRef: Schema.optionalKey(AssetRef),
    account: Account,
    ...Common
  }),
  [
    numbered("frame_", "_imageRef", AssetRef),
    numbered("frame_", "_prompt", Prompt(5000)),
    numbered("frame_", "_duration", Schema.Finite),
    numbered("omni_", "_imageRef", AssetRef),
    numbered("omni_", "_videoRef", AssetRef),
    numbered("omni_", "_audioRef", AssetRef)
  ]
)

const Image = Schema.StructWithRest(
  Schema.Struct({
    prompt: Schema.optionalKey(Prompt(1600)),
    model: Model("seedream-4.0"),
    ratio: oneOf(["auto", "1:1", "3:4", "16:9", "4:3", "9:16", "2:3", "3:2", "21:9"], "auto"),
    resolution: Schema.optionalKey(Schema.Literals(["1k", "2k", "4k"])),
    imageStrength: Schema.optionalKey(Schema.Finite),
    account: Account,
    ...Common
  }),
  [numbered("imageRef_", "", AssetRef)]
)

const UpscaleVideo = Schema.Struct({ jobid: Schema.NonEmptyString, ...Common })
const Interpolate = Schema.Struct({ jobid: Schema.NonEmptyString, fps: Schema.Literals([30, 60]), ...Common })
const UpscaleImage = Schema.Struct({
  jobid: Schema.NonEmptyString,
  imageIndex: Schema.Int,
  upscaleResolution: Schema.Literals(["2k", "4k", "8k"]),
  ...Common
})

/** The numbers N of the fields that `pattern` finds, in order. */
const numbersOf = (body: object, pattern: RegExp): ReadonlyArray<number> =>
  Object.keys(body).flatMap((name) => pattern.exec(name)?.[1] ?? []).map(Number).toSorted((a, b) => a - b)

const framesOf = (body: object) => numbersOf(body, /^frame_(\d+)_imageRef$/)
const isContiguous = (numbers: ReadonlyArray<number>): boolean => numbers.every((number, i) => number === i + 1)
const isFew = (body: object, pattern: RegExp, most: number): boolean => {
  const numbers = numbersOf(body, pattern)
  return isContiguous(numbers) && numbers.length <= most
}

const modeOf = (body: typeof Video.Type): string => {
  const names = Object.keys(body)
  if (names.some((name) => name.startsWith("frame_"))) return "multi_frame"
  if (body.endFrameRef !== undefined) return "end_frame"
  if (body.firstFrameRef !== undefined) return "first_frame"
  return names.some((name) => name.startsWith("omni_")) ? "omni" : "prompt"
}

const durations: { readonly [model: string]: ReadonlyArray<number> } = {
  "dreamina-3.5-pro": [5, 10, 12],
  "dreamina-3.0": [5, 10]
}

const videoRefusals: Refusals<typeof Video.Type> = [
  [(_) => /^(prompt|omni)$/.test(modeOf(_)) && _.prompt === undefined, "Parameter prompt is required"],
  [(_) => modeOf(_) === "multi_frame" && _.prompt !== undefined, "Use frame_N_prompt instead of prompt"],
  [(_) => _.endFrameRef !== undefined && _.firstFrameRef === undefined, "endFrameRef requires firstFrameRef"],
  [
    (_) => modeOf(_) === "multi_frame" && _.firstFrameRef !== undefined,
    "firstFrameRef and frame_N_imageRef exclude each other"
  ],
  [(_) => modeOf(_).endsWith("frame") && _.ratio !== undefined, "Parameter ratio is not supported with frames"],
  [(_) => durations[_.model]?.includes(_.duration) === false, "Parameter duration is not supported by the model"],
  [(_) => modeOf(_) === "multi_frame" && framesOf(_).length < 2, "At least 2 frames are required"],
  [(_) => !isFew(_, /^frame_(\d+)_imageRef$/, 10), "frame_N_imageRef must be contiguous, N from 1 to 10"],
  [(_) => !numbersOf(_, /^frame_(\d+)_/).every((n) => framesOf(_).includes(n)), "A frame has no frame_N_imageRef"],
  [(_) => !isFew(_, /^omni_(\d+)_imageRef$/, 9), "omni_N_imageRef must be contiguous, N from 1 to 9"],
  [(_) => !isFew(_, /^omni_(\d+)_videoRef$/, 3), "omni_N_videoRef must be contiguous, N from 1 to 3"],
  [(_) => !isFew(_, /^omni_(\d+)_audioRef$/, 3), "omni_N_audioRef must be contiguous, N from 1 to 3"]
]

const imageRefusals: Refusals<typeof Image.Type> = [
  [(_) => _.prompt === undefined && numbersOf(_, /^imageRef_(\d+)$/).length === 0, "Parameter prompt is required"],
  [(_) => !isFew(_, /^imageRef_(\d+)$/, 6), "imageRef_N must be contiguous, N from 1 to 6"]
]

const refsOf = (body: object): ReadonlyArray<string> =>
  Object.entries(body).flatMap(([name, value]) =>
    /Ref(_\d+)?$/.test(name) && name !== "replyRef" ? [String(value)] : []
  )

/** What a record repeats of its request, in the order of the documents: all but what is between caller and service. */
const echo = (
  asked: { readonly [field: string]: Schema.Json | undefined },
  inputMode: string
): ParsedRequest["request"] => {
  const { account: _, maxJobs: __, prompt, replyRef: ___, replyUrl, ...rest } = asked
  const told = Object.entries({ prompt, ...rest, inputMode, replyUrl })
  return Object.fromEntries(told.flatMap(([name, value]) => value === undefined ? [] : [[name, value]]))
}

export const video = (text: string): Result.Result<ParsedRequest, string> =>
  Result.gen(function*() {
    const body = yield* read(Video, videoRefusals, text)
    const inputMode = modeOf(body)
    const { ratio = inputMode.endsWith("frame") ? undefined : "16:9", model, duration, ...rest } = body
    return {
      type: "video",
      model,
      account: yield* accountOf(body.account, refsOf(body), assetRef),
      maxJobs: body.maxJobs,
      ...dimensions(body.resolution ?? "720p", ratio ?? "16:9"),
      seconds: duration,
      cost: 10 * duration,
      request: echo({ model, ratio, duration, ...rest }, inputMode),
      replyUrl: body.replyUrl,
      replyRef: body.replyRef
    }
  })

export const image = (text: string): Result.Result<ParsedRequest, string> =>
  Result.gen(function*() {
    const body = yield* read(Image, imageRefusals, text)
    return {
      type: "image",
      model: body.model,
      account: yield* accountOf(body.account, refsOf(body), assetRef),
      maxJobs: body.maxJobs,
      ...dimensions(body.resolution ?? "1k", body.ratio),
      seconds: 0,
      cost: 0,
      request: echo(body, "generate"),
      replyUrl: body.replyUrl,
      replyRef: body.replyRef
    }
  })

const change = <A extends typeof UpscaleVideo.Type>(schema: Schema.ConstraintDecoder<A>, inputMode: string) =>
(
  text: string
): Result.Result<Change, string> =>
  Result.map(read(schema, [], text), (body) => ({
    source: body.jobid,
    imageIndex: "imageIndex" in body ? Number(body.imageIndex) : undefined,
    maxJobs: body.maxJobs,
    request: echo({ ...body }, inputMode),
    replyUrl: body.replyUrl,
    replyRef: body.replyRef
  }))

export const upscaleVideo = change(UpscaleVideo, "upscale")
export const upscaleImage = change(UpscaleImage, "upscale")
export const interpolate = change(Interpolate, "interpolate")
