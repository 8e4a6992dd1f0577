import { assert, describe, it } from "@effect/vitest"
import { Reply } from "@media-jobs/testing"
import { Emulator } from "@media-jobs/testing/Emulator"
import { fixtures, service } from "@media-jobs/testing/useapi-dreamina"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { ask, askJson, encodeId, inMemory, like, same, shape } from "../support.ts"

const { assembled: seen, documented, ids: dreaminaIds } = fixtures
const root = "/v1/dreamina"
const at = (part: string, id: string) => `${root}/${part}/${encodeId(id)}`
const scheduler = `${root}/scheduler`
const printed = "US:[email\u00a0protected]"
const reconstructed = /^j\d{19}[vi]-u12345-US:user@example\.com-bot:dreamina$/
const idOf = (json: Schema.Json) => String(Object.entries(json ?? {}).find(([name]) => name === "jobid")?.[1])

describe("the document's answers", () => {
  it.effect("list, to the byte", () =>
    Effect.gen(function*() {
      const { services: { "useapi-dreamina": dreamina } } = yield* Emulator
      same(yield* askJson("GET", scheduler), documented.listEmpty)
      yield* TestClock.setTime(Date.parse("2026-02-23T14:06:15.999Z"))
      yield* dreamina.add({
        id: dreaminaIds.printed,
        account: printed,
        created: "2026-02-23T14:05:30.123Z",
        submitId: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        replyUrl: "https://your-domain.com/webhook"
      })
      same(yield* askJson("GET", scheduler), documented.list)
      same(yield* askJson("GET", scheduler, { token: "user:12345-wrong" }), documented.listUnauthorized)
    }).pipe(inMemory()))

  it.effect("list, by account, both kinds, what runs only", () =>
    Effect.gen(function*() {
      const { services: { "useapi-dreamina": dreamina } } = yield* Emulator
      const video = yield* dreamina.add()
      const image = yield* dreamina.add({ type: "image", account: "CA:user@example.com" })
      const done = yield* dreamina.add({ state: "completed" })
      const late = yield* dreamina.add({ state: "failed", listed: "always" })
      const { json } = yield* askJson("GET", scheduler)
      assert.deepStrictEqual(shape(json), [
        ["executing", [["US:user@example.com", [entry, entry]], ["CA:user@example.com", [entry]]]],
        ["total", "number"]
      ])
      assert.deepNestedInclude(json, { total: 3, "executing.CA:user@example\\.com[0].elapsedSeconds": 0 })
      const text = JSON.stringify(json)
      for (const { id } of [video, image, late]) assert.include(text, id)
      assert.notInclude(text, done.id)
    }).pipe(inMemory()))

  const entry = [["jobid", "string"], ["submitId", "string"], ["model", "string"], ["elapsedSeconds", "number"]]
})

