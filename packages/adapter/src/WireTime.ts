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
import { earliest, millisOf } from "./internal/dateText.ts"
import * as Wire from "./Wire.ts"

const latest = Date.UTC(2100)

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
export const fromText = (text: unknown): DateTime.Utc | undefined => fromMillis(millisOf(text))

/**
 * A time as a text or, where that can't be read, in milliseconds since 1970.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromAny = (value: unknown): DateTime.Utc | undefined => fromText(value) ?? fromMillis(Wire.number(value))
