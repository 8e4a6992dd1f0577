/**
 * What is Luma's own about its answers.
 */
import type * as Answer from "@media-jobs/adapter/Answer"
import * as Wire from "@media-jobs/adapter/Wire"
import type { Issue } from "@media-jobs/core/JobError"

/** What FastAPI lists of a body, or the field that a sentence begins with, as in `image_ref[0]: invalid base64 data`. */
const issuesOf = (detail: unknown): ReadonlyArray<Issue> => {
  const [, named, said] = /^([a-z_]+(?:[.[][\w\]]+)*): (.+)$/s.exec(Wire.text(detail) ?? "") ?? []
  if (named !== undefined && said !== undefined) return [{ field: named.replace(/\[(\d+)\]/g, ".$1"), message: said }]
  return Wire.array(detail).slice(0, 20).flatMap((found) => {
    const message = Wire.sentence(Wire.object(found)["msg"])
    const path = Wire.array(Wire.object(found)["loc"]).filter((step) => step !== "body")
    return message === undefined ? [] : [{ field: path.join("."), message }]
  })
}

const unpaid = /insufficient (?:credits?|balance|funds)|not enough credits?/i

const rules = (exceptions: NonNullable<Answer.Rules["exceptions"]>): Answer.Rules => ({
  errorText: (body) => Wire.sentence(Wire.object(body)["detail"]),
  issues: (body) => issuesOf(Wire.object(body)["detail"]),
  exceptions: (refusal) => {
    const { call: { operation }, isOwn, status, text } = refusal
    if (!isOwn) return undefined
    // What it answers where money is out is on no page of Dream Machine's.
    if (status >= 400 && status <= 499 && unpaid.test(text)) return "PaymentRequired"
    // What a request refers to is not there.
    if (status === 404 && operation === "submit") return "InvalidRequest"
    return exceptions(refusal)
  }
})

/** A client that is suspended; another's generation is a 404. */
export const ofAgents = rules(({ status }) => status === 403 ? "Unauthorized" : undefined)

export const ofDreamMachine = rules(() => undefined)
