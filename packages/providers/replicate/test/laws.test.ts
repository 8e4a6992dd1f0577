import { describe, it } from "@effect/vitest"
import * as Replicate from "@media-jobs/replicate/Replicate"
import type * as ReplicateRequest from "@media-jobs/replicate/ReplicateRequest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Laws from "@media-jobs/testing/Laws"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const replicate = Effect.provide(Replicate.make({ token: Redacted.make(Emulator.token) }), Emulator.layerClient)
const job = (state: "running" | "succeeded") =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    return (yield* emulator.services.replicate.add({ state, duration: "1 day" })).id
  })

const version = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa"

const situations: Laws.Situations<ReplicateRequest.Request, Emulator.Emulator> = {
  running: job("running"),
  ended: job("succeeded"),
  unknown: "m420tb253nrm60cj09c8hwfgxw",
  elsewhere: "j0223140530123456789v-u12345-US:user@example.com-bot:dreamina",
  secrets: [Emulator.token],
  routes: {
    list: ["replicate.list"],
    get: ["replicate.get"],
    cancel: ["replicate.cancel"],
    submit: ["replicate.create", "replicate.model"]
  },
  submits: {
    accepted: [
      { model: "media-jobs/lighthouse", input: { prompt: "rain" } },
      { version, input: {} },
      { version: `media-jobs/lighthouse:${version}`, input: { prompt: "rain", seeds: [1, 2, { deep: null }] } }
    ],
    refused: [
      { request: { model: "lighthouse", input: {} }, fields: ["model"] },
      { request: { version: "latest", input: {}, webhook: "not a URL" }, fields: ["version", "webhook"] }
    ]
  },
  webhooks: Effect.gen(function*() {
    const { services: { replicate } } = yield* Emulator.Emulator
    const states = ["running", "succeeded", "failed", "canceled", "aborted"] as const
    return yield* Effect.forEach(
      states,
      (state) =>
        Effect.flatMap(
          replicate.add({ state, duration: "1 day" }),
          ({ id }) => Effect.map(replicate.webhook(id), ({ body }): unknown => JSON.parse(body))
        )
    )
  })
}

describe("Replicate keeps the laws", () => {
  for (
    const law of Laws.adapter<"get", ReplicateRequest.Request, Emulator.Emulator>(replicate, situations)
  ) {
    it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
  }
})
