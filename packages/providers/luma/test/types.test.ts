import { it } from "@effect/vitest"
import { expectTypeOf } from "vitest"
import type * as DreamMachineRequest from "../src/DreamMachineRequest.ts"
import type * as LumaRequest from "../src/LumaRequest.ts"

it("requests have the types of their schemas", () => {
  expectTypeOf<LumaRequest.ImageRef>().toEqualTypeOf<typeof LumaRequest.ImageRef.Type>()
  expectTypeOf<LumaRequest.VideoOptions>().toEqualTypeOf<typeof LumaRequest.VideoOptions.Type>()
  expectTypeOf<LumaRequest.Image>().toEqualTypeOf<typeof LumaRequest.Image.Type>()
  expectTypeOf<LumaRequest.ImageEdit>().toEqualTypeOf<typeof LumaRequest.ImageEdit.Type>()
  expectTypeOf<LumaRequest.Video>().toEqualTypeOf<typeof LumaRequest.Video.Type>()
  expectTypeOf<LumaRequest.VideoEdit>().toEqualTypeOf<typeof LumaRequest.VideoEdit.Type>()
  expectTypeOf<LumaRequest.VideoReframe>().toEqualTypeOf<typeof LumaRequest.VideoReframe.Type>()
  expectTypeOf<DreamMachineRequest.Video>().toEqualTypeOf<typeof DreamMachineRequest.Video.Type>()
  expectTypeOf<DreamMachineRequest.Image>().toEqualTypeOf<typeof DreamMachineRequest.Image.Type>()
  expectTypeOf<DreamMachineRequest.ModifyVideo>().toEqualTypeOf<typeof DreamMachineRequest.ModifyVideo.Type>()
  expectTypeOf<DreamMachineRequest.ReframeVideo>().toEqualTypeOf<typeof DreamMachineRequest.ReframeVideo.Type>()
  expectTypeOf<DreamMachineRequest.ReframeImage>().toEqualTypeOf<typeof DreamMachineRequest.ReframeImage.Type>()
  expectTypeOf<DreamMachineRequest.UpscaleVideo>().toEqualTypeOf<typeof DreamMachineRequest.UpscaleVideo.Type>()
  expectTypeOf<DreamMachineRequest.AddAudio>().toEqualTypeOf<typeof DreamMachineRequest.AddAudio.Type>()
})
