import { assert, describe, it } from "@effect/vitest"
import { Emulator, LumaEmulator } from "@media-jobs/testing"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { ask, askJson, inMemory, like } from "../support.ts"

const origin = "https://agents.lumalabs.ai"
const call = (method: "GET" | "POST", path: string, body?: Schema.Json) =>
  askJson(method, `/v1${path}`, { origin, ...(body === undefined ? undefined : { body }) })
const rain = { prompt: "rain", type: "video", model: "ray-3.2" }
const create = (more: Schema.JsonObject = {}) => call("POST", "/generations", { ...rain, ...more })
const field = (json: Schema.Json, name: string): unknown => (json as Schema.JsonObject)[name]

const { assembled } = LumaEmulator.fixtures
const set = (options?: LumaEmulator.Options) => inMemory({ services: { luma: LumaEmulator.service(options) } })

describe("LumaEmulator", () => {
  it.effect("answers a generation's whole life field for field", () =>
    Effect.gen(function*() {
      const created = yield* create()
      like(created, assembled.created)
      const get = call("GET", `/generations/${field(created.json, "id")}`)
      like(yield* get, assembled.getQueued)
      yield* TestClock.adjust("10 seconds")
      like(yield* get, assembled.getProcessing)
      yield* TestClock.adjust("80 seconds")
      like(yield* get, assembled.getCompleted)
    }).pipe(set()))

  it.effect("signs links for an hour, anew at each look", () =>
    Effect.gen(function*() {
      const { services } = yield* Emulator.Emulator
      const { id } = yield* services.luma.add({ state: "completed" })
      const link = Effect.map(call("GET", `/generations/${id}`), ({ json }) =>
        String((field(json, "output") as ReadonlyArray<Schema.JsonObject>)[0]?.["url"]))
      const status = (url: string) =>
        Effect.map(HttpClient.get(url), (response) => response.status)
      const first = yield* link
      assert.strictEqual(yield* status(first), 200)
      yield* TestClock.adjust("61 minutes")
      assert.strictEqual(yield* status(first), 403)
      assert.strictEqual(yield* status(yield* link), 200)
    }).pipe(set()))

  it.effect("refuses in the guides' sentences", () =>
    Effect.gen(function*() {
      const url = "https://example.com/a.png"
      const rows: ReadonlyArray<readonly [Schema.JsonObject, number, string | RegExp]> = [
        [{ model: "ray-9" }, 400, "Unknown model: ray-9"],
        [{ model: "uni-1" }, 400, "Type 'video' is not supported for model 'uni-1'"],
        [{ aspect_ratio: "3:1" }, 400, /^Invalid aspect_ratio '3:1'\. Valid: 9:16/],
        [{ prompt: "" }, 400, "Prompt must be between 1 and 6000 characters"],
        [{ type: "video_edit" }, 400, "source is required for type 'video_edit'"],
        [{ image_ref: [{ url, data: "AAAA" }] }, 400, "image_ref[0]: provide either 'url' or 'data', not both"],
        [{ image_ref: [{ data: "?" }] }, 422, "image_ref[0]: invalid base64 data"],
        [{ video: { duration: "10s", loop: true } }, 422, /10s/],
        [{ video: { exr_export: true } }, 422, /hdr/],
        [{ video: { keyframes: [{ url }], keyframe_indexes: [121] } }, 422, /keyframe/]
      ]
      for (const [more, status, detail] of rows) {
        const answer = yield* create(more)
        assert.strictEqual(answer.status, status)
        const said = String(field(answer.json, "detail"))
        if (typeof detail === "string") assert.strictEqual(said, detail)
        else assert.match(said, detail)
      }
      // A request without a model is one for images.
      const bare = yield* call("POST", "/generations", { prompt: "rain", type: "video" })
      assert.strictEqual(field(bare.json, "detail"), "Type 'video' is not supported for model 'uni-1'")
      const unknown = yield* call("GET", "/generations/0")
      assert.deepStrictEqual([unknown.status, unknown.json], [404, { detail: "Generation not found" }])
      const other = yield* ask("GET", "/v1/generations/0", { origin, token: "luma-api-other" })
      assert.deepStrictEqual([other.status, JSON.parse(other.text)], [401, { detail: "Invalid API key" }])
    }).pipe(set()))

  it.effect("counts creates in a minute, and jobs at a time", () =>
    Effect.gen(function*() {
      const send = ask("POST", "/v1/generations", { origin, body: rain })
      const first = yield* send
      assert.deepStrictEqual([first.status, first.headers["x-ratelimit-remaining"]], [201, "2"])
      yield* send
      const full = yield* send
      assert.deepStrictEqual([full.status, full.headers["retry-after"], full.headers["x-ratelimit-limit"]], [
        429,
        "60",
        undefined
      ])
      yield* TestClock.adjust("15 seconds")
      assert.strictEqual((yield* send).status, 201)
      const limited = yield* send
      assert.deepStrictEqual(
        [limited.status, limited.headers["retry-after"], limited.headers["x-ratelimit-remaining"]],
        [
          429,
          "45",
          "0"
        ]
      )
    }).pipe(set({ life: "15 seconds", concurrent: 2, requestsPerMinute: 3 })))

  it.effect("wants no key where the bytes go, what it signed, and a file that was sent", () =>
    Effect.gen(function*() {
      const { json } = yield* call("POST", "/files", { mime_type: "image/png", size_bytes: 3 })
      const { id, upload } = json as { readonly id: string; readonly upload: { readonly url: string } }
      assert.strictEqual((yield* call("POST", `/files/${id}/complete`, {})).status, 409)
      const put = (type: string, headers: Record<string, string> = {}) =>
        Effect.map(
          HttpClient.put(upload.url, { headers, body: HttpBody.uint8Array(new Uint8Array(3), type) }),
          ({ status }) => status
        )
      assert.strictEqual(yield* put("image/jpeg"), 400)
      assert.strictEqual(yield* put("image/png", { authorization: `Bearer ${Emulator.token}` }), 400)
      assert.strictEqual(yield* put("image/png"), 200)
      assert.strictEqual(field((yield* call("POST", `/files/${id}/complete`, {})).json, "state"), "ready")
    }).pipe(set()))
})
