import { assert, describe, it } from "@effect/vitest"
import { Emulator, RunwayEmulator } from "@media-jobs/testing"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpMethod from "effect/http/HttpMethod"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { inMemory, like } from "../support.ts"

const origin = "https://api.dev.runwayml.com"
const { assembled: documented } = RunwayEmulator.fixtures
const set = (options?: RunwayEmulator.Options) => inMemory({ services: { runway: RunwayEmulator.service(options) } })

const call = Effect.fnUntraced(function*(
  method: HttpMethod.HttpMethod,
  path: string,
  body?: Schema.Json,
  headers: Record<string, string> = { "x-runway-version": "2024-11-06" }
) {
  const request = HttpClientRequest.make(method)(`${origin}/v1${path}`, {
    headers: { authorization: `Bearer ${Emulator.token}`, ...headers }
  }).pipe(body === undefined ? (same) => same : HttpClientRequest.bodyJsonUnsafe(body))
  const response = yield* HttpClient.execute(request)
  const text = yield* response.text
  const json: Schema.Json = text === "" ? null : JSON.parse(text)
  return { status: response.status, json, text }
})
const field = (json: Schema.Json, name: string): unknown => (json as Schema.JsonObject)[name] // each answer is an object

const gen45 = { model: "gen4.5", promptText: "rain", ratio: "1280:720", duration: 5 }
const create = (body: Schema.Json = gen45) => call("POST", "/text_to_video", body)
const statusOf = (id: string) => Effect.map(call("GET", `/tasks/${id}`), ({ json }) => field(json, "status"))

