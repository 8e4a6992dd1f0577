import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { StoredJob } from "../../JobStore.ts"
import { accountOf, dimensions, oneOf, read, type Refusals, Webhook } from "../../useapi/internal/body.ts"

/**
 * What a submit asks for, once it is known to be one that the service takes.
 */
export interface ParsedRequest {
  readonly type: StoredJob<string>["type"]
  readonly model: string
  readonly email: string | undefined
  readonly width: number
  readonly height: number
  readonly seconds: number
  readonly exr: boolean
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
}

const assetRef = /^u\d+-email:(.+)-image:[\da-f-]{36}$/
const AssetRef = Schema.optionalKey(Schema.String.check(Schema.isPattern(assetRef)))
const Prompt = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(2000))
const Common = { email: Schema.optionalKey(Schema.NonEmptyString), replyUrl: Webhook, replyRef: Webhook }

const Video = Schema.Struct({
  ...Common,
  prompt: Schema.optionalKey(Prompt),
  model: oneOf(["ray-v3-flash", "ray-v3", "ray-v3-reasoning"], "ray-v3-flash"),
  resolution: oneOf(["draft", "540p", "720p", "1080p"], "720p"),
  aspect_ratio: Schema.String.check(Schema.isPattern(/^[1-9]\d*:[1-9]\d*$/)).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("16:9"))
  ),
  duration: oneOf(["5s", "10s"], "5s"),
  dynamic_range: oneOf(["sdr", "hdr", "hdr_exr"], "sdr"),
  imageStart: AssetRef,
  imageEnd: AssetRef,
  imageCharacter: AssetRef
})

const Image = Schema.Struct({
  ...Common,
  prompt: Prompt,
  model: oneOf(["photon-v2", "image-v2"], "photon-v2"),
  resolution: oneOf(["720p", "1080p"], "720p"),
  aspect_ratio: oneOf(["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"], "16:9"),
  imageRef1: AssetRef,
  imageRef2: AssetRef,
  imageRef3: AssetRef,
  imageRef4: AssetRef
})

const videoMatrix: Refusals<typeof Video.Type> = [
  [(_) => (_.prompt ?? _.imageStart) === undefined, "Parameter prompt is required"],
  [(_) => _.model === "ray-v3-reasoning" && /^(draft|540p)$/.test(_.resolution), "ray-v3-reasoning is 720p or 1080p"],
  [(_) => _.dynamic_range !== "sdr" && _.duration !== "5s", "HDR is 5s only"],
  [(_) => _.dynamic_range === "hdr" && _.resolution === "draft", "hdr is 540p to 1080p"],
  [(_) => _.dynamic_range === "hdr_exr" && !/^(540p|720p)$/.test(_.resolution), "hdr_exr is 540p or 720p"],
  [(_) => _.imageCharacter !== undefined && _.model !== "ray-v3", "imageCharacter is for ray-v3 only"],
  [(_) => _.imageCharacter !== undefined && _.dynamic_range !== "sdr", "imageCharacter is for sdr only"]
]

const imageMatrix: Refusals<typeof Image.Type> = [
  [(_) => _.model === "image-v2" && _.resolution === "1080p" && refs(_).length > 0, "image-v2 with references is 720p"]
]

const refs = (body: Body): ReadonlyArray<string> =>
  Object.entries(body).flatMap(([name, value]) => name.startsWith("image") ? [value] : [])

type Body = typeof Video.Type | typeof Image.Type

const parse = <A extends Body>(
  type: StoredJob<string>["type"],
  schema: Schema.ConstraintDecoder<A>,
  refusals: Refusals<A>,
  text: string,
  length: (body: A) => Pick<ParsedRequest, "seconds" | "exr">
): Result.Result<ParsedRequest, string> =>
  Result.gen(function*() {
    const body = yield* read(schema, refusals, text)
    return {
      type,
      model: body.model,
      email: yield* accountOf(body.email, refs(body), assetRef),
      ...dimensions(body.resolution, body.aspect_ratio),
      ...length(body),
      replyUrl: body.replyUrl,
      replyRef: body.replyRef
    }
  })

export const video = (text: string): Result.Result<ParsedRequest, string> =>
  parse("video", Video, videoMatrix, text, ({ duration, dynamic_range }) => ({
    seconds: Number.parseInt(duration),
    exr: dynamic_range === "hdr_exr"
  }))

export const image = (text: string): Result.Result<ParsedRequest, string> =>
  parse("image", Image, imageMatrix, text, () => ({ seconds: 0, exr: false }))
