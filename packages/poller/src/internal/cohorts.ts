import type { MediaKind } from "@media-jobs/core/Artifact"
import type { ProviderId } from "@media-jobs/core/ProviderId"
import * as Durations from "./durations.ts"

/** What makes jobs alike; of kind and model, what is not known is a cohort of its own. */
export interface Key {
  readonly provider: ProviderId
  readonly kind: MediaKind | undefined
  readonly model: string | undefined
}

/** Jobs that are taken to be alike, and what is known of them. */
export interface Cohort {
  readonly key: readonly [provider: string, kind: string | undefined, model: string | undefined]
  readonly durations: Durations.Durations
  estimate: Durations.Estimate | undefined
  /** How many had ended when the estimate was made. */
  estimatedAt: number
}

/** Fewer ends than these tell nothing. */
const enough = 8
/** The cohorts that were not taught for longest make way for others. */
const most = 100

/**
 * Seconds that half of the jobs of a kind take, by what is published: of videos, 11 seconds to 6 minutes (Google's Veo) and 20
 * seconds to 3 minutes (a reseller of many models), of which both middles are about a minute; of songs, about 45 seconds
 * (Mureka); of pictures, from a few seconds (Flux) to a minute (Midjourney).
 */
const medians: { readonly [K in MediaKind]?: number } = { image: 15, text: 15, audio: 45 }
const otherMedian = 60
/** All but one in a hundred take between a sixth of the median and six times as long, which is Veo's range. */
const shape = 3

const nameOf = (...key: Cohort["key"]): string => key.join("\n")

/** All cohorts, by provider, kind and model, and by less where less is known. */
export class Cohorts {
  /** The least recently taught first. */
  readonly #cohorts = new Map<string, Cohort>()
  readonly #priors = new Map<number, Durations.Estimate>()
  /** Jobs that were seen to end. */
  ended = 0

  get all(): Iterable<Cohort> {
    return this.#cohorts.values()
  }

  /** The cohort of such a key, which is now the most recently taught. */
  make(...key: Cohort["key"]): Cohort {
    const name = nameOf(...key)
    const cohort = this.#cohorts.get(name) ??
      { key, durations: Durations.make(), estimate: undefined, estimatedAt: 0 }
    this.#cohorts.delete(name)
    this.#cohorts.set(name, cohort)
    const [oldest] = this.#cohorts.keys()
    if (this.#cohorts.size > most && oldest !== undefined) this.#cohorts.delete(oldest)
    return cohort
  }

  /** Takes in that a job ran at the age `from`, and at the age `to` still did or had ended. */
  observe(key: Key, from: number, to: number, ended: boolean): void {
    const { kind, model, provider } = key
    const taught = [this.make(provider, undefined, undefined)]
    if (kind !== undefined) taught.push(this.make(provider, kind, undefined))
    if (model !== undefined) taught.push(this.make(provider, kind, model))
    if (!ended) return taught.forEach(({ durations }) => Durations.ran(durations, from, to))
    this.ended++
    const expected = this.expected(key)
    for (const cohort of taught) {
      if (Durations.ended(cohort.durations, from, to, expected)) cohort.estimate = undefined
    }
  }

  /** How long such jobs have been taking, once enough of them have ended. */
  learned(key: Key): Durations.Estimate | undefined {
    const cohort = this.#cohorts.get(nameOf(key.provider, key.kind, key.model))
    if (cohort === undefined || cohort.durations.seen < enough) return undefined
    const { durations, estimate, estimatedAt } = cohort
    const { seen } = durations
    if (estimate !== undefined && seen - estimatedAt < Math.min(20, seen / 4)) return estimate
    cohort.estimatedAt = seen
    return cohort.estimate = Durations.estimate(durations, this.#general(key))
  }

  /** How long such jobs take, by the best that is known of them. */
  expected(key: Key): Durations.Estimate {
    return this.learned(key) ?? this.#general(key)
  }

  /** What is expected where the model is not known or has not taught enough. */
  #general({ kind, model, provider }: Key): Durations.Estimate {
    if (model !== undefined) return this.expected({ provider, kind, model: undefined })
    const median = 1000 * (kind === undefined ? otherMedian : medians[kind] ?? otherMedian)
    const prior = this.#priors.get(median) ?? Durations.prior(median, shape)
    this.#priors.set(median, prior)
    return prior
  }
}
