import { assert, describe, it } from "@effect/vitest"
import { Emulator, token } from "@media-jobs/testing/Emulator"
import { createdForms, fixtures, service } from "@media-jobs/testing/useapi-luma"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { ask, askJson, encodeId, inMemory, jobPath, like, same, shape } from "../support.ts"

const reconstructed = /^j\d{19}[vi]-u12345-email:user@example\.com-job:[\da-f-]{36}-bot:luma$/

describe("the documents' answers", () => {
  it.effect("list", () =>
    Effect.gen(function*() {
      const { services: { "useapi-luma": luma } } = yield* Emulator
      yield* luma.add({ id: fixtures.ids.listed })
      yield* luma.add({ id: fixtures.ids.listedImage, type: "image" })
      like(yield* askJson("GET", "/v1/luma/jobs"), fixtures.documented.list)
      same(yield* askJson("GET", "/v1/luma/jobs", { token: "user:12345-wrong" }), fixtures.documented.listUnauthorized)
    }).pipe(inMemory()))

  it.effect("list, also with a closing slash, which no id takes", () =>
    Effect.gen(function*() {
      const { id } = yield* (yield* Emulator).services["useapi-luma"].add()
      assert.deepStrictEqual(yield* askJson("GET", "/v1/luma/jobs/"), yield* askJson("GET", "/v1/luma/jobs"))
      assert.strictEqual(yield* (yield* Emulator).count("useapi-luma.list"), 2)
      assert.strictEqual((yield* ask("GET", `${jobPath(id)}/`)).status, 404)
    }).pipe(inMemory()))

  it.effect("get, from pending to completed and failed", () =>
    Effect.gen(function*() {
      const { services: { "useapi-luma": luma } } = yield* Emulator
      const created = "2026-03-26T14:05:30.123Z"
      const path = jobPath(fixtures.ids.polled)
      yield* luma.add({ id: fixtures.ids.polled, created, duration: "3 minutes" })
      same(yield* askJson("GET", path), fixtures.documented.getPending)
      yield* TestClock.adjust("3 minutes")
      like(yield* askJson("GET", path), fixtures.documented.getCompletedVideo)
      yield* luma.change(fixtures.ids.polled, { state: "failed" })
      like(yield* askJson("GET", path), fixtures.documented.getFailed)

      yield* luma.add({ id: fixtures.ids.completedImage, type: "image", state: "completed" })
      like(yield* askJson("GET", jobPath(fixtures.ids.completedImage)), fixtures.documented.getCompletedImage)
    }).pipe(inMemory()))

  it.effect("get, refused", () =>
    Effect.gen(function*() {
      const { services: { "useapi-luma": luma } } = yield* Emulator
      const job = yield* luma.add()
      const foreign = yield* luma.add({ user: "99999" })
      const orphan = yield* luma.add({ account: "gone@example.com" })
      const broken = yield* luma.add({ account: "broken@example.com" })
      same(yield* askJson("GET", "/v1/luma/jobs/nonsense"), fixtures.documented.getInvalidId)
      same(yield* askJson("GET", jobPath(job.id), { token: "wrong" }), fixtures.documented.getUnauthorized)
      same(yield* askJson("GET", jobPath(foreign.id)), fixtures.documented.getForbidden)
      same(yield* askJson("GET", jobPath(fixtures.ids.listed)), fixtures.documented.getNotFound)
      same(yield* askJson("GET", jobPath(orphan.id)), fixtures.documented.getNotFound)
      same(yield* askJson("GET", jobPath(broken.id)), fixtures.documented.getSessionError)
    }).pipe(inMemory({
      services: {
        "useapi-luma": service({
          accounts: [
            { email: "user@example.com", concurrency: 4 },
            { email: "broken@example.com", concurrency: 1, error: "Session expired" }
          ]
        })
      }
    })))

  it.effect("remove, of a finished job only and only once", () =>
    Effect.gen(function*() {
      const { services: { "useapi-luma": luma } } = yield* Emulator
      const { listed } = fixtures.ids
      yield* luma.add({ id: listed, duration: "10 minutes", listed: "always" })
      const foreign = yield* luma.add({ user: "99999" })
      same(yield* askJson("DELETE", jobPath(listed)), fixtures.documented.removeNotTerminal)
      yield* TestClock.adjust("10 minutes")
      assert.include((yield* ask("GET", "/v1/luma/jobs")).text, listed)
      same(yield* askJson("DELETE", jobPath(listed)), fixtures.documented.remove)
      same(yield* askJson("DELETE", jobPath(listed)), fixtures.documented.removeNotFound)
      assert.notInclude((yield* ask("GET", "/v1/luma/jobs")).text, listed)
      same(yield* askJson("DELETE", "/v1/luma/jobs/nonsense"), fixtures.documented.removeInvalidId)
      same(yield* askJson("DELETE", jobPath(foreign.id)), fixtures.documented.removeForbidden)
      same(yield* askJson("DELETE", jobPath(listed), { token: "wrong" }), fixtures.documented.removeUnauthorized)
    }).pipe(inMemory()))

  it.effect("accounts, and none", () =>
    Effect.gen(function*() {
      const { services: { "useapi-luma": luma } } = yield* Emulator
      yield* luma.add()
      like(yield* askJson("GET", "/v1/luma/accounts"), fixtures.assembled.accounts)
      const none = yield* ask("GET", "/v1/luma/accounts").pipe(
        inMemory({ services: { "useapi-luma": service({ accounts: [] }) } })
      )
      assert.deepInclude(none, { status: 404, text: "" })
    }).pipe(inMemory()))
})

