import * as Result from "effect/Result"
import type { World } from "../../EmulatedService.ts"
import type { StoredJob } from "../../JobStore.ts"

export const digits = ({ draw }: World, length: number): string => draw("0123456789", length)

/**
 * Ids as all services of useapi.net give them, but for their `ending`.
 */
export const newId =
  (world: World, { type, user }: Pick<StoredJob<string>, "type" | "user">, ending: string) => (created: string) =>
    `j${created.replaceAll(/\D/g, "").slice(4)}${digits(world, 6)}${type.charAt(0)}-u${user}-${ending}`

/**
 * A segment that is an account, which clients may encode or not.
 */
export const decode = (segment: string): string | undefined =>
  Result.getOrUndefined(Result.try(() => decodeURIComponent(segment)))

/**
 * A segment that is an id: the services' routing does not know `:` and `@` by their other names.
 */
export const decodeId = (segment: string): string | undefined => /%3a|%40/i.test(segment) ? undefined : decode(segment)
