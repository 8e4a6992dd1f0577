import * as Reply from "../../Reply.ts"
import * as useapi from "../../useapi/internal/sentences.ts"

export { endpointNotFound } from "../../useapi/internal/sentences.ts"

const coded = (status: number, error: string) => Reply.json(status, { error, code: status })

export const unauthorized = coded(401, "Unauthorized")

export const badRequest = (because: string) => coded(400, because)

/** Of the Mureka account, not of the token. */
export const wrongPassword = coded(401, "Wrong username/password combination.")

export const subscriptionRequired = coded(402, "Account has no subscription or subscription expired")

export const jobNotFound = coded(404, "Job not found")

export const accountNotFound = (account: string) => useapi.accountNotFound(account, "account")

export const outOfCredits = coded(412, "Not enough credits")

export const busy = coded(429, "All slots are busy")

export const sessionError = coded(596, "Session refresh failed 2026-07-14T10:00:00.000Z")
