import { describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Fixtures from "@media-jobs/testing/Fixtures"
import * as Laws from "@media-jobs/testing/Laws"
import { service } from "@media-jobs/testing/useapi-flow-music"
import * as FlowMusic from "@media-jobs/useapi-flow-music/FlowMusic"
import type * as FlowMusicRequest from "@media-jobs/useapi-flow-music/FlowMusicRequest"
import * as Effect from "effect/Effect"
import { account, clip, flowMusic, id } from "./support.ts"

const job = (state: "running" | "completed") =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    return (yield* emulator.services["useapi-flow-music"].add({ state, duration: "1 day", account })).id
  })

type Situations = Laws.Situations<FlowMusicRequest.Request, Emulator.Emulator>

const situations: Situations = {
  running: job("running"),
  ended: job("completed"),
  unknown: id,
  elsewhere: "j0326140530123456789v-u12345-email:user@example.com-job:00000000-0000-0000-0000-000000000000-bot:luma",
  secrets: [account, Emulator.token],
  routes: {
    list: ["useapi-flow-music.list"],
    get: ["useapi-flow-music.get"],
    cancel: ["useapi-flow-music.cancel"],
    accounts: ["useapi-flow-music.accounts"],
    capacity: ["useapi-flow-music.accounts", "useapi-flow-music.list"],
    submit: ["useapi-flow-music.music", "useapi-flow-music.edit"]
  },
  submits: {
    accepted: [
      FlowMusic.music({ prompt: "rain" }),
      FlowMusic.music({
        prompt: "rain",
        model: "lyria-3.5",
        instrumental: false,
        lyrics: "la",
        ghostwriter: "pro",
        refImage1: `user:12345-${account}-image:1`,
        refAudio10: `user:12345-${account}-audio:1`,
        email: account,
        replyUrl: "https://a.test/hook",
        replyRef: "order-7"
      }),
      FlowMusic.extend({ clip, instruction: "and on", extend_s: 30, extend_from_s: 0, title: "On", seed: 7 }),
      FlowMusic.replace({ clip, instruction: "louder", mask_start_s: 1.5, mask_end_s: 3 }),
      FlowMusic.cover({ clip, instruction: "as a waltz", strength: 0.5 }),
      FlowMusic.remix({ clip, lyrics: "la", prompt: "rain" })
    ],
    refused: [
      {
        request: FlowMusic.music({ prompt: "x".repeat(10_001), refImage1: "./a.png" }),
        fields: ["prompt", "refImage1"]
      },
      { request: FlowMusic.extend({ clip: "", extend_s: 301 }), fields: ["clip", "extend_s"] }
    ]
  },
  webhooks: Effect.succeed(
    Fixtures.of("useapi-flow-music.get").filter(({ status }) => status === 200).map(({ json }) => json)
  )
}

const keeps = (what: string, accounts: ReadonlyArray<string>) =>
  describe(what, () => {
    const make = Effect.provide(flowMusic(), Emulator.layerClient)
    const emulated = service({ accounts: accounts.map((email) => ({ email, maxJobs: 50 })) })
    for (const law of Laws.adapter(make, situations)) {
      it.effect(
        law.name,
        () => Effect.provide(law.check, Emulator.layer({ services: { "useapi-flow-music": emulated } }))
      )
    }
  })

keeps("Flow Music keeps the laws", [account])

keeps("Flow Music keeps the laws with several accounts", ["other@example.com", account])
