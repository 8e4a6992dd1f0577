/**
 * The words of useapi.net's services for what went wrong.
 *
 * @since 0.1.0
 */
import * as Wire from "@media-jobs/adapter/Wire"

/**
 * A body's `error`, which is a text or holds one, and its `errorDetails`.
 *
 * **Details**
 *
 * Google's services behind useapi.net pass the upstream object on: `{ error: { code, message, status } }`.
 *
 * @since 0.1.0
 * @category getters
 */
export const of = (body: unknown): string | undefined => {
  const { error, errorDetails } = Wire.object(body)
  const [said, details] = [Wire.sentence(error), Wire.sentence(errorDetails)]
  return said === undefined || details === undefined ? said ?? details : `${said}: ${details}`
}
