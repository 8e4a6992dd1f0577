/**
 * Queries of URLs.
 *
 * @since 0.1.0
 */

/**
 * A query of these fields, with its mark; those that are undefined are left out, and nothing is left where all are.
 *
 * **Example** (Fields that are known, and none)
 *
 * ```ts import.meta.vitest
 * import * as Query from "@media-jobs/adapter/Query"
 *
 * Query.of({ email: "user@example.com", cursor: undefined, limit: 40 }) // => "?email=user%40example.com&limit=40"
 * Query.of({ email: undefined }) // => ""
 * ```
 *
 * @since 0.1.0
 * @category conversions
 */
export const of = (fields: Readonly<Record<string, string | number | undefined>>): string => {
  const given = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]
  )
  return given.length === 0 ? "" : `?${given.join("&")}`
}
