import type * as Schema from "effect/Schema"
import * as Reply from "../../Reply.ts"

/** The one form of errors: a text, or a list of what is wrong with a request. */
export const problem = (status: number, detail: Schema.Json): Reply.Reply => Reply.json(status, { detail })

export const unauthorized = problem(401, "Invalid API key is provided")

export const notFound = problem(404, "Generation not found")

export const throttled = problem(429, "Too many requests")

export interface Invalid {
  readonly field: string
  readonly message: string
  readonly input?: string | undefined
}

export const invalid = (found: ReadonlyArray<Invalid>): Reply.Reply =>
  problem(
    422,
    found.map(({ field, input = "", message }) => ({
      type: "value_error",
      loc: ["body", ...field.split(".")],
      msg: message,
      input
    }))
  )
