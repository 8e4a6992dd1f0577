/**
 * Texts as one segment of a URL's path.
 *
 * @since 0.1.0
 */

/** What RFC 3986 allows in a segment and `encodeURIComponent` escapes all the same. */
const legal = /%(?:3A|40|24|26|2B|2C|3B|3D)/g

/**
 * A text as the bytes of one path segment, or `undefined` where none can carry it.
 *
 * **When to use**
 *
 * Use for every id and account that goes into a path. The useapi.net services take ids with `:` and `@` as they are, and
 * several answer "Invalid job ID format" to an id that `encodeURIComponent` made.
 *
 * **Details**
 *
 * RFC 3986: every `pchar` stays, all else is percent-encoded as UTF-8, so decoding gives the text back byte for byte, and no
 * URL parser rewrites it.
 *
 * **Gotchas**
 *
 * An empty text, `.` and `..` are `undefined`: as segments they name another resource, and a URL parser reads `%2E` as a dot
 * too. So is a text with half a surrogate pair, which UTF-8 has no bytes for.
 *
 * **Example** (An id with an address in it)
 *
 * ```ts import.meta.vitest
 * import * as PathSegment from "@media-jobs/adapter/PathSegment"
 *
 * PathSegment.encode("j1-u2-email:user@example.com-bot:luma") // => "j1-u2-email:user@example.com-bot:luma"
 * PathSegment.encode("[email protected]/?") // => "%5Bemail%20protected%5D%2F%3F"
 * PathSegment.encode("..") // => undefined
 * ```
 *
 * @since 0.1.0
 * @category conversions
 */
export const encode = (text: string): string | undefined => {
  if (text === "" || text === "." || text === ".." || !text.isWellFormed()) return undefined
  return encodeURIComponent(text).replace(legal, decodeURIComponent)
}
