import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"

interface Content {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

const percent = 0x25

const nibble = (byte: number | undefined): number => {
  const letter = byte === undefined ? "" : String.fromCharCode(byte)
  return /^[0-9a-f]$/i.test(letter) ? Number.parseInt(letter, 16) : NaN
}

/** Bytes for a text of which some stand as `%41`; a `%` before anything else is one. */
const unescape = (text: string): Uint8Array => {
  const bytes = new TextEncoder().encode(text)
  let length = bytes.indexOf(percent)
  if (length === -1) return bytes
  for (let at = length; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    const value = byte === percent ? 16 * nibble(bytes[at + 1]) + nibble(bytes[at + 2]) : NaN
    bytes[length++] = Number.isNaN(value) ? byte : value
    if (!Number.isNaN(value)) at += 2
  }
  return bytes.subarray(0, length)
}

/**
 * What a `data:` URL (RFC 2397, and the Fetch standard where that is laxer) holds; `undefined` where it can't be read. The URL
 * parser is left out: it would copy megabytes, and there is no host to find.
 */
export const parse = (url: string): Content | undefined => {
  const comma = url.indexOf(",")
  const head = url.slice("data:".length, comma === -1 ? 0 : comma)
  if (comma === -1 || head.length > 1_000) return undefined
  const [type = ""] = head.split(";", 1)
  const mediaType = type.trim() === "" ? "text/plain" : type
  const hash = url.indexOf("#", comma)
  const bytes = unescape(url.slice(comma + 1, hash === -1 ? undefined : hash))
  if (!/;\s*base64\s*$/i.test(head)) return { mediaType, bytes }
  const text = new TextDecoder().decode(bytes).replace(/\s+/g, "").replace(/-/g, "+").replace(/_/g, "/").replace(
    /=+$/,
    ""
  )
  const decoded = Base64.decode(text.padEnd(Math.ceil(text.length / 4) * 4, "="))
  return Result.isSuccess(decoded) ? { mediaType, bytes: decoded.success } : undefined
}
