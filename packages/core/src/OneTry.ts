/**
 * Whether a call has time for more than one try.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import { constFalse } from "effect/Function"

/**
 * Read by adapters at each call: where it is true, a call is tried once and fails with what that try found; false unless provided.
 *
 * **When to use**
 *
 * Provide it to calls of a program that has seconds, and will come again: what a service asks for in between
 * (`Retry-After`) is then in the error, not in a pause.
 *
 * @since 0.1.0
 * @category services
 */
export const OneTry = Context.Reference<boolean>("@media-jobs/core/OneTry", { defaultValue: constFalse })
