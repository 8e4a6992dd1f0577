import type { MediaKind } from "@media-jobs/core/Artifact"
import type { ProviderId } from "@media-jobs/core/ProviderId"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Durations from "./durations.ts"

/** What makes jobs alike; of kind and model, what is not known is a cohort of its own. */
export interface Key {
  readonly provider: ProviderId
  readonly kind: MediaKind | undefined
  readonly model: string | undefined
}

/** Jobs that are taken to be alike, and what is known of them. */
interface Cohort {
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
 * Seconds that half of the jobs of a kind take, by what is published of them: of videos, 11 seconds to 6 minutes (Google's Veo),
 * 20 seconds to 3 minutes (resellers of many models), 42 seconds on average (Pika), whose means are 63, 60 and 42; of songs,
 * about 45 (Mureka); of pictures, from a few seconds (Flux) to a minute (Midjourney).
 */
const medians: { readonly [K in MediaKind]?: number } = { image: 15, text: 15, audio: 45 }
const otherMedian = 55
/** Of a hundred, one takes less than a sixth of the median, and one more than six times as long: Veo's range. */
const shape = 2.6

/** What is kept: of each cohort how many ended, and of each age how many passed it and ended there. Made on use, for bundlers. */
const kept = () => {
  const amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
  return Schema.fromJsonString(Schema.Array(Schema.Struct({
    cohort: Schema.Tuple([Schema.String, Schema.NullOr(Schema.String), Schema.NullOr(Schema.String)]),
    seen: Schema.Int,
    tally: Schema.Array(Schema.Tuple([Schema.Int, amount, amount]))
  })))
}

/** All cohorts, by provider, kind and model; looked up for each job at each list, so without making a key. */
export class Cohorts {
  readonly #byProvider = new Map<string, Map<string | undefined, Map<string | undefined, Cohort>>>()
  /** The least recently taught first. */
  readonly #cohorts = new Set<Cohort>()
  readonly #priors = new Map<number, Durations.Estimate>()
  /** Jobs that were seen to end. */
  ended = 0

  /** Takes in that a job ran at the age `from`, and at the age `to` still did or had ended. */
  observe({ kind, model, provider }: Key, from: number, to: number, ended: boolean): void {
    if (ended) this.ended++
    this.#teach(this.#make(provider, undefined, undefined), from, to, ended)
    if (kind !== undefined) this.#teach(this.#make(provider, kind, undefined), from, to, ended)
    if (model !== undefined) this.#teach(this.#make(provider, kind, model), from, to, ended)
  }

  /** How long such jobs have been taking, once enough of them have ended. */
  learned({ kind, model, provider }: Key): Durations.Estimate | undefined {
    const cohort = this.#byProvider.get(provider)?.get(kind)?.get(model)
    if (cohort === undefined || cohort.durations.seen < enough) return undefined
    const { durations, estimate, estimatedAt } = cohort
    const { seen } = durations
    if (estimate !== undefined && seen - estimatedAt < Math.min(20, seen / 4)) return estimate
    cohort.estimatedAt = seen
    return cohort.estimate = Durations.estimate(durations, this.#general(provider, kind, model))
  }

  /** How long such jobs take, by the best that is known of them. */
  expected(key: Key): Durations.Estimate {
    return this.learned(key) ?? this.#general(key.provider, key.kind, key.model)
  }

  /** What is expected where the model is not known or has not taught enough. */
  #general(provider: ProviderId, kind: MediaKind | undefined, model: string | undefined): Durations.Estimate {
    if (model !== undefined) return this.expected({ provider, kind, model: undefined })
    const median = 1000 * (kind === undefined ? otherMedian : medians[kind] ?? otherMedian)
    const prior = this.#priors.get(median) ?? Durations.prior(median, shape)
    this.#priors.set(median, prior)
    return prior
  }

  toText(): string {
    return JSON.stringify(
      Array.from(this.#cohorts, ({ durations: { all: { ended, passed }, seen }, key }) => ({
        cohort: key,
        seen,
        tally: Array.from(passed, (came, bin) => [bin, came, ended[bin] ?? 0]).filter(([, came = 0]) => came > 0)
      }))
    )
  }

  /** Takes in what `toText` gave; of any other text, nothing. */
  takeIn(text: string | undefined): void {
    for (const { cohort, seen, tally } of Option.getOrElse(Schema.decodeUnknownOption(kept())(text), () => [])) {
      const [provider, kind, model] = cohort
      const { durations } = this.#make(provider, kind ?? undefined, model ?? undefined)
      durations.seen = seen
      for (const [bin, came, ended] of tally) Durations.restore(durations, bin, came, ended)
    }
  }

  #teach(cohort: Cohort, from: number, to: number, ended: boolean): void {
    if (!ended) Durations.ran(cohort.durations, from, to)
    else if (Durations.ended(cohort.durations, from, to)) cohort.estimate = undefined
  }

  #make(provider: string, kind: string | undefined, model: string | undefined): Cohort {
    const byKind = this.#byProvider.get(provider) ?? new Map<string | undefined, Map<string | undefined, Cohort>>()
    const byModel = byKind.get(kind) ?? new Map<string | undefined, Cohort>()
    const cohort = byModel.get(model) ??
      { key: [provider, kind, model], durations: Durations.make(), estimate: undefined, estimatedAt: 0 }
    this.#byProvider.set(provider, byKind.set(kind, byModel.set(model, cohort)))
    this.#cohorts.delete(cohort)
    this.#cohorts.add(cohort)
    const [oldest] = this.#cohorts
    if (this.#cohorts.size > most && oldest !== undefined) this.#forget(oldest)
    return cohort
  }

  #forget(cohort: Cohort): void {
    const [provider, kind, model] = cohort.key
    this.#cohorts.delete(cohort)
    this.#byProvider.get(provider)?.get(kind)?.delete(model)
  }
}
