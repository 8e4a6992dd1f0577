/**
 * What is fal's own about its answers.
 */
import type * as Answer from "@media-jobs/adapter/Answer"
import * as Wire from "@media-jobs/adapter/Wire"

/** An account without money; of the sentences that fal changes as it likes, the one that tells it from a key without rights. */
const isLocked = (text: string): boolean => /^User is locked/i.test(text)

export const rules: Answer.Rules = {
  errorText: (body) => {
    const { detail, error, status } = Wire.object(body)
    return Wire.sentence(detail) ?? Wire.sentence(error) ?? (status === "NOT_FOUND" ? status : undefined)
  },
  issues: (body) =>
    Wire.array(Wire.object(body)["detail"]).slice(0, 20).flatMap((found) => {
      const { loc, msg } = Wire.object(found)
      const path = Wire.array(loc).filter((step) => step !== "body")
      return typeof msg === "string" ? [{ field: ["input", ...path].join("."), message: msg }] : []
    }),
  exceptions: ({ call: { operation }, isOwn, status, text }) => {
    if (!isOwn) return undefined
    // What runs is not stopped when the money is gone: a look that is refused for that says nothing about its job.
    if (status === 403 && isLocked(text)) return operation === "get" ? "Unavailable" : "PaymentRequired"
    // A key without the right to it; about a job the table says the same.
    if (status === 403 && operation !== "get" && operation !== "cancel") return "Unauthorized"
    // No such application.
    if (status === 404 && operation === "submit") return "InvalidRequest"
    // No page has a 400 about a look: one ends no wait for what is paid.
    if (status === 409 || status === 400 && operation === "get") return "UnexpectedResponse"
    return status === 422 && operation === "get" ? "InvalidJobId" : undefined
  }
}
