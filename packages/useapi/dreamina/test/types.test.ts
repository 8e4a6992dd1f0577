import { it } from "@effect/vitest"
import { expectTypeOf } from "vitest"
import type * as DreaminaRequest from "../src/DreaminaRequest.ts"

it("requests have the types of their schemas", () => {
  expectTypeOf<DreaminaRequest.Video>().toEqualTypeOf<typeof DreaminaRequest.Video.Type>()
  expectTypeOf<DreaminaRequest.Image>().toEqualTypeOf<typeof DreaminaRequest.Image.Type>()
  expectTypeOf<DreaminaRequest.UpscaleVideo>().toEqualTypeOf<typeof DreaminaRequest.UpscaleVideo.Type>()
  expectTypeOf<DreaminaRequest.UpscaleImage>().toEqualTypeOf<typeof DreaminaRequest.UpscaleImage.Type>()
  expectTypeOf<DreaminaRequest.Interpolate>().toEqualTypeOf<typeof DreaminaRequest.Interpolate.Type>()
})
