import type * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import type { Issue } from "@media-jobs/core/JobError"
import * as AssetRef from "@media-jobs/useapi/AssetRef"
import * as job from "./job.ts"

type Issues = ReadonlyArray<Issue>

const file = /^(?:file|fileID\d*|end_frame_fileID|(?:videoFileID|audioFileID|referenceFileId)\d+)$/

const refs = (fields: RequestSchema.Fields): ReadonlyArray<string> =>
  Object.keys(fields).filter((field) => file.test(field) && fields[field] !== undefined)

/** The account that a request will run on, as far as it says: by name, or by its files. */
export const accountOfRequest = (request: object): string | undefined => {
  const fields = Wire.object(request)
  return AssetRef.accountOf(fields, "account", refs(fields), job.accountOf)
}

export const ofOneAccount = (fields: RequestSchema.Fields): Issues =>
  AssetRef.ofOneAccount(fields, "account", refs(fields), job.accountOf)

/** Files that are counted from `least` to `most`, and in no other way. */
const beyond = (fields: RequestSchema.Fields, name: string, least: number, most: number): Issues =>
  refs(fields).flatMap((field) => {
    const digits = field.startsWith(name) ? field.slice(name.length) : ""
    return !/^\d+$/.test(digits) || Number(digits) >= least && Number(digits) <= most
      ? []
      : [{ field, message: `Expected ${name}${least} to ${name}${most}` }]
  })

export const video = (fields: RequestSchema.Fields): Issues => [
  ...(fields["prompt"] === undefined && refs(fields).length === 0
    ? [{ field: "prompt", message: "Expected a text, or a file in its place" }]
    : []),
  ...(typeof fields["prompt"] === "string" && fields["prompt"].length > 2000 &&
      !/^seedance/i.test(String(fields["model"]))
    ? [{ field: "prompt", message: "Expected at most 2000 characters with other models than Seedance" }]
    : []),
  ...beyond(fields, "fileID", 2, 14),
  ...beyond(fields, "videoFileID", 1, 3),
  ...beyond(fields, "audioFileID", 1, 3),
  ...ofOneAccount(fields)
]

export const template = (fields: RequestSchema.Fields): Issues => [
  ...(fields["fileID"] !== undefined && fields["ossPath"] === undefined
    ? [{ field: "ossPath", message: "Expected the path of the file beside fileID" }]
    : []),
  ...ofOneAccount(fields)
]

export const image = (fields: RequestSchema.Fields): Issues => [
  ...beyond(fields, "referenceFileId", 1, 16),
  ...ofOneAccount(fields)
]

export const music = ({ instrumental, lyrics }: RequestSchema.Fields): Issues =>
  instrumental === true && lyrics !== undefined
    ? [{ field: "lyrics", message: "Expected none of an instrumental" }]
    : []

export const speech = ({ model, text }: RequestSchema.Fields): Issues =>
  typeof text === "string" && text.length > 5000 && text.length <= 10_000 && !String(model).includes("turbo")
    ? [{ field: "text", message: "Expected at most 5000 characters with other models than a turbo" }]
    : []
