import * as Reply from "../../Reply.ts"
import * as useapi from "../../useapi/internal/sentences.ts"

export { jobNotFound, outOfCredits } from "../../useapi/internal/sentences.ts"

export const invalidJobId = Reply.error(400, "Invalid job ID format")

export const accountNotFound = (account: string) => useapi.accountNotFound(account, "account")

export const sessionError = useapi.accountError("Dreamina", "/v1/dreamina/accounts")
