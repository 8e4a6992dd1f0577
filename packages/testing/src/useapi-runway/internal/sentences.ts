import * as Reply from "../../Reply.ts"
import * as useapi from "../../useapi/internal/sentences.ts"

export { endpointNotFound } from "../../useapi/internal/sentences.ts"

const coded = (status: number, error: string) => Reply.json(status, { error, code: status })

export const unauthorized = coded(401, "Unauthorized")

export const badRequest = (because: string) => coded(400, because)

export const taskNotFound = coded(404, "Task not found")

export const notTracked = (id: string) => coded(404, `Unable to locate running taskId ${id}`)

export const accountNotFound = (email: string) => useapi.accountNotFound(email, "email")

export const outOfCredits = coded(412, "Not enough credits")

export const moderated = coded(422, "The prompt was moderated")

export const busy = coded(429, "The account runs as many tasks as its maxJobs allows")

export const sessionError = useapi.accountError("Runway", "/v1/runwayml/accounts")