describe("ids", () => {
  it.effect("with : or @ encoded are invalid, with anything else encoded are compared decoded", () =>
    Effect.gen(function*() {
      const { services: { "useapi-luma": luma } } = yield* Emulator
      const ids = [...Object.values(fixtures.ids), (yield* luma.add()).id]
      for (const id of ids) {
        yield* luma.add({ id })
        const ask = (segment: string) => askJson("GET", `/v1/luma/jobs/${segment}`)
        assert.strictEqual((yield* ask(encodeId(id))).status, 200)
        same(yield* ask(encodeURIComponent(id)), fixtures.documented.getInvalidId)
        same(yield* ask(encodeId(id).replace(":", "%3a")), fixtures.documented.getInvalidId)
      }
      same(yield* askJson("GET", "/v1/luma/jobs/%zz"), fixtures.documented.getInvalidId)
    }).pipe(inMemory()))

  it.effect("tell the instant, the user and the account, and are the seed's", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-03-26T14:05:30.123Z"))
      const make = Effect.gen(function*() {
        const { services: { "useapi-luma": luma } } = yield* Emulator
        return yield* luma.add()
      })
      const job = yield* make.pipe(inMemory({ seed: "one" }))
      assert.match(job.id, reconstructed)
      assert.isTrue(job.id.startsWith("j0326140530123"))
      assert.strictEqual(job.created, "2026-03-26T14:05:30.123Z")
      assert.deepStrictEqual(yield* make.pipe(inMemory({ seed: "one" })), job)
      assert.notStrictEqual((yield* make.pipe(inMemory({ seed: "two" }))).id, job.id)
    }))
})

