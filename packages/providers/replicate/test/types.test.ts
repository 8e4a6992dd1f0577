import { it } from "@effect/vitest"
import { expectTypeOf } from "vitest"
import type * as ReplicateRequest from "../src/ReplicateRequest.ts"

it("requests have the types of their schemas", () => {
  expectTypeOf<ReplicateRequest.OfModel>().toEqualTypeOf<typeof ReplicateRequest.OfModel.Type>()
  expectTypeOf<ReplicateRequest.OfVersion>().toEqualTypeOf<typeof ReplicateRequest.OfVersion.Type>()
})
