/**
 * What a Google Flow job made, output by output, and what of it is not there.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireFile from "@media-jobs/adapter/WireFile"
import * as WireTime from "@media-jobs/adapter/WireTime"
import type * as Artifact from "@media-jobs/core/Artifact"
import type { Missing } from "@media-jobs/core/JobState"
import * as ErrorText from "@media-jobs/useapi/ErrorText"
import * as causes from "./causes.ts"

/** Whether an image without a link was refused, which its answer does not say: so one user has found. */
const withheld: Missing = { reason: "Answered without the image", cause: "content" }

const at = (value: unknown, path: string): unknown =>
  path.split(".").reduce((found, name) => Wire.object(found)[name], value)

/** Before May 2026 a video's link stood in its operation, where an upscale's still may. */
const links = [
  ["video", "videoUrl"],
  ...["video", "operation.metadata.video"].flatMap((old) =>
    [["video", `${old}.fifeUrl`], ["video", `${old}.uri`]] as const
  ),
  ["image", "image.generatedImage.fifeUrl"]
] as const

/** Where an older form has the picture itself in the answer is on no page: beside the link, or outside of it. */
const inlines = ["image.generatedImage.encodedImage", "image.encodedImage", "encodedImage"]

const fileOf = (entry: unknown): { readonly kind: Artifact.MediaKind; readonly url: string } | undefined =>
  Wire.first(links, ([kind, path]) => {
    const url = Wire.link(at(entry, path))
    return url === undefined ? undefined : { kind, url }
  }) ?? inlineOf(entry)

const inlineOf = (entry: unknown) => {
  const url = Wire.link(`data:image/jpeg;base64,${text(entry, inlines) ?? " "}`)
  return url === undefined ? undefined : { kind: "image", url } as const
}

const text = (entry: unknown, paths: ReadonlyArray<string>): string | undefined =>
  Wire.first(paths, (path) => Wire.text(at(entry, path)))

const durationOf = (entry: unknown) =>
  WireTime.duration(/^([\d.]+)s$/.exec(Wire.text(at(entry, "video.dimensions.length")) ?? "")?.[1], 1000)

/** Why an output is not there. */
export const missingOf = (entry: unknown): Missing => {
  const said = ErrorText.of(entry)
  if (said !== undefined) return causes.missing(said)
  const reason = text(entry, ["mediaMetadata.mediaStatus.mediaGenerationStatus", "status"])
  if (reason !== undefined) return { reason, cause: "unknown" }
  return at(entry, "image.generatedImage") === undefined ? { cause: "unknown" } : withheld
}

/** The entries of a result, each an output; of a result in both forms, the older only where the newer has no file. */
const entriesOf = (response: unknown): ReadonlyArray<unknown> => {
  const { media, operations } = Wire.object(response)
  const [newer, older] = [Wire.array(media), Wire.array(operations)]
  return newer.some(fileOf) || !older.some(fileOf) && newer.length > 0 ? newer : older
}

/** The files of an output. */
export const filesOf = (entry: unknown, index: number): ReadonlyArray<Artifact.Artifact> => {
  const { kind = "image", url } = fileOf(entry) ?? {}
  const files = WireFile.of(url, { kind, role: "primary", index, duration: durationOf(entry) })
  return WireFile.withThumbnail(files, at(entry, "thumbnailUrl"), { index })
}

/** The outputs that were asked for, `count` of them, each in its place; of one that is not there, nothing. */
export const worksOf = (response: unknown, count = 0): ReadonlyArray<unknown> => {
  const entries = entriesOf(response)
  const length = entries.length === 0 ? 0 : Math.max(entries.length, Math.min(count, 4))
  return Array.from({ length }, (_, i) => entries[i])
}

/** The name by which the service makes a fresh link to an output; a thumbnail has none. */
export const mediaIdOf = (response: unknown, label: string | undefined): string | undefined => {
  const entry = entriesOf(response).find((_, i) => Wire.labelAt("primary", i) === label)
  return text(entry, ["mediaGenerationId", "image.generatedImage.mediaGenerationId", "video.mediaGenerationId"])
}
