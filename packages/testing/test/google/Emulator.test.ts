import { assert, describe, it } from "@effect/vitest"
import { Emulator, GoogleEmulator } from "@media-jobs/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpMethod from "effect/http/HttpMethod"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { inMemory, like, same } from "../support.ts"

const origin = "https://generativelanguage.googleapis.com"
const { assembled: documented } = GoogleEmulator.fixtures
const set = (options?: GoogleEmulator.Options) => inMemory({ services: { google: GoogleEmulator.service(options) } })

const call = Effect.fnUntraced(function*(
  method: HttpMethod.HttpMethod,
  path: string,
  body?: Schema.Json,
  headers: Record<string, string> = {}
) {
  const request = HttpClientRequest.make(method)(path.startsWith("/") ? origin + path : path, {
    headers: { "x-goog-api-key": Emulator.token, ...headers }
  }).pipe(body === undefined ? (same) => same : HttpClientRequest.bodyJsonUnsafe(body))
  const response = yield* HttpClient.execute(request)
  const text = yield* response.text
  const json: Schema.Json = /^[[{]/.test(text) ? JSON.parse(text) : null
  return { status: response.status, headers: response.headers, json, text }
})
const field = (json: Schema.Json, name: string): unknown => (json as Schema.JsonObject)[name] // each answer is an object

const rain = { model: "gemini-omni-1.1-flash", input: "rain", background: true, store: true }
const linked = { ...rain, response_format: { type: "video", delivery: "uri", duration: "8s" } }
const create = (body: Schema.Json = rain, version = "v1") => call("POST", `/${version}/interactions`, body)

describe("GoogleEmulator", () => {
  it.effect("answers an interaction's whole life, its file ready after it", () =>
    Effect.gen(function*() {
      const created = yield* create(linked)
      const { steps, ...begun } = created.json as Schema.JsonObject // as it is made
      like({ status: created.status, json: begun }, documented.createdQueued)
      assert.deepStrictEqual(steps, [])
      const get = call("GET", `/v1beta/interactions/${field(created.json, "id")}`)
      like(yield* get, documented.getQueued)
      yield* TestClock.adjust("1 second")
      like(yield* get, documented.getInProgress)
      yield* TestClock.adjust("59 seconds")
      const done = yield* get
      like(done, documented.getCompletedUri)
      const [, file = ""] = /"uri":"https:\/\/[^/]+(\/[^"]+):download\?alt=media"/.exec(done.text) ?? []
      like(yield* call("GET", file), documented.fileProcessing)
      assert.strictEqual((yield* call("GET", `${file}:download?alt=media`)).status, 400)
      yield* TestClock.adjust("2 seconds")
      like(yield* call("GET", file), documented.fileActive)
      assert.strictEqual((yield* call("GET", `${file}:download?alt=media`)).status, 200)
      const unknown = yield* call("GET", `${file}:download?alt=media`, undefined, { "x-goog-api-key": "wrong" })
      assert.strictEqual(unknown.status, 400)
      yield* TestClock.adjust("48 hours")
      assert.strictEqual((yield* call("GET", file)).status, 404)
    }).pipe(set({ processing: "2 seconds" })))

  it.effect("knows each ending", () =>
    Effect.gen(function*() {
      const { services: { google } } = yield* Emulator.Emulator
      const rows = [
        ["completed", "getCompletedInline"],
        ["blocked", "getRefused"],
        ["failed", "getFailed"],
        ["cancelled", "getCancelled"],
        ["incomplete", "getIncomplete"],
        ["budget_exceeded", "getBudgetExceeded"],
        ["requires_action", "getRequiresAction"]
      ] as const
      for (const [state, fixture] of rows) {
        const { id } = yield* google.add({ state })
        const { json } = yield* call("GET", `/v1/interactions/${id}`)
        assert.strictEqual(field(json, "status"), field(documented[fixture].json, "status"))
        const keysOf = (json: Schema.Json) => Object.keys(json as Schema.JsonObject).filter((key) => key !== "steps")
        assert.deepStrictEqual(keysOf(json), keysOf(documented[fixture].json), state)
      }
    }).pipe(set()))

  it.effect("shows operations of the older API", () =>
    Effect.gen(function*() {
      const { services: { google } } = yield* Emulator.Emulator
      const at = (name: string) => `models/veo-3.1-generate-preview/operations/${name}`
      const rows = [
        ["running", "oldRunning"],
        ["completed", "oldDone"],
        ["blocked", "oldFiltered"],
        ["failed", "oldFailed"]
      ] as const
      for (const [state, fixture] of rows) {
        const { id } = yield* google.add({ state, id: at(state) })
        like(yield* call("GET", `/v1beta/${id}`), documented[fixture])
      }
      assert.strictEqual((yield* call("GET", `/v1beta/${at("none")}`)).status, 404)
    }).pipe(set()))

  it.effect("cancels what runs, deletes what is there, and knows each user's own", () =>
    Effect.gen(function*() {
      const { services: { google } } = yield* Emulator.Emulator
      const [running, ended] = [yield* google.add({ duration: "1 hour" }), yield* google.add({ state: "completed" })]
      const cancel = ({ id }: GoogleEmulator.Job) =>
        Effect.map(call("POST", `/v1/interactions/${id}/cancel`), ({ json }) => field(json, "status"))
      assert.deepStrictEqual([yield* cancel(running), yield* cancel(ended)], ["cancelled", "completed"])
      assert.deepStrictEqual((yield* call("DELETE", `/v1/interactions/${ended.id}`)).json, {})
      const foreign = yield* google.add({ user: "someone" })
      for (const { id } of [ended, foreign]) {
        const { json, status } = yield* call("GET", `/v1/interactions/${id}`)
        same({ json, status }, documented.getNoInteraction)
      }
    }).pipe(set()))

  it.effect("refuses as the Gemini API does", () =>
    Effect.gen(function*() {
      like(yield* call("POST", "/v1/interactions", rain, { "x-goog-api-key": "wrong" }), documented.invalidKey)
      like(yield* create({ ...rain, model: "veo-3.1-generate-preview" }), documented.retired)
      like(yield* create({ ...rain, response_format: { type: "video", duration: 8 } }), documented.invalidDuration)
      const { model: _, ...nameless } = rain
      for (const body of [nameless, { ...rain, input: "" }, { ...rain, store: false }]) {
        assert.strictEqual((yield* create(body)).status, 400)
      }
      assert.strictEqual((yield* call("GET", "/v1/interactions")).status, 404)
    }).pipe(set()))

  it.effect("answers at the end what does not go on in the background", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(create({ ...rain, background: false }))
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.strictEqual(field((yield* Fiber.join(fiber)).json, "status"), "completed")
    }).pipe(set()))

  it.effect("takes a file in pieces, makes it ready, and gives it back to none", () =>
    Effect.gen(function*() {
      const begun = yield* call("POST", "/upload/v1/files", { file: { mimeType: "image/png" } }, {
        "x-goog-upload-command": "start"
      })
      const at = begun.headers["x-goog-upload-url"] ?? ""
      assert.deepStrictEqual([begun.status, begun.headers["x-goog-upload-status"]], [200, "active"])
      const send = (command: string, offset: number) =>
        call("POST", at, "rain", { "x-goog-upload-command": command, "x-goog-upload-offset": `${offset}` })
      assert.strictEqual((yield* send("upload", 1)).status, 400)
      assert.strictEqual((yield* send("upload", 0)).headers["x-goog-upload-status"], "active")
      const { json } = yield* send("upload, finalize", 6)
      const file = field(json, "file") as Schema.JsonObject // a record of one
      assert.deepStrictEqual([file["sizeBytes"], file["state"], file["source"]], ["12", "PROCESSING", "UPLOADED"])
      yield* TestClock.adjust("2 seconds")
      const path = `/v1/${file["name"]}`
      assert.strictEqual(field((yield* call("GET", path)).json, "state"), "ACTIVE")
      assert.strictEqual((yield* call("GET", `${path}:download?alt=media`)).status, 400)
      assert.include((yield* call("GET", "/v1/files")).text, String(file["name"]))
      assert.strictEqual((yield* call("DELETE", path)).status, 200)
      assert.strictEqual((yield* call("GET", path)).status, 404)
    }).pipe(set({ processing: "2 seconds" })))

  it.effect("keeps webhooks, and shows a secret as it makes it", () =>
    Effect.gen(function*() {
      const hook = { name: "mine", uri: "https://app.test/hook", subscribed_events: ["interaction.completed"] }
      const made = yield* call("POST", "/v1/webhooks", hook)
      assert.match(String(field(made.json, "new_signing_secret")), /^whsec_/)
      const path = `/v1/webhooks/${field(made.json, "id")}`
      assert.notInclude((yield* call("GET", path)).text, "whsec_")
      const renewed = yield* call("POST", `${path}:rotateSigningSecret`, {})
      assert.match(String(field(renewed.json, "secret")), /^whsec_/)
      assert.strictEqual((yield* call("DELETE", path)).status, 200)
      assert.strictEqual((yield* call("GET", path)).status, 404)
      assert.strictEqual((yield* call("POST", "/v1/webhooks", { name: "mine" })).status, 400)
    }).pipe(set()))
})