describe("records, as they have been seen", () => {
  it.effect("a video, from created to completed and failed", () =>
    Effect.gen(function*() {
      const { services: { "useapi-dreamina": dreamina } } = yield* Emulator
      const id = dreaminaIds.intact
      yield* dreamina.add({ id, replyUrl: "https://your-domain.com/webhook", duration: "2 minutes" })
      like(yield* askJson("GET", at("videos", id)), seen.getCreatedVideo)
      yield* TestClock.adjust("2 minutes")
      const completed = yield* askJson("GET", at("videos", id))
      like(completed, seen.getCompletedVideo)
      assert.include(JSON.stringify(completed.json), `"replyUrl":"https://your-domain.com/webhook"`)
      assert.include(JSON.stringify(completed.json), `"finishTime":120}`)
      yield* dreamina.change(id, { state: "failed" })
      const failed = yield* askJson("GET", at("videos", id))
      like(failed, seen.getFailedVideo)
      assert.include(JSON.stringify(failed.json), `"error":"fail_code: 2043","errorDetails":"OutputVi`)
      yield* dreamina.change(id, { reason: "Cancelled by user" })
      like(yield* askJson("GET", at("videos", id)), seen.getCancelledVideo)
      yield* dreamina.change(id, { override: { status: "dreaming" } })
      assert.include((yield* ask("GET", at("videos", id))).text, `"status":"dreaming"`)
    }).pipe(inMemory()))

  it.effect("an image, of four", () =>
    Effect.gen(function*() {
      const { services: { "useapi-dreamina": dreamina } } = yield* Emulator
      const { id } = yield* dreamina.add({ type: "image" })
      like(yield* askJson("GET", at("images", id)), seen.getCreatedImage)
      yield* TestClock.adjust("1 minute")
      like(yield* askJson("GET", at("images", id)), seen.getCompletedImage)
    }).pipe(inMemory()))

  it.effect("are read where their kind is, for 30 days, by their user", () =>
    Effect.gen(function*() {
      const { services: { "useapi-dreamina": dreamina } } = yield* Emulator
      const missing = { status: 404, json: { error: "Job not found" } }
      const video = yield* dreamina.add()
      const image = yield* dreamina.add({ type: "image" })
      const foreign = yield* dreamina.add({ user: "99999" })
      assert.deepStrictEqual(yield* askJson("GET", at("images", video.id)), missing)
      assert.deepStrictEqual(yield* askJson("GET", at("videos", image.id)), missing)
      assert.deepStrictEqual(yield* askJson("GET", at("videos", foreign.id)), missing)
      assert.deepStrictEqual(yield* askJson("GET", at("videos", dreaminaIds.intact)), missing)
      assert.include((yield* ask("GET", at("jobs", video.id))).text, "Endpoint not found")
      assert.strictEqual((yield* ask("GET", at("videos", video.id), { token: "wrong" })).status, 401)
      yield* TestClock.adjust("719 hours")
      assert.strictEqual((yield* ask("GET", at("videos", video.id))).status, 200)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* askJson("GET", at("videos", video.id)), missing)
    }).pipe(inMemory()))

  it.effect("accounts, and none", () =>
    Effect.gen(function*() {
      const { json } = yield* askJson("GET", `${root}/accounts`)
      assert.deepInclude(json, {
        "CA:b@example.com": {
          account: "CA:b@example.com",
          email: "b@example.com",
          region: "CA",
          maxJobs: 3,
          sessionExpires: "1970-03-02T00:00:00.000Z",
          error: "Login failed"
        }
      })
      const none = yield* ask("GET", `${root}/accounts`).pipe(
        inMemory({ services: { "useapi-dreamina": service({ accounts: [] }) } })
      )
      assert.deepInclude(none, { status: 404, text: "" })
    }).pipe(inMemory({
      services: {
        "useapi-dreamina": service({
          accounts: [
            { account: "US:a@example.com", maxJobs: 1 },
            { account: "CA:b@example.com", maxJobs: 3, error: "Login failed" }
          ]
        })
      }
    })))
})

describe("ids", () => {
  it.effect("are taken whole, intact or as the document prints them, and never encoded", () =>
    Effect.gen(function*() {
      const { services: { "useapi-dreamina": dreamina } } = yield* Emulator
      for (const id of [dreaminaIds.printed, dreaminaIds.intact, (yield* dreamina.add()).id]) {
        yield* dreamina.add({ id })
        const get = (segment: string) => askJson("GET", `${root}/videos/${segment}`)
        assert.strictEqual((yield* get(encodeId(id))).status, 200)
        same(yield* get(encodeURIComponent(id)), seen.getInvalidId)
        same(yield* get(encodeId(id).replace("@", "%40").replace(":", "%3a")), seen.getInvalidId)
        same(yield* askJson("DELETE", `${scheduler}/${encodeURIComponent(id)}`), seen.getInvalidId)
      }
      same(yield* askJson("GET", `${root}/images/nonsense`), seen.getInvalidId)
      same(yield* askJson("GET", `${root}/videos/%zz`), seen.getInvalidId)
      assert.strictEqual((yield* ask("GET", at("videos", dreaminaIds.printed.replace("0223", "0224")))).status, 404)
    }).pipe(inMemory()))

  it.effect("tell the instant, the kind, the user and the account", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-02-23T14:05:30.123Z"))
      const { services: { "useapi-dreamina": dreamina } } = yield* Emulator
      for (const type of ["video", "image"] as const) {
        const { id } = yield* dreamina.add({ type })
        assert.match(id, reconstructed)
        assert.strictEqual(id.slice(0, 14) + id.charAt(20), `j0223140530123${type.charAt(0)}`)
      }
    }).pipe(inMemory()))
})

