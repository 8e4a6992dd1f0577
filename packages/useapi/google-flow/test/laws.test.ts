import { describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Fixtures from "@media-jobs/testing/Fixtures"
import * as Laws from "@media-jobs/testing/Laws"
import { fixtures } from "@media-jobs/testing/useapi-google-flow"
import * as GoogleFlow from "@media-jobs/useapi-google-flow/GoogleFlow"
import type * as GoogleFlowRequest from "@media-jobs/useapi-google-flow/GoogleFlowRequest"
import * as Effect from "effect/Effect"
import { account, flow, idOf, ref } from "./support.ts"

const job = (state: "running" | "completed", given: { readonly id?: string; readonly type?: "image" } = {}) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    return (yield* emulator.services["useapi-google-flow"].add({ state, duration: "1 day", ...given })).id
  })

type Situations = Laws.Situations<GoogleFlowRequest.Request, Emulator.Emulator>

const video = GoogleFlow.video({
  prompt: "@referenceImage_1 in the rain, as @referenceAudio_1 says",
  model: "omni-flash",
  duration: 10,
  aspectRatio: "portrait",
  count: 2,
  seed: 7,
  referenceImage_1: ref(),
  referenceAudio_1: "Kore",
  referenceAudio_2: "Charon",
  email: account,
  captchaRetry: 3,
  replyUrl: "https://example.com/callback",
  replyRef: "order-7"
})

const situations: Situations = {
  running: job("running"),
  ended: job("completed"),
  unknown: idOf(),
  elsewhere: "j0326140530123456789v-u12345-email:user@example.com-job:00000000-0000-0000-0000-000000000000-bot:luma",
  secrets: [account, Emulator.token],
  routes: {
    list: ["useapi-google-flow.list"],
    get: ["useapi-google-flow.get"],
    accounts: ["useapi-google-flow.accounts"],
    submit: ["useapi-google-flow.video", "useapi-google-flow.image"]
  },
  submits: {
    accepted: [
      GoogleFlow.video({ prompt: "rain" }),
      video,
      GoogleFlow.video({ prompt: "rain", startImage: ref(), endImage: ref(), duration: 4 }),
      GoogleFlow.video({
        prompt: "rain",
        model: "omni-flash",
        referenceVideo_1: ref("video"),
        startFrameIndex_1: 0,
        endFrameIndex_1: 240
      }),
      GoogleFlow.image({ prompt: "rain" }),
      GoogleFlow.image({ prompt: "rain", aspectRatio: "auto", reference_1: ref(), reference_10: ref(), count: 4 }),
      GoogleFlow.extendVideo({ mediaGenerationId: ref("video"), prompt: "it stops" }),
      GoogleFlow.upscaleVideo({ mediaGenerationId: ref("video"), resolution: "4K" })
    ],
    refused: [
      { request: GoogleFlow.video({ prompt: "" }), fields: ["prompt"] },
      { request: GoogleFlow.video({ prompt: "@character_1", endImage: ref() }), fields: ["prompt", "endImage"] },
      { request: GoogleFlow.image({ prompt: "rain", aspectRatio: "auto" }), fields: ["aspectRatio"] },
      { request: GoogleFlow.upscaleVideo({ mediaGenerationId: "./rain.mp4" }), fields: ["mediaGenerationId"] }
    ]
  },
  webhooks: Effect.succeed(
    Fixtures.of("useapi-google-flow.get").filter(({ status }) => status === 200).map(({ json }) => json)
  )
}

const keeps = (what: string, changed: Partial<Situations> = {}) =>
  describe(what, () => {
    const make = Effect.provide(flow(), Emulator.layerClient)
    for (const law of Laws.adapter(make, { ...situations, ...changed })) {
      it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
    }
  })

keeps("Google Flow keeps the laws")

keeps("Google Flow keeps the laws for images", {
  running: job("running", { type: "image" }),
  ended: job("completed", { type: "image" }),
  unknown: idOf("i"),
  submits: { accepted: [GoogleFlow.image({ prompt: "rain" })], refused: [] }
})

keeps("Google Flow keeps the laws for masked ids", { running: job("running", { id: fixtures.ids.masked }) })
