import * as Reply from "../../Reply.ts"

export const endpointNotFound = Reply.json(404, {
  error: "Endpoint not found",
  hint: { llm_docs: "https://useapi.net/llms.txt" }
})

export const unauthorized = Reply.error(401, "Unauthorized")

export const forbidden = Reply.error(403, "Job does not belong to this user")

export const jobNotFound = Reply.error(404, "Job not found")

export const accountNotFound = (name: string, selector: string) =>
  Reply.error(404, `Unable to find configuration for ${selector} ${name}`)

export const jobExpired = (id: string) => Reply.error(410, `Job ${id} has expired`)

export const outOfCredits = Reply.error(412, "Not enough credits")

export const accountError = (service: string, accounts: string) =>
  Reply.json(596, {
    error: `${service} account has an error. Please check your account configuration via GET ${accounts} ` +
      `or re-add the account via POST ${accounts}`,
    code: 596
  })
