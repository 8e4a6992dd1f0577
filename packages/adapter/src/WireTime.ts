/**
 * Times as services write them.
 *
 * **Details**
 *
 * A time without a zone is UTC. One that can't be read, or lies before the year 2000 or after 2100, tells nothing: it is
 * absent, which costs no job.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Wire from "./Wire.ts"

const earliest = Date.UTC(2000)
const latest = Date.UTC(2100)

/** JavaScript reads a time out of almost any text with a number in it: of `12`, a day in 2001. */
const dated = /^(?:\d{4}\/|[A-Z][a-z]{2}[, ])/

/** Whether a text says its zone: at its end, or as the HTTP dates do. */
const zoned = /(?:z|[+-]\d\d:?\d\d|GMT|UTC)$/

/**
 * A time in milliseconds since 1970.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromMillis = (millis: unknown): DateTime.Utc | undefined =>
  typeof millis === "number" && millis >= earliest && millis < latest
    ? DateTime.makeUnsafe(Math.round(millis))
    : undefined

/**
 * A time in seconds since 1970.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromSeconds = (seconds: unknown): DateTime.Utc | undefined =>
  typeof seconds === "number" ? fromMillis(seconds * 1000) : undefined

/**
 * How long something takes, in units of so many milliseconds; for ever or less than nothing is absent.
 *
 * @since 0.1.0
 * @category conversions
 */
export const duration = (value: unknown, unit: number): Duration.Duration | undefined => {
  const millis = (Wire.number(value) ?? -1) * unit
  return millis >= 0 && millis < Infinity ? Duration.millis(millis) : undefined
}

/**
 * A time as a text, in any form that JavaScript reads and that begins with its year, month or day of the week.
 *
 * **Example** (With a zone, and without)
 *
 * ```ts import.meta.vitest
 * import * as WireTime from "@media-jobs/adapter/WireTime"
 *
 * const millis = (text: unknown) => WireTime.fromText(text)?.epochMilliseconds
 * millis("2026-03-26T14:05:30.123Z") // => 1774533930123
 * millis("2026-03-26T14:05:30.123") // => 1774533930123
 * millis("0001-01-01T00:00:00Z") // => undefined
 * millis("soon") // => undefined
 * ```
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromText = (text: unknown): DateTime.Utc | undefined => {
  if (typeof text !== "string" || text[4] !== "-" && !dated.test(text)) return undefined
  // Most end in Z, which a list of thousands need not search for. A date alone is UTC by JavaScript's own rule.
  const isWhole = text.endsWith("Z") || zoned.test(text) || /^\d{4}-\d\d-\d\d$/.test(text)
  return fromMillis(Date.parse(isWhole ? text : `${text}Z`))
}
