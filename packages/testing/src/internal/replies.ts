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

export const accountNotFound = (name: string, selector = "email") =>
  Reply.error(404, `Unable to find configuration for ${selector} ${name}`)

const accountError = (service: string, accounts: string) =>
  Reply.json(596, {
    error: `${service} account has an error. Please check your account configuration via GET ${accounts} ` +
      `or re-add the account via POST ${accounts}`,
    code: 596
  })

export const sessionError = accountError("Luma", "/v1/luma/accounts")

export const dreaminaSessionError = accountError("Dreamina", "/v1/dreamina/accounts")

export const channelOnHold = Reply.json(596, {
  error: "Pending moderation or CAPTCHA. Please resolve it in Discord and reset the channel",
  code: 596
})

export const invalidJobIdFormat = Reply.error(400, "Invalid job ID format")

export const outOfCredits = Reply.error(412, "Not enough credits")

export const promptRefused = Reply.error(422, "Prompt was refused by moderation")

export const jobExpired = (id: string) => Reply.error(410, `Job ${id} has expired`)

export const cancelledTooLate = (status: string) => Reply.error(409, `Cannot cancel job in state '${status}'.`)
