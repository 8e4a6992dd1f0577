import * as Reply from "../../Reply.ts"
import * as useapi from "../../useapi/internal/sentences.ts"

export { endpointNotFound } from "../../useapi/internal/sentences.ts"

export const unauthorized = Reply.json(401, { error: "Unauthorized", code: 401 })

export const invalidTaskId = Reply.error(400, "Invalid task_id parameter")

export const notRunning = (id: string) => Reply.error(404, `Unable to locate running task_id ${id}`)

export const noWorks = (id: string) => Reply.error(404, `No works found for task ${id}`)

/** Of a task that was deleted, failed at moderation or ran out of credits: no page prints it. */
export const taskNotFound = Reply.error(404, "Task not found")

export const emailRequired = Reply.error(400, "Parameter email is required")

export const accountNotFound = (email: string) => useapi.accountNotFound(email, "email")

export const sessionError = useapi.accountError("Kling", "/v1/kling/accounts")

export const subscriptionRequired = Reply.error(402, "Subscription required")

export const busy = Reply.error(429, "All slots are busy")

/** A refusal by moderation has the status of a fault: no page prints its words. */
export const moderated = Reply.error(500, "The prompt contains sensitive words")
