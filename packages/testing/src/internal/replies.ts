import * as Reply from "../Reply.ts"

export const endpointNotFound = Reply.json(404, {
  error: "Endpoint not found",
  hint: { llm_docs: "https://useapi.net/llms.txt" }
})

export const unauthorized = Reply.error(401, "Unauthorized")

export const invalidJobId = Reply.error(400, "Invalid jobid")

export const forbidden = Reply.error(403, "Job does not belong to this user")

export const jobNotFound = Reply.error(404, "Job not found")

export const notTerminal = Reply.error(409, "Cannot delete job in state 'processing'. Wait for completion.")

export const accountNotFound = (email: string) => Reply.error(404, `Unable to find configuration for email ${email}`)

export const sessionError = Reply.json(596, {
  error: "Luma account has an error. Please check your account configuration via GET /v1/luma/accounts " +
    "or re-add the account via POST /v1/luma/accounts",
  code: 596
})
