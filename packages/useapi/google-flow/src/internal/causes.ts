/**
 * Why Google Flow refuses or fails, by the reasons that Google gives.
 */
import * as Failure from "@media-jobs/adapter/Failure"

/** Google's word for a refusal of what was asked for. That every one but those about traffic and quotas is, is not certain. */
export const isContent = (text: string): boolean =>
  /\bPUBLIC_ERROR_(?!\w*(?:UNUSUAL_ACTIVITY|THROTTLED|QUOTA_REACHED))/.test(text)

const own = [
  ["service", /UNUSUAL_ACTIVITY|THROTTLED|QUOTA_REACHED|captcha/i],
  ["content", /\bPUBLIC_ERROR_/]
] as const

export const ended = (text: string | undefined) => Failure.fromText(text, own)

/** The same of one output among others. */
export const missing = (text: string) => Failure.missing(text, own)
