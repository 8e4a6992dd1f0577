import type * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import type { Issue } from "@media-jobs/core/JobError"
import * as AssetRef from "@media-jobs/useapi/AssetRef"
import * as Hex from "effect/encoding/Hex"
import * as Result from "effect/Result"

type Issues = ReadonlyArray<Issue>

/** The account in a mediaGenerationId, `user:{n}-email:{address in hexadecimal}-image:{uuid}`. */
export const accountOf = (mediaGenerationId: string): string | undefined => {
  const hex = /^user:\d+-email:([0-9a-f]+)-/i.exec(mediaGenerationId)?.[1]
  return hex === undefined ? undefined : Result.getOrUndefined(Hex.decodeString(hex))
}

const none = (field: string, because: string): Issue => ({ field, message: `Expected none ${because}` })

const given = (fields: RequestSchema.Fields) => (field: string): boolean => fields[field] !== undefined

const counted = (fields: RequestSchema.Fields, name: string): ReadonlyArray<string> =>
  Object.keys(fields).filter((field) => field.startsWith(`${name}_`) && given(fields)(field))

const numberOf = (field: string): number => Number(/\d+$/.exec(field)?.[0])

/** Those that are counted beyond what there can be. */
const beyond = (fields: RequestSchema.Fields, name: string, most: number): Issues =>
  counted(fields, name).filter((field) => !(numberOf(field) >= 1 && numberOf(field) <= most)).map((field) => ({
    field,
    message: `Expected ${name}_1 to ${name}_${most}`
  }))

/** All fields that name a file of an account. */
const refs = (fields: RequestSchema.Fields): ReadonlyArray<string> => [
  ...["mediaGenerationId", "startImage", "endImage", "referenceVideo_1"].filter(given(fields)),
  ...["referenceImage", "reference", "referenceAudio", "character"].flatMap((name) => counted(fields, name))
]

/** The account that a request will run on, as far as it says: by name, or by its files. */
export const accountOfRequest = (request: object): string | undefined => {
  const fields = Wire.object(request)
  return AssetRef.accountOf(fields, "email", refs(fields), accountOf)
}

const ofOneAccount = (fields: RequestSchema.Fields): Issues =>
  AssetRef.ofOneAccount(fields, "email", refs(fields), accountOf)

/** The prompt speaks of nothing that is not there. */
const markers = (fields: RequestSchema.Fields): Issues => {
  const spoken = String(fields["prompt"]).matchAll(
    /@((?:character|referenceImage|referenceAudio)_\d+|referenceVideo)\b/gi
  )
  const there = new Set(Object.keys(fields).filter(given(fields)).map((field) => field.toLowerCase()))
  const missing = Array.from(spoken, ([, name = ""]) => name).find((name) => !there.has(name.toLowerCase()))
  return missing === undefined
    ? []
    : [{ field: "prompt", message: "Expected each @ to speak of an image, a character or an audio that is given" }]
}

/** There are three ways to have captchas solved, of which one excludes the others. */
export const captcha = (fields: RequestSchema.Fields): Issues => {
  const [first, ...more] = ["captchaToken", "captchaRetry", "captchaOrder"].filter(given(fields))
  return [
    ...more.map((field) => none(field, `beside ${first}`)),
    ...(String(fields["captchaOrder"]).split(",").length > 10
      ? [{ field: "captchaOrder", message: "Expected ten names at most" }]
      : [])
  ]
}

export const video = (fields: RequestSchema.Fields): Issues => {
  const has = given(fields)
  const model = fields["model"] ?? "veo-3.1-fast"
  const [isVeo, isOmni] = [/^veo\b/.test(String(model)), /^omni\b/.test(String(model))]
  const isEdit = has("referenceVideo_1")
  const images = [...counted(fields, "referenceImage"), ...counted(fields, "character")]
  const references = [...images, ...counted(fields, "referenceAudio"), ...(isEdit ? ["referenceVideo_1"] : [])]
  const most = model === "veo-3.1-quality" ? 0 : isVeo ? 3 : isEdit ? 5 : 7
  return [
    ...(["referenceImage", "character"] as const).flatMap((name) => beyond(fields, name, 7)),
    ...beyond(fields, "referenceAudio", 5),
    ...(has("endImage") && !has("startImage") ? [{ field: "endImage", message: "Expected startImage beside it" }] : []),
    ...(has("startImage") ? references.map((field) => none(field, "beside startImage")) : []),
    ...images.slice(most).map((field) => ({ field, message: `Expected at most ${most} images and characters` })),
    ...(isVeo
      ? counted(fields, "referenceAudio").filter((field) => numberOf(field) > 1).map((field) => none(field, "with Veo"))
      : []),
    ...(isVeo && isEdit ? [none("referenceVideo_1", "with Veo: omni-flash edits")] : []),
    ...(isVeo && fields["duration"] === 10 ? [{ field: "duration", message: "Expected 8 at most with Veo" }] : []),
    ...(isVeo && fields["resolution"] === "360p" ? [none("resolution", "of 360p with Veo")] : []),
    ...(isOmni && has("endImage") ? [none("endImage", "with omni-flash")] : []),
    ...(isEdit && has("duration") ? [none("duration", "with a video to edit: it is that of its frames")] : []),
    ...(isEdit ?
      [] :
      ["startFrameIndex_1", "endFrameIndex_1"].filter(has).map((field) => none(field, "without referenceVideo_1"))),
    ...markers(fields),
    ...captcha(fields),
    ...ofOneAccount(fields)
  ]
}

export const image = (fields: RequestSchema.Fields): Issues => [
  ...beyond(fields, "reference", 10),
  ...beyond(fields, "character", 7),
  ...(fields["aspectRatio"] === "auto" && counted(fields, "reference").length === 0
    ? [{ field: "aspectRatio", message: "Expected reference_1 beside auto" }]
    : []),
  ...captcha(fields),
  ...ofOneAccount(fields)
]
