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
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

/**
 * A field that a job can do without, of whatever type.
 *
 * @since 0.1.0
 * @category schemas
 */
export const side = Schema.optionalKey(Schema.Unknown)

/**
 * Fields of these names, each of which a job can do without.
 *
 * @since 0.1.0
 * @category schemas
 */
export const sides = <const Name extends string>(...names: ReadonlyArray<Name>) =>
  Object.fromEntries(names.map((name) => [name, side])) as { readonly [N in Name]: typeof side } // by these names

/**
 * An id, as its text: some services write it as a number.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Id = /* @__PURE__ */ Schema.Union([Schema.NonEmptyString, Schema.Int]).pipe(
  /* @__PURE__ */ Schema.decodeTo(
    Schema.NonEmptyString,
    /* @__PURE__ */ SchemaTransformation.transform({
      decode: (id: string | number) => String(id),
      encode: (id: string): string | number => id
    })
  )
)

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
 * A text that is not empty, also one that came as a number.
 *
 * @since 0.1.0
 * @category readers
 */
export const word = (value: unknown): string | undefined => text(typeof value === "number" ? String(value) : value)

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
 * The first of these values that can be read.
 *
 * **Example** (The better of two links)
 *
 * ```ts import.meta.vitest
 * import * as Wire from "@media-jobs/adapter/Wire"
 *
 * Wire.first([null, "https://example.com/1.mp4"], Wire.link) // => "https://example.com/1.mp4"
 * ```
 *
 * @since 0.1.0
 * @category readers
 */
export const first = <V, A>(values: ReadonlyArray<V>, read: (value: V) => A | undefined): A | undefined => {
  for (const value of values) {
    const found = read(value)
    if (found !== undefined) return found
  }
  return undefined
}

/** Where services put what went wrong, the most telling first. */
const sayings = [
  "message",
  "msg",
  "detail",
  "details",
  "error",
  "errors",
  "description",
  "reason",
  "title",
  "status",
  "code"
]

/**
 * What a service says, however deep it stands: in objects, in lists, and in JSON within a text, which another service before
 * this one put a preface to.
 *
 * **Example** (An answer that was passed on)
 *
 * ```ts import.meta.vitest
 * import * as Wire from "@media-jobs/adapter/Wire"
 *
 * const upstream = "400 Bad Request: " + JSON.stringify({ error: { message: "No such size" } })
 * Wire.sentence({ error: { code: 400, message: upstream } }) // => "No such size"
 * Wire.sentence(["Too long", { msg: "Too loud" }]) // => "Too long; Too loud"
 * ```
 *
 * @since 0.1.0
 * @category readers
 */
export const sentence = (value: unknown, depth = 8): string | undefined => {
  if (depth === 0) return undefined
  if (typeof value === "string") {
    const inner = /^\s*\[/.test(value) ? value : value.slice(value.indexOf("{"), value.lastIndexOf("}") + 1)
    const json = Result.try((): unknown => JSON.parse(inner))
    return (Result.isSuccess(json) ? sentence(json.success, depth - 1) : undefined) ?? text(value.trim())
  }
  if (Array.isArray(value)) {
    return text(value.slice(0, 20).flatMap((entry) => sentence(entry, depth - 1) ?? []).join("; "))
  }
  const fields = object(value)
  for (const name of sayings) {
    const said = Object.hasOwn(fields, name) ? sentence(fields[name], depth - 1) : undefined
    if (said !== undefined) return said
  }
  return undefined
}

/**
 * The label of the entry at this index of a list whose first is called `name`, whatever the others are: `name-2`, `name-3`.
 *
 * @since 0.1.0
 * @category readers
 */
export const labelAt = (name: string, index: number): string => index === 0 ? name : `${name}-${index + 1}`
