import * as FileType from "@media-jobs/core/FileType"

/** A media type without its parameters; `undefined` for what is none. */
export const parse = (header: string | undefined): string | undefined =>
  /^\s*([a-z0-9][\w.+-]{0,63}\/[\w.+-]{1,64})\s*(?:;|$)/i.exec(header ?? "")?.[1]?.toLowerCase()

/** A double click would have a browser run what such a file holds. */
const active = "svg"

/** The ending of a file's name: what its media type says; else what one of its URLs says; of what is known, else `bin`. */
export const endingOf = (type: string | undefined, urls: ReadonlyArray<URL | null>): string => {
  const byType = FileType.ofMediaType(type ?? "")
  const byUrl = urls.map((url) => FileType.ofName(url?.pathname ?? ""))
  // A host that knows no better says `text/plain` as well as `application/octet-stream`.
  const found = byType?.ending === "txt" ? [...byUrl, byType] : [byType, ...byUrl]
  return found.find((known) => known !== undefined && known.ending !== active)?.ending ?? "bin"
}
