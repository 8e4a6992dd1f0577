/** A place in JSON: the names and indexes that lead there. */
export type Place = ReadonlyArray<string | number>

/** JSON with another value in a place, or nothing there where it is `undefined`. */
export const put = (into: unknown, [name, ...place]: Place, value: unknown): unknown => {
  if (name === undefined) return value
  if (Array.isArray(into)) return into.map((one, i) => i === Number(name) ? put(one, place, value) : one)
  const { [name]: before, ...rest } = Object(into) as Record<string, unknown> // what is no object has no fields
  const now = put(before, place, value)
  return now === undefined ? rest : { ...rest, [name]: now }
}
