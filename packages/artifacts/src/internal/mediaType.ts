import * as FileType from "@media-jobs/core/FileType"

/** A media type without its parameters; `undefined` for what is none. */
export const parse = (header: string | undefined): string | undefined =>
  /^\s*([a-z0-9][\w.+-]{0,63}\/[\w.+-]{1,64})\s*(?:;|$)/i.exec(header ?? "")?.[1]?.toLowerCase()

/** A double click would have a browser run what such a file holds. */
const active = "svg"

/** What hosts say that know no better. */
const vague = /^(?:application|binary)\/(?:octet-stream|x-download|force-download|unknown)$|^text\/plain$/

/** The media type of a file: what its first bytes say where the host's word is vague, or says otherwise. */
export const ofFile = (said: string | undefined, bytes: Uint8Array): string | undefined => {
  const [likeliest, ...others] = FileType.ofBytes(bytes)
  if (likeliest === undefined) return said
  const known = FileType.ofMediaType(said ?? "")
  // Of what is packed in a general way, such as a document in an archive, a host may know more than the first bytes.
  const knowsMore = said !== undefined && !vague.test(said) &&
    (known === undefined ? likeliest.kind === "archive" : [likeliest, ...others].includes(known))
  return knowsMore ? said : likeliest.mediaTypes[0]
}

/**
 * The ending of a file's name: of what its first bytes allow, or else of all that is known, what its media type says; else what
 * one of its URLs says; else the likeliest by its bytes; of what nothing is known, `bin`.
 */
export const endingOf = (type: string | undefined, urls: ReadonlyArray<URL | undefined>, bytes: Uint8Array): string => {
  const byBytes = FileType.ofBytes(bytes)
  const byType = FileType.ofMediaType(type ?? "")
  const byUrl = urls.map((url) => url?.protocol === "data:" ? undefined : FileType.ofName(url?.pathname ?? ""))
  const said = byType?.ending === "txt" ? [...byUrl, byType] : [byType, ...byUrl]
  const found = said.find((known) =>
    known !== undefined && known.ending !== active && (byBytes.length === 0 || byBytes.includes(known))
  )
  return (found ?? byBytes[0])?.ending ?? "bin"
}

/** Whether a file begins as a page of the web does. */
export const isPage = (bytes: Uint8Array): boolean =>
  /^(?:\xef\xbb\xbf)?\s*(?:<!--[^]*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta)\b/i
    .test(String.fromCharCode(...bytes.subarray(0, 512)))
