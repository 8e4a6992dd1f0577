/**
 * The entries of lists, in the forms that the services of useapi.net give them.
 *
 * @since 0.1.0
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Wire from "@media-jobs/adapter/Wire"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"

/**
 * The entries of a list's parts, each of one account or of all, and the number that the part is said to have.
 *
 * **Details**
 *
 * Something is missing where the list has an `error` beside its jobs, where a part is no list, and where the list or a part
 * counts more jobs than it holds.
 *
 * @since 0.1.0
 * @category conversions
 */
export const of = (
  body: unknown,
  parts: ReadonlyArray<readonly [entries: unknown, account?: string, count?: unknown]>,
  count: unknown
): Adapter.Rows => {
  const rows = parts.flatMap(([entries, account]) => Wire.array(entries).map((record) => ({ record, account })))
  const isWhole = (entries: unknown, count: unknown) =>
    Array.isArray(entries) && (Wire.number(count) ?? 0) <= entries.length
  return {
    rows,
    complete: Predicate.isNullish(Wire.object(body)["error"]) && isWhole(rows, count) &&
      parts.every(([entries, , count]) => isWhole(entries, count))
  }
}

/**
 * The entries of a list that is nothing else.
 *
 * @since 0.1.0
 * @category conversions
 */
export const bare = (body: unknown): Result.Result<Adapter.Rows, string> =>
  Array.isArray(body) ? Result.succeed(of(body, [[body]], undefined)) : Result.fail("Expected a list")

/** An account's `jobs` with their `total`. */
const counted = (found: unknown) => [Wire.object(found)["jobs"], Wire.object(found)["total"]] as const

/**
 * The entries of lists that stand `under` a name, by account; `part` finds those of one, and the number that it is said to have: its
 * `jobs` and their `total`, unless told.
 *
 * @since 0.1.0
 * @category conversions
 */
export const byAccount = (
  body: unknown,
  under: string,
  part: (found: unknown, account: string) => readonly [entries: unknown, count?: unknown] = counted
): Result.Result<Adapter.Rows, string> => {
  const { [under]: found, total } = Wire.object(body)
  if (!Predicate.isObject(found)) return Result.fail(`Expected lists by account at ["${under}"]`)
  const parts = Object.entries(found).map(([account, inner]) => {
    const [entries, count] = part(inner, account)
    return [entries, account, count] as const
  })
  return Result.succeed(of(body, parts, total))
}
