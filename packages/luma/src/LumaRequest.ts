/**
 * What Luma can be asked to make.
 *
 * **Details**
 *
 * The fields have the vendor's own names, so its pages apply as they are: the services refuse a name they don't know, one
 * request at a time. Written from the pages of `POST /videos` and `POST /images` of April 6, 2026.
 *
 * @since 0.1.0
 */
import type { Issue } from "@media-jobs/core/JobError"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"

const text = (field: string) => Schema.String.check(Schema.isNonEmpty({ expected: `${field} that is not empty` }))
const AssetRef = Schema.optional(text("an assetRef"))
const Prompt = text("a text")
const WebUrl = Schema.String.check(
  Schema.makeFilter((url) => /^https?:\/\//i.test(url) && URL.canParse(url), {
    expected: "an absolute http or https URL"
  })
)

const common = {
  /** The Luma account to run on; where it is absent the service chooses one with a free slot. */
  email: Schema.optional(text("an account's address")),
  /** Where the service reports; where it is absent, `ReplyTo` says so if the application provides one. */
  replyUrl: Schema.optional(WebUrl),
  /** The caller's own words, which come back with every report. */
  replyRef: Schema.optional(Schema.String.check(Schema.isMaxLength(1024, { expected: "at most 1024 characters" })))
}

/**
 * One video, by `POST /videos`.
 *
 * **Details**
 *
 * | model | resolution | hdr | hdr_exr | imageCharacter |
 * | --- | --- | --- | --- | --- |
 * | `ray-v3-flash` (the service's default) | all four | 540p to 1080p, 5s | 540p, 720p, 5s | no |
 * | `ray-v3` | all four | 540p to 1080p, 5s | 540p, 720p, 5s | sdr only |
 * | `ray-v3-reasoning` | 720p, 1080p | 720p, 1080p, 5s | 720p, 5s | no |
 *
 * There must be a `prompt` or an image to start from or to end with.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Video = Schema.TaggedStruct("Video", {
  prompt: Schema.optional(Prompt),
  model: Schema.optional(Schema.Literals(["ray-v3-flash", "ray-v3", "ray-v3-reasoning"])),
  resolution: Schema.optional(Schema.Literals(["draft", "540p", "720p", "1080p"])),
  aspect_ratio: Schema.optional(
    Schema.String.check(Schema.isPattern(/^\d+:\d+$/, { expected: "a ratio such as 16:9" }))
  ),
  duration: Schema.optional(Schema.Literals(["5s", "10s"])),
  dynamic_range: Schema.optional(Schema.Literals(["sdr", "hdr", "hdr_exr"])),
  imageStart: AssetRef,
  imageEnd: AssetRef,
  imageCharacter: AssetRef,
  ...common
})

/**
 * @since 0.1.0
 * @category models
 */
export type Video = typeof Video.Type

/**
 * Four images, each its own job, by `POST /images`.
 *
 * **Details**
 *
 * `photon-v2` is the service's default model, 720p and 16:9 are the other defaults. `image-v2` with references makes 720p
 * only. All references must be of one account.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Image = Schema.TaggedStruct("Image", {
  prompt: Prompt.check(Schema.isMaxLength(2000, { expected: "at most 2000 characters" })),
  model: Schema.optional(Schema.Literals(["photon-v2", "image-v2"])),
  resolution: Schema.optional(Schema.Literals(["720p", "1080p"])),
  aspect_ratio: Schema.optional(Schema.Literals(["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"])),
  imageRef1: AssetRef,
  imageRef2: AssetRef,
  imageRef3: AssetRef,
  imageRef4: AssetRef,
  ...common
})

/**
 * @since 0.1.0
 * @category models
 */
export type Image = typeof Image.Type

/**
 * Anything that `luma.submit` takes.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Request = Schema.Union([Video, Image])

/**
 * @since 0.1.0
 * @category models
 */
export type Request = typeof Request.Type

/**
 * A request for a video.
 *
 * **Example** (A video of a lighthouse)
 *
 * ```ts import.meta.vitest
 * import * as LumaRequest from "@media-jobs/luma/LumaRequest"
 *
 * const request = LumaRequest.video({ prompt: "a lighthouse in the rain", duration: "10s" })
 * LumaRequest.issues(request) // => []
 * LumaRequest.issues({ ...request, dynamic_range: "hdr" })
 * // => [{ field: "duration", message: "Expected \"5s\" with dynamic_range hdr" }]
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const video = (fields: Omit<Video, "_tag">): Video => ({ ...fields, _tag: "Video" })

/**
 * A request for four images.
 *
 * @since 0.1.0
 * @category constructors
 */
export const image = (fields: Omit<Image, "_tag">): Image => ({ ...fields, _tag: "Image" })

type Fields = Readonly<Record<string, unknown>>

