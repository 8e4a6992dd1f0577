/**
 * The words of useapi.net's services for what went wrong.
 *
 * @since 0.1.0
 */
import * as Wire from "@media-jobs/adapter/Wire"

/** What the upstream object holds beside its message, which says the same of all refusals: its `reason` tells why. */
const reasonOf = (error: unknown): string | undefined =>
  Wire.array(Wire.object(error)["details"]).map((detail) => Wire.text(Wire.object(detail)["reason"])).find((reason) =>
    reason !== undefined
  )

/**
 * A body's `error`, which is a text or holds one, and its `errorDetails`.
 *
 * **Details**
 *
 * Google's services behind useapi.net pass the upstream object on: `{ error: { code, message, status, details } }`.
 *
 * @since 0.1.0
 * @category getters
 */
export const of = (body: unknown): string | undefined => {
  const { error, errorDetails } = Wire.object(body)
  const said = [Wire.sentence(error), reasonOf(error), Wire.sentence(errorDetails)].filter((one) => one !== undefined)
  return said.length === 0 ? undefined : said.join(": ")
}
