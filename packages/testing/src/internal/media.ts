import * as Encoding from "effect/encoding/Base64"
import * as Result from "effect/Result"
import * as Reply from "../Reply.ts"
import * as files from "./mediaFiles.ts"

const types: { readonly [ending: string]: readonly [mediaType: string, base64: string] } = {
  mp4: ["video/mp4", files.mp4],
  png: ["image/png", files.png],
  jpg: ["image/jpeg", files.jpg],
  webp: ["image/webp", files.webp],
  mp3: ["audio/mpeg", files.mp3],
  // One container for both, and the film has a tone.
  m4a: ["audio/mp4", files.mp4],
  wav: ["audio/wav", files.wav],
  zip: ["application/zip", files.zip]
}

/** Decoded at first sight; a service has a few sorts of files and many links. */
const decoded = new Map<string, Uint8Array>()
const bytesOf = (ending: string, base64: string): Uint8Array => {
  const bytes = decoded.get(ending) ?? Result.getOrThrow(Encoding.decode(base64))
  decoded.set(ending, bytes)
  return bytes
}

/** The file behind a link of this name, whole and in the link. */
export const inlined = (file: string): string => {
  const [mediaType = "", base64 = ""] = types[/[^.]*$/.exec(file)?.[0] ?? ""] ?? []
  return `data:${mediaType};base64,${base64}`
}

const denied = (because: string): Reply.Reply => ({
  status: 403,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>${because}</Message></Error>`
})

/** `bytes=from-to`, of which either may be missing; of several ranges, as most hosts do, nothing. */
const rangeOf = (header: string | undefined, size: number): readonly [from: number, to: number] | "none" | "wrong" => {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? []
  if (first === "" && last === "") return "none"
  const [from, to] = first === ""
    ? [Math.max(0, size - Number(last)), size - 1]
    : [Number(first), last === "" ? size - 1 : Math.min(size - 1, Number(last))]
  return from < size && from <= to ? [from, to] : "wrong"
}

/**
 * The file behind a link, as a host of such files answers: whole, or from where a `Range` begins; not any more once the link
 * has expired.
 */
export const answer = (
  path: string,
  query: string,
  headers: { readonly [name: string]: string | undefined },
  now: number
): Reply.Reply => {
  const ending = /\.([a-z0-9]+)$/.exec(path)?.[1] ?? ""
  const [mediaType, base64] = types[ending] ?? []
  if (mediaType === undefined || base64 === undefined) return Reply.html(404, "Not Found")
  const expires = new URLSearchParams(query).get("expires")
  if (expires !== null && now >= Number(expires)) return denied("Request has expired")
  const bytes = bytesOf(ending, base64)
  const etag = `"${ending}-${bytes.length}"`
  const head = { "content-type": mediaType, "accept-ranges": "bytes", etag }
  const ifRange = headers["if-range"]
  const range = ifRange === undefined || ifRange === etag ? rangeOf(headers["range"], bytes.length) : "none"
  if (range === "wrong") {
    return Reply.empty(416, { ...head, "content-range": `bytes */${bytes.length}` })
  }
  if (range === "none") return { status: 200, headers: head, body: "", bytes }
  const [from, to] = range
  return {
    status: 206,
    headers: { ...head, "content-range": `bytes ${from}-${to}/${bytes.length}` },
    body: "",
    bytes: bytes.subarray(from, to + 1)
  }
}
