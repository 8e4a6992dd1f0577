import { assert, describe, it } from "@effect/vitest"
import { Emulator, token } from "@media-jobs/testing/Emulator"
import { fixtures, type Options, service } from "@media-jobs/testing/useapi-midjourney"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { ask, askJson, inMemory, like, same, shape } from "../support.ts"

const { assembled: seen, documented, ids: midjourneyIds } = fixtures
const jobs = "/v3/midjourney/jobs"
const jobPath = (id: string) => `${jobs}/${id}`
const prompt = "a lighthouse in the rain"
const imagine = (body: { readonly [field: string]: Schema.Json }) =>
  askJson("POST", `${jobs}/imagine`, { body: { stream: false, ...body } })
const idOf = (json: Schema.Json) => String(Object.entries(json ?? {}).find(([name]) => name === "jobid")?.[1])

describe("the document's answers", () => {
  it.effect("list, to the byte", () =>
    Effect.gen(function*() {
      const { services: { "useapi-midjourney": midjourney } } = yield* Emulator
      yield* TestClock.setTime(Date.parse("2025-10-23T14:15:53Z"))
      yield* midjourney.add({ id: midjourneyIds.first, created: "2025-10-23T14:15:20.123Z" })
      yield* midjourney.add({ id: midjourneyIds.second, created: "2025-10-23T14:15:25.987Z" })
      yield* midjourney.add({ state: "completed" })
      yield* midjourney.add({ user: "99999" })
      same(yield* askJson("GET", jobs), documented.list)
      same(yield* askJson("GET", jobs, { token: "user:12345-wrong" }), documented.listUnauthorized)
    }).pipe(inMemory()))

  it.effect("list, of images and videos in their channels", () =>
    Effect.gen(function*() {
      const { services: { "useapi-midjourney": midjourney } } = yield* Emulator
      yield* midjourney.add({ type: "video", account: "2", duration: "3 hours" })
      yield* midjourney.add({ account: "3", duration: "3 hours" })
      yield* midjourney.add({ account: "3", state: "failed", listed: "always" })
      yield* TestClock.adjust("2 hours")
      const { json } = yield* askJson("GET", jobs)
      const limits = { maxJobs: 3, maxImageJobs: 3, maxVideoJobs: 3 }
      assert.deepInclude(json, { total: 3, images: 2, videos: 1 })
      assert.deepNestedInclude(json, { "channels.2.total": 1, "channels.2.images": 0, "channels.2.maxVideoJobs": 1 })
      assert.deepNestedInclude(json, { "channels.2.jobs[0].elapsed": "120:00", "channels.2.jobs[0].jobType": "video" })
      assert.deepNestedInclude(json, { "channels.3.total": 2, "channels.3.jobs[1].channel": "3" })
      assert.notNestedProperty(json, "channels.4")
      const idle = yield* askJson("GET", jobs).pipe(
        inMemory({ services: { "useapi-midjourney": service({ channels: [{ channel: "4" }], listsIdle: true }) } })
      )
      const nothing = { total: 0, images: 0, videos: 0 }
      assert.deepStrictEqual(idle.json, { ...nothing, channels: { 4: { ...nothing, ...limits, jobs: [] } } })
    }).pipe(
      inMemory({
        services: { "useapi-midjourney": service({ channels: [{ channel: "2", maxVideoJobs: 1 }, { channel: "4" }] }) }
      })
    ))
})

