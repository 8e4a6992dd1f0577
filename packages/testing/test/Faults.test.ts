import { assert, describe, it } from "@effect/vitest"
import {
  Emulator,
  Faults,
  Reply,
  UseapiDreaminaEmulator,
  UseapiLumaEmulator,
  UseapiMidjourneyEmulator
} from "@media-jobs/testing"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import { TestClock } from "effect/testing"
import { ask, inMemory } from "./support.ts"

const list = ask("GET", "/v1/luma/jobs")
const submit = ask("POST", "/v1/luma/videos", { body: { prompt: "p" } })
const executing = Effect.flatMap(
  Emulator.Emulator,
  ({ services: { "useapi-luma": luma } }) => Effect.map(luma.jobs, (jobs) => jobs.length)
)
const met = (fault: Faults.Fault) => inMemory({ faults: [{ fault }] })

describe("answers instead of the service's", () => {
  const cases: ReadonlyArray<readonly [string, Faults.Fault, number, RegExp]> = [
    ["unauthorized", Faults.status(401), 401, /^\{"error"/],
    ["paymentRequired", Faults.status(402), 402, /^\{"error"/],
    ["outOfCredits", Faults.answer(UseapiDreaminaEmulator.sentences.outOfCredits), 412, /^\{"error"/],
    ["forbidden", Faults.answer(UseapiLumaEmulator.sentences.forbidden), 403, /^\{"error"/],
    ["forbiddenPage", Faults.page(403), 403, /^<html>/],
    ["jobNotFound", Faults.answer(UseapiLumaEmulator.sentences.jobNotFound), 404, /Job not found/],
    [
      "accountNotFound",
      Faults.answer(UseapiLumaEmulator.sentences.accountNotFound("a@b.c")),
      404,
      /configuration for email a@b\.c/
    ],
    ["endpointNotFound", Faults.answer(UseapiLumaEmulator.sentences.endpointNotFound), 404, /llm_docs/],
    ["nothingFound", Faults.answer(Reply.empty(404)), 404, /^$/],
    ["invalidJobId", Faults.answer(UseapiDreaminaEmulator.sentences.invalidJobId), 400, /Invalid job ID format/],
    ["promptRefused", Faults.answer(UseapiMidjourneyEmulator.sentences.promptRefused), 422, /^\{"error"/],
    ["notTerminal", Faults.answer(UseapiLumaEmulator.sentences.notTerminal), 409, /state 'processing'/],
    ["gone", Faults.answer(UseapiMidjourneyEmulator.sentences.jobExpired("a")), 410, /expired/],
    ["rateLimited", Faults.status(429), 429, /^\{"error"/],
    ["internalError", Faults.status(500), 500, /^\{"error"/],
    ["badGateway", Faults.page(502), 502, /^<html>/],
    ["unavailable", Faults.page(503), 503, /^<html>/],
    ["sessionError", Faults.answer(UseapiLumaEmulator.sentences.sessionError), 596, /"code":596/],
    ["redirect", Faults.redirect("https://elsewhere.example/"), 302, /^$/],
    ["answer", Faults.answer(Reply.json(418, { error: { nested: true } })), 418, /nested/]
  ]
  it.effect.each(cases)("%s", ([, fault, status, body]) =>
    Effect.gen(function*() {
      const answer = yield* submit
      assert.strictEqual(answer.status, status)
      assert.match(answer.text, body)
      assert.strictEqual(yield* executing, 0)
    }).pipe(met(fault)))

  it.effect("a page says that it is one", () =>
    Effect.gen(function*() {
      const { headers } = yield* list.pipe(met(Faults.page(403)))
      assert.strictEqual(headers["content-type"], "text/html")
    }))

  it.effect("Retry-After is seconds or a date", () =>
    Effect.gen(function*() {
      const { headers } = yield* list.pipe(met(Faults.status(429, "1500 millis")))
      assert.strictEqual(headers["retry-after"], "2")
      const date = DateTime.makeUnsafe("2026-11-22T10:00:00Z")
      const { headers: dated } = yield* list.pipe(met(Faults.page(503, date)))
      assert.strictEqual(dated["retry-after"], "Sun, 22 Nov 2026 10:00:00 GMT")
    }))
})

describe("the service's answer, changed", () => {
  it.effect("cut, emptied, blown up", () =>
    Effect.gen(function*() {
      const whole = yield* list.pipe(inMemory())
      const cut = yield* list.pipe(met(Faults.cutJson))
      assert.isTrue(cut.text.length > 0 && cut.text.length < whole.text.length && whole.text.startsWith(cut.text))
      assert.deepInclude(yield* list.pipe(met(Faults.emptyBody)), { status: 200, text: "" })
      const huge = yield* list.pipe(met(Faults.hugeBody()))
      assert.strictEqual(huge.text.length, 10_000_000)
      assert.deepStrictEqual(JSON.parse(huge.text), JSON.parse(whole.text))
    }))

  it.effect("with other words in it", () =>
    Effect.gen(function*() {
      assert.match(
        (yield* submit.pipe(met(Faults.withField("status", "dreaming")))).text,
        /"jobid":.*"status":"dreaming"/
      )
      assert.match(
        (yield* list.pipe(met(Faults.withField("error", "partial")))).text,
        /"executing":0.*"error":"partial"/
      )
    }))
})

describe("connections", () => {
  const codes = [
    ["refuse", Faults.refuse, "ECONNREFUSED", 0],
    ["dropRequest", Faults.dropRequest, "UND_ERR_SOCKET", 0],
    ["dropReply", Faults.dropReply, "UND_ERR_SOCKET", 1]
  ] as const
  it.effect.each(codes)("%s", ([, fault, code, jobs]) =>
    Effect.gen(function*() {
      const { reason } = yield* Effect.flip(submit)
      assert.strictEqual(reason._tag, "TransportError")
      assert.nestedPropertyVal(reason, "cause.cause.code", code)
      assert.strictEqual(yield* executing, jobs)
    }).pipe(met(fault)))

  it.effect("are lost by every submit alike", () =>
    Effect.gen(function*() {
      const { count, inject, services: { "useapi-dreamina": dreamina, "useapi-midjourney": midjourney } } =
        yield* Emulator.Emulator
      const operations = ["useapi-dreamina.video", "useapi-dreamina.image", "useapi-midjourney.imagine"] as const
      for (const operation of operations) yield* inject({ fault: Faults.dropReply, operation })
      const paths = ["/v1/dreamina/videos", "/v1/dreamina/images", "/v3/midjourney/jobs/imagine"]
      for (const path of paths) yield* Effect.flip(ask("POST", path, { body: { prompt: "p" } }))
      for (const operation of operations) assert.strictEqual(yield* count(operation), 1)
      const jobs = [...yield* dreamina.jobs, ...yield* midjourney.jobs]
      assert.deepStrictEqual(jobs.map(({ type }) => type), ["video", "image", "image"])
    }).pipe(inMemory()))

  it.effect("hang until the client gives up", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(Effect.timeoutOption(submit, "1 hour"))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "None")
      assert.strictEqual(yield* executing, 0)
      const [entry] = yield* (yield* Emulator.Emulator).journal
      assert.strictEqual(entry?.status, undefined)
    }).pipe(met(Faults.hang)))

  it.effect("slow: headers at once, the body over time", () =>
    Effect.gen(function*() {
      const response = yield* HttpClient.get("https://api.useapi.net/v1/luma/jobs")
      assert.strictEqual(response.status, 401)
      const fiber = yield* Effect.forkChild(response.json)
      yield* TestClock.adjust("9 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Fiber.join(fiber), { error: "Unauthorized" })
    }).pipe(met(Faults.slow("10 seconds"))))
})

describe("rules", () => {
  const statuses = (count: number, request = list) =>
    Effect.map(Effect.all(Array.from({ length: count }, () => request)), (answers) => answers.map((_) => _.status))
  const fault = Faults.page(502)

  it.effect("skip, then count, first come first served", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* statuses(5), [200, 502, 502, 500, 200])
    }).pipe(inMemory({ faults: [{ fault, skip: 1, times: 2 }, { fault: Faults.status(500), skip: 1, times: 1 }] })))

  it.effect("last for a time", () =>
    Effect.gen(function*() {
      yield* (yield* Emulator.Emulator).inject({ fault, during: "1 minute" })
      assert.deepStrictEqual(yield* statuses(2), [502, 502])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* statuses(1), [200])
    }).pipe(inMemory()))

  it.effect("are lifted", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* statuses(1), [502])
      yield* (yield* Emulator.Emulator).heal
      assert.deepStrictEqual(yield* statuses(1), [200])
    }).pipe(met(fault)))

  it.effect("apply by operation, method, path and user", () =>
    Effect.gen(function*() {
      const { heal, inject } = yield* Emulator.Emulator
      const rules: ReadonlyArray<Omit<NonNullable<Emulator.Options["faults"]>[number], "fault">> = [
        { operation: "useapi-luma.list" },
        { method: "GET" },
        { path: /^\/v1\/luma\/jobs$/ },
        { user: "12345", operation: "useapi-luma.list" }
      ]
      for (const rule of rules) {
        yield* inject({ ...rule, fault })
        assert.deepStrictEqual([...(yield* statuses(1)), ...(yield* statuses(1, submit))], [502, 200])
        yield* heal
      }
      yield* inject({ fault, user: "1" })
      assert.deepStrictEqual(yield* statuses(1), [200])
    }).pipe(inMemory()))
})
