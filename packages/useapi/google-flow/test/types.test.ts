import { it } from "@effect/vitest"
import { expectTypeOf } from "vitest"
import type * as GoogleFlowRequest from "../src/GoogleFlowRequest.ts"

it("requests have the types of their schemas", () => {
  expectTypeOf<GoogleFlowRequest.Video>().toEqualTypeOf<typeof GoogleFlowRequest.Video.Type>()
  expectTypeOf<GoogleFlowRequest.Image>().toEqualTypeOf<typeof GoogleFlowRequest.Image.Type>()
  expectTypeOf<GoogleFlowRequest.ExtendVideo>().toEqualTypeOf<typeof GoogleFlowRequest.ExtendVideo.Type>()
  expectTypeOf<GoogleFlowRequest.UpscaleVideo>().toEqualTypeOf<typeof GoogleFlowRequest.UpscaleVideo.Type>()
})
