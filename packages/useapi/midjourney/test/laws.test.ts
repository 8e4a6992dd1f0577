import { describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Fixtures from "@media-jobs/testing/Fixtures"
import * as Laws from "@media-jobs/testing/Laws"
import * as Midjourney from "@media-jobs/useapi-midjourney/Midjourney"
import type * as MidjourneyRequest from "@media-jobs/useapi-midjourney/MidjourneyRequest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const midjourney = Effect.provide(
  Midjourney.make({ token: Redacted.make(Emulator.token) }),
  Emulator.layerClient
)

const channel = "1234567890123456789"
const job = (state: "running" | "completed", id?: string) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const given = { state, duration: "1 day", ...(id === undefined ? undefined : { id }) } as const
    return (yield* emulator.services["useapi-midjourney"].add(given)).id
  })

const situations: Laws.Situations<MidjourneyRequest.Request, Emulator.Emulator> = {
  running: job("running"),
  ended: job("completed"),
  unknown: `j1023141520123456789i-u12345-c${channel}-bot:midjourney`,
  elsewhere: "j0223140530123456789v-u12345-US:user@example.com-bot:dreamina",
  // A channel is the number of a conversation, which names no person.
  secrets: [Emulator.token],
  routes: {
    list: ["useapi-midjourney.list"],
    get: ["useapi-midjourney.get"],
    cancel: ["useapi-midjourney.cancel"],
    accounts: ["useapi-midjourney.accounts"],
    capacity: ["useapi-midjourney.list", "useapi-midjourney.accounts"],
    submit: ["useapi-midjourney.imagine"]
  },
  submits: {
    accepted: [
      Midjourney.imagine({ prompt: "rain" }),
      Midjourney.imagine({
        prompt: "rain --ar 16:9",
        channel,
        replyUrl: "https://example.com/callback",
        replyRef: "order-7"
      })
    ],
    refused: [
      { request: Midjourney.imagine({ prompt: "" }), fields: ["prompt"] },
      { request: Midjourney.imagine({ prompt: "rain", channel: "general" }), fields: ["channel"] }
    ]
  },
  webhooks: Effect.succeed(
    Fixtures.of("useapi-midjourney.get").filter(({ status }) => status === 200).map(({ json }) => json)
  )
}

describe("Midjourney keeps the laws", () => {
  for (const law of Laws.adapter(midjourney, situations)) {
    it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
  }
})

describe("Midjourney keeps the laws for ids of v2", () => {
  const v2 = `job:20241218021941022-user:12345-channel:${channel}-bot:midjourney`
  for (const law of Laws.adapter(midjourney, { ...situations, running: job("running", v2) })) {
    it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
  }
})
