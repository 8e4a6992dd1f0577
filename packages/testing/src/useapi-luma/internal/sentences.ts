import * as Reply from "../../Reply.ts"
import * as useapi from "../../useapi/internal/sentences.ts"

export { endpointNotFound, forbidden, jobNotFound } from "../../useapi/internal/sentences.ts"

export const invalidJobId = Reply.error(400, "Invalid jobid")

export const notTerminal = Reply.error(409, "Cannot delete job in state 'processing'. Wait for completion.")

export const accountNotFound = (email: string) => useapi.accountNotFound(email, "email")

export const sessionError = useapi.accountError("Luma", "/v1/luma/accounts")
