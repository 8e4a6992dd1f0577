/**
 * The names that useapi.net gives to uploaded files.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import type { Issue } from "@media-jobs/core/JobError"

/**
 * The name that an upload was given.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AssetRef = RequestSchema.fileReference("an assetRef")

/**
 * The account that a request will run on, as far as it says: by name, or by the first of its files that tells it.
 *
 * @since 0.1.0
 * @category getters
 */
export const accountOf = (
  fields: RequestSchema.Fields,
  account: string,
  refs: ReadonlyArray<string>,
  ownerOf: (assetRef: string) => string | undefined
): string | undefined => Wire.text(fields[account]) ?? Wire.first(refs, (field) => ownerOf(String(fields[field])))

/**
 * Files of accounts other than the one that a request names or, where it names none, than that of its first file.
 *
 * **Details**
 *
 * `accountOf` reads the account out of an assetRef; one that it can't read is let through. Accounts are compared, never
 * shown.
 *
 * @since 0.1.0
 * @category validation
 */
export const ofOneAccount = (
  fields: RequestSchema.Fields,
  account: string,
  refs: ReadonlyArray<string>,
  accountOf: (assetRef: string) => string | undefined
): ReadonlyArray<Issue> => {
  const known = refs.flatMap((field) => {
    const ref = fields[field]
    const owner = typeof ref === "string" ? accountOf(ref)?.toLowerCase() : undefined
    return owner === undefined ? [] : [{ field, owner }]
  })
  const named = fields[account]
  const [expected, whose] = typeof named === "string"
    ? [named.toLowerCase(), account]
    : [known[0]?.owner, known[0]?.field]
  return known.filter(({ owner }) => owner !== expected).map(({ field }) => ({
    field,
    message: `Expected a reference of the account of ${whose}`
  }))
}
