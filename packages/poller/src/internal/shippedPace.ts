import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Pace from "../Pace.ts"
import { Cohorts } from "./cohorts.ts"
import * as Learner from "./learner.ts"

/** The pace of an engine that is given none, by what the engine runs with. */
export type ShippedPace = (context: Context.Context<never>) => Pace.Pace

/** Of a job whose end is reported, looks are for what the service fails to tell. */
const whereReported = /* @__PURE__ */ Pace.adaptive({
  floor: /* @__PURE__ */ Duration.minutes(1),
  ceiling: /* @__PURE__ */ Duration.minutes(5)
})

/** A list for all jobs comes when the first that is not reported wants it. */
const unlessReported = (pace: Pace.Pace): Pace.Pace => ({
  ...pace,
  delay: (query) => (query.reported === true ? whereReported : pace).delay(query),
  listDelay: pace.listDelay && ((queries) => {
    const unreported = queries.filter(({ reported }) => reported !== true)
    return unreported.length > 0 || queries.length === 0
      ? pace.listDelay?.(unreported) ?? Infinity
      : queries.reduce((soonest, query) => Math.min(soonest, whereReported.delay(query)), Infinity)
  })
})

export const make = (learned: ShippedPace): ShippedPace => (context) => unlessReported(learned(context))

/** What one engine of the process learns, all know; a clock of its own is a world of its own. */
export const ofProcess = (): ShippedPace => {
  const learners = new WeakMap<Clock.Clock, Pace.Pace>()
  return make((context) => {
    const clock = Context.get(context, Clock.Clock)
    const learner = learners.get(clock) ?? Learner.make(new Cohorts())
    learners.set(clock, learner)
    return learner
  })
}
