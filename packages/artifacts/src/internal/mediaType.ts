import * as FileType from "@media-jobs/core/FileType"

/** A media type without its parameters; `undefined` for what is none. */
export const parse = (header: string | undefined): string | undefined =>
  /^\s*([a-z0-9][\w.+-]{0,63}\/[\w.+-]{1,64})\s*(?:;|$)/i.exec(header ?? "")?.[1]?.toLowerCase()

/** A double click would have a browser run what such a file holds. */
const active = "svg"

/** What hosts say that know no better. */
const vague = /^(?:application|binary)\/(?:octet-stream|x-download|force-download|unknown)$|^text\/plain$/

/** What a file is by all that is known of it. */
export interface Found {
  readonly ending: string
  readonly mediaType: string | undefined
}

/**
 * What a file is: of what its first bytes allow, or else of all that is known, what its host's media type says; else what one of
 * its URLs says; else the likeliest by its bytes; of what nothing is known, the ending is `bin`.
 */
export const find = (said: string | undefined, urls: ReadonlyArray<URL | undefined>, bytes: Uint8Array): Found => {
  const byBytes = FileType.ofBytes(bytes)
  const byType = FileType.ofMediaType(said ?? "")
  const byUrl = urls.map((url) => url?.protocol === "data:" ? undefined : FileType.ofName(url?.pathname ?? ""))
  const told = byType?.ending === "txt" ? [...byUrl, byType] : [byType, ...byUrl]
  const found =
    told.find((known) =>
      known !== undefined && known.ending !== active && (byBytes.length === 0 || byBytes.includes(known))
    ) ?? byBytes[0]
  // Of what is packed in a general way, such as a document in an archive, a host may know more than the first bytes.
  const mayKnowMore = byType === undefined && found?.kind === "archive" && said !== undefined && !vague.test(said)
  const isSaid = byBytes.length === 0 || byType === found || mayKnowMore
  return { ending: found?.ending ?? "bin", mediaType: isSaid ? said : found?.mediaTypes[0] }
}

/** Whether a file begins as a page of the web does. */
export const isPage = (bytes: Uint8Array): boolean =>
  /^(?:\xef\xbb\xbf)?\s*(?:<!--[^]*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta)\b/i
    .test(String.fromCharCode(...bytes.subarray(0, 512)))
