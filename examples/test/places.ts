import { Predicate, type Schema } from "effect"

export type Path = ReadonlyArray<string | number>

/** Every place in a document, from the outside in. */
export const placesIn = (json: Schema.Json, at: Path = []): ReadonlyArray<Path> => {
  if (Array.isArray(json)) return json.flatMap((inner, i) => [[...at, i], ...placesIn(inner, [...at, i])])
  return Predicate.isObject(json)
    ? Object.entries(json as Schema.JsonObject).flatMap(([key, inner]) => [ // an object of JSON
      [...at, key],
      ...placesIn(inner, [...at, key])
    ])
    : []
}

/** The same document with another value at a place, or with none there. */
export const replaced = (json: Schema.Json, [step, ...rest]: Path, by: Schema.Json | undefined): Schema.Json => {
  if (Array.isArray(json)) {
    return json.flatMap((inner, i) =>
      i !== step ? [inner] : rest.length > 0 ? [replaced(inner, rest, by)] : by === undefined ? [] : [by]
    )
  }
  const object = json as Schema.JsonObject // a path of names leads through objects
  return Object.fromEntries(
    Object.entries(object).flatMap(([key, inner]) =>
      key !== step
        ? [[key, inner]]
        : rest.length > 0
        ? [[key, replaced(inner, rest, by)]]
        : by === undefined
        ? []
        : [[key, by]]
    )
  )
}
