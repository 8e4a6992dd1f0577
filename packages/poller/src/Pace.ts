/**
 * How long to wait before looking again.
 *
 * @since 0.1.0
 */
import type * as Job from "@media-jobs/core/Job"
import * as Duration from "effect/Duration"

/**
 * What is known when the next look is placed.
 *
 * **Details**
 *
 * `age` is in milliseconds since the service made the job, or since it was first watched. `job` is absent until it was
 * seen once. `random` lies in [0, 1), for jitter.
 *
 * @since 0.1.0
 * @category models
 */
export interface Look {
  readonly age: number
  readonly job: Job.Job | undefined
  readonly random: number
}

/**
 * Where the next look goes: the milliseconds from this one to it.
 *
 * **Details**
 *
 * Where the provider has a list, the youngest need among all watched jobs places the next list. What a service asks for
 * (`Retry-After`) is waited out in any case.
 *
 * @since 0.1.0
 * @category models
 */
export interface Pace {
  readonly delay: (look: Look) => number
}

/**
 * A look every so often, whatever happens.
 *
 * @since 0.1.0
 * @category constructors
 */
export const steady = (every: Duration.Input): Pace => {
  const delay = Duration.toMillis(every)
  return { delay: () => delay }
}

/**
 * Often at first, then less and less: each look waits for half of the job's age, jittered by a fifth.
 *
 * **Details**
 *
 * Never sooner than `floor` (one second) nor later than `ceiling` (ten seconds). Since only the age counts, a process that
 * starts again goes on where the last one was.
 *
 * **Example** (Half of the age, within bounds)
 *
 * ```ts import.meta.vitest
 * import * as Pace from "@media-jobs/poller/Pace"
 *
 * const pace = Pace.adaptive({ floor: "2 seconds", ceiling: "20 seconds" })
 * const after = (age: number) => pace.delay({ age, job: undefined, random: 0.5 })
 * after(0) // => 2000
 * after(10_000) // => 5000
 * after(600_000) // => 20_000
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const adaptive = (options?: {
  readonly floor?: Duration.Input | undefined
  readonly ceiling?: Duration.Input | undefined
}): Pace => {
  const floor = Duration.toMillis(options?.floor ?? Duration.seconds(1))
  const ceiling = Duration.toMillis(options?.ceiling ?? Duration.seconds(10))
  return {
    delay: ({ age, random }) => Math.min(Math.max(age / 2, floor), ceiling) * (0.8 + 0.4 * random)
  }
}