describe("cancel", () => {
  it.effect("ends what runs, once, and only the user's own", () =>
    Effect.gen(function*() {
      const { services: { "useapi-dreamina": dreamina } } = yield* Emulator
      const { id } = yield* dreamina.add()
      const foreign = yield* dreamina.add({ user: "99999" })
      const done = yield* dreamina.add({ state: "completed" })
      assert.strictEqual((yield* ask("DELETE", at("scheduler", id), { token: "wrong" })).status, 401)
      for (const other of [foreign.id, done.id, dreaminaIds.intact]) {
        assert.deepInclude(yield* askJson("DELETE", at("scheduler", other)), { status: 404 })
      }
      const cancelled = yield* askJson("DELETE", at("scheduler", id))
      assert.deepStrictEqual(cancelled, { status: 200, json: { jobid: id, status: "failed" } })
      same(yield* askJson("GET", scheduler), documented.listEmpty)
      const { json } = yield* askJson("GET", at("videos", id))
      assert.deepInclude(json, { status: "failed", error: "Cancelled by user" })
      assert.notProperty(json, "errorDetails")
      assert.strictEqual((yield* ask("DELETE", at("scheduler", id))).status, 404)
      assert.strictEqual((yield* dreamina.jobs).find((job) => job.id === foreign.id)?.outcome, "completed")
    }).pipe(inMemory()))

  it.effect("answers as it is told to", () =>
    Effect.gen(function*() {
      const { services: { "useapi-dreamina": dreamina } } = yield* Emulator
      const answer = yield* ask("DELETE", at("scheduler", (yield* dreamina.add()).id))
      assert.deepInclude(answer, { status: 204, text: "" })
    }).pipe(inMemory({ services: { "useapi-dreamina": service({ cancelled: () => Reply.empty(204) }) } })))
})