describe("records, as they have been seen", () => {
  it.effect("from created through progress to completed, failed and moderated", () =>
    Effect.gen(function*() {
      const { services: { "useapi-midjourney": midjourney } } = yield* Emulator
      const id = midjourneyIds.first
      const get = askJson("GET", jobPath(id))
      yield* midjourney.add({ id, duration: "100 seconds", replyRef: "your-reference" })
      like(yield* get, seen.getCreated)
      yield* TestClock.adjust("10 seconds")
      like(yield* get, seen.getStarted)
      yield* TestClock.adjust("21 seconds")
      const progress = yield* get
      like(progress, seen.getProgress)
      assert.deepNestedInclude(progress.json, { status: "progress", "response.progress_percent": 31 })
      yield* TestClock.adjust("69 seconds")
      const completed = yield* get
      like(completed, seen.getCompleted)
      assert.deepNestedInclude(completed.json, { status: "completed", updated: "1970-01-01T00:01:40.000Z" })
      for (const state of ["failed", "moderated"] as const) {
        yield* midjourney.add({ id, state })
        like(yield* get, state === "failed" ? seen.getFailed : seen.getModerated)
        assert.include(JSON.stringify((yield* get).json), `"status":"${state}"`)
      }
      yield* midjourney.change(id, { override: { status: "cancelled" } })
      assert.include(JSON.stringify((yield* get).json), `"status":"cancelled"`)
    }).pipe(inMemory()))

  it.effect("of a video, with one attachment", () =>
    Effect.gen(function*() {
      const { services: { "useapi-midjourney": midjourney } } = yield* Emulator
      const { id } = yield* midjourney.add({ type: "video", verb: "button", state: "completed" })
      assert.match(id, /^j\d{19}v-u12345-c1234567890123456789-bot:midjourney$/)
      const { json } = yield* askJson("GET", jobPath(id))
      assert.deepNestedInclude(json, { verb: "button", "response.attachments[0].content_type": "video/mp4" })
      assert.notNestedProperty(json, "response.imageUx")
    }).pipe(inMemory()))

  const places: ReadonlyArray<readonly [Options, string]> = [
    [{}, "response.replyRef"],
    [{ replyRef: "response" }, "response.replyRef"],
    [{ replyRef: "request" }, "request.replyRef"],
    [{ replyRef: "top" }, "replyRef"]
  ]
  it.effect.each(places)("%o repeats replyRef as %s and nowhere else", ([midjourney, place]) =>
    Effect.gen(function*() {
      const { json } = yield* imagine({ prompt, replyRef: "my-ref" })
      assert.nestedPropertyVal(json, place, "my-ref")
      assert.lengthOf(JSON.stringify(json).match(/my-ref/g) ?? [], 1)
    }).pipe(inMemory({ services: { "useapi-midjourney": service(midjourney) } })))

  it.effect("are the user's own, and gone after 62 days", () =>
    Effect.gen(function*() {
      const { services: { "useapi-midjourney": midjourney } } = yield* Emulator
      const id = midjourneyIds.first
      for (
        const [method, missing, expired, refused] of [
          ["GET", seen.getNotFound, seen.getExpired, seen.getUnauthorized],
          ["DELETE", seen.cancelNotFound, seen.cancelExpired, seen.cancelUnauthorized]
        ] as const
      ) {
        const foreign = yield* midjourney.add({ user: "99999" })
        for (const segment of [foreign.id, midjourneyIds.second, "nonsense", "%zz"]) {
          same(yield* askJson(method, jobPath(segment)), missing)
        }
        yield* midjourney.add({ id, duration: "70 days" })
        same(yield* askJson(method, jobPath(id.replace(":", "%3A"))), missing)
        same(yield* askJson(method, jobPath(id), { token: "wrong" }), refused)
        yield* TestClock.adjust("61 days")
        assert.strictEqual((yield* ask("GET", jobPath(id))).status, 200)
        yield* TestClock.adjust("1 day")
        same(yield* askJson(method, jobPath(id)), expired)
      }
    }).pipe(inMemory()))

  it.effect("accounts, and none", () =>
    Effect.gen(function*() {
      const { json } = yield* askJson("GET", "/v3/midjourney/accounts")
      assert.deepStrictEqual(json, {
        4: { discord: "MTI...xyz", channel: "4", maxJobs: 12, maxImageJobs: 3, maxVideoJobs: 3, error: "CAPTCHA" }
      })
      const none = yield* ask("GET", "/v3/midjourney/accounts").pipe(
        inMemory({ services: { "useapi-midjourney": service({ channels: [] }) } })
      )
      assert.deepInclude(none, { status: 404, text: "" })
    }).pipe(
      inMemory({
        services: { "useapi-midjourney": service({ channels: [{ channel: "4", maxJobs: 12, error: "CAPTCHA" }] }) }
      })
    ))
})

describe("cancel", () => {
  it.effect("ends what runs, with 204 and nothing more", () =>
    Effect.gen(function*() {
      const { services: { "useapi-midjourney": midjourney } } = yield* Emulator
      const { id } = yield* midjourney.add()
      const kept = yield* midjourney.add()
      assert.deepInclude(yield* ask("DELETE", jobPath(id)), { status: 204, text: "" })
      const record = yield* askJson("GET", jobPath(id))
      like(record, seen.getCancelled)
      assert.deepInclude(record.json, { status: "failed", error: "Job cancelled by user" })
      const { text } = yield* ask("GET", jobs)
      assert.notInclude(text, id)
      assert.include(text, kept.id)
    }).pipe(inMemory()))

  it.effect("refuses what has ended", () =>
    Effect.gen(function*() {
      const { services: { "useapi-midjourney": midjourney } } = yield* Emulator
      for (const state of ["completed", "failed", "moderated"] as const) {
        const { id } = yield* midjourney.add({ state })
        const { json, status } = yield* askJson("DELETE", jobPath(id))
        assert.deepStrictEqual([status, json], [409, { error: `Cannot cancel job in state '${state}'.` }])
        assert.deepNestedInclude((yield* askJson("GET", jobPath(id))).json, { status: state })
      }
    }).pipe(inMemory()))
})

