import type * as Schema from "effect/Schema"
import * as Reply from "../../Reply.ts"

const docUrl = "https://docs.dev.runwayml.com/api"

/** Runway's form of an error; those about a body name its fields. */
export const problem = (status: number, error: string, rest?: Schema.JsonObject): Reply.Reply =>
  Reply.json(status, { error, ...rest, docUrl })

export const unauthorized = problem(401, "The API key is not valid.")

export const wrongHost = problem(401, "Incorrect hostname for API key", {
  details: "Use api.dev.runwayml.com instead."
})

export const wrongVersion = problem(
  400,
  "The API version that was provided in the X-Runway-Version header is not valid."
)

/** That of a task that is not there is printed without the address of the documents. */
export const notFound = Reply.error(404, "Could not find Task")

export const nothing = problem(404, "Not found")

export const noCredits = problem(400, "You do not have enough credits to run this task.")

export const dailyLimit = problem(429, "Your daily task limit has been reached.")

export const noEndUser = Reply.error(400, "X-Runway-On-Behalf-Of request header was not specified for task creation")

export const notAvailable = (model: string): Reply.Reply => problem(403, `Model variant ${model} is not available`)

export const invalid = (issues: ReadonlyArray<Schema.JsonObject>): Reply.Reply =>
  problem(400, "Validation of body failed", { issues: [...issues] })
