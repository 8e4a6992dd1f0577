import { describe, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Laws from "@media-jobs/testing/Laws"
import { fixtures } from "@media-jobs/testing/useapi-pixverse"
import * as PixVerse from "@media-jobs/useapi-pixverse/PixVerse"
import type * as PixVerseRequest from "@media-jobs/useapi-pixverse/PixVerseRequest"
import * as Effect from "effect/Effect"
import { account, idOf, pixverse } from "./support.ts"

const job = (state: "running" | "completed", type: "video" | "image" | "audio") =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    // Long enough ago for it not to wait any more.
    const created = "1960-01-01T00:00:00Z"
    return (yield* emulator.services["useapi-pixverse"].add({ state, type, created, duration: "1 day" })).id
  })

const file = "upload/1.png"
const creates = ["video", "fusion", "motion", "extend", "upscale", "image", "music", "speech"]
const situations: Laws.Situations<PixVerseRequest.Request, Emulator.Emulator> = {
  running: job("running", "video"),
  ended: job("completed", "video"),
  unknown: idOf(),
  elsewhere: "j0326140530123456789v-u12345-email:user@example.com-job:00000000-0000-0000-0000-000000000000-bot:luma",
  secrets: [account, Emulator.token],
  routes: {
    list: ["useapi-pixverse.list"],
    get: ["useapi-pixverse.getVideo", "useapi-pixverse.getImage", "useapi-pixverse.getMusic", "useapi-pixverse.videos"],
    remove: ["useapi-pixverse.remove"],
    untrack: ["useapi-pixverse.untrack"],
    accounts: ["useapi-pixverse.accounts"],
    capacity: ["useapi-pixverse.capacity"],
    submit: creates.map((name) => `useapi-pixverse.${name}`)
  },
  submits: {
    accepted: [
      PixVerse.video({ prompt: "rain", aspect_ratio: "16:9", duration: 5, quality: "720p", off_peak_mode: true }),
      PixVerse.video({ first_frame_path: file, email: account }),
      PixVerse.fusion({ prompt: "rain", frame_1_path: file, video_1_path: file }),
      PixVerse.motionControl({ frame_1_path: file, video_1_path: file }),
      PixVerse.extend({ video_id: idOf() }),
      PixVerse.upscale({ video_id: idOf() }),
      PixVerse.image({ prompt: "rain", create_count: 2, image_path_14: file })
    ],
    refused: [
      { request: PixVerse.video({ prompt: "rain" }), fields: ["aspect_ratio"] },
      { request: PixVerse.upscale({ video_id: idOf("image") }), fields: ["video_id"] }
    ]
  },
  webhooks: Effect.succeed([
    fixtures.assembled.getVideo.json,
    fixtures.assembled.getMusic.json,
    fixtures.assembled.getMusicFailed.json
  ]),
  // A video at work is shown by the list alone.
  says: (word) =>
    Faults.alter((reply) => ({
      ...reply,
      body: reply.body.replaceAll(/("\w+_status_name":)"\w+"/g, `$1"${word}"`)
    }))
}

const keeps = (
  what: string,
  make: Effect.Effect<Provider.Provider<"get", PixVerseRequest.Request>, unknown, Emulator.Kernel | Emulator.Emulator>,
  changed: Partial<Laws.Situations<PixVerseRequest.Request, Emulator.Emulator>> = {}
) =>
  describe(what, () => {
    for (const law of Laws.adapter(make, { ...situations, ...changed })) {
      it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
    }
  })

const made = Effect.provide(pixverse(), Emulator.layerClient)
keeps("PixVerse keeps the laws", made)
keeps("PixVerse keeps the laws for images", made, {
  running: job("running", "image"),
  ended: job("completed", "image"),
  unknown: idOf("image"),
  routes: { ...situations.routes, get: ["useapi-pixverse.getImage", "useapi-pixverse.images"] },
  submits: {
    accepted: [PixVerse.music({ prompt: "rain" }), PixVerse.speech({ text: "rain", voice_id: 7 })],
    refused: []
  }
})
keeps(
  "PixVerse keeps the laws for music, which nothing removes",
  Effect.map(made, (whole) => ({
    ...whole,
    remove: undefined,
    capabilities: whole.capabilities.filter((one) => one !== "remove")
  })),
  { running: job("running", "audio"), ended: job("completed", "audio"), unknown: JobId.make(idOf("music")) }
)
