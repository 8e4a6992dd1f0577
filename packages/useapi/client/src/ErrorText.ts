/**
 * The words of useapi.net's services for what went wrong.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"

const textIn = (error: unknown): string | undefined => {
  if (typeof error === "string") return error
  if (!Predicate.isObject(error)) return undefined
  for (const name of ["message", "error", "status", "code"]) {
    const value = Predicate.hasProperty(error, name) ? error[name] : undefined
    if (typeof value === "string" && value !== "") return value
  }
  return undefined
}

/**
 * A body's `error`, which is a text or an object that holds one, and its `errorDetails`.
 *
 * **Details**
 *
 * Google's services behind useapi.net pass the upstream object on: `{ error: { code, message, status } }`.
 *
 * @since 0.1.0
 * @category getters
 */
export const of = (body: unknown): string | undefined => {
  const said = Predicate.hasProperty(body, "error") ? textIn(body.error) : undefined
  const details = Predicate.hasProperty(body, "errorDetails") ? textIn(body.errorDetails) : undefined
  return said === undefined || details === undefined ? said ?? details : `${said}: ${details}`
}
