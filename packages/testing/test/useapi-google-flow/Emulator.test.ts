import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing/Emulator"
import { fixtures, service } from "@media-jobs/testing/useapi-google-flow"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { ask, askJson, inMemory, like } from "../support.ts"

const { assembled: seen, ids } = fixtures
const root = "/v1/google-flow"
const rain = { prompt: "a lighthouse in the rain" }
const fields = (json: Schema.Json) => json as Schema.JsonObject // an object
const post = (path: string, body: Schema.Json) => askJson("POST", `${root}${path}`, { body })
const flow = Effect.map(Emulator, ({ services }) => services["useapi-google-flow"])

describe("records, as they have been seen", () => {
  it.effect("a video, from created to completed and failed", () =>
    Effect.gen(function*() {
      const emulated = yield* flow
      const at = `${root}/jobs/${ids.live}`
      yield* emulated.add({ id: ids.live, replyUrl: "https://your-domain.com/webhook", replyRef: "order-7" })
      assert.include((yield* ask("GET", at)).text, `"status":"created"`)
      yield* TestClock.adjust("30 seconds")
      assert.include((yield* ask("GET", at)).text, `"status":"started"`)
      yield* TestClock.adjust("60 seconds")
      const { json } = yield* askJson("GET", at)
      assert.deepNestedInclude(fields(json), { status: "completed", "request.replyRef": "order-7" })
      assert.deepNestedInclude(fields(json), { "request.email": "us***@example.com" })
      assert.nestedPropertyVal(json, "response.media[0].video.dimensions.length", "8s")
      yield* emulated.change(ids.live, { state: "failed", reason: "Too dark" })
      const failed = yield* askJson("GET", at)
      assert.deepInclude(fields(failed.json), { error: "API error: 500", errorDetails: "Too dark", code: 500 })
    }).pipe(inMemory()))

  it.effect("outputs of which some are missing", () =>
    Effect.gen(function*() {
      const emulated = yield* flow
      const media = (type: "video" | "image") =>
        Effect.gen(function*() {
          const { id } = yield* emulated.add({ type, state: "completed", count: 3, missing: 1 })
          const { json } = yield* askJson("GET", `${root}/jobs/${id}`)
          return JSON.stringify(fields(fields(json)["response"] ?? null)["media"])
        })
      const video = yield* media("video")
      assert.lengthOf(video.match(/"videoUrl"/g) ?? [], 2)
      assert.include(video, "MEDIA_GENERATION_STATUS_FAILED")
      const image = yield* media("image")
      assert.lengthOf(image.match(/"fifeUrl"/g) ?? [], 2)
      assert.lengthOf(image.match(/"generatedImage"/g) ?? [], 3)
    }).pipe(inMemory()))

  it.effect("are read raw, for seven days, by their user", () =>
    Effect.gen(function*() {
      const emulated = yield* flow
      const { id } = yield* emulated.add({ id: ids.masked })
      const foreign = yield* emulated.add({ user: "99999" })
      const at = (id: string) => askJson("GET", `${root}/jobs/${id}`)
      assert.strictEqual((yield* at(id)).status, 200)
      like(yield* at(encodeURIComponent(id)), seen.getInvalidId)
      like(yield* at(foreign.id), seen.getForbidden)
      like(yield* at(ids.live), seen.getNotFound)
      yield* TestClock.adjust("7 days")
      like(yield* at(id), seen.getExpired)
    }).pipe(inMemory()))
})

