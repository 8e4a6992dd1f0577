import { it } from "@effect/vitest"
import { expectTypeOf } from "vitest"
import type * as MiniMaxRequest from "../src/MiniMaxRequest.ts"

it("requests have the types of their schemas", () => {
  expectTypeOf<MiniMaxRequest.Video>().toEqualTypeOf<typeof MiniMaxRequest.Video.Type>()
  expectTypeOf<MiniMaxRequest.TemplateVideo>().toEqualTypeOf<typeof MiniMaxRequest.TemplateVideo.Type>()
  expectTypeOf<MiniMaxRequest.Image>().toEqualTypeOf<typeof MiniMaxRequest.Image.Type>()
  expectTypeOf<MiniMaxRequest.Music>().toEqualTypeOf<typeof MiniMaxRequest.Music.Type>()
  expectTypeOf<MiniMaxRequest.Speech>().toEqualTypeOf<typeof MiniMaxRequest.Speech.Type>()
  expectTypeOf<MiniMaxRequest.Agent>().toEqualTypeOf<typeof MiniMaxRequest.Agent.Type>()
})
