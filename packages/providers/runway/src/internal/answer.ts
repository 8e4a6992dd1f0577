/**
 * What is Runway's own about its answers.
 */
import type * as Answer from "@media-jobs/adapter/Answer"
import * as Wire from "@media-jobs/adapter/Wire"
import * as Duration from "effect/Duration"

const saidIn = (body: unknown): string | undefined => Wire.sentence(Wire.object(body)["error"])

/** The daily cap rolls over 24 hours: nothing clears within minutes. */
const dailyPause = Duration.toSeconds("1 hour")

export const rules: Answer.Rules = {
  errorText: (body) => {
    const [said, details] = [saidIn(body), Wire.sentence(Wire.object(body)["details"])]
    return said === undefined || details === undefined ? said ?? details : `${said} ${details}`
  },
  issues: (body) =>
    Wire.array(Wire.object(body)["issues"]).slice(0, 20).flatMap((issue) => {
      const { message, path } = Wire.object(issue)
      const text = Wire.text(message)
      return text === undefined ? [] : [{ field: Wire.array(path).join("."), message: text }]
    }),
  retryAfter: (body) => /daily task limit/i.test(saidIn(body) ?? "") ? [dailyPause] : [],
  exceptions: ({ call: { operation }, isOwn, status, text }) => {
    if (!isOwn) return undefined
    if (status === 400 && /enough credits/i.test(text)) return "PaymentRequired"
    if (operation === "submit") return status === 403 || status === 404 ? "InvalidRequest" : undefined
    // It speaks of our headers, and of no job.
    return status === 400 && operation !== "upload" && /\bheader\b/i.test(text) ? "UnexpectedResponse" : undefined
  }
}
