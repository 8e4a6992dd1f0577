import { describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Fixtures from "@media-jobs/testing/Fixtures"
import * as Laws from "@media-jobs/testing/Laws"
import { service } from "@media-jobs/testing/useapi-runway"
import * as Runway from "@media-jobs/useapi-runway/Runway"
import type * as RunwayRequest from "@media-jobs/useapi-runway/RunwayRequest"
import * as Effect from "effect/Effect"
import { account, asset, id, runway } from "./support.ts"

const job = (state: "running" | "SUCCEEDED", given: { readonly type?: "image" } = {}) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    return (yield* emulator.services["useapi-runway"].add({ state, duration: "1 day", account, ...given })).id
  })

type Situations = Laws.Situations<RunwayRequest.Request, Emulator.Emulator>

const situations: Situations = {
  running: job("running"),
  ended: job("SUCCEEDED"),
  unknown: id,
  elsewhere: "j0326140530123456789v-u12345-email:user@example.com-job:00000000-0000-0000-0000-000000000000-bot:luma",
  secrets: [account, Emulator.token],
  routes: {
    list: ["useapi-runway.list"],
    get: ["useapi-runway.get"],
    // What runs is looked at first.
    remove: ["useapi-runway.get", "useapi-runway.remove"],
    untrack: ["useapi-runway.untrack"],
    accounts: ["useapi-runway.accounts"],
    capacity: ["useapi-runway.accounts"],
    submit: ["video", "upscale", "image", "slowMotion"].map((name) => `useapi-runway.${name}`)
  },
  submits: {
    accepted: [
      Runway.video({
        model: "seedance-2",
        text_prompt: "rain",
        duration: 5,
        aspect_ratio: "16:9",
        resolution: "720p",
        audio: true,
        seed: 7,
        imageAssetId1: asset,
        imageAssetId11: asset,
        videoAssetId: asset,
        audioAssetId3: asset,
        exploreMode: false,
        email: account,
        maxJobs: 9,
        replyUrl: "https://a.test/hook",
        replyRef: "order-7"
      }),
      Runway.video({
        model: "kling-3.0-pro",
        multishot_prompt_1: "rain",
        multishot_duration_1: 5,
        multishot_prompt_2: "sun",
        multishot_duration_2: 10
      }),
      Runway.upscaleVideo({ videoAssetId: asset }),
      Runway.image({ model: "gen4", text_prompt: "rain", num_images: 4, style: "vivid", diversity: 2 }),
      Runway.frames({
        text_prompt: "rain",
        style: "terracotta",
        diversity: 5,
        aspect_ratio: "21:9",
        exploreMode: false
      }),
      Runway.slowMotion({ assetId: asset, speed: 0.5 })
    ],
    refused: [
      { request: Runway.video({ model: "", imageAssetId1: "./rain.png" }), fields: ["model", "imageAssetId1"] },
      { request: Runway.slowMotion({ assetId: asset, speed: 2 }), fields: ["speed"] }
    ]
  },
  webhooks: Effect.succeed(
    Fixtures.of("useapi-runway.get").filter(({ status }) => status === 200).map(({ json }) => json)
  )
}

const keeps = (what: string, emails: ReadonlyArray<string>, changed: Partial<Situations> = {}) =>
  describe(what, () => {
    const make = Effect.provide(runway(), Emulator.layerClient)
    const emulated = service({ accounts: emails.map((email) => ({ email, maxJobs: 9 })) })
    for (const law of Laws.adapter(make, { ...situations, ...changed })) {
      it.effect(law.name, () => Effect.provide(law.check, Emulator.layer({ services: { "useapi-runway": emulated } })))
    }
  })

keeps("Runway keeps the laws", [account])

keeps("Runway keeps the laws for images, with several accounts", ["first@example.com", account], {
  running: job("running", { type: "image" }),
  ended: job("SUCCEEDED", { type: "image" })
})