describe("submits", () => {
  const video = (body: Schema.Json) => askJson("POST", `${root}/videos`, { body })
  const image = (body: Schema.Json) => askJson("POST", `${root}/images`, { body })
  const asset = (account = "US:user@example.com", kind = "image") => `${account}-${kind}:w685:h900:s86866-uri:tos-a`
  const requestOf = (id: string) =>
    Effect.map(Emulator, ({ services }) => services["useapi-dreamina"].jobs).pipe(
      Effect.flatten,
      Effect.map((jobs) => jobs.find((job) => job.id === id)?.request)
    )

  it.effect("are one job each, with 200", () =>
    Effect.gen(function*() {
      const account = "US:user@example.com"
      const one = yield* video({ prompt: "p", account, replyUrl: "https://example.com/hook/1", replyRef: "r" })
      const two = yield* image({ prompt: "p" })
      like(one, seen.submitted)
      like(two, seen.submittedImage)
      const jobs = yield* (yield* Emulator).services["useapi-dreamina"].jobs
      assert.deepStrictEqual(jobs.map(({ id, type }) => [id, type]), [[idOf(one.json), "video"], [
        idOf(two.json),
        "image"
      ]])
      assert.include((yield* ask("GET", scheduler)).text, `"replyUrl":"https://example.com/hook/1"`)
      const { text } = yield* ask("GET", at("videos", idOf(one.json)))
      assert.include(text, `"replyUrl":"https://example.com/hook/1"`)
      assert.notInclude(text, "replyRef")
    }).pipe(inMemory()))

  it.effect("say their mode, which nobody sends", () =>
    Effect.gen(function*() {
      const frame = asset()
      const modes: ReadonlyArray<readonly [Schema.Json, string]> = [
        [{ prompt: "p" }, "prompt"],
        [{ firstFrameRef: frame }, "first_frame"],
        [{ prompt: "p", firstFrameRef: frame, endFrameRef: frame }, "end_frame"],
        [{ frame_1_imageRef: frame, frame_1_prompt: "p", frame_2_imageRef: frame, frame_2_duration: 3 }, "multi_frame"],
        [{ prompt: "p", omni_1_imageRef: frame, omni_1_audioRef: asset(undefined, "audio") }, "omni"]
      ]
      for (const [body, inputMode] of modes) {
        const { json, status } = yield* video(body)
        assert.strictEqual(status, 200, JSON.stringify(body))
        const request = yield* requestOf(idOf(json))
        assert.strictEqual(request?.["inputMode"], inputMode)
        assert.strictEqual("ratio" in (request ?? {}), !inputMode.endsWith("frame"))
      }
      const { json } = yield* image({ prompt: "p", imageRef_1: frame })
      assert.strictEqual((yield* requestOf(idOf(json)))?.["inputMode"], "generate")
    }).pipe(inMemory()))

  it.effect("of bad parameters are refused", () =>
    Effect.gen(function*() {
      const prompt = "p"
      const frame = asset()
      const frames = (count: number) =>
        Object.fromEntries(Array.from({ length: count }, (_, i) => [`frame_${i + 1}_imageRef`, frame]))
      const upscale = (body: Schema.Json) => askJson("POST", `${root}/images/upscale`, { body })
      const interpolate = (body: Schema.Json) => askJson("POST", `${root}/videos/interpolate`, { body })
      const refused = [
        [video, {}],
        [video, "text"],
        [video, { prompt: "x".repeat(5001) }],
        [video, { prompt, duration: "5s" }],
        [video, { prompt, duration: 3 }],
        [video, { prompt, duration: 16 }],
        [video, { prompt, model: "dreamina-3.0", duration: 12 }],
        [video, { prompt, ratio: "2:1" }],
        [video, { prompt, ratio: "16:9", firstFrameRef: frame }],
        [video, { prompt, resolution: "540p" }],
        [video, { prompt, endFrameRef: frame }],
        [video, { prompt, firstFrameRef: "no reference" }],
        [video, { prompt, ...frames(2) }],
        [video, frames(1)],
        [video, frames(11)],
        [video, { ...frames(2), ratio: "1:1" }],
        [video, { ...frames(2), firstFrameRef: frame }],
        [video, { ...frames(2), frame_4_imageRef: frame }],
        [video, { ...frames(2), frame_3_prompt: prompt }],
        [video, { omni_1_imageRef: frame }],
        [video, { prompt, omni_2_videoRef: frame }],
        [video, { prompt, firstFrameRef: frame, endFrameRef: asset("CA:user@example.com") }],
        [video, { prompt, account: "CA:user@example.com", firstFrameRef: frame }],
        [video, { prompt, maxJobs: 51 }],
        [video, { prompt, replyUrl: "x".repeat(1025) }],
        [video, { prompt, aspectRatio: "16:9" }],
        [image, {}],
        [image, { prompt: "x".repeat(1601) }],
        [image, { prompt, ratio: "5:4" }],
        [image, { prompt, resolution: "8k" }],
        [image, { prompt, imageRef_2: frame }],
        [image, { prompt, n: 4 }],
        [upscale, { jobid: dreaminaIds.intact }],
        [upscale, { jobid: dreaminaIds.intact, imageIndex: 0, resolution: "4k" }],
        [interpolate, { jobid: dreaminaIds.intact, fps: 24 }],
        [interpolate, { jobid: dreaminaIds.intact, fps: 30, account: "US:user@example.com" }],
        [interpolate, { jobid: "nonsense", fps: 30 }]
      ] as const
      for (const [submit, body] of refused) {
        const answer = yield* submit(body)
        assert.strictEqual(answer.status, 400, JSON.stringify(body))
        assert.deepStrictEqual(shape(answer.json), [["error", "string"]])
      }
      assert.deepStrictEqual(yield* (yield* Emulator).services["useapi-dreamina"].jobs, [])
      const accepted = [
        [video, { prompt, model: "of tomorrow", duration: 15, ratio: "21:9", resolution: "1080p", maxJobs: 50 }],
        [video, frames(10)],
        [image, { imageRef_1: frame, imageRef_2: frame, imageStrength: 0.5, ratio: "auto", resolution: "4k" }]
      ] as const
      for (const [submit, body] of accepted) assert.strictEqual((yield* submit(body)).status, 200, JSON.stringify(body))
    }).pipe(inMemory()))

  it.effect("find no such account, a broken one, none free, one as full as the request allows", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* video({ prompt: "p", account: "US:no@example.com" }), {
        status: 404,
        json: { error: "Unable to find configuration for account US:no@example.com" }
      })
      const broken = yield* video({ prompt: "p", account: "CA:broken@example.com" })
      assert.strictEqual(broken.status, 596)
      assert.deepInclude(broken.json, { code: 596 })
      assert.strictEqual((yield* video({ prompt: "p" })).status, 200)
      assert.strictEqual((yield* image({ prompt: "p", maxJobs: 1 })).status, 429)
      assert.strictEqual((yield* image({ prompt: "p" })).status, 200)
      assert.strictEqual((yield* video({ prompt: "p", firstFrameRef: asset() })).status, 429)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* image({ prompt: "p" })).status, 200)
      for (const { account } of yield* (yield* Emulator).services["useapi-dreamina"].jobs) {
        assert.strictEqual(account, "US:user@example.com")
      }
    }).pipe(inMemory({
      services: {
        "useapi-dreamina": service({
          accounts: [
            { account: "US:user@example.com", maxJobs: 2 },
            { account: "CA:broken@example.com", maxJobs: 9, error: "Login failed" }
          ]
        })
      }
    })))

  it.effect("go to any account that has room", () =>
    Effect.gen(function*() {
      for (let i = 0; i < 10; i++) yield* video({ prompt: "p" })
      const accounts = (yield* (yield* Emulator).services["useapi-dreamina"].jobs).map(({ account }) => account)
      assert.deepStrictEqual([...new Set(accounts)].toSorted(), ["CA:b@example.com", "US:a@example.com"])
    }).pipe(inMemory({
      services: {
        "useapi-dreamina": service({
          accounts: [{ account: "US:a@example.com", maxJobs: 10 }, { account: "CA:b@example.com", maxJobs: 10 }]
        })
      }
    })))

  it.effect("cost credits, which a failed job gives back", () =>
    Effect.gen(function*() {
      const first = yield* video({ prompt: "p" })
      same(yield* video({ prompt: "p" }), seen.noCredits)
      assert.strictEqual((yield* video({ prompt: "p", duration: 4 })).status, 200)
      assert.strictEqual((yield* image({ prompt: "p" })).status, 200)
      yield* ask("DELETE", at("scheduler", idOf(first.json)))
      assert.strictEqual((yield* video({ prompt: "p" })).status, 200)
      const other = yield* ask("POST", `${root}/videos`, { body: { prompt: "p" }, token: "user:2-b" })
      assert.strictEqual(other.status, 200)
    }).pipe(
      inMemory({
        token: ["user:12345-emulator", "user:2-b"],
        services: {
          "useapi-dreamina": service({ accounts: [{ account: "US:user@example.com", maxJobs: 9, credits: 99 }] })
        }
      })
    ))

  it.effect("that nobody can pay for are answered as told", () =>
    Effect.gen(function*() {
      const answer = yield* video({ prompt: "p" })
      assert.deepStrictEqual(answer, { status: 402, json: { error: "ret:1006" } })
    }).pipe(inMemory({
      services: {
        "useapi-dreamina": service({
          accounts: [{ account: "US:user@example.com", maxJobs: 9, credits: 1 }],
          outOfCredits: Reply.error(402, "ret:1006")
        })
      }
    })))

  it.effect("upscale and interpolate what is completed, a video once", () =>
    Effect.gen(function*() {
      const { services: { "useapi-dreamina": dreamina } } = yield* Emulator
      const running = yield* dreamina.add()
      const done = yield* dreamina.add({ state: "completed" })
      const picture = yield* dreamina.add({ type: "image", state: "completed" })
      const foreign = yield* dreamina.add({ user: "99999", state: "completed" })
      const ask = (path: string, body: Schema.Json) => askJson("POST", `${root}/${path}`, { body })
      for (const path of ["videos/upscale", "videos/interpolate"]) {
        const body = path === "videos/upscale" ? {} : { fps: 60 }
        assert.strictEqual((yield* ask(path, { ...body, jobid: running.id })).status, 400)
        assert.strictEqual((yield* ask(path, { ...body, jobid: picture.id })).status, 404)
        assert.strictEqual((yield* ask(path, { ...body, jobid: foreign.id })).status, 404)
        const { json, status } = yield* ask(path, { ...body, jobid: done.id, replyRef: "r" })
        assert.strictEqual(status, 200)
        assert.strictEqual((yield* ask(path, { ...body, jobid: done.id })).status, 400)
        yield* dreamina.change(idOf(json), { state: "completed" })
        const { json: record } = yield* askJson("GET", at("videos", idOf(json)))
        assert.include(JSON.stringify(record), path === "videos/upscale" ? `"width":2560` : `"width":1280`)
      }
      const one = { jobid: picture.id, imageIndex: 3, upscaleResolution: "4k" }
      assert.strictEqual((yield* ask("images/upscale", { ...one, imageIndex: 4 })).status, 400)
      const { json } = yield* ask("images/upscale", one)
      assert.strictEqual((yield* ask("images/upscale", one)).status, 200)
      yield* dreamina.change(idOf(json), { state: "completed" })
      const { json: record } = yield* askJson("GET", at("images", idOf(json)))
      assert.lengthOf(JSON.stringify(record).match(/"imageUrl"/g) ?? [], 1)
      const jobs = yield* dreamina.jobs
      assert.deepStrictEqual(jobs.slice(4).map(({ source, type }) => [source, type]), [
        [done.id, "video"],
        [done.id, "video"],
        [picture.id, "image"],
        [picture.id, "image"]
      ])
    }).pipe(inMemory()))
})

