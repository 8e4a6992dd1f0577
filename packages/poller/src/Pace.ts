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
import * as Durations from "./internal/durations.ts"
import * as Plan from "./internal/plan.ts"
import { type Key, type Outlook, Sorts } from "./internal/sorts.ts"
import { PaceMemory } from "./PaceMemory.ts"

/**
 * What is known of a job when its next look is placed.
 *
 * **Details**
 *
 * `age` is in milliseconds since the service made the job, else since it was submitted, else since it was first watched.
 * `kind` and `model` are absent where neither the service nor the submit has told. `random` lies in [0, 1), for jitter.
 *
 * @since 0.1.0
 * @category models
 */
export interface Look {
  readonly provider: ProviderId
  readonly kind: MediaKind | undefined
  readonly model: string | undefined
  readonly age: number
  readonly random: number
}

/**
 * A stretch of a job's life: it ran at the age `from`, and at the age `to` it still did, or it had succeeded or failed by
 * then; in milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Span {
  readonly provider: ProviderId
  readonly kind: MediaKind | undefined
  readonly model: string | undefined
  readonly from: number
  readonly to: number
  readonly ended: boolean
}

/**
 * How much longer a job will take, by what others like it took: half of them no longer than `median`, nine in ten no
 * longer than `ninety`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Eta {
  readonly median: Duration.Duration
  readonly ninety: Duration.Duration
}

/**
 * Where the next look goes.
 *
 * **Details**
 *
 * `delay` is the milliseconds from now to the next look. Where the provider has a list, the earliest need among all watched
 * jobs places the next list. What a service asks for (`Retry-After`) is waited out in any case.
 *
 * A pace that learns is told of jobs as they run (`observe`), stretch by stretch up to their ends: what ends first is short,
 * so ends alone would mislead. It can give an `eta`, and tells when a job is `overdue`: the age, in milliseconds, at which it
 * should long have ended.
 *
 * @since 0.1.0
 * @category models
 */
export interface Pace {
  readonly delay: (look: Look) => number
  readonly observe?: ((span: Span) => void) | undefined
  readonly eta?: ((look: Omit<Look, "random">) => Eta | undefined) | undefined
  readonly overdue?: ((look: Omit<Look, "random" | "age">) => number | undefined) | undefined
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
 * const look = { provider: ProviderId.make("acme"), kind: undefined, model: undefined, random: 0.5 }
 * const after = (age: number) => pace.delay({ ...look, age })
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

/** Fewer durations than these tell nothing about the next one. */
const enough = 20

/** An outlook is made anew when so many more durations have come in. */
const freshness = 20

/**
 * Looks where jobs of the same provider, kind and model have been ending.
 *
 * **Details**
 *
 * `looks` is what a job may cost on average (7.25); within it, the looks stand where they find the end soonest, by what is
 * known of how long such jobs take. None is closer than `floor` (one second) nor further than `ceiling` (five minutes).
 *
 * A sort of job of which fewer than twenty ended goes by {@link adaptive}. Each duration counts less with every later one,
 * and a run of durations unlike the older ones replaces them at once. What was learned is kept in `PaceMemory`, where the
 * application provides one: once a minute while there is news, and when the scope closes.
 *
 * **Gotchas**
 *
 * A watch that is not told when its job was submitted begins with a look: see `submission` in `Poller.WatchOptions`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const learned = /* @__PURE__ */ Effect.fnUntraced(function*(options?: {
  readonly looks?: number | undefined
  readonly floor?: Duration.Input | undefined
  readonly ceiling?: Duration.Input | undefined
}): Effect.fn.Return<Pace, never, Scope.Scope> {
  const budget = options?.looks ?? 7.25
  const floor = Duration.toMillis(options?.floor ?? Duration.seconds(1))
  const ceiling = Duration.toMillis(options?.ceiling ?? Duration.minutes(5))
  const unlearned = adaptive({ floor, ceiling: Math.min(10_000, ceiling) })
  const sorts = new Sorts()

  /** What there is to go by for such a job, once enough of them have ended. */
  const outlook = (key: Key): Outlook | undefined => {
    const sort = sorts.find(key)
    if (sort === undefined || sort.durations.seen < enough) return undefined
    const { seen } = sort.durations
    if (sort.outlook !== undefined && seen - sort.outlook.madeAt < freshness) return sort.outlook
    const estimate = Durations.estimate(sort.durations)
    const plan = Plan.within(budget, Durations.edges, Durations.chances(estimate), floor, ceiling)
    return sort.outlook = { estimate, plan, overdue: 2 * Durations.latest(estimate), madeAt: seen }
  }

  const memory = yield* PaceMemory
  if (memory !== undefined) {
    sorts.takeIn(yield* memory.load)
    let saved = sorts.seen
    const save = Effect.suspend(() => {
      if (sorts.seen === saved) return Effect.void
      saved = sorts.seen
      return memory.save(sorts.toText())
    })
    yield* Effect.addFinalizer(() => save)
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep("1 minute"), save)))
  }

  return {
    delay: (look) => {
      const next = outlook(look)?.plan.next[Durations.binOf(look.age + 1)]
      const at = next === undefined ? undefined : Durations.edges[next]
      return at === undefined || at <= look.age
        ? unlearned.delay(look)
        : Math.min(Math.max(at - look.age, floor), ceiling)
    },
    observe: ({ ended, from, to, ...key }) => {
      // Neither a clock that was set back nor one that shows nothing teaches anything.
      if (!(from >= 0 && to >= from && to < Infinity)) return
      for (const sort of sorts.about(key)) {
        if (!ended) Durations.ran(sort.durations, from, to)
        else if (Durations.ended(sort.durations, from, to)) sort.outlook = undefined
      }
    },
    eta: ({ age, ...key }) => {
      const known = outlook(key)
      if (known === undefined) return undefined
      const [median, ninety] = [0.5, 0.9].map((part) => Durations.quantile(known.estimate, part, age))
      if (median === undefined || ninety === undefined) return undefined
      return { median: Duration.millis(Math.max(0, median - age)), ninety: Duration.millis(Math.max(0, ninety - age)) }
    },
    overdue: (key) => outlook(key)?.overdue
  }
})