describe("RunwayEmulator", () => {
  it.effect("answers a task's whole life field for field", () =>
    Effect.gen(function*() {
      const created = yield* create()
      like(created, documented.created)
      const get = call("GET", `/tasks/${field(created.json, "id")}`)
      like(yield* get, documented.getPending)
      yield* TestClock.adjust("15 seconds")
      const running = yield* get
      like(running, documented.getRunning)
      assert.strictEqual(field(running.json, "progress"), 0.5)
      yield* TestClock.adjust("15 seconds")
      const [first, second] = [yield* get, yield* Effect.andThen(TestClock.adjust("1 minute"), get)]
      like(first, documented.getSucceeded)
      assert.notDeepEqual(field(first.json, "output"), field(second.json, "output"))
      const { services: { runway } } = yield* Emulator.Emulator
      const failed = yield* runway.add({ state: "failed", code: "SAFETY.INPUT.TEXT", reason: "No" })
      like(yield* call("GET", `/tasks/${failed.id}`), documented.getModerated)
      const cancelled = yield* runway.add({ state: "cancelled" })
      like(yield* call("GET", `/tasks/${cancelled.id}`), documented.getCancelled)
    }).pipe(set()))

  it.effect("throttles what goes beyond the slots of a model, and gives a slot back to the next in turn", () =>
    Effect.gen(function*() {
      const ids: Array<string> = []
      for (let i = 0; i < 5; i++) ids.push(String(field((yield* create()).json, "id")))
      const veo = yield* create({ model: "veo3.1", promptText: "rain", ratio: "1280:720" })
      const words = Effect.forEach(ids, statusOf)
      like(yield* call("GET", `/tasks/${ids[4]}`), documented.getThrottled)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* words, ["RUNNING", "RUNNING", "THROTTLED", "THROTTLED", "THROTTLED"])
      assert.strictEqual(yield* statusOf(String(field(veo.json, "id"))), "RUNNING")
      assert.strictEqual((yield* call("DELETE", `/tasks/${ids[0]}`)).status, 204)
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual((yield* words).slice(1), ["RUNNING", "RUNNING", "THROTTLED", "THROTTLED"])
      yield* TestClock.adjust("15 seconds")
      assert.deepStrictEqual((yield* words).slice(1), ["SUCCEEDED", "RUNNING", "PENDING", "THROTTLED"])
      yield* TestClock.adjust("31 seconds")
      assert.deepStrictEqual((yield* words).slice(1), ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "RUNNING"])
    }).pipe(set()))

  it.effect("forgets what is deleted, in whatever state, and knows each user's own", () =>
    Effect.gen(function*() {
      const { services: { runway } } = yield* Emulator.Emulator
      for (const state of ["running", "succeeded"] as const) {
        const { id } = yield* runway.add({ state, duration: "1 hour" })
        assert.strictEqual((yield* call("DELETE", `/tasks/${id}`)).status, 204)
        like(yield* call("GET", `/tasks/${id}`), documented.getNotFound)
        like(yield* call("DELETE", `/tasks/${id}`), documented.removed)
      }
      const foreign = yield* runway.add({ user: "someone" })
      like(yield* call("DELETE", `/tasks/${foreign.id}`), documented.removed)
      assert.lengthOf(yield* runway.jobs, 1)
    }).pipe(set()))

  it.effect("refuses as Runway does", () =>
    Effect.gen(function*() {
      const recipe = { version: "2026-06", prompt: "rain" }
      const rows = [
        [create({}), documented.invalid],
        [call("GET", "/tasks/x", undefined, {}), 400],
        [call("POST", "/recipes/product_campaign_image", recipe), 400],
        [call("POST", "/text_to_video", { ...gen45, ratio: "16:9" }), 400],
        [call("POST", "/uploads", { filename: "a.png" }), 400],
        [call("GET", "/tasks"), 404],
        [call("GET", "/organization", undefined, { authorization: "Bearer key_0" }), 401]
      ] as const
      for (const [ask, expected] of rows) {
        const answer = yield* ask
        if (typeof expected === "number") assert.strictEqual(answer.status, expected)
        else like(answer, expected)
      }
    }).pipe(set()))

  it.effect("knows what the organization may: credits, models, and how many a day", () =>
    Effect.gen(function*() {
      for (let i = 0; i < 3; i++) assert.strictEqual((yield* create()).status, 200)
      like(yield* create(), documented.dailyLimit)
      const { json } = yield* call("GET", "/organization")
      assert.deepStrictEqual([field(json, "creditBalance"), field(json, "usage")], [
        2,
        { models: { "gen4.5": { dailyGenerations: 3 } } }
      ])
      like(yield* create({ model: "veo3.1", promptText: "rain", ratio: "1280:720" }), documented.notAvailable)
      yield* TestClock.adjust("24 hours")
      like(yield* create(), documented.noCredits)
    }).pipe(set({ daily: 3, credits: 17, models: ["gen4.5"] })))

  it.effect.each(
    [
      ["text_to_image", { model: "gen4_image", promptText: "rain", ratio: "1024:1024" }, /\.png\?/, 1],
      ["text_to_image", { model: "muse_image", promptText: "rain", ratio: "auto", outputCount: 4 }, /\.png\?/, 4],
      ["sound_effect", { model: "eleven_text_to_sound_v2", promptText: "rain" }, /\.mp3\?/, 1],
      ["generate/audio", { configId: "r", input: {} }, /\.mp3\?/, 1],
      ["text_to_video", gen45, /\.mp4\?/, 1]
    ] as const
  )("makes by %s what its kind is", ([path, body, ending, count]) =>
    Effect.gen(function*() {
      const { json } = yield* call("POST", `/${path}`, body)
      yield* TestClock.adjust("1 minute")
      const task = yield* call("GET", `/tasks/${field(json, "id")}`)
      const output = field(task.json, "output") as ReadonlyArray<string> // it has ended
      assert.lengthOf(output, count)
      for (const url of output) assert.match(url, ending)
    }).pipe(set()))

  it.effect("keeps a workflow's run apart from tasks", () =>
    Effect.gen(function*() {
      const { json } = yield* call("POST", "/workflows/w-1", {})
      const id = field(json, "id")
      assert.deepStrictEqual(Object.keys(json as object), ["id"])
      like(yield* call("GET", `/tasks/${id}`), documented.getNotFound)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(field((yield* call("GET", `/workflow_invocations/${id}`)).json, "output"), {})
      yield* TestClock.adjust("20 seconds")
      const run = (yield* call("GET", `/workflow_invocations/${id}`)).json
      assert.deepStrictEqual(Object.keys(field(run, "output") as object), ["video"])
    }).pipe(set()))

  it.effect("counts its organization as the documents show it", () =>
    Effect.gen(function*() {
      const { json } = yield* call("GET", "/organization")
      const shown = documented.organization.json as Schema.JsonObject // an object
      assert.deepStrictEqual(Object.keys(json as object), Object.keys(shown))
      assert.deepStrictEqual(field(field(json, "tier") as Schema.Json, "models"), {
        "gen4.5": { maxConcurrentGenerations: 2, maxDailyGenerations: 200 }
      })
    }).pipe(set({ models: ["gen4.5"] })))
})
