import * as Duration from "effect/Duration"
import type { Fault, Rule } from "../Faults.ts"

interface Sent {
  readonly method: string
  readonly path: string
  readonly operation: string | undefined
  readonly user: string | undefined
}

const applies = (rule: Rule, sent: Sent): boolean =>
  (rule.operation ?? sent.operation) === sent.operation &&
  (rule.method ?? sent.method) === sent.method &&
  (rule.user ?? sent.user) === sent.user &&
  rule.path?.test(sent.path) !== false

/**
 * The rules still in force; asking uses them up.
 */
export const make = () => {
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
    next: (sent: Sent, now: number): Fault | undefined => {
      active = active.filter((entry) => entry.times > 0 && now < entry.until)
      const met = active.find((entry) => applies(entry.rule, sent) && entry.skip-- <= 0)
      if (met === undefined) return undefined
      met.times--
      return met.rule.fault
    }
  }
}
