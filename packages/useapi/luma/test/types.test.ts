import { it } from "@effect/vitest"
import { expectTypeOf } from "vitest"
import type * as LumaRequest from "../src/LumaRequest.ts"

it("requests have the types of their schemas", () => {
  expectTypeOf<LumaRequest.Video>().toEqualTypeOf<typeof LumaRequest.Video.Type>()
  expectTypeOf<LumaRequest.Image>().toEqualTypeOf<typeof LumaRequest.Image.Type>()
})
