import { describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Fixtures from "@media-jobs/testing/Fixtures"
import * as Laws from "@media-jobs/testing/Laws"
import * as MiniMax from "@media-jobs/useapi-minimax/MiniMax"
import type * as MiniMaxRequest from "@media-jobs/useapi-minimax/MiniMaxRequest"
import * as Effect from "effect/Effect"
import { account, file, idOf, miniMax } from "./support.ts"

const job = (state: "running" | "completed", family: "video" | "image" | "music" | "audio" | "agent") =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    return (yield* emulator.services["useapi-minimax"].add({ state, duration: "1 day", family })).id
  })

type Situations = Laws.Situations<MiniMaxRequest.Request, Emulator.Emulator>

const situations: Situations = {
  running: job("running", "video"),
  ended: job("completed", "video"),
  unknown: idOf(),
  elsewhere: "j0326140530123456789v-u12345-email:user@example.com-job:00000000-0000-0000-0000-000000000000-bot:luma",
  secrets: [account, Emulator.token],
  routes: {
    list: ["useapi-minimax.list", "useapi-minimax.agentJobs"],
    get: ["useapi-minimax.get", "useapi-minimax.getImage"],
    cancel: ["useapi-minimax.cancel"],
    untrack: ["useapi-minimax.untrack"],
    remove: ["useapi-minimax.get", "useapi-minimax.getImage"],
    accounts: ["useapi-minimax.accounts"],
    capacity: ["useapi-minimax.available"],
    submit: ["useapi-minimax.video", "useapi-minimax.image"]
  },
  submits: {
    accepted: [
      MiniMax.video({ prompt: "rain" }),
      MiniMax.video({
        prompt: "@Image1 in the rain",
        model: "Seedance-2.0",
        account,
        fileID: file(),
        end_frame_fileID: file(),
        fileID2: file(),
        videoFileID1: file(),
        audioFileID3: file(),
        resolution: "1080",
        duration: 15,
        aspectRatio: "16:9",
        promptOptimization: false,
        maxJobs: 5,
        replyUrl: "https://example.com/callback",
        replyRef: "order-7"
      }),
      MiniMax.video({ fileID: file(), options: "768p-6sec" }),
      MiniMax.templateVideo({ templateId: "393769180141805569", fileID: file(), ossPath: "prod/1" }),
      MiniMax.image({ prompt: "rain", quantity: 3, referenceFileId1: file(), quality: "high" }),
      MiniMax.image({ prompt: "rain", model: "midjourney-v7" }),
      MiniMax.music({ prompt: "rain", lyrics: "la" }),
      MiniMax.speech({
        text: "{happy}Rain!{/happy} (sighs) <#1.5#>",
        voice_id: "380426458095854",
        model: "speech-2.8-turbo",
        emotion: "sad",
        language_boost: "English",
        speed: 0.8,
        pitch: -3,
        vol: 2,
        nasal_crisp: -100,
        robotic: true,
        replyRef: "order-7"
      }),
      MiniMax.agent({ prompt: "rain", models: "02" })
    ],
    refused: [
      { request: MiniMax.video({}), fields: ["prompt"] },
      { request: MiniMax.image({ prompt: "rain", quantity: 5 }), fields: ["quantity"] },
      { request: MiniMax.templateVideo({ templateId: "", fileID: file() }), fields: ["templateId", "ossPath"] },
      { request: MiniMax.music({ prompt: "rain", lyrics: "la", instrumental: true }), fields: ["lyrics"] },
      { request: MiniMax.speech({ text: "rain", voice_id: "", speed: 3 }), fields: ["voice_id", "speed"] }
    ]
  },
  webhooks: Effect.succeed(
    Fixtures.of("useapi-minimax").flatMap(({ json, operation, status }) =>
      /\.get\w*$/.test(operation) && status === 200 &&
        /"(?:video|image|music|audio|job)_?Id"/i.test(JSON.stringify(json))
        ? [json]
        : []
    )
  ),
  says: (word) =>
    Faults.alter((reply) => ({
      ...reply,
      body: JSON.stringify({ ...JSON.parse(reply.body), status: word, statusLabel: word })
    }))
}

const keeps = (what: string, changed: Partial<Situations>, laws: (name: string) => boolean = () => true) =>
  describe(what, () => {
    const make = Effect.provide(miniMax(), Emulator.layerClient)
    for (const law of Laws.adapter(make, { ...situations, ...changed }).filter(({ name }) => laws(name))) {
      it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
    }
  })

keeps("MiniMax keeps the laws", {})

keeps("MiniMax keeps the laws for images, which can't be cancelled", {
  running: job("running", "image"),
  ended: job("completed", "image"),
  unknown: idOf("image")
}, (name) => /lists|gets|removes|status word|webhooks|sends a submit/.test(name))

keeps("MiniMax keeps the laws for agents, of which nothing lets go", {
  running: job("running", "agent"),
  ended: job("completed", "agent"),
  unknown: idOf("agent"),
  routes: { ...situations.routes, get: ["useapi-minimax.getAgent"] }
}, (name) => /lists|gets|status word/.test(name))

keeps("MiniMax keeps the laws for songs, which can't be cancelled", {
  running: job("running", "music"),
  ended: job("completed", "music"),
  unknown: idOf("music"),
  routes: { ...situations.routes, get: ["useapi-minimax.getMusic"], remove: ["useapi-minimax.getMusic"] }
}, (name) => /lists|gets|removes|status word/.test(name))

keeps("MiniMax keeps the laws for speech", {
  running: job("running", "audio"),
  ended: job("completed", "audio"),
  unknown: idOf("audio"),
  routes: {
    ...situations.routes,
    get: ["useapi-minimax.getSpeech"],
    cancel: ["useapi-minimax.untrack"],
    remove: ["useapi-minimax.getSpeech"]
  }
}, (name) => /lists|gets|cancels|removes|status word/.test(name))
