import { assert, describe, it } from "@effect/vitest"
import { Emulator, ReplicateEmulator } from "@media-jobs/testing"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { ask, askJson, inMemory, like, shape } from "../support.ts"

const origin = "https://api.replicate.com"
const call = (method: "GET" | "POST", path: string, body?: Schema.Json) =>
  askJson(method, `/v1${path}`, { origin, ...(body === undefined ? undefined : { body }) })
const create = call("POST", "/models/media-jobs/lighthouse/predictions", { input: { prompt: "rain" } })

/** A field of an answer, whatever the answer is. */
const field = (json: Schema.Json, name: string): unknown => (json as Schema.JsonObject)[name]

const { assembled: documented } = ReplicateEmulator.fixtures
const set = (options?: ReplicateEmulator.Options) =>
  inMemory({ services: { replicate: ReplicateEmulator.service(options) } })

describe("ReplicateEmulator", () => {
  it.effect("answers a prediction's whole life field for field", () =>
    Effect.gen(function*() {
      const created = yield* create
      like(created, documented.created)
      const get = call("GET", `/predictions/${field(created.json, "id")}`)
      like(yield* get, documented.getStarting)
      yield* TestClock.adjust("16 seconds")
      const processing = yield* get
      assert.deepStrictEqual(shape(processing.json), shape(documented.getProcessing.json))
      assert.match(String(field(processing.json, "logs")), /\r50%\|█+ *\| 10\/20 \[.*\]\n$/)
      yield* TestClock.adjust("14 seconds")
      const { json } = yield* get
      assert.deepStrictEqual(
        [field(json, "status"), field(json, "completed_at"), field(json, "metrics")],
        ["succeeded", "1970-01-01T00:00:30.000Z", { predict_time: 28, total_time: 30 }]
      )
      yield* TestClock.adjust("1 hour")
      const removed = (yield* get).json
      assert.deepStrictEqual(
        ["data_removed", "output", "input", "status"].map((name) => field(removed, name)),
        [true, null, {}, "succeeded"]
      )
    }).pipe(set()))

  it.effect.each(
    [
      ["black-forest-labs/flux-schnell", "image", [".webp"]],
      ["media-jobs/lighthouse", "image", [".webp"]],
      ["google/veo-3", "video", ".mp4"],
      ["kwaivgi/kling-v2.1", "video", ".mp4"],
      ["minimax/video-01", "video", ".mp4"],
      ["wan-video/wan-2.2-i2v-fast", "video", ".mp4"],
      ["meta/musicgen", "audio", ".mp3"],
      ["minimax/speech-02-hd", "audio", ".mp3"],
      ["google/lyria-2", "audio", ".mp3"]
    ] as const
  )("makes of %s what its kind is: %s", ([model, type, endings]) =>
    Effect.gen(function*() {
      const { services: { replicate } } = yield* Emulator.Emulator
      const input = { prompt: "rain" }
      yield* call("POST", `/models/${model}/predictions`, { input })
      yield* call("POST", "/predictions", { version: `${model}:${"0".repeat(64)}`, input })
      yield* TestClock.adjust("1 minute")
      const jobs = yield* replicate.jobs
      assert.strictEqual(jobs.length, 2)
      for (const job of jobs) {
        assert.strictEqual(job.type, type)
        const { json } = yield* call("GET", `/predictions/${job.id}`)
        const output = field(json, "output")
        assert.strictEqual(Array.isArray(output), typeof endings !== "string")
        for (const [i, ending] of [endings].flat().entries()) {
          assert.match(String([output].flat()[i]), new RegExp(`^https://replicate\\.delivery/.*\\${ending}$`))
        }
      }
    }).pipe(set()))

  it.effect("knows each ending", () =>
    Effect.gen(function*() {
      const { services: { replicate } } = yield* Emulator.Emulator
      for (const state of ["succeeded", "failed", "canceled", "aborted"] as const) {
        const { id } = yield* replicate.add({ state, reason: "No" })
        const { json } = yield* call("GET", `/predictions/${id}`)
        assert.deepStrictEqual([field(json, "status"), field(json, "error")], [state, state === "failed" ? "No" : null])
      }
    }).pipe(set()))

  it.effect("lists by cursor and by time, each user's own", () =>
    Effect.gen(function*() {
      const { services: { replicate } } = yield* Emulator.Emulator
      const ids: Array<string> = []
      for (let i = 0; i < 5; i++) {
        ids.unshift((yield* replicate.add()).id)
        yield* TestClock.adjust("1 minute")
      }
      yield* replicate.add({ user: "someone" })
      const walked: Array<ReadonlyArray<string>> = []
      const walk = Effect.fnUntraced(function*(path: string) {
        walked.length = 0
        for (let at: string | null = path; at !== null;) {
          const { json } = yield* call("GET", at)
          const { next, results } = json as unknown as {
            readonly next: string | null
            readonly results: ReadonlyArray<{ readonly id: string }>
          }
          walked.push(results.map(({ id }) => id))
          at = next === null ? null : next.replace(`${origin}/v1`, "")
        }
        return walked.map((page) => page.map((id) => ids.indexOf(id)))
      })
      assert.deepStrictEqual(yield* walk("/predictions"), [[0, 1], [2, 3], [4]])
      const after = new URLSearchParams({
        created_after: "1970-01-01T00:01:00Z",
        created_before: "1970-01-01T00:04:00Z"
      })
      assert.deepStrictEqual(yield* walk(`/predictions?${after}`), [[1, 2], [3]])
      like(yield* call("GET", "/predictions?created_after=2026-01-01T00:00:00Z"), documented.listedLast)
    }).pipe(set({ pageSize: 2 })))

  it.effect("begins at the first page for a cursor that it did not make", () =>
    Effect.gen(function*() {
      yield* (yield* Emulator.Emulator).services.replicate.add()
      const first = yield* call("GET", "/predictions")
      for (const made of ["null", "5", "{}", "[1]", "\"x\"", "[null", ""]) {
        const page = yield* call("GET", `/predictions?cursor=${Buffer.from(made).toString("base64url")}`)
        assert.deepStrictEqual([page.status, page.json], [200, first.json], made)
      }
      assert.strictEqual((yield* call("GET", "/predictions?cursor=!!")).status, 200)
    }).pipe(set()))

  it.effect("holds a create back for who prefers to wait, no longer than asked and a minute", () =>
    Effect.gen(function*() {
      const asked = Effect.fnUntraced(function*(prefer: string) {
        const request = HttpClientRequest.post(`${origin}/v1/models/a/b/predictions`, { headers: { prefer } }).pipe(
          HttpClientRequest.bearerToken(Emulator.token),
          HttpClientRequest.bodyJsonUnsafe({ input: {} })
        )
        const from = yield* Clock.currentTimeMillis
        const waiting = yield* Effect.forkChild(Effect.gen(function*() {
          const response = yield* HttpClient.execute(request)
          const json = yield* response.json
          return [response.status, field(json, "status"), (yield* Clock.currentTimeMillis) - from]
        }))
        yield* TestClock.adjust("2 minutes")
        return yield* Fiber.join(waiting)
      })
      assert.deepStrictEqual(yield* asked("wait=5"), [201, "processing", 5_000])
      assert.deepStrictEqual(yield* asked("wait"), [201, "processing", 60_000])
      assert.deepStrictEqual(yield* asked("wait=600"), [201, "processing", 60_000])
      assert.deepStrictEqual(yield* asked("respond-async"), [201, "starting", 0])
    }).pipe(set({ life: "90 seconds" })))

  it.effect("refuses as the service does", () =>
    Effect.gen(function*() {
      const { services: { replicate } } = yield* Emulator.Emulator
      const foreign = yield* replicate.add({ user: "someone" })
      like(yield* call("GET", `/predictions/${foreign.id}`), documented.getNotFound)
      like(yield* call("POST", `/predictions/${foreign.id}/cancel`), documented.getNotFound)
      const other = yield* call("POST", "/models/media-jobs/other/predictions", { input: { prompt: "rain" } })
      like(other, documented.getNotFound)
      like(yield* call("POST", "/predictions", { version: "x", input: {} }), documented.invalidInput)
      const both = yield* call("POST", "/predictions", { model: "a/b", input: "rain" })
      assert.deepStrictEqual(field(both.json, "invalid_fields"), [
        { type: "required", field: "", description: "version is required" },
        { type: "additional_property_not_allowed", field: "", description: "Additional property model is not allowed" },
        { type: "invalid_type", field: "input", description: "Invalid type. Expected: object, given: string" }
      ])
      const unauthenticated = yield* askJson("GET", "/v1/predictions", { origin, token: "r8_wrong" })
      like(unauthenticated, documented.unauthenticated)
    }).pipe(set({ required: ["prompt"], models: ["media-jobs/lighthouse"] })))

  it.effect("throttles creates apart from the rest, for a minute", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* create).status, 201)
      yield* TestClock.adjust("30 seconds")
      like(yield* create, documented.throttled)
      const { headers, status } = yield* ask("POST", "/v1/predictions", { origin, body: {} })
      assert.deepStrictEqual([status, headers["retry-after"]], [429, "30"])
      assert.strictEqual((yield* call("GET", "/predictions")).status, 200)
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* create).status, 201)
    }).pipe(set({ creates: 1 })))

  it.effect("is at its own address, and useapi.net's services at theirs", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* askJson("GET", "/v1/luma/jobs")).status, 200)
      assert.strictEqual((yield* call("GET", "/predictions")).status, 200)
      assert.strictEqual(
        (yield* Effect.flip(ask("GET", "/v1/predictions", { origin: "https://elsewhere.test" })))._tag,
        "HttpClientError"
      )
    }).pipe(set()))
})
