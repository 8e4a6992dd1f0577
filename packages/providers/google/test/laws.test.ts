import { describe, it } from "@effect/vitest"
import * as Provider from "@media-jobs/core/Provider"
import * as Gemini from "@media-jobs/google/Gemini"
import type * as GeminiRequest from "@media-jobs/google/GeminiRequest"
import * as Vertex from "@media-jobs/google/Vertex"
import type * as VertexRequest from "@media-jobs/google/VertexRequest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Laws from "@media-jobs/testing/Laws"
import * as Effect from "effect/Effect"
import { oldId, token, vertexId } from "./support.ts"

const elsewhere = "j0223140530123456789v-u12345-US:user@example.com-bot:dreamina"

describe("the Gemini API keeps the laws", () => {
  const job = (state: "running" | "completed", id?: string) =>
    Effect.gen(function*() {
      const { services: { google } } = yield* Emulator.Emulator
      return (yield* google.add({ state, duration: "1 day", delivery: "uri", id })).id
    })
  const situations: Laws.Situations<GeminiRequest.Request, Emulator.Emulator> = {
    running: job("running"),
    ended: job("completed"),
    unknown: "v1_bm9uZS1vZi1vdXJzLWF0LWFsbA",
    elsewhere,
    secrets: [Emulator.token],
    routes: {
      get: ["google.get"],
      cancel: ["google.cancel"],
      // One that runs is not removed, so it is looked at first.
      remove: ["google.get", "google.remove"],
      submit: ["google.create"]
    },
    submits: {
      accepted: [
        Gemini.video({ input: "rain", duration: 8, aspect_ratio: "9:16", resolution: "1080p" }),
        Gemini.video({
          input: [{ type: "text", text: "more rain" }, { type: "video", uri: "https://a.test/files/1" }],
          task: "extend"
        }),
        Gemini.music({ input: "rain on a roof", mime_type: "audio/mpeg" }),
        Gemini.image({ input: "rain", model: "gemini-nano-banana-2.1", image_size: "2K", seed: 7 })
      ],
      refused: [
        { request: Gemini.video({ input: "" }), fields: ["input"] },
        { request: Gemini.video({ input: "rain", duration: 11 }), fields: ["duration"] },
        { request: Gemini.video({ input: "rain", task: "edit" }), fields: ["previous_interaction_id"] },
        { request: Gemini.music({ input: "rain", model: "a/b", webhook: "not a URL" }), fields: ["model", "webhook"] }
      ]
    },
    webhooks: Effect.gen(function*() {
      const { services: { google } } = yield* Emulator.Emulator
      const states = ["completed", "blocked", "failed", "incomplete", "requires_action"] as const
      return yield* Effect.forEach(states, (state) =>
        Effect.flatMap(
          google.add({ state }),
          ({ id }) =>
            Effect.map(
              google.webhook(id, "whsec_bWVkaWEtam9icyBlbXVsYXRvcg=="),
              ({ body }): unknown => JSON.parse(body)
            )
        ))
    })
  }
  const gemini = Effect.provide(Gemini.make({ token }), Emulator.layerClient)
  for (const law of Laws.adapter<"get", GeminiRequest.Request, Emulator.Emulator>(gemini, situations)) {
    it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
  }

  describe("with operations of the older API, which can be looked at", () => {
    const { submits: _, webhooks: __, ...rest } = situations
    const old: Laws.Situations<GeminiRequest.Request, Emulator.Emulator> = {
      ...rest,
      running: job("running", oldId),
      ended: job("completed", `${oldId}2`),
      unknown: `${oldId}3`,
      routes: { get: ["google.getOperation"] },
      says: false
    }
    const looks = Effect.map(
      gemini,
      ({ get, id, instance, owns }) => Provider.make({ id, instance, owns }, { get })
    )
    for (const law of Laws.adapter<"get", GeminiRequest.Request, Emulator.Emulator>(looks, old)) {
      it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
    }
  })
})

describe("Vertex AI keeps the laws", () => {
  const job = (state: "running" | "succeeded") =>
    Effect.gen(function*() {
      const { services } = yield* Emulator.Emulator
      return (yield* services["google-vertex"].add({ state, duration: "1 day" })).id
    })
  const situations: Laws.Situations<VertexRequest.Request, Emulator.Emulator> = {
    running: job("running"),
    ended: job("succeeded"),
    unknown: vertexId,
    elsewhere,
    secrets: [Emulator.token],
    routes: { get: ["google-vertex.get"], submit: ["google-vertex.submit"] },
    submits: {
      accepted: [
        Vertex.video({ prompt: "rain" }),
        Vertex.video({
          model: "veo-3.1-fast-generate-001",
          image: { gcsUri: "gs://emulator/rain.png", mimeType: "image/png" },
          sampleCount: 4,
          durationSeconds: 8,
          storageUri: "gs://emulator/rain",
          labels: { team: "rain" }
        })
      ],
      refused: [
        { request: Vertex.video({}), fields: ["prompt"] },
        { request: Vertex.video({ prompt: "rain", sampleCount: 0 }), fields: ["sampleCount"] },
        { request: Vertex.video({ prompt: "rain", storageUri: "s3://rain" }), fields: ["storageUri"] }
      ]
    },
    says: false
  }
  const vertex = Effect.provide(Vertex.make({ token, project: "emulator" }), Emulator.layerClient)
  for (const law of Laws.adapter<"get", VertexRequest.Request, Emulator.Emulator>(vertex, situations)) {
    it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
  }
})
