import { assert, describe, it } from "@effect/vitest"
import { Emulator, UseapiLumaEmulator, type WebhookFaults } from "@media-jobs/testing"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { askJson, inMemory } from "./support.ts"

const hook = "http://127.0.0.1:8080/hook"

interface Call {
  readonly after: number
  readonly url: string
  readonly contentType: string | undefined
  readonly text: string
  readonly json: Schema.Json
}

/** Begins to deliver, and tells what an application at the other end received so far; it answers with the status given. */
const receiving = (answer: (call: number) => number = () => 204) =>
  Effect.gen(function*() {
    const { deliver } = yield* Emulator.Emulator
    const began = yield* Clock.currentTimeMillis
    const calls: Array<Call> = []
    const application = HttpClient.make((request) =>
      Effect.gen(function*() {
        const text = yield* Effect.orDie(HttpServerRequest.fromClientRequest(request).text)
        const after = ((yield* Clock.currentTimeMillis) - began) / 1000
        const contentType = "contentType" in request.body ? request.body.contentType : undefined
        calls.push({ after, url: request.url, contentType, text, json: JSON.parse(text) })
        return HttpServerResponse.toClientResponse(HttpServerResponse.empty({ status: answer(calls.length) }), {
          request
        })
      })
    )
    yield* Effect.forkScoped(Effect.provideService(deliver, HttpClient.HttpClient, application))
    return calls
  })

const submit = (path: string, body: Schema.JsonObject, origin?: string) =>
  Effect.map(
    askJson("POST", path, { body, ...(origin === undefined ? undefined : { origin }) }),
    ({ json, status }) => {
      assert.isBelow(status, 300, JSON.stringify(json))
      return json
    }
  )
const luma = (body: Schema.JsonObject = { replyUrl: hook }) => submit("/v1/luma/videos", { prompt: "rain", ...body })
const field = (json: Schema.Json, name: string) => Predicate.hasProperty(json, name) ? json[name] : undefined
const statuses = (calls: ReadonlyArray<Call>) => calls.map(({ json }) => field(json, "status"))

describe("the calls that are due", () => {
  it.effect("stay on this machine: whoever answers with a redirect is not followed", () =>
    Effect.gen(function*() {
      const { called, deliver } = yield* Emulator.Emulator
      const inits: Array<RequestInit | undefined> = []
      const application = HttpClient.make((request, _url, _signal, fiber) => {
        inits.push(Context.getOrUndefined(fiber.context, FetchHttpClient.RequestInit))
        return Effect.succeed(
          HttpServerResponse.toClientResponse(HttpServerResponse.empty({ status: 307 }), { request })
        )
      })
      yield* Effect.forkScoped(Effect.provideService(deliver, HttpClient.HttpClient, application))
      yield* luma()
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(inits, [{ redirect: "manual" }])
      assert.deepStrictEqual((yield* called).map(({ outcome }) => outcome), [307])
    }).pipe(inMemory()))

  it.effect("of Luma: a video's record, and one for a batch of images, with the reference", () =>
    Effect.gen(function*() {
      const calls = yield* receiving()
      const submitted = yield* luma({ replyUrl: hook, replyRef: "order-7" })
      yield* TestClock.adjust("10 minutes")
      const id = field(submitted, "jobid")
      const { json } = yield* askJson("GET", `/v1/luma/jobs/${id}`)
      assert.deepStrictEqual(calls.map(({ json }) => json), [{ ...(json as Schema.JsonObject), replyRef: "order-7" }])
      assert.strictEqual(calls[0]?.contentType, "application/json")

      yield* submit("/v1/luma/images", { prompt: "rain", replyUrl: hook })
      yield* TestClock.adjust("10 minutes")
      const batch = calls[1]?.json ?? null
      assert.deepStrictEqual([field(batch, "type"), field(batch, "status")], ["image", "completed"])
      const images = field(batch, "images")
      assert.isTrue(Array.isArray(images) && images.length === 4)
      assert.strictEqual(calls.length, 2)
    }).pipe(inMemory()))

  it.effect("of Dreamina, the record; of Midjourney, the record at every event", () =>
    Effect.gen(function*() {
      const calls = yield* receiving()
      yield* submit("/v1/dreamina/videos", { prompt: "rain", replyUrl: hook, replyRef: "a" })
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual([statuses(calls), field(calls[0]?.json ?? null, "replyRef")], [["completed"], "a"])
      yield* submit("/v3/midjourney/jobs/imagine", { prompt: "rain", replyUrl: hook, stream: false })
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(statuses(calls.slice(1)), [
        "created",
        "started",
        "progress",
        "progress",
        "progress",
        "completed"
      ])
    }).pipe(inMemory()))

  it.effect("of Replicate, the end is told again until it is taken", () =>
    Effect.gen(function*() {
      const calls = yield* receiving((call) => call < 3 ? 500 : 204)
      yield* submit(
        "/v1/predictions",
        { version: "a/b", input: { prompt: "rain" }, webhook: hook },
        "https://api.replicate.com"
      )
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(statuses(calls), ["succeeded", "succeeded", "succeeded"])
      const { called } = yield* Emulator.Emulator
      assert.deepStrictEqual((yield* called).map(({ outcome }) => outcome), [204])
    }).pipe(inMemory()))

  it.effect("go to the account's address where a job has none, and to no other machine", () =>
    Effect.gen(function*() {
      const calls = yield* receiving()
      yield* luma({})
      yield* luma({ replyUrl: "https://app.example/hook" })
      yield* luma({ replyUrl: "http://localhost:8080/own" })
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(calls.map(({ url }) => url).toSorted(), [hook, "http://localhost:8080/own"])
      const { called } = yield* Emulator.Emulator
      assert.sameMembers((yield* called).map(({ outcome }) => outcome), [204, "refused", 204])
    }).pipe(inMemory({ replyUrl: hook })))

  it.effect("are made once the job has ended, also where that is changed meanwhile", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const calls = yield* receiving()
      const id = String(field(yield* luma(), "jobid"))
      yield* TestClock.adjust("1 second")
      const { endsAt } = yield* emulator.services["useapi-luma"].change(id, { outcome: "failed" })
      yield* TestClock.adjust(endsAt - 1001)
      assert.lengthOf(calls, 0)
      yield* TestClock.adjust(1)
      assert.deepStrictEqual([calls[0]?.after, statuses(calls)], [endsAt / 1000, ["failed"]])
    }).pipe(inMemory()))
})

