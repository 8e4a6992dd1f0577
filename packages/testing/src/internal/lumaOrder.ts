import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/**
 * What a submit asks for, once it is known to be one that the service takes.
 */
export interface Order {
  readonly type: "video" | "image"
  readonly model: string
  readonly email: string | undefined
  readonly width: number
  readonly height: number
  readonly seconds: number
  readonly exr: boolean
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
}

const oneOf = <const Words extends ReadonlyArray<string>>(words: Words, otherwise: Words[number]) =>
  Schema.withDecodingDefaultKey<Schema.Literals<Words>>(Effect.succeed(otherwise))(Schema.Literals(words))

const assetRef = /^u\d+-email:(.+)-image:[\da-f-]{36}$/
const AssetRef = Schema.optionalKey(Schema.String.check(Schema.isPattern(assetRef)))
const Webhook = Schema.optionalKey(Schema.String.check(Schema.isMaxLength(1024)))
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

type Refusals<A> = ReadonlyArray<readonly [refused: (body: A) => boolean, because: string]>

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

const shortSide: { readonly [resolution: string]: number } = { draft: 360, "540p": 540, "720p": 720, "1080p": 1080 }

const dimensions = (resolution: string, aspectRatio: string): { readonly width: number; readonly height: number } => {
  const [across = 1, down = 1] = aspectRatio.split(":").map(Number)
  const unit = (shortSide[resolution] ?? 720) / Math.min(across, down)
  return { width: Math.round(across * unit), height: Math.round(down * unit) }
}

type Body = typeof Video.Type | typeof Image.Type
type Accepted = Body & { readonly account: string | undefined }

const read = <A extends Body>(
  schema: Schema.ConstraintDecoder<A>,
  matrix: Refusals<A>,
  text: string
): Result.Result<A & { readonly account: string | undefined }, string> => {
  const json = Result.try({ try: (): unknown => JSON.parse(text), catch: () => "Body is not JSON" })
  return Result.flatMap(json, (json) => {
    const decoded = Schema.decodeUnknownResult(schema)(json)
    if (Result.isFailure(decoded)) return Result.fail(decoded.failure.message.replaceAll(/\s+/g, " "))
    const body = decoded.success
    const refusal = matrix.find(([refused]) => refused(body))
    if (refusal !== undefined) return Result.fail(refusal[1])
    const accounts = new Set(refs(body).map((ref) => assetRef.exec(ref)?.[1]))
    if (body.email !== undefined) accounts.add(body.email)
    if (accounts.size > 1) return Result.fail("All images must belong to one account")
    return Result.succeed({ ...body, account: [...accounts][0] })
  })
}

const order = (type: Order["type"], body: Accepted, seconds: number, exr: boolean): Order => ({
  type,
  model: body.model,
  email: body.account,
  ...dimensions(body.resolution, body.aspect_ratio),
  seconds,
  exr,
  replyUrl: body.replyUrl,
  replyRef: body.replyRef
})

export const video = (text: string): Result.Result<Order, string> =>
  Result.map(
    read(Video, videoMatrix, text),
    (body) => order("video", body, Number.parseInt(body.duration), body.dynamic_range === "hdr_exr")
  )

export const image = (text: string): Result.Result<Order, string> =>
  Result.map(read(Image, imageMatrix, text), (body) => order("image", body, 0, false))
