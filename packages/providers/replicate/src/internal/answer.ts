/**
 * What is Replicate's own about its answers.
 */
import type * as Answer from "@media-jobs/adapter/Answer"
import * as Wire from "@media-jobs/adapter/Wire"

const textOf = (body: unknown, name: string): string | undefined =>
  Wire.text(Wire.text(Wire.object(body)[name])?.trim())

const errorText = (body: unknown): string | undefined => {
  const [title, detail] = [textOf(body, "title"), Wire.sentence(Wire.object(body)["detail"])]
  return title === undefined || detail === undefined ? title ?? detail : `${title}: ${detail}`
}

export const rules: Answer.Rules = {
  errorText,
  // What answers a cancel of what has ended is on no page: any success will do.
  confirms: ({ operation }) => operation === "cancel",
  // `retry_after` is on no page; the sentence is the page about limits'.
  retryAfter: (body) => [
    Wire.object(body)["retry_after"],
    Wire.number(/resets in ~?(\d+(?:\.\d+)?)\s?s/i.exec(textOf(body, "detail") ?? "")?.[1])
  ],
  // Of a 422: the model's own fields stand below `input`. Models that check their input themselves list it as `detail`.
  issues: (body) => {
    const { detail, invalid_fields } = Wire.object(body)
    return [...Wire.array(invalid_fields), ...Wire.array(detail)].slice(0, 20).flatMap((found) => {
      const message = textOf(found, "description") ?? textOf(found, "msg")
      const path = Wire.array(Wire.object(found)["loc"]).filter((step) => step !== "body")
      return message === undefined ? [] : [{ field: textOf(found, "field") ?? path.join("."), message }]
    })
  },
  exceptions: ({ call: { id, operation }, isOwn, status }) => {
    if (!isOwn) return undefined
    // A model without a version of its own to run, or one that is not there.
    if (status === 404 && operation === "submit") return "InvalidRequest"
    if (status === 409) return "UnexpectedResponse"
    return status === 422 && id !== undefined ? "InvalidJobId" : undefined
  }
}
