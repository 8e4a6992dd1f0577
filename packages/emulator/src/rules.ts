/** Faults as JSON: what flags and the control endpoint take. */
import * as Faults from "@media-jobs/testing/Faults"
import type * as WebhookFaults from "@media-jobs/testing/WebhookFaults"
import * as Schema from "effect/Schema"

const Duration = Schema.DurationFromString
const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Status = Schema.Int.check(Schema.isBetween({ minimum: 200, maximum: 599 }))
const Bytes = Schema.optional(Count)
const limits = { skip: Schema.optional(Count), times: Schema.optional(Count) }

const which = {
  operation: Schema.optional(Schema.String),
  method: Schema.optional(Schema.String),
  path: Schema.optional(Schema.String),
  during: Schema.optional(Duration),
  ...limits
}

const plain = {
  cut: Faults.cut,
  cutJson: Faults.cutJson,
  emptyBody: Faults.emptyBody,
  refuse: Faults.refuse,
  dropRequest: Faults.dropRequest,
  dropReply: Faults.dropReply,
  hang: Faults.hang
}

/** A fault, by the name of its constructor in `Faults`, with which requests meet it. */
export const Fault = Schema.Union([
  Schema.Struct({
    fault: Schema.Literals(["status", "page"]),
    status: Status,
    after: Schema.optional(Duration),
    ...which
  }),
  Schema.Struct({ fault: Schema.Literal("redirect"), location: Schema.String, ...which }),
  Schema.Struct({ fault: Schema.Literal("withField"), name: Schema.String, value: Schema.Json, ...which }),
  Schema.Struct({ fault: Schema.Literal("hugeBody"), bytes: Bytes, ...which }),
  Schema.Struct({ fault: Schema.Literal("slow"), over: Duration, ...which }),
  Schema.Struct({
    fault: Schema.Literals(["cut", "cutJson", "emptyBody", "refuse", "dropRequest", "dropReply", "hang"]),
    ...which
  })
])

const faultOf = (rule: typeof Fault.Type): Faults.Fault => {
  switch (rule.fault) {
    case "status":
      return Faults.status(rule.status, rule.after)
    case "page":
      return Faults.page(rule.status, rule.after)
    case "redirect":
      return Faults.redirect(rule.location)
    case "withField":
      return Faults.withField(rule.name, rule.value)
    case "hugeBody":
      return Faults.hugeBody(rule.bytes)
    case "slow":
      return Faults.slow(rule.over)
    default:
      return plain[rule.fault]
  }
}

/** The rule that a fault in JSON stands for. */
export const ofFault = (rule: typeof Fault.Type): Faults.Rule => {
  const { during, method, operation, path, skip, times } = rule
  return {
    fault: faultOf(rule),
    operation,
    method,
    path: path === undefined ? undefined : new RegExp(path),
    skip,
    times,
    during
  }
}

const calls = { service: Schema.optional(Schema.String), event: Schema.optional(Schema.String), ...limits }

/** A fault of webhooks, by its name in `WebhookFaults`, with which calls meet it. */
export const WebhookFault = Schema.Union([
  Schema.Struct({ fault: Schema.Literals(["Lost", "Swapped", "Forged", "Broken"]), ...calls }),
  Schema.Struct({ fault: Schema.Literals(["Late", "Early"]), by: Duration, ...calls }),
  Schema.Struct({ fault: Schema.Literal("Repeated"), count: Schema.optional(Count), ...calls }),
  Schema.Struct({ fault: Schema.Literal("Huge"), bytes: Bytes, ...calls }),
  Schema.Struct({ fault: Schema.Literal("Slow"), over: Duration, ...calls }),
  Schema.Struct({ fault: Schema.Literal("Typed"), contentType: Schema.optional(Schema.String), ...calls })
])

const webhookFaultOf = (rule: typeof WebhookFault.Type): WebhookFaults.WebhookFault => {
  switch (rule.fault) {
    case "Late":
    case "Early":
      return { _tag: rule.fault, by: rule.by }
    case "Repeated":
      return { _tag: rule.fault, times: rule.count }
    case "Huge":
      return { _tag: rule.fault, bytes: rule.bytes }
    case "Slow":
      return { _tag: rule.fault, over: rule.over }
    case "Typed":
      return { _tag: rule.fault, contentType: rule.contentType }
    default:
      return { _tag: rule.fault }
  }
}

/** The rule that a fault of webhooks in JSON stands for. */
export const ofWebhookFault = (rule: typeof WebhookFault.Type): WebhookFaults.Rule => {
  const { event, service, skip, times } = rule
  return { fault: webhookFaultOf(rule), service, event, skip, times }
}
