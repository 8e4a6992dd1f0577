/**
 * How long to wait before looking again.
 *
 * @since 0.1.0
 */
import type { MediaKind } from "@media-jobs/core/Artifact"
import type { ProviderId } from "@media-jobs/core/ProviderId"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Cohorts } from "./internal/cohorts.ts"
import * as CohortsText from "./internal/cohortsText.ts"
import * as Learner from "./internal/learner.ts"
import { PaceStore } from "./PaceStore.ts"

/**
 * What is known of a job when its next look is placed.
 *
 * **Details**
 *
 * `age` is in milliseconds since the service made the job, else since it was submitted, else since it was first watched.
 * `kind` and `model` are absent where neither the service nor the submit has told. `random` lies in [0, 1), for jitter.
 * `reported` tells that the job's end will be reported: its submit gave an address, and webhooks have been seen to come.
 *
 * @since 0.1.0
 * @category models
 */
export interface Query {
  readonly provider: ProviderId
  readonly kind: MediaKind | undefined
  readonly model: string | undefined
  readonly age: number
  readonly random: number
  readonly reported?: boolean | undefined
}

/**
 * A stretch of a job's life: it ran at the age `from`, and at the age `to` it still did, or it had succeeded or failed by
 * then; in milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Observation {
  readonly provider: ProviderId
  readonly kind: MediaKind | undefined
  readonly model: string | undefined
  readonly from: number
  readonly to: number
  readonly ended: boolean
}

/**
 * How much longer a job will take, by what others like it took: half of them no longer than `p50`, nine in ten no
 * longer than `p90`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Eta {
  readonly p50: Duration.Duration
  readonly p90: Duration.Duration
}

/**
 * Where the next look goes.
 *
 * **Details**
 *
 * `delay` is the milliseconds from now to the next look. What a service asks for (`Retry-After`) is waited out in any case.
 *
 * Where the provider has a list, `listDelay` is the milliseconds to the next list, which serves all of these jobs; of a pace
 * that has it, one job alone is asked for by itself, which is cheaper. Without `listDelay`, every look is a list, and the earliest
 * need among all watched jobs places the next.
 *
 * A pace that learns is told of jobs as they run (`observe`), stretch by stretch up to their ends: what ends first is short,
 * so ends alone would mislead. It can give an `eta`, and tells when a job is `overdue`: the age, in milliseconds, at which it
 * should long have ended.
 *
 * @since 0.1.0
 * @category models
 */
export interface Pace {
  readonly delay: (query: Query) => number
  readonly listDelay?: ((queries: ReadonlyArray<Query>) => number) | undefined
  readonly observe?: ((observation: Observation) => void) | undefined
  readonly eta?: ((query: Omit<Query, "random">) => Eta | undefined) | undefined
  readonly overdue?: ((query: Omit<Query, "random" | "age">) => number | undefined) | undefined
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
 * import { ProviderId } from "@media-jobs/core"
 * import { Pace } from "@media-jobs/poller"
 *
 * const pace = Pace.adaptive({ floor: "2 seconds", ceiling: "20 seconds" })
 * const query = { provider: ProviderId.make("acme"), kind: undefined, model: undefined, random: 0.5 }
 * const after = (age: number) => pace.delay({ ...query, age })
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

/**
 * Looks where jobs of the same provider, kind and model have been ending.
 *
 * **Details**
 *
 * The next look comes once the lag that is to be expected by then, between a job's end and the look that finds it, is worth
 * a request; `price` is how many requests a second of it is worth (1.75). A list serves many jobs, so it comes sooner: when the
 * lag of them all is worth it. No look is closer than `floor` (one second) nor further than `ceiling` (five minutes).
 *
 * It begins with what services say of jobs of that kind; once eight of a cohort have ended, what they took counts. Each
 * duration counts less with every later one, and a run of durations unlike the older ones replaces them at once. A hundred
 * cohorts are kept, and where the application provides a `PaceStore`, they are stored: once a minute while there is news, and
 * when the scope closes.
 *
 * @since 0.1.0
 * @category constructors
 */
export const learned = /* @__PURE__ */ Effect.fnUntraced(function*(options?: {
  readonly price?: number | undefined
  readonly floor?: Duration.Input | undefined
  readonly ceiling?: Duration.Input | undefined
}): Effect.fn.Return<Pace, never, Scope.Scope> {
  const cohorts = new Cohorts()
  const store = yield* PaceStore
  if (store !== undefined) {
    CohortsText.takeIn(cohorts, yield* store.load)
    let saved = cohorts.ended
    const save = Effect.suspend(() => {
      if (cohorts.ended === saved) return Effect.void
      saved = cohorts.ended
      return store.save(CohortsText.toText(cohorts))
    })
    yield* Effect.addFinalizer(() => save)
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep("1 minute"), save)))
  }
  return Learner.make(cohorts, options)
})
