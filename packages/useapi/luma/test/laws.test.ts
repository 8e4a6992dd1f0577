import { describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Laws from "@media-jobs/testing/Laws"
import { fixtures } from "@media-jobs/testing/useapi-luma"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import type * as LumaRequest from "@media-jobs/useapi-luma/LumaRequest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const luma = Effect.provide(Luma.make({ token: Redacted.make(Emulator.token) }), Emulator.layerClient)
const job = (state: "running" | "completed", id?: string) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    return (yield* emulator.services["useapi-luma"].add({
      state,
      duration: "1 day",
      ...(id === undefined ? undefined : { id })
    })).id
  })

const situations: Laws.Situations<LumaRequest.Request, Emulator.Emulator> = {
  running: job("running"),
  ended: job("completed"),
  unknown: "j0326140530123456789v-u12345-email:user@example.com-job:00000000-0000-0000-0000-000000000000-bot:luma",
  elsewhere: "j0223140530123456789v-u12345-US:user@example.com-bot:dreamina",
  secrets: ["user@example.com", Emulator.token],
  routes: {
    list: ["useapi-luma.list"],
    get: ["useapi-luma.get"],
    remove: ["useapi-luma.remove"],
    accounts: ["useapi-luma.accounts"],
    capacity: ["useapi-luma.accounts"],
    submit: ["useapi-luma.video", "useapi-luma.image"]
  },
  submits: {
    accepted: [
      Luma.video({ prompt: "rain" }),
      Luma.image({ prompt: "rain" }),
      Luma.video({
        prompt: "rain",
        model: "ray-v3",
        resolution: "540p",
        duration: "5s",
        dynamic_range: "hdr_exr"
      })
    ],
    refused: [
      { request: Luma.image({ prompt: "" }), fields: ["prompt"] },
      {
        request: Luma.video({ prompt: "rain", model: "ray-v3-reasoning", resolution: "540p" }),
        fields: ["resolution"]
      }
    ]
  },
  webhooks: Effect.succeed(
    Object.values(fixtures.documented).filter((fixture) =>
      fixture.operation === "useapi-luma.get" && fixture.status === 200
    )
      .map((fixture) => fixture.json)
  )
}

describe("Luma keeps the laws", () => {
  for (const law of Laws.adapter(luma, situations)) {
    it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
  }
})

describe("Luma keeps the laws for the documents' damaged ids", () => {
  const damaged = { ...situations, running: job("running", fixtures.ids.polled) }
  for (const law of Laws.adapter(luma, damaged)) {
    it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
  }
})
