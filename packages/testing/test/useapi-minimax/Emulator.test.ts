import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing/Emulator"
import { fixtures, service } from "@media-jobs/testing/useapi-minimax"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { ask, askJson, inMemory, like } from "../support.ts"

const { assembled: seen, ids } = fixtures
const root = "/v1/minimax"
const rain = { prompt: "a lighthouse in the rain" }
const account = "923847293472394000"
const fields = (json: Schema.Json) => json as Schema.JsonObject // an object
const post = (path: string, body: Schema.Json) => askJson("POST", `${root}${path}`, { body })
const miniMax = Effect.map(Emulator, ({ services }) => services["useapi-minimax"])

describe("records, as they have been seen", () => {
  it.effect("a video, from queued to completed, moderated and failed", () =>
    Effect.gen(function*() {
      const emulated = yield* miniMax
      const at = `${root}/videos/${ids.video}`
      const told = Effect.map(askJson("GET", at), ({ json }) => {
        const { downloadURL, status, statusFinal, statusLabel } = fields(json)
        return [status, statusLabel, statusFinal, typeof downloadURL]
      })
      yield* emulated.add({ id: ids.video })
      assert.deepStrictEqual(yield* told, [11, "queued", false, "undefined"])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* told, [1, "processing", false, "undefined"])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* told, [2, "completed", true, "string"])
      yield* emulated.change(ids.video, { state: "moderated" })
      assert.deepStrictEqual(yield* told, [14, "moderated", true, "undefined"])
      yield* emulated.change(ids.video, { state: "failed" })
      assert.deepStrictEqual(yield* told, [3, "failed", true, "undefined"])
    }).pipe(inMemory()))

  it.effect("speech, which at work has neither id nor number, and number 0 when it is done", () =>
    Effect.gen(function*() {
      const emulated = yield* miniMax
      const { id } = yield* emulated.add({ family: "audio" })
      const told = Effect.map(askJson("GET", `${root}/speech/${id}`), ({ json }) => json)
      assert.deepStrictEqual(yield* told, seen.getSpeechPending.json)
      yield* TestClock.adjust("2 minutes")
      const { audio_url, ...rest } = fields(yield* told)
      assert.match(String(audio_url), /speech\.mp3/)
      assert.deepInclude(rest, {
        audio_id: id,
        status: 0,
        statusLabel: "completed",
        statusFinal: true,
        cost_credit: 24
      })
      yield* emulated.change(id, { state: "failed" })
      assert.deepStrictEqual(yield* told, seen.getSpeechFailed.json)
    }).pipe(inMemory()))

  it.effect("are each of its family, raw, and of their user", () =>
    Effect.gen(function*() {
      const emulated = yield* miniMax
      yield* emulated.add({ id: ids.image, family: "image", state: "completed" })
      const song = yield* emulated.add({ family: "music", state: "completed" })
      const agent = yield* emulated.add({ family: "agent", state: "completed" })
      const foreign = yield* emulated.add({ family: "agent", user: "9" })
      const { json } = yield* askJson("GET", `${root}/images/${ids.image}`)
      assert.hasAnyKeys(json, ["imageId", "batchID", "userIDStr"])
      assert.propertyVal((yield* askJson("GET", `${root}/music/${song.id}`)).json, "musicId", song.id)
      assert.nestedPropertyVal(
        (yield* askJson("GET", `${root}/agent/${agent.id}`)).json,
        "response.attachments[0].type",
        1
      )
      like(yield* askJson("GET", `${root}/videos/${ids.image}`), seen.getNotFound)
      assert.strictEqual((yield* ask("GET", `${root}/images/${encodeURIComponent(ids.image)}`)).status, 400)
      assert.strictEqual((yield* ask("GET", `${root}/agent/${foreign.id}`)).status, 400)
    }).pipe(inMemory()))
})

describe("submits", () => {
  it.effect("answer as each family does", () =>
    Effect.gen(function*() {
      const { json: video } = yield* post("/videos/create", rain)
      assert.match(String(fields(video)["videoId"]), /^user:12345-minimax:923847293472394000-video:\d{18}$/)
      const { json: images } = yield* post("/images/create", { ...rain, quantity: 3 })
      assert.lengthOf(Object(fields(images)["imageIds"]), 3)
      const { json: songs } = yield* post("/music/create", rain)
      assert.nestedProperty(songs, "[0].musicId")
      const speech = yield* post("/speech/create", { text: "rain", voice_id: "380426458095854" })
      assert.strictEqual(speech.status, 201)
      assert.match(JSON.stringify(speech.json), /^\{"audioId":"user:12345-minimax:923847293472394000-audio:\d{18}"\}$/)
      assert.strictEqual((yield* post("/speech/create", { text: "rain" })).status, 400)
      const long = { text: "x".repeat(5001), voice_id: "1" }
      assert.strictEqual((yield* post("/speech/create", long)).status, 400)
      assert.strictEqual((yield* post("/speech/create", { ...long, model: "speech-2.8-turbo" })).status, 201)
      const { json: agent } = yield* post("/agent", { ...rain, async: true })
      assert.propertyVal(agent, "status", "started")
      assert.propertyVal((yield* post("/agent", rain)).json, "status", "completed")
      assert.strictEqual((yield* post("/videos/create", { ...rain, n: 1 })).status, 400)
      assert.strictEqual((yield* post("/videos/create", { ...rain, account: "1" })).status, 404)
    }).pipe(inMemory()))

  it.effect("know slots, which videos alone take, one song at a time, and accounts that are full or on hold", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* post("/videos/create", { ...rain, account: "1" })).status, 200)
      assert.strictEqual((yield* post("/videos/create", { ...rain, account: "1" })).status, 429)
      assert.strictEqual((yield* post("/images/create", { ...rain, account: "1" })).status, 200)
      assert.strictEqual((yield* post("/videos/create", { ...rain, account: "2" })).status, 596)
      assert.strictEqual((yield* post("/music/create", { ...rain, account: "1" })).status, 200)
      assert.strictEqual((yield* post("/music/create", { ...rain, account: "1" })).status, 429)
      assert.deepStrictEqual(fields((yield* askJson("GET", `${root}/scheduler/available`)).json)["available"], [])
    }).pipe(
      inMemory({
        services: {
          "useapi-minimax": service({
            accounts: [{ account: "1", maxJobs: 1 }, { account: "2", maxJobs: 1, error: "Login failed" }]
          })
        }
      })
    ))
})

