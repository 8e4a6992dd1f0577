import { describe, it } from "@effect/vitest"
import * as DreamMachine from "@media-jobs/luma/DreamMachine"
import type * as DreamMachineRequest from "@media-jobs/luma/DreamMachineRequest"
import * as Luma from "@media-jobs/luma/Luma"
import type * as LumaRequest from "@media-jobs/luma/LumaRequest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Laws from "@media-jobs/testing/Laws"
import * as Effect from "effect/Effect"
import { token } from "./support.ts"

const url = "https://example.com/a.png"
const video = { url: "https://example.com/a.mp4", media_type: "video/mp4" }
const ids = {
  unknown: "00000000-6c54-4b01-90e6-d701748f0851",
  elsewhere: "j0223140530123456789v-u12345-US:user@example.com-bot:dreamina"
}
const says = (word: string) => Faults.withField("state", word)

const agents: Laws.Situations<LumaRequest.Request, Emulator.Emulator> = {
  ...ids,
  says,
  running: Effect.flatMap(
    Emulator.Emulator,
    ({ services: { luma } }) => Effect.map(luma.add({ duration: "1 day" }), ({ id }) => id)
  ),
  ended: Effect.flatMap(
    Emulator.Emulator,
    ({ services: { luma } }) => Effect.map(luma.add({ state: "completed" }), ({ id }) => id)
  ),
  secrets: [Emulator.token],
  routes: { get: ["luma.get"], submit: ["luma.create"] },
  submits: {
    accepted: [
      Luma.video({ prompt: "rain" }),
      Luma.image({ prompt: "rain", image_ref: [{ url }] }),
      Luma.imageEdit({ prompt: "snow", source: { url } }),
      Luma.videoEdit({ prompt: "snow", source: video }),
      Luma.videoReframe({ prompt: "wide", source: video, aspect_ratio: "21:9" })
    ],
    refused: [
      { request: Luma.video({ prompt: "" }), fields: ["prompt"] },
      {
        request: Luma.video({ prompt: "rain", model: "uni-1", aspect_ratio: "wide" }),
        fields: ["aspect_ratio", "model"]
      }
    ]
  }
}

describe("Luma keeps the laws", () => {
  const luma = Effect.provide(Luma.make({ token }), Emulator.layerClient)
  for (const law of Laws.adapter<"get", LumaRequest.Request, Emulator.Emulator>(luma, agents)) {
    it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
  }
})

const name = "luma-dream-machine"
const dreaming = (state: "running" | "completed") =>
  Effect.flatMap(
    Emulator.Emulator,
    ({ services }) =>
      Effect.map(services[name].add(state === "running" ? { duration: "1 day" } : { state }), ({ id }) => id)
  )

const dreamMachine: Laws.Situations<DreamMachineRequest.Request, Emulator.Emulator> = {
  ...ids,
  says,
  running: dreaming("running"),
  ended: dreaming("completed"),
  secrets: [Emulator.token],
  routes: {
    list: [`${name}.list`],
    get: [`${name}.get`],
    // A job is asked about before it is removed.
    remove: [`${name}.get`, `${name}.remove`],
    submit: [
      `${name}.video`,
      `${name}.image`,
      `${name}.modifyVideo`,
      `${name}.reframeVideo`,
      `${name}.reframeImage`,
      `${name}.upscale`,
      `${name}.audio`
    ]
  },
  submits: {
    accepted: [
      DreamMachine.video({ model: "ray-2", prompt: "rain" }),
      DreamMachine.image({ model: "photon-1", prompt: "rain" }),
      { generation_type: "modify_video", model: "ray-2", mode: "flex_1", media: { url } },
      { generation_type: "reframe_video", model: "ray-2", aspect_ratio: "1:1", media: { url } },
      { generation_type: "reframe_image", model: "photon-1", aspect_ratio: "1:1", media: { url } }
    ],
    refused: [
      { request: DreamMachine.video({ model: "ray-2", prompt: "ra" }), fields: ["prompt"] },
      { request: DreamMachine.image({ model: "ray-2", callback_url: "here" }), fields: ["callback_url", "model"] }
    ]
  },
  webhooks: Effect.gen(function*() {
    const { services } = yield* Emulator.Emulator
    return yield* Effect.forEach(
      ["running", "completed", "failed"] as const,
      (state) => Effect.flatMap(services[name].add({ state }), ({ id }) => services[name].webhook(id))
    )
  })
}

describe("DreamMachine keeps the laws", () => {
  const provider = Effect.provide(DreamMachine.make({ token }), Emulator.layerClient)
  for (const law of Laws.adapter<"get", DreamMachineRequest.Request, Emulator.Emulator>(provider, dreamMachine)) {
    it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
  }
})
