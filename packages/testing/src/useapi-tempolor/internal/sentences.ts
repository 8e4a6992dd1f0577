import * as Reply from "../../Reply.ts"

export { endpointNotFound } from "../../useapi/internal/sentences.ts"

const coded = (status: number, error: string) => Reply.json(status, { error, code: status })

export const unauthorized = coded(401, "Unauthorized")

export const badRequest = (because: string) => coded(400, because)

export const invalidId = coded(400, "job_id has incorrect format")

export const notFound = (id: string) => coded(404, `No record found for ${id}`)

export const notCompleted = (status: number) => coded(400, `Generation is not completed yet (${status})`)

export const notRunning = coded(404, "Unable to locate running job_id")

export const accountNotFound = (account: string) => coded(404, `Unable to find configuration for account ${account}`)

export const subscriptionRequired = coded(402, "Account has no subscription or subscription expired")

export const outOfCredits = coded(412, "Not enough credits")

export const busy = coded(429, "All accounts are at capacity")

export const sessionError = coded(596, "The account has an error: add it again")
