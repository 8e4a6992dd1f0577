import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Cohorts } from "./cohorts.ts"
import * as Durations from "./durations.ts"

/** Of each cohort how many ended, and of each age how many passed it and ended there. Made on use, for bundlers. */
const schema = () => {
  const amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
  return Schema.fromJsonString(Schema.Array(Schema.Struct({
    cohort: Schema.Tuple([Schema.String, Schema.NullOr(Schema.String), Schema.NullOr(Schema.String)]),
    seen: Schema.Int,
    tally: Schema.Array(Schema.Tuple([Schema.Int, amount, amount]))
  })))
}

export const toText = (cohorts: Cohorts): string =>
  JSON.stringify(
    Array.from(cohorts.all, ({ durations: { all: { ended, passed }, seen }, key }) => ({
      cohort: key,
      seen,
      tally: Array.from(passed, (came, bin) => [bin, came, ended[bin] ?? 0]).filter(([, came = 0]) => came > 0)
    }))
  )

/** Takes in what `toText` gave; of any other text, nothing. */
export const takeIn = (cohorts: Cohorts, text: string | undefined): void => {
  for (const { cohort, seen, tally } of Option.getOrElse(Schema.decodeUnknownOption(schema())(text), () => [])) {
    const [provider, kind, model] = cohort
    const { durations } = cohorts.make(provider, kind ?? undefined, model ?? undefined)
    durations.seen = seen
    for (const [bin, came, ended] of tally) Durations.restore(durations, bin, came, ended)
  }
}
