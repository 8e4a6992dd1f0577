import type { MediaKind } from "@media-jobs/core/Artifact"
import type { ProviderId } from "@media-jobs/core/ProviderId"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Durations from "./durations.ts"
import type { Plan } from "./plan.ts"

/** Jobs that are taken to be alike; of kind and model, what is not known is a sort of its own. */
export interface Key {
  readonly provider: ProviderId
  readonly kind: MediaKind | undefined
  readonly model: string | undefined
}

/** What is known of one sort, and what follows from it. */
export interface Sort {
  readonly durations: Durations.Durations
  outlook: Outlook | undefined
}

/** How long jobs of a sort take, and where their looks go, as of when so many of them had ended. */
export interface Outlook {
  readonly estimate: Durations.Estimate
  readonly plan: Plan
  /** The age at which a job should long have ended, in milliseconds. */
  readonly overdue: number
  readonly madeAt: number
}

/** What is kept: of each sort how many ended, and of each age how many passed it and ended there. Made on use, for bundlers. */
const kept = () => {
  const amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
  return Schema.fromJsonString(Schema.Array(Schema.Struct({
    sort: Schema.Tuple([Schema.String, Schema.NullOr(Schema.String), Schema.NullOr(Schema.String)]),
    seen: Schema.Int,
    tally: Schema.Array(Schema.Tuple([Schema.Int, amount, amount]))
  })))
}

/** All sorts, by provider, kind and model; looked up for each job at each list, so without making a key. */
export class Sorts {
  readonly #byProvider = new Map<string, Map<string | undefined, Map<string | undefined, Sort>>>()

  find({ kind, model, provider }: Key): Sort | undefined {
    return this.#byProvider.get(provider)?.get(kind)?.get(model)
  }

  /** The sort of a job, then those of which less is said: a job may be looked for by any of them. */
  about({ kind, model, provider }: Key): ReadonlyArray<Sort> {
    const sorts = [this.#make(provider, kind, model)]
    if (model !== undefined) sorts.push(this.#make(provider, kind, undefined))
    if (kind !== undefined) sorts.push(this.#make(provider, undefined, undefined))
    return sorts
  }

  /** Jobs that ended, of all sorts. */
  get seen(): number {
    return this.#entries().reduce((sum, [, { durations }]) => sum + durations.seen, 0)
  }

  toText(): string {
    return JSON.stringify(
      this.#entries().map(([sort, { durations: { all: { ended, passed }, seen } }]) => ({
        sort,
        seen,
        tally: Array.from(passed, (came, bin) => [bin, came, ended[bin] ?? 0]).filter(([, came = 0]) => came > 0)
      }))
    )
  }

  /** Takes in what `toText` gave; of any other text, nothing. */
  takeIn(text: string | undefined): void {
    for (const { seen, sort, tally } of Option.getOrElse(Schema.decodeUnknownOption(kept())(text), () => [])) {
      const [provider, kind, model] = sort
      const { durations } = this.#make(provider, kind ?? undefined, model ?? undefined)
      durations.seen = seen
      for (const [bin, came, ended] of tally) Durations.restore(durations, bin, came, ended)
    }
  }

  #make(provider: string, kind: string | undefined, model: string | undefined): Sort {
    const known = this.#byProvider.get(provider)?.get(kind)?.get(model)
    if (known !== undefined) return known
    const made: Sort = { durations: Durations.make(), outlook: undefined }
    const byKind = this.#byProvider.get(provider) ?? new Map<string | undefined, Map<string | undefined, Sort>>()
    const byModel = byKind.get(kind) ?? new Map<string | undefined, Sort>()
    this.#byProvider.set(provider, byKind.set(kind, byModel.set(model, made)))
    return made
  }

  #entries(): ReadonlyArray<readonly [sort: readonly [string, string | undefined, string | undefined], Sort]> {
    return Array.from(this.#byProvider).flatMap(([provider, byKind]) =>
      Array.from(byKind).flatMap(([kind, byModel]) =>
        Array.from(byModel, ([model, sort]) => [[provider, kind, model], sort] as const)
      )
    )
  }
}
