import * as Wire from "@media-jobs/adapter/Wire"

/** A file that an answer holds, as a link. A media type that is none would take the bytes along: the file's is the `usual` one. */
export const inline = (bytes: unknown, mediaType: unknown, usual: string): string | undefined => {
  const data = Wire.text(bytes)
  const type = Wire.text(mediaType)
  const known = type !== undefined && /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : usual
  return data === undefined ? undefined : Wire.link(`data:${known};base64,${data}`)
}
