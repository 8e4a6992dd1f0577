import * as Duration from "effect/Duration"

interface Limits {
  readonly skip?: number | undefined
  readonly times?: number | undefined
  readonly during?: Duration.Input | undefined
}

/**
 * The rules still in force; asking for the first that applies uses it up.
 */
export const make = <Rule extends Limits, Met>(applies: (rule: Rule, met: Met) => boolean) => {
  let active: Array<{ readonly rule: Rule; readonly until: number; skip: number; times: number }> = []
  return {
    add: (rules: ReadonlyArray<Rule>, now: number): void => {
      for (const rule of rules) {
        active.push({
          rule,
          until: now + Duration.toMillis(rule.during ?? "Infinity"),
          skip: rule.skip ?? 0,
          times: rule.times ?? Infinity
        })
      }
    },
    clear: (): void => {
      active = []
    },
    next: (met: Met, now: number): Rule | undefined => {
      active = active.filter((entry) => entry.times > 0 && now < entry.until)
      const found = active.find((entry) => applies(entry.rule, met) && entry.skip-- <= 0)
      if (found === undefined) return undefined
      found.times--
      return found.rule
    }
  }
}
