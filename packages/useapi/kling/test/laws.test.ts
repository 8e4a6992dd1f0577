import { describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Laws from "@media-jobs/testing/Laws"
import { fixtures, service } from "@media-jobs/testing/useapi-kling"
import * as Kling from "@media-jobs/useapi-kling/Kling"
import type * as KlingRequest from "@media-jobs/useapi-kling/KlingRequest"
import * as Effect from "effect/Effect"
import { account, kling } from "./support.ts"

const job = (state: "running" | "succeed", email = account) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const { id } = yield* emulator.services["useapi-kling"].add({ state, duration: "1 day", account: email })
    return Kling.jobId(id, email)
  })

const email = account
const file = "https://cdn.klingai.com/a/upload.png"
const submits = ["text2video", "frames", "elements", "effects", "omni", "extend", "lipsync", "motion", "sound"] as const
const situations: Laws.Situations<KlingRequest.Request, Emulator.Emulator> = {
  running: job("running"),
  ended: job("succeed"),
  unknown: Kling.jobId("999999999", account),
  elsewhere: "j0326140530123456789v-u12345-email:user@example.com-job:00000000-0000-0000-0000-000000000000-bot:luma",
  secrets: [account, Emulator.token],
  routes: {
    list: ["useapi-kling.list"],
    get: ["useapi-kling.get"],
    remove: ["useapi-kling.remove"],
    untrack: ["useapi-kling.untrack"],
    accounts: ["useapi-kling.accounts"],
    capacity: ["useapi-kling.capacity"],
    submit: [...submits, "kolors", "upscale", "avatar"].map((name) => `useapi-kling.${name}`)
  },
  submits: {
    accepted: [
      Kling.textToVideo({
        email,
        prompt: "rain",
        duration: "5",
        mode: "pro",
        model_name: "kling-v2-6",
        cfg_scale: 0.5
      }),
      Kling.framesToVideo({ email, image: file, image_tail: file, prompt: "rain", element_1: "u_309377170505500" }),
      Kling.elementsToVideo({ email, image_0: file, image_1: file, prompt: "rain" }),
      Kling.effect({ email, effect: "hug", image: file }),
      Kling.omni({ email, prompt: "rain on @image_1", image_1: file, omni_version: "v3", count: 2 })
    ],
    refused: [
      { request: Kling.textToVideo({ prompt: "rain" }), fields: ["email"] },
      { request: Kling.image({ email, prompt: "", imageCount: 10 }), fields: ["prompt", "imageCount"] }
    ]
  },
  webhooks: Effect.succeed([
    fixtures.assembled.succeeded.json,
    { ...Object(fixtures.assembled.succeeded.json), replyRef: "order-7", email }
  ]),
  says: (word) => Faults.withField("status_name", word)
}

const keeps = (
  what: string,
  emulated: Parameters<typeof service>[0],
  changed: Partial<Laws.Situations<KlingRequest.Request, Emulator.Emulator>> = {}
) =>
  describe(what, () => {
    const make = Effect.provide(kling(), Emulator.layerClient)
    for (const law of Laws.adapter(make, { ...situations, ...changed })) {
      it.effect(law.name, () =>
        Effect.provide(law.check, Emulator.layer({ services: { "useapi-kling": service(emulated) } })))
    }
  })

keeps("Kling keeps the laws", { accounts: [{ email, maxJobs: 9 }] })

keeps("Kling keeps the laws with several accounts", {
  accounts: [{ email: "first@example.com", maxJobs: 9 }, { email, maxJobs: 9 }]
}, {
  submits: {
    accepted: [
      Kling.extend({ email, task_id: "123456789" }),
      Kling.lipSync({ email, video: file, audio: file }),
      Kling.motion({ email, imageUrl: file, motionUrl: file, mode: "std" }),
      Kling.addSound({ email, video: file }),
      Kling.image({ email, prompt: "rain", imageCount: 4, aspect_ratio: "16:9", image_1: file }),
      Kling.upscaleImage({ email, task_id: 123456789, workId: 234567891 }),
      Kling.avatar({ email, imageUrl: file, text: "rain", speakerId: "1" })
    ],
    refused: [
      { request: Kling.avatar({ email, text: "rain" }), fields: ["avatarId", "speakerId"] },
      {
        request: Kling.framesToVideo({ email, shot_2_prompt: "rain" }),
        fields: ["image", "shot_1_prompt", "shot_1_duration", "shot_2_duration"]
      }
    ]
  }
})
