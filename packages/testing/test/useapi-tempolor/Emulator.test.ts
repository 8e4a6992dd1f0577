import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing/Emulator"
import { fixtures, service } from "@media-jobs/testing/useapi-tempolor"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { ask, askJson, inMemory, like, same } from "../support.ts"

const { assembled, ids: { account, instrumental, song } } = fixtures
const root = "/v1/tempolor"
const get = (path: string) => askJson("GET", `${root}${path}`)
const post = (path: string, body: Schema.Json) => askJson("POST", `${root}${path}`, { body })
const controls = Effect.map(Emulator, ({ services }) => services["useapi-tempolor"])
const keys = (json: Schema.Json) => Object.keys(Object(json)).toSorted()

describe("TemPolor answers as what is known of it", () => {
  it.effect("of a job, from its start to its file, by an id as it is alone", () =>
    Effect.gen(function*() {
      const emulated = yield* controls
      yield* emulated.add({ id: song })
      const { json } = yield* get(`/music/${song}`)
      assert.deepStrictEqual(keys(json), keys(assembled.generating.json))
      assert.deepInclude(Object(json), { status: 0, status_name: "GENERATING", status_final: false, progress: 0 })
      same(yield* get(`/music/download/${song}`), assembled.notCompleted)
      yield* TestClock.adjust("1 minute")
      assert.deepInclude(Object((yield* get(`/music/${song}`)).json), { status: 30, status_final: true, progress: 100 })
      same(yield* get(`/music/download/${song}?file_format=mp3`), assembled.notFound)
      yield* TestClock.adjust("3 seconds")
      like(yield* get(`/music/download/${song}?file_format=mp3`), assembled.downloaded)
      assert.match(Object((yield* get(`/music/download/${song}?file_format=wav`)).json).url, /\.wav/)
      assert.strictEqual((yield* get(`/music/download/${song}?file_format=ogg`)).status, 400)
      same(yield* get(`/music/${encodeURIComponent(song)}`), assembled.invalidId)
      same(yield* askJson("GET", `${root}/music/${song}`, { token: "user:1-x" }), assembled.unauthorized)
      yield* emulated.add({ id: instrumental, user: "9", state: "failed" })
      assert.strictEqual((yield* get(`/music/${instrumental}`)).status, 404)
    }).pipe(inMemory()))

  it.effect("of creates, and of those that it refuses", () =>
    Effect.gen(function*() {
      const made = yield* post("/music/song", { prompt: "rain", user_id: account })
      assert.deepStrictEqual([made.status, keys(made.json)], [200, keys(assembled.created.json)])
      for (
        const [path, body] of [
          ["/music/song", {}],
          ["/music/song", { prompt: "x".repeat(2001) }],
          ["/music/song", { prompt: "rain", bpm: 90 }],
          ["/music/instrumental", { prompt: "rain", bpm: 191 }]
        ] as const
      ) assert.strictEqual((yield* post(path, body)).status, 400, JSON.stringify(body))
      const statuses = yield* Effect.forEach(
        ["1", "2", "3"],
        (user_id) => Effect.map(post("/music/instrumental", { prompt: "rain", user_id }), ({ status }) => status)
      )
      assert.deepStrictEqual(statuses, [200, 596, 404])
      assert.strictEqual((yield* post("/music/song", { prompt: "rain", user_id: "1" })).status, 429)
      assert.strictEqual((yield* get("/music/")).status, 400)
      assert.strictEqual((yield* get("/music/?user_id=2")).status, 596)
    }).pipe(inMemory({
      services: {
        "useapi-tempolor": service({
          accounts: [{ user_id: account, maxJobs: 5 }, { user_id: "1", maxJobs: 1 }, {
            user_id: "2",
            maxJobs: 1,
            error: "Locked"
          }]
        })
      }
    })))

  it.effect("of its lists, with a closing slash and without", () =>
    Effect.gen(function*() {
      const emulated = yield* controls
      yield* emulated.add({
        id: song,
        duration: "1 hour",
        replyUrl: "https://example.com/callback",
        replyRef: "order-7"
      })
      for (let i = 0; i < 11; i++) yield* emulated.add({ state: "completed" })
      yield* emulated.add({ id: instrumental, sort: "instrumental", state: "completed" })
      for (const slash of ["", "/"]) {
        const list = yield* get(`/scheduler${slash}`)
        like(list, assembled.list)
        assert.lengthOf(Object(list.json), 1)
        assert.deepStrictEqual(Object((yield* get(`/scheduler/available${slash}`)).json).available, [
          { user_id: account, maxJobs: 5, executing: 1, available: 4 }
        ])
        const songs = Object((yield* get(`/music${slash}?user_id=${account}`)).json)
        assert.deepStrictEqual([songs.records.length, songs.cursor], [10, "10"])
        const rest = Object((yield* get(`/music${slash}?user_id=${account}&type=song&cursor=${songs.cursor}`)).json)
        assert.deepStrictEqual([rest.records.length, keys(rest)], [2, ["records"]])
        const others = Object((yield* get(`/music${slash}?user_id=${account}&type=instrumental`)).json)
        assert.strictEqual(others.records[0].job_id, instrumental)
        like(yield* get(`/accounts${slash}`), assembled.accounts)
      }
    }).pipe(inMemory()))

  it.effect("of letting go, and of uploads", () =>
    Effect.gen(function*() {
      yield* (yield* controls).add({ id: song })
      assert.deepInclude(yield* ask("DELETE", `${root}/scheduler/${song}`), { status: 204, text: "" })
      same(yield* askJson("DELETE", `${root}/scheduler/${song}`), assembled.notRunning)
      assert.strictEqual((yield* askJson("DELETE", `${root}/music/${song}`)).status, 200)
      same(yield* get(`/music/download/${song}`), assembled.notFound)
      const upload = (path: string, type: string) =>
        askJson("POST", `${root}/music/${path}?name=x`, { file: { type, chunks: [new Uint8Array(8)] } })
      assert.deepStrictEqual(keys((yield* upload("midi", "audio/midi")).json), ["itemId", "name"])
      assert.strictEqual((yield* upload("cloned-voices", "audio/midi")).status, 400)
    }).pipe(inMemory()))
})
