import * as Reply from "../../Reply.ts"
import { errorInfo, problem } from "./problem.ts"

export { exhausted, problem } from "./problem.ts"

/** The form of an error of Interactions, whose code is a word. */
export const refusal = (status: number, code: string, message: string): Reply.Reply =>
  Reply.json(status, { error: { code, message } })

export const invalid = (message: string): Reply.Reply => refusal(400, "invalid_request", message)

/** Of an id that is none of its own, which is no 404. */
export const noInteraction = invalid("Invalid interaction name")

export const notFound = (what: string): Reply.Reply => problem(404, `${what} not found`)

export const retired = (model: string): Reply.Reply =>
  problem(404, `models/${model} is no longer available. Please use a newer model.`)

export const invalidKey = problem(400, "API key not valid. Please pass a valid API key.", [
  errorInfo("API_KEY_INVALID")
])

export const noKey = problem(403, "Method doesn't allow unregistered callers. Please use API Key.")

export const billing = problem(
  400,
  "User location is not supported for the free tier, or billing is off. Please enable billing.",
  [],
  "FAILED_PRECONDITION"
)
