/** Which call of an adapter an answer of its service is to, found by the names of fixtures and the kinds of requests. */
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import type * as JobError from "@media-jobs/core/JobError"
import { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import type * as Fixtures from "@media-jobs/testing/Fixtures"
import type * as Effect from "effect/Effect"
import { memoize } from "effect/Function"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { operations } from "./generate.ts"

/** A call of a provider, or none where it has no such operation. */
export type Call = (provider: Provider.Any) => Effect.Effect<unknown, JobError.JobError> | undefined

/** A JSON schema, as far as it is read here. */
export interface Shape {
  readonly type?: string | undefined
  readonly enum?: ReadonlyArray<string> | undefined
  readonly anyOf?: ReadonlyArray<Shape> | undefined
  readonly items?: Shape | undefined
}

export const shapeOf = memoize((schema: Schema.Constraint) => {
  const { schema: json } = Schema.toJsonSchemaDocument(schema)
  const { properties = {}, required = [] } = json
  // A struct's JSON schema has both, as JSON Schema writes them.
  return { properties: properties as Record<string, Shape>, required: required as ReadonlyArray<string> }
})

/** Requests that the kinds take, each with no more than it must hold. */
export const requestsOf = ({ kinds }: Descriptor.Descriptor): ReadonlyArray<Record<string, unknown>> =>
  Object.values(kinds).flatMap(({ schema }) => {
    const { properties, required } = shapeOf(schema)
    const whole = (more: Record<string, unknown>) => ({
      ...Object.fromEntries(required.map((field) => {
        const { enum: words, type } = properties[field] ?? {}
        return [field, words?.[0] ?? (type === "object" ? {} : type === "number" ? 1 : "owner/name")]
      })),
      ...more
    })
    return [whole({}), ...("prompt" in properties ? [whole({ prompt: "a lighthouse in the rain" })] : [])]
  })

/** The operation behind the emulator's name of a call: `getVideo` is a `get`, and what is no operation is a submit. */
export const operationOf = ({ operation }: Pick<Fixtures.Fixture, "operation">): Provider.Capability => {
  const name = operation.slice(operation.indexOf(".") + 1)
  return operations.find((one) => one === name) ?? (name.startsWith("get") ? "get" : "submit")
}

/** The account that submits and uploads of `callsOf` are on, where they are on one. */
export const account = "user@example.com"

const file = new Uint8Array(1024)

/** Calls of an operation, about the job of this id; submits of each request that the kinds take, on no account and on one. */
export const callsOf = (
  descriptor: Descriptor.Descriptor,
  operation: Provider.Capability,
  id: string
): ReadonlyArray<Call> => {
  switch (operation) {
    case "list":
    case "accounts":
    case "capacity":
      return [(provider) => provider[operation]]
    case "get":
    case "cancel":
    case "untrack":
    case "remove":
      return [(provider) => provider[operation]?.(JobId.make(id))]
    case "upload":
      return [
        (provider) =>
          provider.upload?.({ mediaType: "image/png", content: Stream.make(file), length: file.length, account })
      ]
    case "submit":
      return [undefined, { account }].flatMap((options) =>
        requestsOf(descriptor).map((request): Call => (provider) =>
          // Which requests a provider takes is not in the type of one of which nothing is known.
          provider.submit?.(request as never, options)
        )
      )
    default:
      return []
  }
}
