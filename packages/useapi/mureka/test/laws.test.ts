import { describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Fixtures from "@media-jobs/testing/Fixtures"
import * as Laws from "@media-jobs/testing/Laws"
import { service } from "@media-jobs/testing/useapi-mureka"
import * as Mureka from "@media-jobs/useapi-mureka/Mureka"
import type * as MurekaRequest from "@media-jobs/useapi-mureka/MurekaRequest"
import * as Effect from "effect/Effect"
import { account, id, mureka } from "./support.ts"

const job = (state: "running" | "completed", given: { readonly verb?: string } = {}) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    return (yield* emulator.services["useapi-mureka"].add({ state, duration: "1 day", account, ...given })).id
  })

type Situations = Laws.Situations<MurekaRequest.Request, Emulator.Emulator>

const file = `user:12345-mureka:${account}-file:91234567890126`
const song = `user:12345-mureka:${account}-song:91234567890121`

const situations: Situations = {
  running: job("running"),
  ended: job("completed"),
  unknown: id,
  elsewhere: "j0326140530123456789v-u12345-email:user@example.com-job:00000000-0000-0000-0000-000000000000-bot:luma",
  secrets: [account, Emulator.token],
  routes: {
    list: ["useapi-mureka.list"],
    get: ["useapi-mureka.get"],
    accounts: ["useapi-mureka.accounts"],
    submit: ["create", "createAdvanced", "createInstrumental", "extend", "regenerate", "speech"].map((name) =>
      `useapi-mureka.${name}`
    )
  },
  submits: {
    accepted: [
      Mureka.create({ account, prompt: "rain", model: "V9.5", replyUrl: "https://a.test/hook", replyRef: "order-7" }),
      Mureka.createAdvanced({
        account,
        lyrics: "Light in the rain",
        title: "Rain",
        desc: "a waltz",
        motif_id: file,
        vocal_gender: "female"
      }),
      Mureka.createInstrumental({ account, prompt: "rain", ref_id: file, title: "Rain" }),
      Mureka.extend({ account, song_id: song, lyrics: "and on" }),
      Mureka.regenerate({ account, song_id: 91234567890121, start_milliseconds: 0 }),
      Mureka.speech({ account, text: "rain", voice_id: 7 }),
      Mureka.speech({ account, conversation: `[{"voice_id":7,"text":"rain"}]` })
    ],
    refused: [
      { request: Mureka.create({ prompt: "x".repeat(3001), account: "first" }), fields: ["prompt", "account"] },
      { request: Mureka.createAdvanced({ lyrics: "", motif_id: "./hummed.mp3" }), fields: ["lyrics", "motif_id"] },
      { request: Mureka.speech({ voice_id: 7 }), fields: ["text"] }
    ]
  },
  webhooks: Effect.succeed(
    Fixtures.of("useapi-mureka.get").filter(({ status }) => status === 200).map(({ json }) => json)
  )
}

const keeps = (what: string, accounts: ReadonlyArray<string>, changed: Partial<Situations> = {}) =>
  describe(what, () => {
    const make = Effect.provide(mureka(), Emulator.layerClient)
    const emulated = service({ accounts: accounts.map((account) => ({ account })) })
    for (const law of Laws.adapter(make, { ...situations, ...changed })) {
      it.effect(law.name, () => Effect.provide(law.check, Emulator.layer({ services: { "useapi-mureka": emulated } })))
    }
  })

keeps("Mureka keeps the laws", [account])

keeps("Mureka keeps the laws for speech, with several accounts", ["10000000000001", account], {
  running: job("running", { verb: "speech" }),
  ended: job("completed", { verb: "speech" })
})
