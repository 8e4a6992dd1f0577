import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import type { Route } from "../../EmulatedService.ts"

/**
 * One endpoint that makes something, below the service's root: of each of `needs` one field must be there, and those of `takes` may be.
 */
export interface Endpoint {
  readonly path: string
  readonly needs: ReadonlyArray<ReadonlyArray<string>>
  readonly takes: ReadonlyArray<string>
}

/**
 * The routes of such endpoints, each named after its operation.
 */
export const routes = <Operation extends string, E extends { readonly path: string }>(
  root: string,
  endpoints: Record.ReadonlyRecord<Operation, E>,
  answer: (endpoint: E) => Route<string>["answer"]
): ReadonlyArray<Route<Operation>> =>
  Record.keys(endpoints).map((operation) => ({
    operation,
    method: "POST",
    path: `${root}/${endpoints[operation].path}`,
    answer: answer(endpoints[operation])
  }))

/**
 * The fields of a body with what all endpoints take, or what is wrong with it.
 */
export const read = (endpoint: Endpoint, common: ReadonlyArray<string>, body: string) => {
  const json = Result.getOrUndefined(Result.try((): unknown => JSON.parse(body)))
  if (!Predicate.isObject(json)) return Result.fail("Body is not JSON")
  const { needs, takes } = endpoint
  const fields: { readonly [name: string]: unknown } = { ...json }
  const unknown = Object.keys(fields).find((name) => ![...common, ...needs.flat(), ...takes].includes(name))
  if (unknown !== undefined) return Result.fail(`Parameter ${unknown} not supported`)
  const missing = needs.find((names) => names.every((name) => fields[name] === undefined || fields[name] === ""))
  if (missing !== undefined) return Result.fail(`Parameter ${missing.join(" or ")} is required`)
  const { email, maxJobs, replyRef, replyUrl } = fields
  return Result.succeed({
    fields,
    asked: {
      email: text(email),
      maxJobs: typeof maxJobs === "number" ? maxJobs : undefined,
      replyUrl: text(replyUrl),
      replyRef: text(replyRef)
    }
  })
}

/**
 * A text, or nothing.
 */
export const text = (value: unknown): string | undefined => typeof value === "string" ? value : undefined
