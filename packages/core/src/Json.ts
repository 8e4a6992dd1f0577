/**
 * JSON as services send it, without the loss that JavaScript's numbers are.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Sha256 from "./Sha256.ts"

/** A whole number so long that it may be beyond 2^53, where a value can begin: most texts have none. */
const long = /(?:^|[[:,])\s*-?\d{16,}/
/** Whatever begins or ends a string, what is escaped in one, and numbers: no longer match, which could overflow the stack. */
const tokens = /\\[^]|"|-?\d[\d.eE+-]*/g

/**
 * The value of a JSON text, in which a whole number beyond 2^53 is a text: ids have that many digits, and a number would lose the last.
 *
 * **Example** (An id of twenty digits)
 *
 * ```ts import.meta.vitest
 * import * as Json from "@media-jobs/core/Json"
 * import { Result } from "effect"
 *
 * const value = Json.parse("{ \"id\": 12345678901234567890, \"seed\": 7, \"said\": \"no: 12345678901234567890\" }")
 * Result.getOrThrow(value) // => { id: "12345678901234567890", seed: 7, said: "no: 12345678901234567890" }
 * ```
 *
 * @since 0.1.0
 * @category conversions
 */
export const parse = (text: string): Result.Result<unknown, unknown> =>
  Result.try((): unknown => JSON.parse(long.test(text) ? exact(text) : text))

const exact = (text: string): string => {
  let inString = false
  return text.replace(tokens, (token) => {
    if (token === "\"") inString = !inString
    return !inString && /^-?[1-9]\d{15,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token
  })
}

const encoder = /* @__PURE__ */ new TextEncoder()

/** An object's entries in one order; what JSON can't hold is refused by a request's schema. */
const sorted = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? `${value}` : typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1))
    : value

/**
 * What tells two values of JSON apart, in whatever order their fields were written, and shows nothing of them: 128 bits.
 *
 * **Example** (The order of fields)
 *
 * ```ts import.meta.vitest
 * import * as Json from "@media-jobs/core/Json"
 *
 * Json.digest({ prompt: "rain", seed: 7 }) === Json.digest({ seed: 7, prompt: "rain" }) // => true
 * Json.digest({ prompt: "rain", seed: 7 }) === Json.digest({ prompt: "rain", seed: 8 }) // => false
 * ```
 *
 * @since 0.1.0
 * @category getters
 */
export const digest = (value: unknown): string =>
  Array.from(
    Sha256.digest(encoder.encode(JSON.stringify(value, sorted))).subarray(0, 16),
    (byte) => byte.toString(16).padStart(2, "0")
  ).join("")
