/**
 * What Google's APIs say where they refuse, and what is their own about it.
 */
import type * as Answer from "@media-jobs/adapter/Answer"
import * as Wire from "@media-jobs/adapter/Wire"
import * as DateTime from "effect/DateTime"

/** The front end puts the same in a list. */
const errorOf = (body: unknown) => Wire.object(Wire.object(Array.isArray(body) ? body[0] : body)["error"])
const detailsOf = (body: unknown) => Wire.array(errorOf(body)["details"]).map(Wire.object)

const isOfDay = (body: unknown): boolean =>
  detailsOf(body).flatMap(({ violations }) => Wire.array(violations)).map(Wire.object)
    .some(({ quotaId }) => /PerDay/i.test(Wire.text(quotaId) ?? ""))

/** Quotas of a day begin anew at midnight in California, whatever else the answer asks for. */
const tomorrow = (now: DateTime.Utc): number => {
  const there = DateTime.setZoneNamedUnsafe(now, "America/Los_Angeles")
  const midnight = DateTime.startOf(DateTime.add(there, { days: 1 }), "day")
  return (midnight.epochMilliseconds - now.epochMilliseconds) / 1000
}

export const rules: Answer.Rules = {
  errorText: (body) => Wire.text(errorOf(body)["message"]),
  // What answers a cancel of what has ended is on no page: any success will do.
  confirms: ({ operation }) => operation === "cancel",
  retryAfter: (body, receivedAt) =>
    isOfDay(body)
      ? [tomorrow(receivedAt)]
      : detailsOf(body).map(({ retryDelay }) => Wire.text(retryDelay)?.replace(/s$/, "")),
  issues: (body) =>
    detailsOf(body).flatMap(({ fieldViolations }) => Wire.array(fieldViolations)).map(Wire.object).flatMap((one) => {
      const message = Wire.text(one["description"])
      return message === undefined ? [] : [{ field: Wire.text(one["field"]) ?? "", message }]
    }),
  exceptions: ({ body, call: { id }, isOwn, status, text }) => {
    if (!isOwn) return undefined
    switch (status) {
      case 400:
        if (
          detailsOf(body).some(({ reason }) => Wire.text(reason)?.startsWith("API_KEY_")) ||
          /API key (?:not valid|expired)/i.test(text)
        ) return "Unauthorized"
        if (errorOf(body)["status"] === "FAILED_PRECONDITION" && /billing|free tier/i.test(text)) {
          return "PaymentRequired"
        }
        // Of a job that runs and is paid, a 400 has been an odd refusal of the token.
        return id === undefined ? undefined : /invalid interaction name/i.test(text) ? "NotFound" : "UnexpectedResponse"
      case 403:
        return id === undefined ? "Unauthorized" : undefined
      case 404:
        return /no longer available/i.test(text) ? "Discontinued" : id === undefined ? "InvalidRequest" : undefined
      default:
        return undefined
    }
  }
}