const options = { errors: "all", onExcessProperty: "error" } as const
const shapes: Readonly<Record<string, (fields: Fields) => Result.Result<unknown, Schema.SchemaError>>> = {
  Video: Schema.decodeUnknownResult(Video, options),
  Image: Schema.decodeUnknownResult(Image, options)
}
const format = SchemaIssue.makeFormatterStandardSchemaV1()

const shapeIssues = (fields: Fields, decode: (typeof shapes)[string]): ReadonlyArray<Issue> => {
  const decoded = decode(fields)
  return Result.isSuccess(decoded) ? [] : format(decoded.failure.issue).issues.map(({ message, path }) => ({
    field: (path ?? []).map(String).join("."),
    message: message === "Expected no excess property" ? "Expected no such field" : message
  }))
}

const quoted = (values: ReadonlyArray<string>): string => values.map((value) => JSON.stringify(value)).join(" | ")

const oneOf = (
  fields: Fields,
  field: string,
  allowed: ReadonlyArray<string>,
  condition: string
): ReadonlyArray<Issue> => {
  const value = fields[field]
  return value === undefined || allowed.some((one) => one === value)
    ? []
    : [{ field, message: `Expected ${quoted(allowed)} with ${condition}` }]
}

const videoIssues = (fields: Fields): ReadonlyArray<Issue> => {
  const { dynamic_range: range, imageCharacter, imageEnd, imageStart, model, prompt } = fields
  const reasoning = model === "ray-v3-reasoning"
  const wide = range === "hdr" || range === "hdr_exr"
  const resolutions = ["draft", "540p", "720p", "1080p"].filter((resolution) =>
    !(reasoning && (resolution === "draft" || resolution === "540p")) &&
    !(wide && resolution === "draft") &&
    !(range === "hdr_exr" && resolution === "1080p")
  )
  const conditions = [...(reasoning ? [`model ${model}`] : []), ...(wide ? [`dynamic_range ${range}`] : [])].join(
    " and "
  )
  return [
    ...(prompt === undefined && imageStart === undefined && imageEnd === undefined
      ? [{ field: "prompt", message: "Expected a text, or imageStart or imageEnd in its place" }]
      : []),
    ...(conditions === "" ? [] : oneOf(fields, "resolution", resolutions, conditions)),
    ...(wide ? oneOf(fields, "duration", ["5s"], `dynamic_range ${range}`) : []),
    ...(imageCharacter === undefined || model === "ray-v3"
      ? []
      : [{ field: "imageCharacter", message: "Expected none but with model ray-v3" }]),
    ...(imageCharacter === undefined ? [] : oneOf(fields, "dynamic_range", ["sdr"], "imageCharacter"))
  ]
}

/** The account in an assetRef, `u{user}-email:{address}-image:{uuid}`; the address is compared, never shown. */
const accountOf = (assetRef: unknown): string | undefined =>
  typeof assetRef === "string" ? /^u\d+-email:(.+)-image:[^:]+$/.exec(assetRef)?.[1]?.toLowerCase() : undefined

const imageIssues = (fields: Fields): ReadonlyArray<Issue> => {
  const refs = ["imageRef1", "imageRef2", "imageRef3", "imageRef4"].filter((field) => fields[field] !== undefined)
  const known = refs.flatMap((field) => {
    const account = accountOf(fields[field])
    return account === undefined ? [] : [{ field, account }]
  })
  const email = typeof fields["email"] === "string" ? fields["email"].toLowerCase() : undefined
  const expected = email ?? known[0]?.account
  return [
    ...(fields["model"] === "image-v2" && refs.length > 0
      ? oneOf(fields, "resolution", ["720p"], "model image-v2 and references")
      : []),
    ...known.filter(({ account }) => account !== expected).map(({ field }) => ({
      field,
      message: `Expected a reference of the account of ${email === undefined ? known[0]?.field : "email"}`
    }))
  ]
}

/**
 * Everything that is wrong with a request, by field; nothing is sent while there is any of it.
 *
 * **Details**
 *
 * No message holds what was given.
 *
 * @since 0.1.0
 * @category validation
 */
export const issues = (request: Request): ReadonlyArray<Issue> => {
  // From JavaScript anything can come.
  const fields: Fields = Predicate.isObject(request) ? { ...request } : {}
  const decode = shapes[String(fields["_tag"])]
  if (decode === undefined) return [{ field: "_tag", message: "Expected a request made by Luma.video or Luma.image" }]
  const shape = shapeIssues(fields, decode)
  const seen = new Set(shape.map(({ field }) => field))
  const matrix = fields["_tag"] === "Video" ? videoIssues(fields) : imageIssues(fields)
  return [...shape, ...matrix.filter(({ field }) => !seen.has(field))]
}
