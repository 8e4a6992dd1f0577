import { assert, describe, it } from "@effect/vitest"
import { Emulator, FalEmulator } from "@media-jobs/testing"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpMethod from "effect/http/HttpMethod"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { inMemory, like, shape } from "../support.ts"

const queue = "https://queue.fal.run"
const storage = "https://rest.fal.ai"
const { assembled: documented } = FalEmulator.fixtures
const set = (options?: FalEmulator.Options) => inMemory({ services: { fal: FalEmulator.service(options) } })

const call = Effect.fnUntraced(function*(
  method: HttpMethod.HttpMethod,
  url: string,
  body?: Schema.Json,
  headers: Record<string, string> = { authorization: `Key ${Emulator.token}` }
) {
  const request = HttpClientRequest.make(method)(url.startsWith("/") ? queue + url : url, { headers }).pipe(
    body === undefined ? (same) => same : HttpClientRequest.bodyJsonUnsafe(body)
  )
  const response = yield* HttpClient.execute(request)
  const text = yield* response.text
  const json: Schema.Json = /^[[{]/.test(text) ? JSON.parse(text) : null
  return { status: response.status, headers: response.headers, json, text }
})
const field = (json: Schema.Json, name: string): unknown => (json as Schema.JsonObject)[name] // each answer is an object
const submit = (endpoint = "fal-ai/flux/dev", input: Schema.Json = { prompt: "rain" }) =>
  Effect.map(call("POST", `/${endpoint}`, input), (answer) => ({
    ...answer,
    at: String(field(answer.json, "response_url")).replace(queue, "")
  }))
const pathOf = ({ app, id }: FalEmulator.Job) => `/${app}/requests/${id}`

describe("FalEmulator", () => {
  it.effect("answers a job's whole life field for field", () =>
    Effect.gen(function*() {
      const { at, ...created } = yield* submit()
      like(created, documented.submitted)
      const status = call("GET", `${at}/status?logs=1`)
      like(yield* status, documented.statusQueued)
      like(yield* call("GET", at), documented.resultInProgress)
      yield* TestClock.adjust("16 seconds")
      const running = yield* status
      like(running, documented.statusRunning)
      assert.match(JSON.stringify(field(running.json, "logs")), /50%\|█+ *\| 10\/20 \[/)
      assert.isNull(field((yield* call("GET", `${at}/status`)).json, "logs"))
      yield* TestClock.adjust("14 seconds")
      like(yield* call("GET", `${at}/status`), documented.statusCompleted)
      for (const path of [at, `${at}/response`]) {
        const result = yield* call("GET", path)
        like(result, documented.resultImages)
        assert.strictEqual(result.headers["x-fal-billable-units"], "1")
      }
      yield* TestClock.adjust("1 hour")
      like(yield* call("GET", at), documented.resultGone)
      assert.strictEqual((yield* status).status, 200)
    }).pipe(set()))

  it.effect("keeps a large result for six minutes", () =>
    Effect.gen(function*() {
      const { services: { fal } } = yield* Emulator.Emulator
      const job = yield* fal.add({ state: "succeeded", output: { text: "x".repeat(10 * 1024) } })
      yield* TestClock.adjust("359 seconds")
      assert.strictEqual((yield* call("GET", pathOf(job))).status, 200)
      yield* TestClock.adjust("1 second")
      like(yield* call("GET", pathOf(job)), documented.resultGone)
    }).pipe(set()))

  it.effect("completes what fails and what is cancelled, and lets the result tell", () =>
    Effect.gen(function*() {
      const { services: { fal } } = yield* Emulator.Emulator
      const broken = yield* fal.add({
        state: "failed",
        answer: FalEmulator.sentences.problem(500, "The runner failed", "runner_server_error")
      })
      like(yield* call("GET", `${pathOf(broken)}/status`), documented.statusFailed)
      like(yield* call("GET", pathOf(broken)), documented.resultBroken)
      const refused = yield* fal.add({
        answer: FalEmulator.sentences.refused(422, "content_policy_violation", "No", { loc: ["body", "prompt"] }),
        state: "failed"
      })
      like(yield* call("GET", pathOf(refused)), documented.resultRefused)
      const cancelled = yield* fal.add({ state: "cancelled" })
      assert.strictEqual(
        field((yield* call("GET", `${pathOf(cancelled)}/status`)).json, "error_type"),
        "client_cancelled"
      )
      assert.strictEqual((yield* call("GET", pathOf(cancelled))).status, 499)
    }).pipe(set()))

  it.effect("takes a bad input, and fails its job with what is missing", () =>
    Effect.gen(function*() {
      const { at, status } = yield* submit("fal-ai/flux/dev", {})
      assert.strictEqual(status, 200)
      yield* TestClock.adjust("1 minute")
      const result = yield* call("GET", at)
      assert.deepStrictEqual([result.status, result.json], [422, {
        detail: [{ loc: ["body", "prompt"], msg: "field required", type: "value_error.missing" }]
      }])
    }).pipe(set({ required: ["prompt"] })))

  for (const stubborn of [false, true]) {
    it.effect(`cancels what waits, and what runs ${stubborn ? "runs on" : "ends"}`, () =>
      Effect.gen(function*() {
        const [waiting, running] = [yield* submit(), yield* submit()]
        const stop = (at: string) => call("PUT", `${at}/cancel`)
        const wordOf = (at: string) => Effect.map(call("GET", `${at}/status`), ({ json }) => field(json, "status"))
        like(yield* stop(waiting.at), documented.cancelledInQueue)
        like(yield* stop(waiting.at), documented.alreadyCompleted)
        yield* TestClock.adjust("10 seconds")
        like(yield* stop(running.at), documented.cancelled)
        assert.strictEqual(yield* wordOf(running.at), stubborn ? "IN_PROGRESS" : "COMPLETED")
        assert.strictEqual(yield* wordOf(waiting.at), "COMPLETED")
      }).pipe(set({ stubborn })))
  }

  it.effect("knows a job by its owner and app, and each user's own", () =>
    Effect.gen(function*() {
      const { services: { fal } } = yield* Emulator.Emulator
      const [own, foreign] = [yield* fal.add({ endpoint: "fal-ai/flux/dev" }), yield* fal.add({ user: "someone" })]
      assert.strictEqual(own.app, "fal-ai/flux")
      for (const at of [pathOf(foreign), `/fal-ai/other/requests/${own.id}`, `/fal-ai/flux/requests/0`]) {
        like(yield* call("GET", `${at}/status`), documented.notFound)
        like(yield* call("PUT", `${at}/cancel`), documented.notFound)
      }
      for (const endpoint of ["workflows/someone/rain", "comfy/someone/rain/now"]) {
        const { at } = yield* submit(endpoint)
        assert.strictEqual((yield* call("GET", `${at}/status`)).status, 202, endpoint)
      }
    }).pipe(set()))

  it.effect("refuses as fal does", () =>
    Effect.gen(function*() {
      for (const authorization of ["Key wrong", `Bearer ${Emulator.token}`]) {
        like(yield* call("POST", "/fal-ai/flux", {}, { authorization }), documented.unauthenticated)
      }
      like(yield* call("POST", "/fal-ai/fog", {}), documented.appNotFound)
      yield* submit()
      const most = (most: string) => call("POST", `/fal-ai/flux/dev?fal_max_queue_length=${most}`, {})
      assert.deepStrictEqual(
        [(yield* most("x")).status, (yield* most("0")).status, (yield* most("1")).status],
        [400, 429, 200]
      )
    }).pipe(set({ endpoints: ["fal-ai/flux"] })))

  it.effect("takes files whole and in parts at both hosts of the storage, without the key after the first call", () =>
    Effect.gen(function*() {
      const { services: { fal } } = yield* Emulator.Emulator
      const file = { content_type: "image/png", file_name: "rain.png" }
      const initiate = (host: string, way: string) =>
        call("POST", `${host}/storage/upload/initiate${way}?storage_type=fal-cdn-v3`, file)
      const begun = yield* initiate("https://rest.alpha.fal.ai", "")
      like(begun, documented.initiated)
      assert.strictEqual((yield* call("PUT", String(field(begun.json, "upload_url")), { a: 1 }, {})).status, 200)
      const at = new URL(String(field((yield* initiate(storage, "-multipart")).json, "upload_url")))
      const below = (rest: string) => `${at.origin}${at.pathname}${rest}${at.search}`
      const part = yield* call("PUT", below("/1"), "first", {})
      assert.strictEqual(field(part.json, "partNumber"), 1)
      assert.strictEqual((yield* call("PUT", below("/3"), "third", {})).status, 404)
      assert.strictEqual((yield* call("POST", below("/complete"), { parts: [] }, {})).status, 400)
      assert.strictEqual((yield* call("POST", below("/complete"), { parts: [part.json] }, {})).status, 200)
      assert.deepStrictEqual(
        (yield* fal.uploads).map(({ isComplete, parts }) => [isComplete, parts.length]),
        [[true, 0], [true, 1]]
      )
      assert.strictEqual((yield* call("POST", `${storage}/storage/upload/initiate`, {})).status, 422)
    }).pipe(set()))

  it.effect("has in its history what has ended, a page at a time, with its payloads where asked", () =>
    Effect.gen(function*() {
      const { services: { fal } } = yield* Emulator.Emulator
      const endpoint = "fal-ai/flux/dev"
      const ids: Array<string> = []
      for (let i = 0; i < 3; i++) {
        ids.unshift((yield* fal.add({ endpoint, state: "succeeded" })).id)
        yield* TestClock.adjust("1 minute")
      }
      yield* fal.add({ endpoint, duration: "1 day" })
      yield* fal.add({ endpoint, state: "succeeded", user: "someone" })
      const history = (query: string) =>
        call("GET", `https://api.fal.ai/v1/models/requests/by-endpoint?endpoint_id=${endpoint}${query}`)
      const idsOf = (json: Schema.Json) =>
        (field(json, "items") as ReadonlyArray<Schema.Json>).map((item) => field(item, "request_id")) // as its page says
      const first = yield* history("&limit=2")
      assert.deepStrictEqual([idsOf(first.json), field(first.json, "has_more")], [ids.slice(0, 2), true])
      const last = yield* history(`&limit=2&cursor=${field(first.json, "next_cursor")}`)
      assert.deepStrictEqual([idsOf(last.json), field(last.json, "has_more")], [ids.slice(2), false])
      like(last, documented.history)
      assert.include((yield* history("&expand=payloads&limit=1")).text, "\"json_output\":{\"")
      const others = "https://api.fal.ai/v1/models/requests/by-endpoint"
      assert.strictEqual((yield* call("GET", others)).status, 422)
    }).pipe(set()))

  it.effect("may keep its history from a key", () =>
    Effect.gen(function*() {
      const path = "https://api.fal.ai/v1/models/requests/by-endpoint?endpoint_id=fal-ai/flux"
      assert.strictEqual((yield* call("GET", path)).status, 403)
    }).pipe(set({ history: false })))

  it.effect("runs at once at the other host, and streams a status to its end", () =>
    Effect.gen(function*() {
      const from = yield* Clock.currentTimeMillis
      const waiting = yield* Effect.forkChild(Effect.zip(
        call("POST", "https://fal.run/fal-ai/flux/dev", { prompt: "rain" }),
        Clock.currentTimeMillis
      ))
      yield* TestClock.adjust("1 minute")
      const [result, at] = yield* Fiber.join(waiting)
      assert.deepStrictEqual(shape(result.json), shape(documented.resultImages.json))
      assert.strictEqual(at - from, 30_000)
      const { at: path } = yield* submit()
      const streaming = yield* Effect.forkChild(call("GET", `${path}/status/stream`))
      yield* TestClock.adjust("1 minute")
      const words = (yield* Fiber.join(streaming)).text.match(/"status":"\w+"/g) ?? []
      assert.deepStrictEqual([...new Set(words)], [
        "\"status\":\"IN_QUEUE\"",
        "\"status\":\"IN_PROGRESS\"",
        "\"status\":\"COMPLETED\""
      ])
    }).pipe(set()))

  it.effect("publishes the key that signs, to all", () =>
    Effect.gen(function*() {
      const { services: { fal } } = yield* Emulator.Emulator
      const published = Effect.map(
        call("GET", `${storage}/.well-known/jwks.json`, undefined, {}),
        ({ text }) => /"x":"([^"]+)"/.exec(text)?.[1]
      )
      assert.strictEqual(yield* published, FalEmulator.keys[0].x)
      assert.notInclude((yield* call("GET", `${storage}/.well-known/jwks.json`, undefined, {})).text, "\"d\"")
      yield* fal.rotate(FalEmulator.keys[1])
      assert.strictEqual(yield* published, FalEmulator.keys[1].x)
    }).pipe(set()))
})
