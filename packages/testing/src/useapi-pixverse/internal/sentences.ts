import * as Reply from "../../Reply.ts"
import * as useapi from "../../useapi/internal/sentences.ts"

export { endpointNotFound, outOfCredits } from "../../useapi/internal/sentences.ts"

const error = (status: number, error: string) => Reply.json(status, { error, code: status })

export const unauthorized = error(401, "Unauthorized")

/** Of an id that is not one, `:` and `@` by other names included. */
export const invalidId = error(400, "Invalid id")

/** Of a video at work, and of one that is not there: no page prints it. */
export const videoNotFound = Reply.error(404, "Not found")

export const audioNotFound = (name: string, id: string) => Reply.error(404, `${name} ${id} not found`)

export const notRunning = (id: string) => Reply.error(404, `Unable to locate running ${id}`)

export const accountNotFound = (email: string) => useapi.accountNotFound(email, "email")

export const sessionError = useapi.accountError("PixVerse", "/v2/pixverse/accounts")

export const busy = error(429, "All accounts are at capacity")

export const moderated = error(422, "The prompt was moderated")

export const invalid = (because: string) => error(400, because)
