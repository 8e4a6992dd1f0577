/**
 * The name a service gave to a job.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { fnv1a } from "./internal/fnv1a.ts"

/**
 * A job's id as the service issued it: opaque, non-empty, byte for byte what goes back on the wire.
 *
 * **Gotchas**
 *
 * Many ids hold the account's e-mail address. Show {@link fingerprint}, never the id.
 *
 * @since 0.1.0
 * @category schemas
 */
export const JobId = Schema.NonEmptyString.pipe(Schema.brand("JobId"))

/**
 * @since 0.1.0
 * @category models
 */
export type JobId = typeof JobId.Type

/**
 * A `JobId` from a string known to be one; throws on an empty string.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (id: string): JobId => JobId.make(id)

/**
 * What stands for an id wherever a person may read it: `job:` and eight hex digits, the same in every process.
 *
 * **Example** (An id in a log line)
 *
 * ```ts import.meta.vitest
 * import * as JobId from "@media-jobs/core/JobId"
 *
 * JobId.fingerprint(JobId.make("j1-u2-email:user@example.com-bot:acme")) // => "job:c3cf04e9"
 * ```
 *
 * @since 0.1.0
 * @category conversions
 */
export const fingerprint = (id: JobId): string => `job:${fnv1a(id)}`