describe("imagine", () => {
  it.effect("without a stream is 201 and the record", () =>
    Effect.gen(function*() {
      const answer = yield* imagine({ prompt })
      like(answer, seen.submitted)
      assert.match(idOf(answer.json), /^j\d{19}i-u12345-c1234567890123456789-bot:midjourney$/)
      const referred = yield* imagine({ prompt, replyRef: "your-reference", replyUrl: "https://example.com/hook" })
      assert.nestedPropertyVal(referred.json, "request.replyUrl", "https://example.com/hook")
      assert.include((yield* ask("GET", jobs)).text, `"total":2`)
      yield* TestClock.adjust("1 minute")
      assert.include((yield* ask("GET", jobPath(idOf(answer.json)))).text, `"status":"completed"`)
      assert.include((yield* ask("GET", jobs)).text, `"total":0`)
    }).pipe(inMemory()))

  it.effect("is refused", () =>
    Effect.gen(function*() {
      const bodies = [
        {},
        { prompt: "" },
        { prompt: "x".repeat(5001) },
        { prompt, stream: "false" },
        { prompt, replyUrl: "x".repeat(1025) },
        { prompt, replyRef: "x".repeat(1025) },
        { prompt, model: "7" }
      ]
      for (const body of bodies) {
        const answer = yield* imagine(body)
        assert.strictEqual(answer.status, 400, JSON.stringify(body))
        assert.deepStrictEqual(shape(answer.json), [["error", "string"]])
      }
      assert.strictEqual((yield* imagine({ prompt: "something forbidden" })).status, 422)
      same(
        yield* askJson("POST", `${jobs}/imagine`, { body: { prompt }, token: "wrong" }),
        seen.submittedUnauthorized
      )
      assert.deepStrictEqual(yield* imagine({ prompt, channel: "no" }), {
        status: 404,
        json: { error: "Unable to find configuration for channel no" }
      })
      const captcha = yield* imagine({ prompt, channel: "5" })
      assert.strictEqual(captcha.status, 596)
      assert.deepStrictEqual(yield* (yield* Emulator).services["useapi-midjourney"].jobs, [])
    }).pipe(inMemory({
      services: {
        "useapi-midjourney": service({
          refuses: /forbidden/,
          channels: [{ channel: "4" }, { channel: "5", error: "CAPTCHA" }]
        })
      }
    })))

  it.effect("makes a video where the prompt says so, which fills a channel as one", () =>
    Effect.gen(function*() {
      const { services: { "useapi-midjourney": midjourney } } = yield* Emulator
      const prompts = [
        "rain --video",
        "https://example.com/a.png rain —video --motion low",
        "--VIDEO",
        "a video of rain",
        "a--video"
      ]
      for (const prompt of prompts) assert.strictEqual((yield* imagine({ prompt })).status, 201, prompt)
      assert.deepStrictEqual(
        (yield* midjourney.jobs).map(({ type }) => type),
        ["video", "video", "video", "image", "image"]
      )
      assert.strictEqual((yield* imagine({ prompt: "snow --video" })).status, 429)
      assert.strictEqual((yield* imagine({ prompt })).status, 201)
      const [video] = yield* midjourney.jobs
      yield* TestClock.adjust("2 minutes")
      assert.match((yield* ask("GET", `${jobs}/${video?.id}`)).text, /"content_type":"video\/mp4"/)
    }).pipe(inMemory({
      services: {
        "useapi-midjourney": service({ channels: [{ channel: "4", maxJobs: 9, maxImageJobs: 9, maxVideoJobs: 3 }] })
      }
    })))

  it.effect("fills channels by all jobs and by images", () =>
    Effect.gen(function*() {
      const { services: { "useapi-midjourney": midjourney } } = yield* Emulator
      yield* midjourney.add({ type: "video", account: "4" })
      const statuses = Effect.map(Effect.all(Array.from({ length: 3 }, () => imagine({ prompt }))), (answers) =>
        answers.map(({ status }) => status))
      assert.deepStrictEqual(yield* statuses, [201, 201, 429])
      const taken = (yield* midjourney.jobs).slice(1).map(({ account }) =>
        account
      )
      assert.sameMembers(taken, ["4", "5"])
      assert.strictEqual((yield* imagine({ prompt, channel: "5" })).status, 429)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* imagine({ prompt, channel: "5" })).status, 201)
    }).pipe(inMemory({
      services: {
        "useapi-midjourney": service({ channels: [{ channel: "4", maxJobs: 2 }, { channel: "5", maxImageJobs: 1 }] })
      }
    })))
})

