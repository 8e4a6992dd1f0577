import * as Reply from "../../Reply.ts"

const coded = (status: number, error: string) => Reply.json(status, { error, code: status })

export const unauthorized = coded(401, "Unauthorized")

export const badRequest = (because: string) => coded(400, because)

export const invalidId = coded(400, "Invalid id")

/** Of what was moderated and removed too. */
export const notFound = coded(404, "Not found.")

export const notRunning = (id: string) => Reply.error(404, `Unable to locate running ${id}`)

export const songRuns = coded(409, "The song is still generating")

export const speechRuns = Reply.error(400, "Generation is still running")

export const nothingGenerated = Reply.error(400, "Nothing was generated for this audioId")

export const accountNotFound = (account: string) => coded(404, `Unable to find configuration for account ${account}`)

export const outOfCredits = coded(412, "Insufficient credits")

export const moderatedPrompt = Reply.error(422, "Moderated prompt")

export const busy = coded(429, "All accounts are at capacity")

export const siteBusy = (status: 502 | 504) => coded(status, "Hailuo is busy")

export const onHold = coded(596, "The account has been placed on hold")
