/**
 * What the accounts of a service may run at once, where one answer tells it.
 *
 * @since 0.1.0
 */
import * as Wire from "@media-jobs/adapter/Wire"
import type * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import type * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as UseApi from "./UseApi.ts"

/**
 * What `GET /scheduler/available` tells of each account, whose name stands under `name`; of none with a 404, as accounts are.
 *
 * @since 0.1.0
 * @category combinators
 */
export const slots = (
  api: Pick<UseApi.Kit, "call">,
  path: string,
  name: string
): Effect.Effect<ReadonlyArray<Provider.Capacity>, JobError.Of<"capacity">> =>
  api.call("capacity", { method: "GET", path, emptyStatus: 404 }, (body = { available: [] }) => {
    const { available } = Wire.object(body)
    return Array.isArray(available)
      ? Result.succeed(available.flatMap((row): ReadonlyArray<Provider.Capacity> => {
        const { [name]: named, executing, maxJobs } = Wire.object(row)
        const [account, limit] = [Wire.text(named), Wire.number(maxJobs)]
        return account === undefined || limit === undefined
          ? []
          : [{ account, limit, executing: Wire.number(executing) }]
      }))
      : Result.fail("Expected a list at [\"available\"]")
  })

/**
 * The `maxJobs` of each configured account; one with a problem has room for none, and one that tells no limit is left out.
 *
 * @since 0.1.0
 * @category combinators
 */
export const limits = (
  api: Pick<UseApi.Kit, "capacity">,
  path: string
): Effect.Effect<ReadonlyArray<Pick<Provider.Capacity, "account" | "limit">>, JobError.Of<"capacity">> =>
  api.capacity(path, (account, { maxJobs }, isBroken) => {
    const limit = Wire.number(maxJobs)
    return limit === undefined ? [] : [{ account, limit: isBroken ? 0 : limit }]
  })
