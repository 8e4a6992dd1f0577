import * as Reply from "../../Reply.ts"

export { unauthorized } from "../../useapi/internal/sentences.ts"

const coded = (status: number, error: string) => Reply.json(status, { error, code: status })

export const badRequest = (because: string) => coded(400, because)

export const invalidJobId = coded(400, "Invalid job ID format")

export const forbidden = coded(403, "Job belongs to another user")

export const jobNotFound = coded(404, "Job not found")

export const jobExpired = coded(410, "Job has expired")

export const accountNotFound = (email: string) => coded(404, `Google Flow account ${email} not found`)

export const assetNotFound = coded(404, "Asset not found")

export const accountError = (email: string) => coded(596, `Account ${email} in error state: refresh token rejected`)

export const contentPolicy = Reply.json(400, {
  error: {
    code: 400,
    message: "Request contains an invalid argument.",
    status: "INVALID_ARGUMENT",
    details: [{ reason: "PUBLIC_ERROR_TRUMP_FACE_DETECTED" }]
  }
})

export const captchaQuality = coded(403, "captcha_quality: the captcha was rejected")

export const pollingTimeout = coded(408, "Polling timeout")

export const captchaBalance = coded(503, "Captcha service failed: ERROR_ZERO_BALANCE")

export const noEligibleAccount = (retryAfter: string, seconds: number, emails: ReadonlyArray<string>) =>
  Reply.json(429, {
    error: "no_eligible_account",
    message: "No account can take the request now",
    retryAfter,
    skipReasons: emails.map((email) => ({ email, reason: "PUBLIC_ERROR_USER_REQUESTS_THROTTLED" }))
  }, { "retry-after": `${seconds}` })
