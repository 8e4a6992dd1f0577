import { describe, it } from "@effect/vitest"
import * as Fal from "@media-jobs/fal/Fal"
import type * as FalRequest from "@media-jobs/fal/FalRequest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Laws from "@media-jobs/testing/Laws"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { idOf } from "./support.ts"

const fal = Effect.provide(Fal.make({ token: Redacted.make(Emulator.token) }), Emulator.layerClient)
const job = (state: "running" | "succeeded") =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    return idOf(yield* emulator.services.fal.add({ state, duration: "1 day" }))
  })

const situations: Laws.Situations<FalRequest.Request, Emulator.Emulator> = {
  running: job("running"),
  ended: job("succeeded"),
  unknown: "fal-ai/flux/764cabcf-b745-4b3e-ae38-1200304cf45b",
  elsewhere: "j0223140530123456789v-u12345-US:user@example.com-bot:dreamina",
  secrets: [Emulator.token],
  routes: { get: ["fal.get"], cancel: ["fal.cancel"], submit: ["fal.submit"] },
  submits: {
    accepted: [
      Fal.image("fal-ai/flux/dev", { prompt: "rain", num_images: 2 }),
      Fal.video("fal-ai/veo3", { prompt: "rain" }, { priority: "low", startTimeout: 60, storeIO: false }),
      Fal.request("workflows/someone/rain", {}),
      Fal.request("110602490-lora", { seeds: [1, 2, { deep: null }] })
    ],
    refused: [
      { request: Fal.request("flux", {}), fields: ["model"] },
      { request: Fal.request("fal-ai/../flux", {}), fields: ["model"] },
      {
        request: { ...Fal.request("fal-ai/flux", {}, { startTimeout: 0, hint: "a\nb" }), webhook: "not a URL" },
        fields: ["startTimeout", "hint", "webhook"]
      },
      { request: Fal.request("fal-ai/flux", { image_url: "./rain.png" }), fields: ["input.image_url"] }
    ]
  },
  webhooks: Effect.gen(function*() {
    const { services: { fal } } = yield* Emulator.Emulator
    return yield* Effect.forEach(["succeeded", "failed", "cancelled"] as const, (state) =>
      Effect.flatMap(
        fal.add({ state }),
        ({ id }) => Effect.map(fal.webhook(id), ({ body }): unknown => JSON.parse(body))
      ))
  })
}

describe("fal keeps the laws", () => {
  for (const law of Laws.adapter<"get", FalRequest.Request, Emulator.Emulator>(fal, situations)) {
    it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
  }
})
