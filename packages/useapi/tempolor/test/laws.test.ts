import { describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Fixtures from "@media-jobs/testing/Fixtures"
import * as Laws from "@media-jobs/testing/Laws"
import { service } from "@media-jobs/testing/useapi-tempolor"
import * as TemPolor from "@media-jobs/useapi-tempolor/TemPolor"
import type * as TemPolorRequest from "@media-jobs/useapi-tempolor/TemPolorRequest"
import * as Effect from "effect/Effect"
import { account, id, temPolor } from "./support.ts"

const job = (state: "running" | "completed", sort: "song" | "instrumental" = "song") =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    return (yield* emulator.services["useapi-tempolor"].add({ state, sort, duration: "1 day", account })).id
  })

type Situations = Laws.Situations<TemPolorRequest.Request, Emulator.Emulator>

const situations: Situations = {
  running: job("running"),
  ended: job("completed"),
  unknown: id,
  elsewhere: "j0326140530123456789v-u12345-email:user@example.com-job:00000000-0000-0000-0000-000000000000-bot:luma",
  secrets: [account, Emulator.token],
  routes: {
    list: ["useapi-tempolor.list"],
    get: ["useapi-tempolor.get"],
    untrack: ["useapi-tempolor.untrack"],
    remove: ["useapi-tempolor.get"],
    accounts: ["useapi-tempolor.accounts"],
    capacity: ["useapi-tempolor.available"],
    submit: ["useapi-tempolor.song", "useapi-tempolor.instrumental"]
  },
  submits: {
    accepted: [
      TemPolor.song({ prompt: "rain" }),
      TemPolor.song({
        prompt: "rain",
        lyrics: "la",
        model_song: "v4.8",
        artistVoiceItemId: 7,
        clonedVoiceItemId: "1900000000000000001",
        midiItemId: "1900000000000000002",
        user_id: account,
        maxJobs: 5,
        replyUrl: "https://a.test/hook",
        replyRef: "order-7"
      }),
      TemPolor.instrumental({ prompt: "rain", model_instrumental: "i4", tonality: "C", bpm: 90, chord: "C-G-Am-F" })
    ],
    refused: [
      { request: TemPolor.song({ prompt: "x".repeat(2001), midiItemId: "./a.mid" }), fields: ["prompt", "midiItemId"] },
      { request: TemPolor.instrumental({ prompt: "", bpm: 49, chord: "" }), fields: ["prompt", "bpm", "chord"] }
    ]
  },
  webhooks: Effect.succeed(
    Fixtures.of("useapi-tempolor.get").filter(({ status }) => status === 200).map(({ json }) => json)
  ),
  says: (word) =>
    Faults.alter((reply) => ({ ...reply, body: JSON.stringify({ ...JSON.parse(reply.body), status_name: word }) }))
}

const keeps = (what: string, accounts: ReadonlyArray<string>, changed: Partial<Situations> = {}) =>
  describe(what, () => {
    const make = Effect.provide(temPolor(), Emulator.layerClient)
    const emulated = service({ accounts: accounts.map((user_id) => ({ user_id, maxJobs: 5 })) })
    for (const law of Laws.adapter(make, { ...situations, ...changed })) {
      it.effect(
        law.name,
        () => Effect.provide(law.check, Emulator.layer({ services: { "useapi-tempolor": emulated } }))
      )
    }
  })

keeps("TemPolor keeps the laws", [account])

keeps("TemPolor keeps the laws for instrumentals, with several accounts", ["1000000", account], {
  running: job("running", "instrumental"),
  ended: job("completed", "instrumental")
})