describe("submits", () => {
  it.effect("answer at once with the result, or with a job where that is asked for", () =>
    Effect.gen(function*() {
      const asynchronous = yield* post("/videos", { ...rain, async: true, count: 2 })
      assert.strictEqual(asynchronous.status, 201)
      assert.match(
        String(fields(asynchronous.json)["jobid"]),
        /^j\d{19}v-u12345-email:user@example\.com-bot:google-flow$/
      )
      const synchronous = yield* post("/videos", rain)
      assert.strictEqual(synchronous.status, 200)
      assert.hasAllKeys(synchronous.json, ["jobId", "media", "remainingCredits", "captcha"])
      const image = yield* post("/images", { ...rain, model: "imagen-4", count: 2 })
      assert.match(String(fields(image.json)["jobId"]), /^j\d{19}i-/)
      const four = yield* post("/images", rain)
      assert.lengthOf(Object.keys(fields(fields(four.json)["media"] ?? null)), 4)
      const { json } = yield* askJson("GET", `${root}/jobs/${String(fields(image.json)["jobId"])}`)
      assert.strictEqual(fields(json)["status"], "completed")
    }).pipe(inMemory()))

  it.effect("refuse as the service does", () =>
    Effect.gen(function*() {
      const because = (path: string, body: Schema.Json) =>
        Effect.map(post(path, body), ({ json }) => fields(json)["error"])
      assert.strictEqual(yield* because("/images", { ...rain, async: true }), "Parameter async not supported")
      assert.strictEqual(yield* because("/videos", { ...rain, n: 1 }), "Parameter n not supported")
      assert.match(String(yield* because("/videos", {})), /prompt/)
      const { json } = yield* askJson("POST", `${root}/assets/user%40example.com`, {
        file: { type: "image/png", chunks: [new Uint8Array(8)] }
      })
      const id = fields(fields(json)["mediaGenerationId"] ?? null)["mediaGenerationId"] ?? null
      assert.strictEqual(
        yield* because("/videos", { ...rain, startImage: id, email: "b@b.c" }),
        "Email mismatch: body has 'b@b.c', references have 'user@example.com'"
      )
      like(yield* post("/videos", { ...rain, email: "none@example.com" }), {
        ...seen.accountNotFound,
        json: { error: "Google Flow account none@example.com not found", code: 404 }
      })
    }).pipe(inMemory()))

  it.effect("know an account that is broken, and one that is full", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* post("/videos", { ...rain, email: "broken@example.com" })).status, 596)
      assert.strictEqual((yield* post("/videos", { ...rain, async: true, email: "one@example.com" })).status, 201)
      const full = yield* ask("POST", `${root}/videos`, { body: { ...rain, email: "one@example.com" } })
      assert.strictEqual(full.status, 429)
      assert.include(full.text, "no_eligible_account")
      const { json } = yield* askJson("GET", `${root}/accounts`)
      assert.deepNestedInclude(fields(json), { "broken@example\\.com.health": "signed out" })
      assert.strictEqual((yield* ask("GET", `${root}/accounts/one%40example.com`)).status, 200)
      assert.strictEqual((yield* ask("GET", `${root}/accounts/two%40example.com`)).status, 404)
    }).pipe(
      inMemory({
        services: {
          "useapi-google-flow": service({
            accounts: [{ email: "one@example.com", maxJobs: 1 }, { email: "broken@example.com", health: "signed out" }]
          })
        }
      })
    ))
})

describe("statistics", () => {
  it.effect("with a closing slash and without, show what runs and what has ended where that is asked for", () =>
    Effect.gen(function*() {
      const emulated = yield* flow
      const running = yield* emulated.add({ duration: "1 hour" })
      const ended = yield* emulated.add({ type: "image", state: "completed" })
      const get = (options: string, slash = "") =>
        Effect.map(askJson("GET", `${root}/jobs${slash}?options=${options}`), ({ json }) => JSON.stringify(json))
      const summary = yield* get("summary")
      assert.notInclude(summary, running.id)
      const executing = yield* get("executing")
      assert.include(executing, running.id)
      assert.notInclude(executing, ended.id)
      assert.strictEqual(yield* get("executing", "/"), executing)
      assert.include(yield* get("history"), ended.id)
      yield* TestClock.adjust("16 minutes")
      assert.notInclude(yield* get("history"), ended.id)
      assert.strictEqual((yield* askJson("GET", `${root}/jobs?options=all`)).status, 400)
    }).pipe(inMemory()))
})

it.effect("an asset's link is made anew, for its user", () =>
  Effect.gen(function*() {
    const at = (name: string) => askJson("GET", `${root}/assets/${encodeURIComponent(name)}`)
    const name = "user:12345-email:75736572406578616d706c652e636f6d-video:ff9aa5cc"
    const { json } = yield* at(name)
    assert.deepInclude(fields(json), { mediaGenerationId: name })
    assert.include(String(fields(json)["url"]), "/ff9aa5cc/video.mp4")
    assert.strictEqual((yield* at(name.replace("12345", "9"))).status, 403)
    assert.strictEqual((yield* at("ff9aa5cc")).status, 400)
  }).pipe(inMemory()))
