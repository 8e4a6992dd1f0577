import * as Provider from "@media-jobs/core/Provider"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Pace from "../Pace.ts"

/** The pace of an engine that is given none. Where the service is asked to report, the looks are for what it fails to tell. */
export const shippedPace = (provider: Provider.Identity, context: Context.Context<never>): Pace.Pace =>
  Context.get(context, ReplyTo.ReplyTo) !== undefined && Provider.supports("webhook")(provider)
    ? Pace.adaptive({ floor: Duration.minutes(1), ceiling: Duration.minutes(5) })
    : Pace.adaptive()