it.effect("lists answer with a closing slash and without", () =>
  Effect.gen(function*() {
    const emulated = yield* miniMax
    for (const family of ["video", "image", "music", "audio", "agent"] as const) {
      yield* emulated.add({ family, replyRef: "r" })
    }
    const counts = {
      scheduler: 4,
      "agent/jobs": 3,
      "scheduler/available": 2,
      accounts: 1,
      videos: 1,
      images: 1,
      "speech/voices": 3
    }
    for (const [list, count] of Object.entries(counts)) {
      const bare = yield* askJson("GET", `${root}/${list}`)
      assert.deepStrictEqual(yield* askJson("GET", `${root}/${list}/`), bare)
      assert.lengthOf(Object.keys(Object(bare.json)), count)
    }
    const { json } = yield* askJson("GET", `${root}/scheduler/`)
    assert.nestedPropertyVal(json, "[1].replyRef", "r")
    assert.match(JSON.stringify(json), /"videoId":"[^"]*-image:.*"musicId":"[^"]*-music:.*"audioId":"[^"]*-audio:/)
  }).pipe(inMemory()))

it.effect("letting go: a cancel fails the video, an untrack frees its slot, a delete forgets it", () =>
  Effect.gen(function*() {
    const emulated = yield* miniMax
    const { id } = yield* emulated.add({ duration: "1 hour" })
    const other = yield* emulated.add({ duration: "1 hour" })
    const slots = Effect.map(askJson("GET", `${root}/scheduler/available`), ({ json }) => fields(json)["available"])
    assert.deepStrictEqual(yield* slots, [{ account, maxJobs: 5, executing: 2, available: 3, executingAudio: 0 }])
    assert.strictEqual((yield* ask("DELETE", `${root}/scheduler/${id}`)).status, 200)
    assert.deepStrictEqual(yield* slots, [{ account, maxJobs: 5, executing: 1, available: 4, executingAudio: 0 }])
    like(yield* askJson("DELETE", `${root}/scheduler/${id}`), seen.notRunning)
    assert.strictEqual((yield* post("/videos/cancel", { videoId: other.id })).status, 200)
    assert.include((yield* ask("GET", `${root}/videos/${other.id}`)).text, "Cancelled by user")
    assert.strictEqual((yield* post("/videos/cancel", { videoId: other.id })).status, 404)
    assert.strictEqual((yield* ask("DELETE", `${root}/videos/${other.id}`)).status, 200)
    assert.strictEqual((yield* ask("GET", `${root}/videos/${other.id}`)).status, 404)
  }).pipe(inMemory()))

it.effect("letting go of audio: speech is ended by an untrack; neither it nor a song is deleted while it runs", () =>
  Effect.gen(function*() {
    const emulated = yield* miniMax
    const speech = yield* emulated.add({ family: "audio", duration: "1 hour" })
    const song = yield* emulated.add({ family: "music", duration: "1 hour" })
    const at = { speech: `${root}/speech/${speech.id}`, song: `${root}/music/${song.id}` }
    const slots = yield* askJson("GET", `${root}/scheduler/available`)
    assert.nestedPropertyVal(slots.json, "available[0].executingAudio", 1)
    assert.strictEqual((yield* ask("DELETE", at.speech)).status, 400)
    assert.strictEqual((yield* ask("DELETE", at.song)).status, 409)
    assert.strictEqual((yield* ask("DELETE", `${root}/scheduler/${speech.id}`)).status, 200)
    assert.propertyVal((yield* askJson("GET", at.speech)).json, "error", "Cancelled by user")
    assert.strictEqual((yield* ask("DELETE", at.speech)).status, 400)
    for (const { id } of [speech, song]) yield* emulated.change(id, { state: "completed" })
    assert.strictEqual((yield* ask("DELETE", at.speech)).status, 200)
    assert.strictEqual((yield* ask("DELETE", at.speech)).status, 200)
    assert.deepStrictEqual((yield* askJson("DELETE", at.song)).json, { musicId: song.id, deleted: true })
    assert.strictEqual((yield* ask("DELETE", at.song)).status, 404)
  }).pipe(inMemory()))