describe("uploads", () => {
  const bytes = new Uint8Array(1000)
  const file = (type: string, ...chunks: ReadonlyArray<Uint8Array>) => ({ file: { type, chunks } })
  const path = `${root}/assets/US:user@example.com`

  it.effect("give a reference, whether the account is encoded or not", () =>
    Effect.gen(function*() {
      const answer = yield* askJson("POST", path, file("image/png", bytes, bytes))
      like(answer, seen.uploaded)
      const [entry] = yield* (yield* Emulator).journal
      assert.deepInclude(entry, { operation: "useapi-dreamina.upload", body: "", bytes: 2000 })
      const encoded = `${root}/assets/${encodeURIComponent("US:user@example.com")}`
      const video = yield* askJson("POST", encoded, file("video/mp4", bytes))
      assert.match(JSON.stringify(video.json), /^\{"assetRef":"US:user@example\.com-video:[^"]+"\}$/)
      const firstFrameRef = /"assetRef":"([^"]+)"/.exec(JSON.stringify(answer.json))?.[1] ?? ""
      assert.strictEqual((yield* ask("POST", `${root}/videos`, { body: { firstFrameRef } })).status, 200)
    }).pipe(inMemory()))

  it.effect("are refused as multipart, empty, too large, for nobody, for a broken account", () =>
    Effect.gen(function*() {
      const multipart = yield* ask("POST", path, file("multipart/form-data; boundary=x", bytes))
      assert.strictEqual(multipart.status, seen.uploadMultipart.status)
      assert.isTrue(multipart.text.startsWith(JSON.stringify(seen.uploadMultipart.json).split(", ...")[0] ?? "no"))
      assert.strictEqual((yield* ask("POST", path, file("image/png"))).status, 400)
      assert.strictEqual((yield* ask("POST", path, file("image/png", bytes, bytes))).status, 200)
      assert.strictEqual((yield* ask("POST", path, file("image/png", bytes, bytes, bytes))).status, 400)
      assert.strictEqual(
        (yield* ask("POST", `${root}/assets/CA:broken@example.com`, file("image/png", bytes))).status,
        596
      )
      const nobody = yield* askJson("POST", `${root}/assets/US:no@example.com`, file("image/png", bytes))
      like(nobody, seen.uploadNoAccount)
      assert.include(JSON.stringify(nobody.json), "US:no@example.com")
    }).pipe(inMemory({
      services: {
        "useapi-dreamina": service({
          maxUpload: 2000,
          accounts: [
            { account: "US:user@example.com", maxJobs: 10 },
            { account: "CA:broken@example.com", maxJobs: 1, error: "Login failed" }
          ]
        })
      }
    })))
})
