/**
 * PixVerse's records as jobs.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Success from "@media-jobs/adapter/Success"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireFile from "@media-jobs/adapter/WireFile"
import * as WireTime from "@media-jobs/adapter/WireTime"
import type * as Artifact from "@media-jobs/core/Artifact"
import * as JobId from "@media-jobs/core/JobId"
import type { JobState } from "@media-jobs/core/JobState"
import * as ErrorText from "@media-jobs/useapi/ErrorText"
import * as wire from "./wire.ts"

/** Where each sort of job is read, what it makes, and whether one at work is answered as if it were not there. */
export const sorts = {
  video: { folder: "videos", kind: "video", isHidden: true },
  // As a video's, until a page shows one.
  image: { folder: "images", kind: "image", isHidden: true },
  music: { folder: "music", kind: "audio", isHidden: false },
  speech: { folder: "speech", kind: "audio", isHidden: false }
} as const

export type Sort = keyof typeof sorts

/** The account and the sort in an id, `user:{n}-pixverse:{address}-{sort}:{number}`. */
export const partsOf = (id: string): { readonly account: string; readonly sort: Sort } | undefined => {
  const [, account, sort] = /^user:\d+-pixverse:(.+)-(video|image|music|speech):\d+$/.exec(id) ?? []
  // As the pattern has it.
  return account === undefined ? undefined : { account, sort: sort as Sort }
}

const kindOf = (id: string): Artifact.MediaKind | undefined => {
  const sort = partsOf(id)?.sort
  return sort && sorts[sort].kind
}

/** Names by their numbers, which stand in for a name that is not known; that 7 is moderation's, a comment says. */
const names: Readonly<Record<number, string>> = {
  1: "COMPLETED",
  5: "QUEUED",
  7: "MODERATED",
  8: "FAILED",
  10: "GENERATING"
}

/** Where an image is, no page shows. */
const links = { video: ["url"], image: ["url", "image_url", "img_url"], audio: ["url"] } as const

const artifactsOf = (record: wire.Record, kind: "video" | "image" | "audio"): ReadonlyArray<Artifact.Artifact> => {
  const files = WireFile.of(Wire.first(links[kind], (name) => Wire.link(record[name])), {
    kind,
    role: "primary",
    width: record["output_width"],
    height: record["output_height"],
    duration: WireTime.duration(record["video_duration"] ?? record["duration"], 1000)
  })
  return kind === "video" ? WireFile.withThumbnail(files, record["img_url"]) : files
}

const codeOf = ({ errCode, fail_code }: wire.Record): string | undefined => Wire.first([errCode, fail_code], Wire.word)

const failed = (record: wire.Record, name: string | undefined): JobState => {
  const code = codeOf(record)
  const reason = Wire.sentence(record["fail_reason"]) ?? ErrorText.of(record) ?? code ?? name
  return Failure.coded(Failure.fromText(reason), code)
}

const running: JobState = { _tag: "Running" }

/** A job's name decides, before its flag, which pages print as true of one that waits; a link may be there while it is at work. */
const stateOf = (record: wire.Record): Adapter.Report["state"] => {
  const { id = "", isFinal, name: told, number } = wire.statusOf(record)
  const word = told?.toUpperCase()
  const name = Object.values(names).find((name) => name === word) ?? names[number ?? NaN] ?? word
  switch (name) {
    case "COMPLETED":
      return Success.of(artifactsOf(record, sorts[partsOf(id)?.sort ?? "video"].kind))
    case "MODERATED":
    case "FAILED":
      return failed(record, name)
  }
  if (ErrorText.of(record) !== undefined || codeOf(record) !== undefined) return failed(record, name)
  switch (name) {
    case "QUEUED":
      return { _tag: "Queued" }
    case "GENERATING":
      return running
    default:
      return { _tag: "Unknown", ended: isFinal }
  }
}

export const ofRecord = (record: wire.Record): Adapter.Report => {
  const { id = "", name, number } = wire.statusOf(record)
  const credits = Wire.number(record["credits"])
  return {
    id: JobId.make(id),
    kind: kindOf(id),
    state: stateOf(record),
    providerStatus: name ?? names[number ?? NaN] ?? `${number}`,
    account: partsOf(id)?.account,
    model: Wire.text(record["model"]),
    echo: Wire.text(record["replyRef"]) ?? Wire.text(Wire.object(record["response"])["replyRef"]),
    createdAt: WireTime.fromText(record["created_at"]),
    updatedAt: WireTime.fromText(record["updated_at"]),
    cost: credits === undefined ? undefined : { amount: credits, unit: "pixverse-credits", basis: "charged" }
  }
}

/** An entry of the list has no status, but is there because it is tracked. */
export const ofEntry = ({ id, replyRef, started }: wire.Entry): Adapter.Report => ({
  id: JobId.make(id),
  kind: kindOf(id),
  state: running,
  account: partsOf(id)?.account,
  echo: Wire.text(replyRef),
  createdAt: WireTime.fromText(started)
})
