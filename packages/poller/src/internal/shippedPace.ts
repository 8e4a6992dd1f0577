import * as Provider from "@media-jobs/core/Provider"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Pace from "../Pace.ts"
import { Cohorts } from "./cohorts.ts"
import * as Learner from "./learner.ts"

/** The pace of an engine that is given none, for a provider and what the engine runs with. */
export type ShippedPace = (provider: Provider.Identity, context: Context.Context<never>) => Pace.Pace

/** Where the service is asked to report, the looks are for what it fails to tell. */
export const make = (learned: (context: Context.Context<never>) => Pace.Pace): ShippedPace => (provider, context) =>
  Context.get(context, ReplyTo.ReplyTo) !== undefined && Provider.supports("webhook")(provider)
    ? Pace.adaptive({ floor: Duration.minutes(1), ceiling: Duration.minutes(5) })
    : learned(context)

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
