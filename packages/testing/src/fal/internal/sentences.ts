import type * as Schema from "effect/Schema"
import * as Reply from "../../Reply.ts"

/** The platform's form of an error: a sentence, and a type where the infrastructure failed. */
export const problem = (status: number, detail: string, type?: string): Reply.Reply =>
  Reply.json(status, { detail, ...(type === undefined ? undefined : { error_type: type }) }, {
    ...(type === undefined ? undefined : { "x-fal-error-type": type })
  })

export const unauthenticated = problem(401, "No user found for Key ID and Secret")

export const appNotFound = (app: string): Reply.Reply => problem(404, `Application "${app}" not found`)

export const locked = problem(
  403,
  "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
)

/** What status and cancel say of a job that is not there. */
export const notFound = Reply.json(404, { status: "NOT_FOUND" })

export const alreadyCompleted = Reply.json(400, { status: "ALREADY_COMPLETED" })

export const resultGone = problem(404, "Request not found")

export const queueFull = problem(429, "The queue is longer than fal_max_queue_length")

export const wrongQueueLength = Reply.error(400, "Invalid fal_max_queue_length")

export const adminOnly = Reply.json(403, {
  error: { type: "authorization_error", message: "This call needs an admin key", docs_url: "", request_id: "" }
})

/** The form in which models refuse; one entry for each thing that is wrong. */
export const refused = (
  status: number,
  type: string,
  msg: string,
  more: { readonly loc?: ReadonlyArray<string>; readonly ctx?: Schema.JsonObject } = {}
): Reply.Reply => {
  const { ctx, loc = ["body"] } = more
  return Reply.json(status, {
    detail: [{
      loc: [...loc],
      msg,
      type,
      url: `https://docs.fal.ai/errors/#${type}`,
      ...(ctx === undefined ? undefined : { ctx })
    }]
  })
}
