/**
 * Lists of a service that has its jobs in more than one.
 *
 * @since 0.1.0
 */
import type { Job } from "@media-jobs/core/Job"
import type * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import * as Effect from "effect/Effect"

/**
 * A list for `list`, and whole for `recover`, as `Adapter.make` gives it.
 *
 * @since 0.1.0
 * @category models
 */
export interface List<out A> {
  readonly list: Provider.Operations["list"]
  readonly whole: Effect.Effect<ReadonlyArray<{ readonly job: Job; readonly record: A }>, JobError.Of<"recover">>
}

/**
 * Two lists as one, which is complete where both are.
 *
 * @since 0.1.0
 * @category combinators
 */
export const both = <A, B>(one: List<A>, other: List<B>): List<A | B> => ({
  list: Effect.zipWith(
    one.list,
    other.list,
    (some, others) => ({ jobs: [...some.jobs, ...others.jobs], complete: some.complete && others.complete }),
    { concurrent: true }
  ),
  whole: Effect.zipWith(one.whole, other.whole, (some, others) => [...some, ...others])
})
