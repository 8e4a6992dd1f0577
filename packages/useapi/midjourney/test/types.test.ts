import { it } from "@effect/vitest"
import { expectTypeOf } from "vitest"
import type * as MidjourneyRequest from "../src/MidjourneyRequest.ts"

it("requests have the types of their schemas", () => {
  expectTypeOf<MidjourneyRequest.Imagine>().toEqualTypeOf<typeof MidjourneyRequest.Imagine.Type>()
})
