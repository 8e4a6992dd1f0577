import type * as Schema from "effect/Schema"
import type { Fixture, Sample } from "../Fixtures.ts"

export const documented = <Operation extends string>(
  document: string,
  operation: Operation,
  status: number,
  text: string
): Fixture<Operation> => ({ document, documented: true, operation, status, text, json: JSON.parse(text) })

/**
 * An answer that no document prints whole, put together from what has been seen of it.
 */
export const assembled = <Operation extends string>(
  document: string,
  operation: Operation,
  status: number,
  json: Schema.Json
): Fixture<Operation> => ({
  document,
  documented: false,
  operation,
  status,
  text: JSON.stringify(json, null, 2),
  json
})

export const sample = (document: string, text: string, script = text): Sample => ({ document, text, script })
