import type { EmulatedService } from "../../EmulatedService.ts"
import * as sentences from "./sentences.ts"

/**
 * A service of useapi.net: what all of them have in common, and its own.
 */
export const service = <Id extends string, Operation extends string, Controls>(
  own: Pick<EmulatedService<Id, Operation, Controls>, "id" | "cdns" | "make">
): EmulatedService<Id, Operation, Controls> => ({
  hosts: ["api.useapi.net"],
  root: true,
  unauthorized: sentences.unauthorized,
  unknownPath: sentences.endpointNotFound,
  ...own
})
