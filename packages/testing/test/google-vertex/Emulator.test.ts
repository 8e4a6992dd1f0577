import { assert, describe, it } from "@effect/vitest"
import { Emulator, GoogleVertexEmulator } from "@media-jobs/testing"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { ask, askJson, inMemory, like, same } from "../support.ts"

const origin = "https://aiplatform.googleapis.com"
const { assembled: documented } = GoogleVertexEmulator.fixtures
const set = (options?: GoogleVertexEmulator.Options) =>
  inMemory({ services: { "google-vertex": GoogleVertexEmulator.service(options) } })

const place = "/v1/projects/emulator/locations/global"
const pathOf = (model: string, verb: string, at = place) => `${at}/publishers/google/models/${model}:${verb}`
const submit = (
  parameters: Schema.JsonObject = {},
  instance: Schema.JsonObject = { prompt: "rain" },
  model = "veo-3.1-generate-001"
) => askJson("POST", pathOf(model, "predictLongRunning"), { origin, body: { instances: [instance], parameters } })
const get = (operationName: string, path = pathOf("veo-3.1-generate-001", "fetchPredictOperation")) =>
  askJson("POST", path, { origin, body: { operationName } })
const field = (json: Schema.Json, name: string): unknown => (json as Schema.JsonObject)[name] // each answer is an object

describe("GoogleVertexEmulator", () => {
  it.effect("answers an operation's whole life field for field", () =>
    Effect.gen(function*() {
      const created = yield* submit()
      like(created, documented.submitted)
      const name = String(field(created.json, "name"))
      assert.match(name, /^projects\/emulator\/locations\/global\/publishers\/google\/models\/veo-3\.1-generate-001\//)
      like(yield* get(name), documented.getRunning)
      yield* TestClock.adjust("1 minute")
      const { json } = yield* get(name)
      assert.strictEqual(field(json, "done"), true)
      assert.include(JSON.stringify(json), "\"bytesBase64Encoded\":\"")
    }).pipe(set()))

  it.effect("stores videos, filters some or all, and fails by a number", () =>
    Effect.gen(function*() {
      const { services } = yield* Emulator.Emulator
      const add = (job: GoogleVertexEmulator.NewJob) =>
        Effect.flatMap(services["google-vertex"].add(job), ({ id }) => get(id))
      like(yield* add({ state: "succeeded", storageUri: "gs://emulator/rain/" }), documented.getStored)
      like(yield* add({ state: "succeeded", filtered: 1 }), documented.getFiltered)
      like(yield* add({ state: "succeeded", samples: 2, filtered: 1 }), documented.getPartlyFiltered)
      like(yield* add({ state: "failed", code: 3 }), documented.getInvalid)
      const object = yield* ask("GET", "/emulator/rain/a/sample_0.mp4", { origin: "https://storage.googleapis.com" })
      assert.strictEqual(object.status, 200)
      const without = yield* ask("GET", "/emulator/rain/a/sample_0.mp4", {
        origin: "https://storage.googleapis.com",
        token: "wrong"
      })
      assert.strictEqual(without.status, 401)
    }).pipe(set()))

  it.effect("refuses as Vertex does", () =>
    Effect.gen(function*() {
      const { services } = yield* Emulator.Emulator
      const rows = [
        [submit({}, {}), 400],
        [submit({ sampleCount: 5 }), 400],
        [submit({ sampleCount: "1" }), 400],
        [submit({ durationSeconds: 5 }), 400],
        [submit({}, { prompt: "rain" }, "veo-2.0-generate-001"), 404],
        [askJson("GET", `${place}/publishers/google/models/veo-3.1-generate-001`, { origin }), 404]
      ] as const
      for (const [ask, status] of rows) assert.strictEqual((yield* ask).status, status)
      const own = yield* services["google-vertex"].add()
      const foreign = yield* services["google-vertex"].add({ user: "someone" })
      const elsewhere = pathOf(
        "veo-3.1-generate-001",
        "fetchPredictOperation",
        "/v1/projects/emulator/locations/us-central1"
      )
      for (const answer of [yield* get(foreign.id), yield* get("x"), yield* get(own.id, elsewhere)]) {
        same(answer, documented.getNotFound)
      }
      const token = yield* askJson("POST", pathOf("veo-3.1-generate-001", "predictLongRunning"), {
        origin,
        token: "wrong",
        body: {}
      })
      like(token, documented.unauthenticated)
    }).pipe(set()))

  it.effect("is at each version of its paths, and with an empty project", () =>
    Effect.gen(function*() {
      for (const at of ["/v1", "/v1beta1", "/v1beta1/projects/emulator/locations/us-central1"]) {
        const { status } = yield* askJson("POST", pathOf("veo-3.1-generate-001", "predictLongRunning", at), {
          origin,
          body: { instances: [{ prompt: "rain" }] }
        })
        assert.strictEqual(status, 200, at)
      }
    }).pipe(set()))
})
