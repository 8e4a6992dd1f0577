import * as Reply from "../../Reply.ts"
import * as useapi from "../../useapi/internal/sentences.ts"

export { endpointNotFound } from "../../useapi/internal/sentences.ts"

const coded = (status: number, error: string) => Reply.json(status, { error, code: status })

export const unauthorized = coded(401, "Unauthorized")

export const badRequest = (because: string) => coded(400, because)

/** Of the Flow Music account, not of the subscription. */
export const outOfCredits = coded(402, "The Flow Music account has no credits")

export const forbidden = coded(403, "Job does not belong to this user")

/** Of what has expired too. */
export const jobNotFound = coded(404, "Job not found")

export const accountNotFound = (account: string) => useapi.accountNotFound(account, "email")

export const declined = coded(422, "The model declined to make audio")

export const busy = coded(429, "All accounts are busy")

export const sessionError = coded(596, "The account has an error: sign in again")
