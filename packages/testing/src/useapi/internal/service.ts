import type { EmulatedService, Route } from "../../EmulatedService.ts"
import * as sentences from "./sentences.ts"

/** Pages write the paths of lists with a closing slash or without, and the services take both. */
const withSlash = <Operation extends string>(route: Route<Operation>): ReadonlyArray<Route<Operation>> =>
  route.method === "GET" && !/\/(?:|:[^/]*)$/.test(route.path) ? [route, { ...route, path: `${route.path}/` }] : [route]

/**
 * A service of useapi.net: what all of them have in common, and its own.
 */
export const service = <Id extends string, Operation extends string, Controls>(
  own: Pick<EmulatedService<Id, Operation, Controls>, "id" | "cdns" | "make" | "unauthorized">
): EmulatedService<Id, Operation, Controls> => ({
  hosts: ["api.useapi.net"],
  root: true,
  unauthorized: sentences.unauthorized,
  unknownPath: sentences.endpointNotFound,
  ...own,
  make: (world) => {
    const made = own.make(world)
    return { ...made, routes: made.routes.flatMap(withSlash) }
  }
})
