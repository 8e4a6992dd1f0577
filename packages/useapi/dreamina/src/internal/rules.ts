import type * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import type { Issue } from "@media-jobs/core/JobError"
import * as AssetRef from "@media-jobs/useapi/AssetRef"
import * as JobIds from "@media-jobs/useapi/JobIds"
import * as job from "./job.ts"

type Issues = ReadonlyArray<Issue>

export const ratios = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"] as const

/** The account in an assetRef, as in `US:user@example.com-image:w685:h900:…`. */
export const accountOf = (assetRef: string): string | undefined =>
  /^([A-Z]+:.+?)-(?:image|video|audio):/.exec(assetRef)?.[1]

/** All fields that name a file, with what they name. */
export const refs = (fields: RequestSchema.Fields): ReadonlyArray<readonly [field: string, ref: string]> =>
  Object.entries(fields).flatMap(([field, value]) =>
    /Ref(?:_\d+)?$/.test(field) && field !== "replyRef" && typeof value === "string" ? [[field, value] as const] : []
  )

/** The account that a request will run on, as far as it says: by name, or by its first reference. */
export const accountOfRequest = (request: object): string | undefined => {
  const fields = Wire.object(request)
  return AssetRef.accountOf(fields, "account", refs(fields).map(([field]) => field), accountOf)
}

const ofOneAccount = (fields: RequestSchema.Fields): Issues =>
  AssetRef.ofOneAccount(fields, "account", refs(fields).map(([field]) => field), accountOf)

/** Fields that differ in a number, as `frame_1_imageRef` and `frame_2_imageRef` do. */
interface Series {
  readonly prefix: string
  readonly suffix: string
  readonly most: number
}

const member = ({ prefix, suffix }: Series, n: number): string => `${prefix}${n}${suffix}`

const present = (fields: RequestSchema.Fields, { prefix, suffix }: Series): ReadonlyArray<string> =>
  Object.keys(fields).filter((field) =>
    fields[field] !== undefined && field.startsWith(prefix) && field.endsWith(suffix) &&
    field.length > prefix.length + suffix.length
  )

const names = (series: Series, to: number): ReadonlyArray<string> =>
  Array.from({ length: to }, (_, i) => member(series, i + 1))

/** Those that are counted beyond what there can be, or in another way. */
const beyond = (fields: RequestSchema.Fields, series: Series): Issues => {
  const { most } = series
  const possible = new Set(names(series, most))
  return present(fields, series).filter((field) => !possible.has(field)).map((field) => ({
    field,
    message: `Expected ${member(series, 1)} to ${member(series, most)}`
  }))
}

/** The number of the last that is there. */
const last = (fields: RequestSchema.Fields, series: Series): number => {
  const there = new Set(present(fields, series))
  return names(series, series.most).findLastIndex((field) => there.has(field)) + 1
}

/** Those that lack among the first so many. */
const gaps = (fields: RequestSchema.Fields, series: Series, to: number, expected: string): Issues =>
  names(series, to).filter((field) => fields[field] === undefined).map((field) => ({
    field,
    message: `Expected an assetRef: ${expected} counted from 1 without gaps`
  }))

const frame = (suffix: string): Series => ({ prefix: "frame_", suffix, most: 10 })
const frames = frame("_imageRef")
const framing = [frames, frame("_prompt"), frame("_duration")]
// What Seedance 2.5 takes; all other models take fewer.
const omni: ReadonlyArray<Series> = [
  { prefix: "omni_", suffix: "_imageRef", most: 30 },
  { prefix: "omni_", suffix: "_videoRef", most: 10 },
  { prefix: "omni_", suffix: "_audioRef", most: 10 }
]

const promptIssue = (
  prompt: unknown,
  { inFrames, inOmni, stills }: { readonly inFrames: boolean; readonly inOmni: boolean; readonly stills: boolean }
): string | undefined => {
  if (inFrames) return prompt === undefined ? undefined : "Expected none with frames: each takes a frame_N_prompt"
  if (prompt !== undefined) return undefined
  if (inOmni) return "Expected a text that speaks of the references"
  return stills ? undefined : "Expected a text, or firstFrameRef or frame_1_imageRef in its place"
}

export const video = (fields: RequestSchema.Fields): Issues => {
  const framed = framing.flatMap((series) => present(fields, series))
  const referenced = omni.flatMap((series) => present(fields, series))
  const stills = ["firstFrameRef", "endFrameRef"].filter((field) => fields[field] !== undefined)
  const [inFrames, inOmni] = [framed.length > 0, referenced.length > 0]
  const none = (field: string, because: string): Issue => ({ field, message: `Expected none with ${because}` })
  const prompt = promptIssue(fields["prompt"], { inFrames, inOmni, stills: stills.length > 0 })
  return [
    ...(prompt === undefined ? [] : [{ field: "prompt", message: prompt }]),
    ...(fields["ratio"] !== undefined && (inFrames || stills.length > 0)
      ? [none("ratio", "frames: it is that of the images")]
      : []),
    ...(fields["endFrameRef"] !== undefined && fields["firstFrameRef"] === undefined
      ? [{ field: "endFrameRef", message: "Expected firstFrameRef beside it" }]
      : []),
    ...(inFrames ? stills.map((field) => none(field, "frame_N_imageRef")) : []),
    ...(inOmni ? [...stills, ...framed].map((field) => none(field, "omni references")) : []),
    ...framing.flatMap((series) => beyond(fields, series)),
    ...(inFrames
      ? gaps(fields, frames, Math.max(2, ...framing.map((series) => last(fields, series))), "there are at least two,")
      : []),
    ...omni.flatMap((series) => [
      ...beyond(fields, series),
      ...gaps(fields, series, last(fields, series), "they are")
    ]),
    ...ofOneAccount(fields)
  ]
}

const references: Series = { prefix: "imageRef_", suffix: "", most: 6 }

export const image = (fields: RequestSchema.Fields): Issues => [
  ...(fields["prompt"] === undefined && present(fields, references).length === 0
    ? [{ field: "prompt", message: "Expected a text, or imageRef_1 in its place" }]
    : []),
  ...gaps(fields, references, last(fields, references), "they are"),
  ...ofOneAccount(fields)
]

/** Refuses an id that is plainly of other work, by its letter; what the service can't use it says itself. */
export const source = (what: string, otherLetters: string) => ({ jobid }: RequestSchema.Fields): Issues => {
  if (typeof jobid !== "string") return []
  const letter = job.letterOf(jobid)
  const own = (JobIds.provider(jobid) ?? job.id) === job.id
  return own && (letter === undefined || !otherLetters.includes(letter))
    ? []
    : [{ field: "jobid", message: `Expected the id of ${what}` }]
}
