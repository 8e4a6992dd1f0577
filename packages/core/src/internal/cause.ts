import * as Formatter from "effect/Formatter"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

const encode = (cause: unknown): Schema.Json => {
  if (!(cause instanceof Error)) return Formatter.format(cause)
  const { cause: inner, message, name } = cause
  return inner === undefined ? { name, message } : { name, message, cause: encode(inner) }
}

const decode = (json: unknown): unknown => {
  if (!Predicate.isObject(json) || !("message" in json)) return json
  const { cause, message, name } = json
  const error = new Error(`${message}`, cause === undefined ? undefined : { cause: decode(cause) })
  error.name = `${name ?? "Error"}`
  return error
}

/** What went wrong, in the form of `Schema.Defect`; that weighs 700 B more, for values that no shielded cause is. */
export const Cause = Schema.Json.pipe(
  Schema.decodeTo(Schema.Unknown, SchemaTransformation.transform({ decode, encode }))
)
