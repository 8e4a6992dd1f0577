/**
 * Several providers as one.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type Handle, InvalidHandle } from "./Handle.ts"
import type { Job } from "./Job.ts"
import type * as JobError from "./JobError.ts"
import type { JobId } from "./JobId.ts"
import * as Provider from "./Provider.ts"
import type { Instance, ProviderId } from "./ProviderId.ts"

/**
 * What all providers that can list execute now, and what each that could not be asked answered instead.
 *
 * @since 0.1.0
 * @category models
 */
export interface Everything {
  readonly jobs: ReadonlyArray<Job>
  readonly failures: ReadonlyArray<{
    readonly provider: ProviderId
    readonly instance: Instance
    readonly error: JobError.Of<"list">
  }>
  /** False where a provider failed, or said itself that its list lacks something. */
  readonly complete: boolean
}

/**
 * Providers under the application's own names, with the routes between them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Providers<P extends Readonly<Record<string, Provider.Identity>>> {
  readonly byName: P
  /** The first provider that takes the id for its own; narrow it with `Provider.supports`. */
  readonly owner: (id: JobId) => Option.Option<P[keyof P]>
  /** The provider and instance that a handle names. */
  readonly of: (handle: Pick<Handle, "provider" | "instance">) => Effect.Effect<P[keyof P], InvalidHandle>
  /** All that executes, with one provider's outage beside the others' jobs. */
  readonly list: Effect.Effect<Everything>
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = <const P extends Readonly<Record<string, Provider.Identity>>>(byName: P): Providers<P> => {
  // `Object.values` gives what the constraint allows, not what P holds.
  const all = Object.values(byName) as ReadonlyArray<Provider.Identity> as ReadonlyArray<P[keyof P]>
  const lists = all.filter(Provider.supports("list"))
  return {
    byName,
    owner: (id) => Option.fromUndefinedOr(all.find((provider) => provider.owns(id))),
    of: (handle) => {
      const found = all.find((provider) => provider.id === handle.provider && provider.instance === handle.instance)
      return found === undefined ? Effect.fail(new InvalidHandle({ reason: "foreign" })) : Effect.succeed(found)
    },
    list: Effect.map(
      Effect.forEach(lists, (provider) => Effect.result(provider.list), { concurrency: "unbounded" }),
      (results) => ({
        jobs: results.flatMap((result) => Result.isSuccess(result) ? result.success.jobs : []),
        failures: results.flatMap((result, i) => {
          const provider = lists[i]
          return Result.isSuccess(result) || provider === undefined
            ? []
            : [{ provider: provider.id, instance: provider.instance, error: result.failure }]
        }),
        complete: results.every((result) => Result.isSuccess(result) && result.success.complete)
      })
    )
  }
}
