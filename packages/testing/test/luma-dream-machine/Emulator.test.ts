import { assert, describe, it } from "@effect/vitest"
import { Emulator, LumaDreamMachineEmulator } from "@media-jobs/testing"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { ask, askJson, inMemory, like, shape } from "../support.ts"

const origin = "https://api.lumalabs.ai"
const root = "/dream-machine/v1"
const call = (method: "GET" | "POST", path: string, body?: Schema.Json) =>
  askJson(method, `${root}${path}`, { origin, ...(body === undefined ? undefined : { body }) })
const lake = { model: "ray-2", prompt: "A serene lake", aspect_ratio: "16:9", loop: true }
const field = (json: Schema.Json, name: string): unknown => (json as Schema.JsonObject)[name]

const { assembled } = LumaDreamMachineEmulator.fixtures
const set = (options?: LumaDreamMachineEmulator.Options) =>
  inMemory({ services: { "luma-dream-machine": LumaDreamMachineEmulator.service(options) } })

describe("LumaDreamMachineEmulator", () => {
  it.effect("answers a generation's whole life field for field", () =>
    Effect.gen(function*() {
      const created = yield* call("POST", "/generations/video", lake)
      like(created, assembled.created)
      const get = call("GET", `/generations/${field(created.json, "id")}`)
      like(yield* get, assembled.getQueued)
      yield* TestClock.adjust("10 seconds")
      like(yield* get, assembled.getDreaming)
      yield* TestClock.adjust("50 seconds")
      like(yield* get, assembled.getCompleted)
      like(
        yield* call("POST", "/generations/image", { model: "photon-1", prompt: "A serene lake" }),
        assembled.createdImage
      )
      const { json } = yield* call("GET", "/generations")
      assert.deepStrictEqual(
        (shape(json) as ReadonlyArray<readonly [string, unknown]>).map(([name]) => name),
        Object.keys(assembled.listed.json as object)
      )
    }).pipe(set()))

  it.effect("refuses in sentences and in lists", () =>
    Effect.gen(function*() {
      const rows: ReadonlyArray<readonly [string, Schema.JsonObject, number, unknown]> = [
        ["/video", {}, 422, ["model"]],
        ["/video", { model: "ray-2", aspect_ratio: "5:4" }, 422, ["aspect_ratio"]],
        ["/video", { model: "ray-2" }, 400, "Prompt is required"],
        ["/video", { model: "ray-2", prompt: "no" }, 400, "Prompt is too short, minimum length is 3 characters"],
        ["/video", { ...lake, keyframes: { frame1: {} } }, 400, "Loop is not supported for an end frame"],
        ["/video/modify", { model: "ray-2", generation_type: "modify_video", media: {} }, 422, ["mode"]],
        ["/image/reframe", { model: "photon-1", generation_type: "reframe_image", media: {} }, 422, ["aspect_ratio"]],
        ["/0/upscale", {}, 404, "Generation not found"]
      ]
      for (const [path, body, status, expected] of rows) {
        const { json, status: found } = yield* call("POST", `/generations${path}`, body)
        const detail = field(json, "detail")
        const said = Array.isArray(detail) ? detail.map(({ loc }) => loc.slice(1).join(".")) : detail
        assert.deepStrictEqual([found, said], [status, expected])
      }
    }).pipe(set()))

  it.effect("limits the creates of each kind in a minute", () =>
    Effect.gen(function*() {
      const send = Effect.map(call("POST", "/generations/video", lake), ({ status }) => status)
      assert.deepStrictEqual([yield* send, yield* send], [201, 429])
      const image = yield* call("POST", "/generations/image", { model: "photon-1", prompt: "lake" })
      assert.strictEqual(image.status, 201)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* send, 201)
    }).pipe(set({ createsPerMinute: { video: 1, image: 1 } })))

  it.effect("forgets what is deleted, and shows another's to none", () =>
    Effect.gen(function*() {
      const { services } = yield* Emulator.Emulator
      const { id } = yield* services["luma-dream-machine"].add()
      const foreign = yield* services["luma-dream-machine"].add({ user: "another" })
      assert.strictEqual((yield* call("GET", `/generations/${foreign.id}`)).status, 404)
      const remove = ask("DELETE", `${root}/generations/${id}`, { origin })
      assert.deepStrictEqual([(yield* remove).status, (yield* remove).status], [204, 404])
    }).pipe(set()))
})