describe("the stream", () => {
  const followed = Effect.gen(function*() {
    const response = yield* HttpClient.execute(
      HttpClientRequest.post(`https://api.useapi.net${jobs}/imagine`).pipe(
        HttpClientRequest.bearerToken(token),
        HttpClientRequest.bodyJsonUnsafe({ prompt })
      )
    )
    assert.strictEqual(response.status, 200)
    assert.strictEqual(response.headers["content-type"], "text/event-stream")
    const seen: Array<{ readonly [name: string]: Schema.Json }> = []
    const fiber = yield* response.stream.pipe(
      Stream.decodeText(),
      Stream.runForEach((text) =>
        Effect.sync(() => {
          for (const line of text.split("\n\n").filter((line) => line !== "")) {
            seen.push(JSON.parse(line.replace(/^data: /, "")))
          }
        })
      ),
      Effect.forkChild
    )
    yield* TestClock.adjust("0 millis")
    return { seen, fiber }
  })
  const events = (seen: ReadonlyArray<{ readonly [name: string]: Schema.Json }>) => seen.map(({ event }) => event)

  it.effect("tells what happens, to the end", () =>
    Effect.gen(function*() {
      const { fiber, seen } = yield* followed
      assert.deepStrictEqual(events(seen), ["initialized", "midjourney_created"])
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      const [job] = yield* (yield* Emulator).services["useapi-midjourney"].jobs
      assert.deepStrictEqual(seen[0], {
        event: "initialized",
        message: "Job created",
        jobId: job?.id ?? "",
        seq: 0,
        ts: "00:00:00.000"
      })
      assert.deepStrictEqual(events(seen), [
        "initialized",
        "midjourney_created",
        "midjourney_started",
        ...Array.from({ length: 8 }, () => "midjourney_progress"),
        "midjourney_completed"
      ])
      assert.deepStrictEqual(seen.map(({ seq }) => seq), seen.map((_, i) => i))
      assert.deepNestedInclude(seen[4], { "job.response.progress_percent": 30, ts: "00:00:18.000" })
      const { json } = yield* askJson("GET", jobPath(job?.id ?? ""))
      assert.deepStrictEqual(seen.at(-1)?.["job"], json)
    }).pipe(inMemory()))

  it.effect("ends when the job is cancelled", () =>
    Effect.gen(function*() {
      const { fiber, seen } = yield* followed
      const [job] = yield* (yield* Emulator).services["useapi-midjourney"].jobs
      yield* ask("DELETE", jobPath(job?.id ?? ""))
      yield* TestClock.adjust("6 seconds")
      yield* Fiber.join(fiber)
      assert.strictEqual(events(seen).at(-1), "midjourney_failed")
    }).pipe(inMemory()))

  it.effect("left early leaves the job in progress, and its slot taken for 14 minutes or until it is cancelled", () =>
    Effect.gen(function*() {
      const { services: { "useapi-midjourney": midjourney } } = yield* Emulator
      const full = Effect.map(imagine({ prompt }), ({ status }) => status === 429)
      const { fiber } = yield* followed
      yield* Fiber.interrupt(fiber)
      const [job] = yield* midjourney.jobs
      assert.include((yield* ask("GET", jobPath(job?.id ?? ""))).text, `"status":"progress"`)
      yield* TestClock.adjust("839 seconds")
      assert.isTrue(yield* full)
      yield* TestClock.adjust("1 second")
      assert.include((yield* ask("GET", jobPath(job?.id ?? ""))).text, `"status":"failed"`)

      const again = yield* followed
      yield* Fiber.interrupt(again.fiber)
      assert.isTrue(yield* full)
      yield* ask("DELETE", jobPath((yield* midjourney.jobs)[1]?.id ?? ""))
      assert.isFalse(yield* full)
    }).pipe(inMemory({ services: { "useapi-midjourney": service({ channels: [{ channel: "4", maxJobs: 1 }] }) } })))
})

describe("retired", () => {
  it.effect("knows nothing any more", () =>
    Effect.gen(function*() {
      const { services: { "useapi-midjourney": midjourney } } = yield* Emulator
      const { id } = yield* midjourney.add()
      const asked = [
        askJson("GET", jobs),
        askJson("GET", jobPath(id)),
        askJson("DELETE", jobPath(id)),
        askJson("GET", "/v3/midjourney/accounts"),
        imagine({ prompt })
      ]
      for (const answer of yield* Effect.all(asked)) {
        assert.deepStrictEqual(answer, {
          status: 404,
          json: { error: "Endpoint not found", hint: { llm_docs: "https://useapi.net/llms.txt" } }
        })
      }
      assert.strictEqual((yield* ask("GET", "/v1/dreamina/scheduler")).status, 200)
    }).pipe(inMemory({ services: { "useapi-midjourney": service({ retired: true }) } })))
})
