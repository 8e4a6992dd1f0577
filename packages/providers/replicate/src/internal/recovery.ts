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

/** How long after a prediction what it took and made is removed: before that has passed since the submit, what is empty is another's. */
const kept = 3_600_000

/** The span of time in which a lost submit can have become a prediction. */
export const spanOf = ({ submittedAt }: Submission.LostSubmission) => ({
  from: DateTime.subtract(submittedAt, tolerance),
  to: DateTime.add(submittedAt, tolerance)
})

/**
 * Whether nothing that is known of a prediction, as it is `seenAt` this clock, speaks against its being what was lost: its begin, model and
 * webhook, and that its data is removed.
 */
export const couldBe =
  (lost: Submission.LostSubmission) => (prediction: wire.Prediction, seenAt: DateTime.Utc): boolean => {
    if (prediction.data_removed === true && seenAt.epochMilliseconds - lost.submittedAt.epochMilliseconds < kept) {
      return false
    }
    const { from, to } = spanOf(lost)
    const at = WireTime.fromText(prediction.created_at)
    if (at !== undefined && !DateTime.between(at, { minimum: from, maximum: to })) return false
    const agrees = (told: unknown, sent: string | undefined) =>
      Wire.text(told) === undefined || told === "hidden" || sent === undefined || told === sent
    const [name, hash] = /^[0-9a-f]{64}$/.test(lost.model ?? "")
      ? [undefined, lost.model]
      : lost.model?.split(":") ?? []
    return agrees(prediction.webhook, lost.replyUrl) && agrees(prediction.model, name) &&
      agrees(prediction.version, hash)
  }
