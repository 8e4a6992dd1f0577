import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing/Emulator"
import { fixtures, service } from "@media-jobs/testing/useapi-pixverse"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { ask, askJson, inMemory, like, same } from "../support.ts"

const { assembled, ids } = fixtures
const email = "user@example.com"
const root = "/v2/pixverse"
const create = (body: Schema.Json, to = "videos/create") => askJson("POST", `${root}/${to}`, { body })
const controls = Effect.map(Emulator, ({ services }) => services["useapi-pixverse"])

describe("PixVerse answers as what is known of it", () => {
  it.effect("of a video, which its own path hides while it is at work", () =>
    Effect.gen(function*() {
      yield* (yield* controls).add({ id: ids.video, duration: "10 minutes" })
      const path = `${root}/videos/${ids.video}`
      const listed = Effect.map(askJson("GET", `${root}/videos/?email=${email}&limit=40&offset=0`), ({ json }) =>
        Object(json).data[0])
      assert.strictEqual((yield* ask("GET", path)).status, 404)
      assert.strictEqual((yield* ask("DELETE", path)).status, 404)
      assert.deepInclude(yield* listed, { video_status: 5, video_status_name: "QUEUED", video_status_final: true })
      yield* TestClock.adjust("5 minutes")
      assert.deepInclude(yield* listed, { video_status: 10, video_status_final: false, output_width: 0 })
      assert.match((yield* listed).url, /^https:/)
      yield* TestClock.adjust("5 minutes")
      const { json } = yield* askJson("GET", path)
      assert.deepInclude(json, { video_status: 1, video_status_name: "COMPLETED", output_width: 1280 })
      assert.strictEqual((yield* ask("GET", `${root}/videos/${encodeURIComponent(ids.video)}`)).status, 400)
      assert.strictEqual((yield* ask("DELETE", path)).status, 204)
      assert.strictEqual((yield* ask("GET", path)).status, 404)
      same(yield* askJson("GET", path, { token: "user:12345-wrong" }), assembled.unauthorized)
    }).pipe(inMemory()))

  it.effect("of music, which is there while it is at work, and not when it is gone", () =>
    Effect.gen(function*() {
      yield* (yield* controls).add({ id: ids.music, type: "audio" })
      const path = `${root}/music/${ids.music}`
      assert.deepInclude((yield* askJson("GET", path)).json, { audio_status_name: "QUEUED", audio_status_final: false })
      yield* TestClock.adjust("1 minute")
      assert.deepInclude((yield* askJson("GET", path)).json, { audio_status: 1, status: "finish" })
      yield* (yield* controls).add({ type: "audio", speech: true })
      const { json } = yield* askJson("GET", `${root}/music`)
      assert.deepStrictEqual(Object(json).data.map(({ create_mode }: { create_mode: string }) => create_mode), [
        "voice",
        "music"
      ])
      same(
        yield* askJson("GET", path.replace(/\d$/, "9")),
        { ...assembled.getMusicNotFound, json: { error: `Music ${ids.music.replace(/\d$/, "9")} not found` } }
      )
    }).pipe(inMemory()))

  it.effect("of creates, of which off-peak ones are not tracked", () =>
    Effect.gen(function*() {
      const prompt = "rain"
      const { json } = yield* create({ prompt, aspect_ratio: "16:9", replyRef: "order-7" })
      assert.deepStrictEqual(Object.keys(Object(json)), ["video_id", "cost_credits"])
      const offPeak = { prompt, aspect_ratio: "16:9", off_peak_mode: true }
      assert.strictEqual((yield* create(offPeak, "videos/create-v4")).status, 200)
      for (const slash of ["", "/"]) {
        const { json: rows } = yield* askJson("GET", `${root}/scheduler${slash}`)
        assert.strictEqual(Object(rows).length, 1)
        assert.deepInclude(Object(rows)[0], { id: Object(json).video_id, type: "video", replyRef: "order-7" })
      }
      assert.deepStrictEqual(Object((yield* askJson("GET", `${root}/scheduler/available/`)).json).available, [
        { email, maxJobs: 2, executing: 1, available: 1 }
      ])
      const { json: images } = yield* create({ prompt, create_count: 3 }, "images/create")
      assert.strictEqual(Object(images).image_id.length, 3)
      assert.strictEqual((yield* create({ prompt, aspect_ratio: "16:9" })).status, 429)
      for (
        const [body, to] of [
          [{ first_frame_path: "a", aspect_ratio: "16:9" }],
          [{ prompt, aspect_ratio: "16:9", n: 2 }],
          ["text"],
          [{}, "speech/create"]
        ] as const
      ) assert.strictEqual((yield* create(body, to)).status, 400, JSON.stringify(body))
      assert.strictEqual((yield* create({ prompt, email: "no@example.com" }, "music/create")).status, 404)
    }).pipe(inMemory({ services: { "useapi-pixverse": service({ accounts: [{ email, maxJobs: 2 }] }) } })))

  it.effect("of uploads, by what they are", () =>
    Effect.gen(function*() {
      const upload = (type: string, size = 8) =>
        askJson("POST", `${root}/files/?email=${email}`, { file: { type, chunks: [new Uint8Array(size)] } })
      like(yield* upload("image/png"), assembled.uploadedImage)
      like(yield* upload("video/mp4"), assembled.uploadedVideo)
      const unnamed = { file: { type: "image/png", chunks: [new Uint8Array(8)] } }
      like(yield* askJson("POST", `${root}/files`, unnamed), assembled.uploadedImage)
      assert.strictEqual((yield* ask("POST", `${root}/files?email=no@example.com`, unnamed)).status, 404)
      assert.strictEqual((yield* upload("text/plain")).status, 400)
      assert.strictEqual((yield* upload("image/png", 0)).status, 400)
    }).pipe(inMemory()))
})
