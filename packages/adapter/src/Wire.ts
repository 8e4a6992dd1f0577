/**
 * What a service sends, read field by field: a field of an odd type reads as absent.
 *
 * **When to use**
 *
 * Use `side` in a record's schema for every field that a job can do without, and the readers where the record becomes a job.
 * A schema that demanded their types would lose a paid job for a number that came as a text.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

/**
 * A field that a job can do without, of whatever type.
 *
 * @since 0.1.0
 * @category schemas
 */
export const side = Schema.optionalKey(Schema.Unknown)

/**
 * The fields of a JSON object; none of anything else.
 *
 * @since 0.1.0
 * @category readers
 */
export const object = (value: unknown): Readonly<Record<string, unknown>> =>
  Predicate.isObject(value) ? value as Readonly<Record<string, unknown>> : {} // an object, by whatever names

/**
 * A text that is not empty.
 *
 * @since 0.1.0
 * @category readers
 */
export const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

/**
 * A number, also one that came as a text.
 *
 * **Example** (What is a number)
 *
 * ```ts import.meta.vitest
 * import * as Wire from "@media-jobs/adapter/Wire"
 *
 * Wire.number(1280) // => 1280
 * Wire.number("1280") // => 1280
 * Wire.number("wide") // => undefined
 * Wire.number(null) // => undefined
 * ```
 *
 * @since 0.1.0
 * @category readers
 */
export const number = (value: unknown): number | undefined => {
  const found = typeof value === "string" && value.trim() !== "" ? Number(value) : value
  return typeof found === "number" && Number.isFinite(found) ? found : undefined
}

/**
 * A link that leads somewhere: an `http`, `https` or `data` URL.
 *
 * @since 0.1.0
 * @category readers
 */
export const link = (value: unknown): string | undefined =>
  typeof value === "string" && /^(?:https?:\/\/[^\s/?#]|data:[^,\s]*,)\S*$/i.test(value) ? value : undefined

/**
 * The entries of a JSON array; none of anything else.
 *
 * @since 0.1.0
 * @category readers
 */
export const array = (value: unknown): ReadonlyArray<unknown> => Array.isArray(value) ? value : []

/**
 * The label of the entry at this index of a list whose first is called `name`, whatever the others are: `name-2`, `name-3`.
 *
 * @since 0.1.0
 * @category readers
 */
export const labelAt = (name: string, index: number): string => index === 0 ? name : `${name}-${index + 1}`
