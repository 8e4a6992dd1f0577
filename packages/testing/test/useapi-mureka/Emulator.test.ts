import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing/Emulator"
import { fixtures, service } from "@media-jobs/testing/useapi-mureka"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { ask, askJson, inMemory, like, same } from "../support.ts"

const { assembled, ids: { account, music, speech } } = fixtures
const root = "/v1/mureka"
const post = (path: string, body: Schema.Json) => askJson("POST", `${root}${path}`, { body })
const controls = Effect.map(Emulator, ({ services }) => services["useapi-mureka"])
const keys = (json: Schema.Json) => Object.keys(Object(json)).toSorted()

describe("Mureka answers as what is known of it", () => {
  it.effect("of a job, from its start to its end, for seven days, by an id as it is or encoded", () =>
    Effect.gen(function*() {
      const emulated = yield* controls
      yield* emulated.add({ id: music, replyUrl: "https://your-domain.com/webhook", replyRef: "order-7" })
      const at = `${root}/jobs/${music}`
      assert.deepInclude(Object((yield* askJson("GET", at)).json), { status: "created", jobType: "music" })
      yield* TestClock.adjust("45 seconds")
      const { json } = yield* askJson("GET", at)
      assert.deepStrictEqual(keys(json), keys(assembled.completed.json))
      assert.deepStrictEqual(keys(Object(json).response), keys(Object(assembled.completed.json).response))
      assert.deepStrictEqual((yield* askJson("GET", `${root}/jobs/${encodeURIComponent(music)}`)).json, json)
      yield* emulated.change(music, { state: "failed", reason: "Too loud" })
      assert.deepInclude(Object((yield* askJson("GET", at)).json), { status: "failed", error: "Too loud" })
      yield* TestClock.adjust("7 days")
      same(yield* askJson("GET", at), assembled.getNotFound)
      const { id } = yield* emulated.add({ user: "9" })
      same(yield* askJson("GET", `${root}/jobs/${id}`), assembled.getNotFound)
      same(yield* askJson("GET", at, { token: "user:12345-wrong" }), assembled.getUnauthorized)
    }).pipe(inMemory()))

  it.effect("of speech, and of a song that is missing", () =>
    Effect.gen(function*() {
      const emulated = yield* controls
      yield* emulated.add({ id: speech, verb: "speech", state: "completed" })
      const spoken = yield* askJson("GET", `${root}/jobs/${speech}`)
      assert.deepStrictEqual(keys(Object(spoken.json).response), keys(Object(assembled.spoken.json).response))
      const { id } = yield* emulated.add({ state: "completed", missing: 1 })
      assert.lengthOf((yield* ask("GET", `${root}/jobs/${id}`)).text.match(/"mp3_url"/g) ?? [], 1)
    }).pipe(inMemory()))

  it.effect("of creates, at once or with a job, and of those that it refuses", () =>
    Effect.gen(function*() {
      const asynchronous = yield* post("/music/create", { account, prompt: "rain", async: true, replyRef: "order-7" })
      assert.strictEqual(asynchronous.status, 201)
      assert.deepInclude(Object(asynchronous.json), { status: "created", verb: "music/create" })
      const synchronous = yield* post("/music/regenerate", { account, song_id: 7 })
      assert.strictEqual(synchronous.status, 200)
      assert.deepStrictEqual(keys(synchronous.json), keys(assembled.submittedAtOnce.json))
      assert.strictEqual(Object(synchronous.json).songs[1].version, "1.1.2")
      assert.strictEqual((yield* post("/speech", { account, conversation: "[]" })).status, 200)
      for (
        const [path, body] of [
          ["/music/create", { prompt: "rain" }],
          ["/music/create", { account, prompt: "x".repeat(3001) }],
          ["/music/create", { account, seed: 7 }],
          ["/music/create-advanced", { account }],
          ["/music/extend", { account }],
          ["/speech", { account }],
          ["/speech", { account, text: "rain" }]
        ] as const
      ) assert.strictEqual((yield* post(path, body)).status, 400, JSON.stringify(body))
      const statuses = yield* Effect.forEach(
        ["1", "2", "3"],
        (account) => Effect.map(post("/music/create", { account, async: true }), ({ status }) => status)
      )
      assert.deepStrictEqual(statuses, [201, 596, 404])
      assert.strictEqual((yield* post("/music/create", { account: "1", async: true })).status, 429)
    }).pipe(inMemory({
      services: {
        "useapi-mureka": service({
          accounts: [{ account }, { account: "1", maxJobs: 1 }, { account: "2", error: "Locked" }]
        })
      }
    })))

  it.effect("of its lists, with a closing slash and without", () =>
    Effect.gen(function*() {
      const emulated = yield* controls
      same(yield* askJson("GET", `${root}/jobs`), assembled.listEmpty)
      yield* emulated.add({ id: music, duration: "1 hour" })
      yield* emulated.add({ id: speech, verb: "speech", state: "completed" })
      yield* emulated.add({ state: "completed" })
      yield* TestClock.adjust("24 seconds")
      for (const slash of ["", "/"]) {
        const { json } = yield* askJson("GET", `${root}/jobs${slash}`)
        assert.deepInclude(Object(json), { total: 1, music: 1, tts: 0, availableAccounts: [account] })
        assert.deepStrictEqual(Object(json).accounts[account].jobs, [
          { jobid: music, verb: "music/create", elapsed: "00:24" }
        ])
        assert.strictEqual(Object((yield* askJson("GET", `${root}/jobs${slash}?account=1`)).json).total, 0)
        const songs = Object((yield* askJson("GET", `${root}/music${slash}?account=${account}&limit=1`)).json)
        assert.deepStrictEqual([songs.list.length, songs.more], [1, true])
        const rest = Object((yield* askJson("GET", `${root}/music${slash}?last_id=${songs.last_id}`)).json)
        assert.deepStrictEqual([rest.list.length, rest.more], [1, false])
        assert.lengthOf(Object((yield* askJson("GET", `${root}/speech${slash}`)).json).list, 1)
        like(yield* askJson("GET", `${root}/accounts${slash}`), assembled.accounts)
      }
    }).pipe(inMemory()))

  it.effect("of uploads, of MP3 alone", () =>
    Effect.gen(function*() {
      const upload = (type: string) =>
        askJson("POST", `${root}/files/motif/?account=${account}`, { file: { type, chunks: [new Uint8Array(8)] } })
      like(yield* upload("audio/mpeg"), assembled.uploaded)
      assert.strictEqual((yield* upload("audio/wav")).status, 400)
    }).pipe(inMemory()))

  it.effect("of accounts, where there are none", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* ask("GET", `${root}/accounts`), { status: 404, text: "" })
    }).pipe(inMemory({ services: { "useapi-mureka": service({ accounts: [] }) } })))
})
