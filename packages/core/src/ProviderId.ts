/**
 * Which service, and which of an application's accesses to it.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The short name of a service, in lower case.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderId = Schema.NonEmptyString.pipe(Schema.brand("ProviderId"))

/**
 * @since 0.1.0
 * @category models
 */
export type ProviderId = typeof ProviderId.Type

/**
 * A `ProviderId` from a string known to be one; throws on an empty string.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (id: string): ProviderId => ProviderId.make(id)

/**
 * The application's own name for one token of a service; `default` where it has only one.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Instance = Schema.NonEmptyString.pipe(Schema.brand("Instance"))

/**
 * @since 0.1.0
 * @category models
 */
export type Instance = typeof Instance.Type

/**
 * The instance of an application with a single token.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultInstance: Instance = Instance.make("default")