describe("submits", () => {
  const video = (body: Schema.Json) => askJson("POST", "/v1/luma/videos", { body })
  const image = (body: Schema.Json) => askJson("POST", "/v1/luma/images", { body })
  const asset = (email: string) => `u12345-email:${email}-image:7a34b821-aaaa-4bbb-8ccc-ddddeeeeffff`

  it.effect("a video is one job, an image request four in one slot", () =>
    Effect.gen(function*() {
      const { services: { "useapi-luma": luma } } = yield* Emulator
      const accepted = yield* video({ prompt: "a lighthouse", replyUrl: "https://example.com/hook", replyRef: "r" })
      const batch = yield* image({ prompt: "a lighthouse" })
      const jobs = yield* luma.jobs
      assert.deepStrictEqual(jobs.map((job) => job.type), ["video", "image", "image", "image", "image"])
      for (const job of jobs) assert.match(job.id, reconstructed)
      const [first, ...rest] = jobs.map((job) => job.id)
      assert.deepStrictEqual(accepted, { status: 200, json: { jobid: first ?? "", status: "created" } })
      assert.deepStrictEqual(batch, { status: 200, json: { jobids: rest, status: "created" } })
      assert.deepInclude(jobs[0], { replyUrl: "https://example.com/hook", replyRef: "r" })
      assert.include((yield* ask("GET", "/v1/luma/jobs")).text, `"replyUrl":"configured"`)
      assert.include((yield* ask("GET", "/v1/luma/accounts")).text, `"executing":2`)
    }).pipe(inMemory()))

  it.effect("a life is that of its kind, times speed", () =>
    Effect.gen(function*() {
      yield* video({ prompt: "p" })
      yield* image({ prompt: "p" })
      const executing = Effect.map(askJson("GET", "/v1/luma/jobs"), ({ json }) => Object.entries(json ?? {})[0])
      assert.deepStrictEqual(yield* executing, ["executing", 5])
      yield* TestClock.adjust("4 seconds")
      assert.deepStrictEqual(yield* executing, ["executing", 1])
      yield* TestClock.adjust("56 seconds")
      assert.deepStrictEqual(yield* executing, ["executing", 0])
    }).pipe(
      inMemory({
        speed: 10,
        services: { "useapi-luma": service({ videoLife: "10 minutes", imageLife: "40 seconds" }) }
      })
    ))

  it.effect("lives vary by jitter", () =>
    Effect.gen(function*() {
      yield* image({ prompt: "p" })
      const ends = (yield* (yield* Emulator).services["useapi-luma"].jobs).map((job) => job.endsAt)
      assert.strictEqual(new Set(ends).size, 4)
      for (const end of ends) assert.isTrue(end > 30_000 && end < 90_000)
    }).pipe(inMemory({ services: { "useapi-luma": service({ imageLife: "1 minute", jitter: 0.5 }) } })))

  it.effect("a full account says when to come back, a broken one never works", () =>
    Effect.gen(function*() {
      yield* video({ prompt: "p" })
      yield* TestClock.adjust("90500 millis")
      const full = yield* ask("POST", "/v1/luma/videos", { body: { prompt: "p" } })
      assert.strictEqual(full.status, 429)
      assert.strictEqual(full.headers["retry-after"], "90")
      assert.strictEqual((yield* video({ prompt: "p", email: "broken@example.com" })).status, 596)
      assert.deepStrictEqual(yield* video({ prompt: "p", email: "no@example.com" }), {
        status: 404,
        json: { error: "Unable to find configuration for email no@example.com" }
      })
      assert.strictEqual((yield* image({ prompt: "p", imageRef1: asset("user@example.com") })).status, 429)
    }).pipe(inMemory({
      services: {
        "useapi-luma": service({
          accounts: [
            { email: "user@example.com", concurrency: 1 },
            { email: "broken@example.com", concurrency: 1, error: "Session expired" }
          ]
        })
      }
    })))

  it.effect("the parameter matrix", () =>
    Effect.gen(function*() {
      const prompt = "p"
      const reference = asset("user@example.com")
      const refused = [
        [video, { prompt, quality: "high" }],
        [video, { prompt, aspectRatio: "16:9" }],
        [image, { prompt, n: 2 }],
        [image, { prompt, duration: "5s" }],
        [video, { prompt, account: "user@example.com" }],
        [video, {}],
        [video, "text"],
        [video, { prompt, model: "ray-v2" }],
        [video, { prompt, duration: 5 }],
        [video, { prompt, model: "ray-v3-reasoning", resolution: "540p" }],
        [video, { prompt, dynamic_range: "hdr", duration: "10s" }],
        [video, { prompt, dynamic_range: "hdr", resolution: "draft" }],
        [video, { prompt, dynamic_range: "hdr_exr", resolution: "1080p" }],
        [video, { prompt, imageCharacter: reference }],
        [video, { prompt, model: "ray-v3", dynamic_range: "hdr", imageCharacter: reference }],
        [video, { prompt, imageStart: "no reference" }],
        [video, { prompt, imageStart: reference, imageEnd: asset("other@example.com") }],
        [video, { prompt, replyUrl: "x".repeat(1025) }],
        [image, {}],
        [image, { prompt: "x".repeat(2001) }],
        [image, { prompt, aspect_ratio: "2:1" }],
        [image, { prompt, model: "image-v2", resolution: "1080p", imageRef1: reference }],
        [image, { prompt, email: "user@example.com", imageRef4: asset("other@example.com") }]
      ] as const
      for (const [submit, body] of refused) {
        const answer = yield* submit(body)
        assert.strictEqual(answer.status, 400, JSON.stringify(body))
        assert.deepStrictEqual(shape(answer.json), [["error", "string"]])
      }
      const accepted = [
        [video, { prompt, model: "ray-v3-reasoning", resolution: "1080p", dynamic_range: "hdr" }],
        [video, { prompt, resolution: "540p", dynamic_range: "hdr_exr" }],
        [video, { imageStart: reference, model: "ray-v3", imageCharacter: reference, duration: "10s" }],
        [image, { prompt, model: "image-v2", imageRef1: reference, imageRef2: reference }],
        [image, { prompt, resolution: "1080p", aspect_ratio: "21:9" }]
      ] as const
      for (const [submit, body] of accepted) assert.strictEqual((yield* submit(body)).status, 200, JSON.stringify(body))
      const exr = (yield* (yield* Emulator).services["useapi-luma"].jobs).find((job) => job.exr)
      yield* TestClock.adjust("3 minutes")
      assert.match((yield* ask("GET", jobPath(exr?.id ?? ""))).text, /"video_hdr_exr":\{.*"width":960,"height":540/)
    }).pipe(
      inMemory({ services: { "useapi-luma": service({ accounts: [{ email: "user@example.com", concurrency: 9 }] }) } })
    ))

  const forms = Object.entries(createdForms)
  it.effect.each(forms)("the answer may be %s", ([, created]) =>
    Effect.gen(function*() {
      const { json } = yield* image({ prompt: "p" })
      const ids = (yield* (yield* Emulator).services["useapi-luma"].jobs).map((job) => job.id)
      assert.deepStrictEqual(json, created(ids))
      assert.include(JSON.stringify(json), ids[0] ?? "no id")
    }).pipe(inMemory({ services: { "useapi-luma": service({ created }) } })))
})

describe("uploads", () => {
  const chunk = new Uint8Array(1_048_576)
  const png = (...chunks: ReadonlyArray<Uint8Array>) => ({ file: { type: "image/png", chunks } })
  const path = "/v1/luma/assets/user@example.com"

  it.effect("are counted, not kept, and give a reference that submits take", () =>
    Effect.gen(function*() {
      const { journal } = yield* Emulator
      const { json, status } = yield* askJson("POST", path, png(chunk, chunk.subarray(1)))
      like({ json, status }, fixtures.assembled.uploaded)
      const [entry] = yield* journal
      assert.deepInclude(entry, { operation: "useapi-luma.upload", body: "", bytes: 2_097_151 })
      const imageStart = /"(u12345-email:user@example\.com-image:[^"]+)"/.exec(JSON.stringify(json))?.[1] ?? ""
      assert.strictEqual((yield* ask("POST", "/v1/luma/videos", { body: { imageStart } })).status, 200)
      assert.strictEqual((yield* ask("POST", "/v1/luma/assets/user%40example.com", png(chunk))).status, 200)
    }).pipe(inMemory()))

  it.effect("are refused for their type, for nothing in them, for too much, for their account", () =>
    Effect.gen(function*() {
      same(
        yield* askJson("POST", path, { file: { type: "image/bmp", chunks: [chunk] } }),
        fixtures.assembled.uploadUnsupported
      )
      same(yield* askJson("POST", path, png()), fixtures.assembled.uploadEmpty)
      assert.strictEqual((yield* askJson("POST", path, png(chunk))).status, 200)
      assert.strictEqual((yield* askJson("POST", path, png(chunk, new Uint8Array(1)))).status, 400)
      assert.strictEqual((yield* askJson("POST", "/v1/luma/assets/broken@example.com", png(chunk))).status, 596)
      const missing = yield* askJson("POST", "/v1/luma/assets/no@example.com", png(chunk))
      like(missing, fixtures.assembled.uploadNoAccount)
      assert.include(JSON.stringify(missing.json), "for email no@example.com")
    }).pipe(inMemory({
      services: {
        "useapi-luma": service({
          maxUpload: 1_048_576,
          accounts: [
            { email: "user@example.com", concurrency: 4 },
            { email: "broken@example.com", concurrency: 1, error: "Session expired" }
          ]
        })
      }
    })))

  it.effect("that break off are not taken", () =>
    Effect.gen(function*() {
      const content = Stream.concat(Stream.succeed(chunk), Stream.fail("disk"))
      const request = HttpClientRequest.post(`https://api.useapi.net${path}`).pipe(
        HttpClientRequest.bearerToken(token),
        HttpClientRequest.bodyStream(content, { contentType: "image/png" })
      )
      const error = yield* Effect.flip(HttpClient.execute(request))
      assert.strictEqual(error.reason._tag, "TransportError")
      assert.deepStrictEqual((yield* (yield* Emulator).journal).map(({ status }) => status), [undefined])
    }).pipe(inMemory()))
})

describe("a test's hands", () => {
  it.effect("override, list and hide", () =>
    Effect.gen(function*() {
      const { services: { "useapi-luma": luma } } = yield* Emulator
      const { id } = yield* luma.add()
      const isListed = Effect.map(ask("GET", "/v1/luma/jobs"), ({ text }) => text.includes(id))
      yield* luma.change(id, { override: { status: "dreaming", error: "none" }, listed: "never" })
      assert.match((yield* ask("GET", jobPath(id))).text, /"status":"dreaming".*"error":"none"/)
      assert.isFalse(yield* isListed)
      yield* luma.change(id, { listed: "running" })
      assert.isTrue(yield* isListed)
      yield* luma.change(id, { state: "completed" })
      assert.isFalse(yield* isListed)
      yield* luma.change(id, { state: "running", outcome: "failed", override: {} })
      assert.include((yield* ask("GET", jobPath(id))).text, `"status":"pending"`)
      yield* TestClock.adjust("3 minutes")
      assert.include((yield* ask("GET", jobPath(id))).text, `"status":"failed"`)
      yield* luma.change(id, { reason: "Too dark" })
      assert.include((yield* ask("GET", jobPath(id))).text, `"error":"Too dark"`)
    }).pipe(inMemory()))
})
