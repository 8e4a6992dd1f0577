import type * as Schema from "effect/Schema"
import * as Reply from "../../Reply.ts"

/** Replicate's form of an error; those about a request have a title too. */
export const problem = (
  status: number,
  detail: string,
  title?: string,
  rest: { readonly [field: string]: Schema.Json } = {}
): Reply.Reply => Reply.json(status, { ...(title === undefined ? undefined : { title }), detail, status, ...rest })

export const unauthenticated = problem(401, "You did not pass a valid authentication token", "Unauthenticated")

export const notFound = problem(404, "The requested resource could not be found.")

export const throttled = (seconds: number): Reply.Reply => {
  const reply = problem(429, `Request was throttled. Your rate limit resets in ~${seconds}s.`, undefined, {
    retry_after: seconds
  })
  return { ...reply, headers: { ...reply.headers, "retry-after": `${seconds}` } }
}

export interface InvalidField {
  readonly type: string
  readonly field: string
  readonly description: string
}

export const invalid = (fields: ReadonlyArray<InvalidField>): Reply.Reply =>
  problem(
    422,
    fields.map(({ description, field }) => `- ${field === "" ? "" : `${field}: `}${description}\n`).join(""),
    "Input validation failed",
    { invalid_fields: fields.map((field) => ({ ...field })) }
  )
