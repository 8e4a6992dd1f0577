import type { Call } from "../../EmulatedService.ts"

/**
 * A parameter of a call's query.
 */
export const parameter = ({ query }: Pick<Call, "query">, name: string): string | undefined =>
  new URLSearchParams(query).get(name) ?? undefined