describe("what can go wrong with a call", () => {
  const two = "2 minutes"
  /** What arrived of one job that ends after two minutes, and when. */
  const met = (fault: WebhookFaults.WebhookFault) =>
    Effect.gen(function*() {
      const calls = yield* receiving()
      yield* luma()
      yield* TestClock.adjust("6 minutes")
      const { called } = yield* Emulator.Emulator
      return { calls, called: yield* called }
    }).pipe(
      inMemory({
        webhookFaults: [{ fault }],
        services: { "useapi-luma": UseapiLumaEmulator.service({ videoLife: two }) }
      })
    )

  it.effect("lost", () =>
    Effect.gen(function*() {
      const { called, calls } = yield* met({ _tag: "Lost" })
      assert.lengthOf(calls, 0)
      assert.deepStrictEqual(called.map(({ event, outcome }) => [event, outcome]), [["completed", "lost"]])
    }))

  it.effect("late and early", () =>
    Effect.gen(function*() {
      const late = yield* met({ _tag: "Late", by: "3 minutes" })
      assert.deepStrictEqual(late.calls.map(({ after, json }) => [after, field(json, "status")]), [[300, "completed"]])
      const early = yield* met({ _tag: "Early", by: "30 seconds" })
      assert.deepStrictEqual(early.calls.map(({ after, json }) => [after, field(json, "status")]), [[90, "completed"]])
    }))

  it.effect("repeated", () =>
    Effect.gen(function*() {
      const { calls } = yield* met({ _tag: "Repeated", times: 3 })
      assert.deepStrictEqual(calls.map(({ after }) => after), [120, 121, 122])
      assert.lengthOf(new Set(calls.map(({ text }) => text)), 1)
    }))

  it.effect("swapped: the first goes out behind the second", () =>
    Effect.gen(function*() {
      const calls = yield* receiving()
      const first = field(yield* luma(), "jobid")
      yield* TestClock.adjust("10 seconds")
      const second = field(yield* luma(), "jobid")
      yield* TestClock.adjust("6 minutes")
      assert.deepStrictEqual(calls.map(({ after, json }) => [after, field(json, "jobid")]), [[130, second], [
        130,
        first
      ]])
    }).pipe(
      inMemory({
        webhookFaults: [{ fault: { _tag: "Swapped" }, times: 1 }],
        services: { "useapi-luma": UseapiLumaEmulator.service({ videoLife: two }) }
      })
    ))

  it.effect("forged: lies with the address, a reference and an address of the forger's, then the truth", () =>
    Effect.gen(function*() {
      const { called, calls } = yield* met({ _tag: "Forged" })
      const lies = called.filter(({ forged }) => forged)
      assert.deepStrictEqual(calls.map(({ json }) => field(json, "status")), [
        "failed",
        "failed",
        "failed",
        "completed"
      ])
      assert.deepStrictEqual(lies.map(({ url }) => url === hook), [true, true, false])
      assert.isTrue(calls.slice(0, 3).every(({ after }) => after < 1))
      assert.isTrue(calls.some(({ json }) => field(json, "replyRef") === "made-up"))
    }))

  it.effect("huge, slow, and of another type, all with the same to say", () =>
    Effect.gen(function*() {
      const { calls: [huge] } = yield* met({ _tag: "Huge", bytes: 1_000_000 })
      assert.lengthOf(huge?.text ?? "", 1_000_000)
      const { calls: [slow] } = yield* met({ _tag: "Slow", over: "10 seconds" })
      assert.strictEqual(slow?.after, 130)
      const { calls: [typed] } = yield* met({ _tag: "Typed" })
      assert.strictEqual(typed?.contentType, "text/plain")
      for (const call of [huge, slow, typed]) assert.strictEqual(field(call?.json ?? null, "status"), "completed")
    }))

  it.effect("broken: no word of the job", () =>
    Effect.gen(function*() {
      const { calls } = yield* met({ _tag: "Broken" })
      assert.deepStrictEqual(calls.map(({ json }) => json), [{ status: "failed", error: "Internal error" }])
    }))

  it.effect("by service, event, and count; what is in force meets who comes next", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const calls = yield* receiving()
      for (let i = 0; i < 4; i++) yield* luma({ replyUrl: hook, replyRef: `${i}` })
      yield* TestClock.adjust("10 minutes")
      yield* emulator.injectWebhook({ fault: { _tag: "Lost" }, event: "started", service: "useapi-midjourney" })
      yield* submit("/v3/midjourney/jobs/imagine", { prompt: "rain", replyUrl: hook, stream: false })
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(calls.slice(0, 2).map(({ json }) => field(json, "replyRef")), ["0", "3"])
      assert.deepStrictEqual(statuses(calls.slice(2)), ["created", "progress", "progress", "progress", "completed"])
    }).pipe(inMemory({ webhookFaults: [{ fault: { _tag: "Lost" }, service: "useapi-luma", skip: 1, times: 2 }] })))
})
