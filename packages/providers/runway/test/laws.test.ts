import { describe, it } from "@effect/vitest"
import * as Runway from "@media-jobs/runway/Runway"
import type * as RunwayRequest from "@media-jobs/runway/RunwayRequest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Laws from "@media-jobs/testing/Laws"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { rain } from "./support.ts"

const runway = Effect.provide(Runway.make({ token: Redacted.make(Emulator.token) }), Emulator.layerClient)
const job = (state: "running" | "succeeded") =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    return (yield* emulator.services.runway.add({ state, duration: "1 day" })).id
  })

const situations: Laws.Situations<RunwayRequest.Request, Emulator.Emulator> = {
  running: job("running"),
  ended: job("succeeded"),
  unknown: "0190efa7-1963-4c9d-8103-3086d3322e20",
  elsewhere: "j0223140530123456789v-u12345-US:user@example.com-bot:dreamina",
  secrets: [Emulator.token],
  forgets: true,
  routes: {
    get: ["runway.get"],
    cancel: ["runway.get", "runway.remove"],
    remove: ["runway.get", "runway.remove"],
    submit: ["runway.create"],
    accounts: ["runway.accounts"],
    capacity: ["runway.accounts"]
  },
  submits: {
    accepted: [
      rain,
      Runway.textToImage({ model: "gen4_image", promptText: "rain", ratio: "1920:1080" }),
      Runway.recipe({ recipe: "marketing_stock_image", version: "2026-06", prompt: "rain" }),
      Runway.generate({ media: "audio", configId: "router-1", input: { promptText: "rain", type: "audio" } }),
      Runway.workflow({ workflow: "w-1" })
    ],
    refused: [
      {
        request: Runway.textToVideo({
          model: "gen4.5" as string,
          promptText: "rain".repeat(251),
          ratio: "16:9",
          weather: "rain"
        }),
        fields: ["promptText", "duration", "ratio", "weather"]
      },
      { request: Runway.imageToVideo({ model: "gen9", promptImage: "./cat.png" }), fields: ["promptImage"] },
      { request: Runway.recipe({ recipe: "../tasks" }), fields: ["recipe"] }
    ]
  }
}

describe("Runway keeps the laws", () => {
  for (const law of Laws.adapter<"get", RunwayRequest.Request, Emulator.Emulator>(runway, situations)) {
    it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
  }
})
