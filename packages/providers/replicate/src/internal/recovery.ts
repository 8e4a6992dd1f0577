/**
 * The predictions that a lost submit may have become.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireTime from "@media-jobs/adapter/WireTime"
import type * as Submission from "@media-jobs/core/Submission"
import * as DateTime from "effect/DateTime"
import type * as wire from "./wire.ts"

/** Clocks are hours off, or of another zone; one candidate too many is one look for the caller. */
const tolerance = { hours: 24 } as const

/** The span of time in which a lost submit can have become a prediction. */
export const spanOf = ({ submittedAt }: Submission.LostSubmission) => ({
  from: DateTime.subtract(submittedAt, tolerance),
  to: DateTime.add(submittedAt, tolerance)
})

/** Whether nothing that is known of a prediction speaks against its being what was lost: its begin, model and webhook. */
export const couldBe = (lost: Submission.LostSubmission) => (prediction: wire.Prediction): boolean => {
  const { from, to } = spanOf(lost)
  const at = WireTime.fromText(prediction.created_at)
  if (at !== undefined && !DateTime.between(at, { minimum: from, maximum: to })) return false
  const agrees = (told: unknown, sent: string | undefined) =>
    Wire.text(told) === undefined || told === "hidden" || sent === undefined || told === sent
  const [name, hash] = /^[0-9a-f]{64}$/.test(lost.model ?? "") ? [undefined, lost.model] : lost.model?.split(":") ?? []
  return agrees(prediction.webhook, lost.replyUrl) && agrees(prediction.model, name) && agrees(prediction.version, hash)
}
