import { describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Fixtures from "@media-jobs/testing/Fixtures"
import * as Laws from "@media-jobs/testing/Laws"
import { fixtures } from "@media-jobs/testing/useapi-dreamina"
import * as Dreamina from "@media-jobs/useapi-dreamina/Dreamina"
import type * as DreaminaRequest from "@media-jobs/useapi-dreamina/DreaminaRequest"
import * as Effect from "effect/Effect"
import { account, dreamina, idOf } from "./support.ts"

const job = (state: "running" | "completed", given: { readonly id?: string; readonly type?: "image" } = {}) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    return (yield* emulator.services["useapi-dreamina"].add({ state, duration: "1 day", ...given })).id
  })

const image = `${account}-image:w685:h900:s86866-uri:tos-useast5-1`

const situations: Laws.Situations<DreaminaRequest.Request, Emulator.Emulator> = {
  running: job("running"),
  ended: job("completed"),
  unknown: idOf(),
  elsewhere: "j0326140530123456789v-u12345-email:user@example.com-job:00000000-0000-0000-0000-000000000000-bot:luma",
  secrets: ["user@example.com", Emulator.token],
  routes: {
    list: ["useapi-dreamina.list"],
    get: ["useapi-dreamina.getVideo", "useapi-dreamina.getImage"],
    cancel: ["useapi-dreamina.cancel"],
    accounts: ["useapi-dreamina.accounts"],
    capacity: ["useapi-dreamina.accounts", "useapi-dreamina.list"],
    submit: ["useapi-dreamina.video", "useapi-dreamina.image"]
  },
  submits: {
    accepted: [
      Dreamina.video({ prompt: "rain" }),
      Dreamina.video({
        prompt: "rain",
        model: "seedance-2.0",
        ratio: "9:16",
        duration: 8,
        resolution: "720p",
        account,
        maxJobs: 5,
        replyUrl: "https://example.com/callback",
        replyRef: "order-7"
      }),
      Dreamina.video({ firstFrameRef: image }),
      Dreamina.video({ prompt: "rain", firstFrameRef: image, endFrameRef: image }),
      Dreamina.video({
        frame_1_imageRef: image,
        frame_1_prompt: "rain",
        frame_1_duration: 2,
        frame_2_imageRef: image,
        account
      }),
      Dreamina.video({ prompt: "@image1 in the rain", omni_1_imageRef: image, omni_2_imageRef: image, ratio: "1:1" }),
      Dreamina.image({ prompt: "rain" }),
      Dreamina.image({ prompt: "rain", ratio: "2:3", resolution: "4k", imageRef_1: image, imageRef_2: image })
    ],
    refused: [
      { request: Dreamina.video({}), fields: ["prompt"] },
      { request: Dreamina.video({ endFrameRef: image, ratio: "16:9" }), fields: ["endFrameRef", "ratio"] },
      { request: Dreamina.image({ imageRef_2: image }), fields: ["imageRef_1"] },
      { request: Dreamina.interpolate({ jobid: idOf("i"), fps: 30 }), fields: ["jobid"] }
    ]
  },
  webhooks: Effect.succeed(
    [...Fixtures.of("useapi-dreamina.getVideo"), ...Fixtures.of("useapi-dreamina.getImage")]
      .filter(({ status }) => status === 200).map(({ json }) => json)
  )
}

const keeps = (what: string, changed: Partial<Laws.Situations<DreaminaRequest.Request, Emulator.Emulator>> = {}) =>
  describe(what, () => {
    const make = Effect.provide(dreamina(), Emulator.layerClient)
    for (const law of Laws.adapter(make, { ...situations, ...changed })) {
      it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
    }
  })

keeps("Dreamina keeps the laws")

keeps("Dreamina keeps the laws for images", {
  running: job("running", { type: "image" }),
  ended: job("completed", { type: "image" }),
  unknown: idOf("i")
})

keeps("Dreamina keeps the laws for the documents' damaged ids", {
  running: job("running", { id: fixtures.ids.printed })
})
