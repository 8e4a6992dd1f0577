import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing/Emulator"
import { fixtures } from "@media-jobs/testing/useapi-flow-music"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { ask, askJson, inMemory, like, same } from "../support.ts"

const { assembled, ids: { account, clip, job } } = fixtures
const root = "/v1/flowmusic"
const get = (path: string) => askJson("GET", `${root}${path}`)
const post = (path: string, body: Schema.Json) => askJson("POST", `${root}${path}`, { body })
const controls = Effect.map(Emulator, ({ services }) => services["useapi-flow-music"])

describe("Flow Music answers as what is known of it", () => {
  it.effect("of a job, by an id as it is or encoded, and of its cancel", () =>
    Effect.gen(function*() {
      const emulated = yield* controls
      yield* emulated.add({ id: job, duration: "1 hour" })
      const { json } = yield* get(`/jobs/${job}`)
      assert.deepStrictEqual((yield* get(`/jobs/${encodeURIComponent(job)}`)).json, json)
      assert.deepInclude(yield* ask("DELETE", `${root}/jobs/${job}`), { status: 204, text: "" })
      assert.strictEqual(Object((yield* get(`/jobs/${job}`)).json).error.code, "user_cancelled")
      const { id } = yield* emulated.add({ user: "9" })
      same(yield* get(`/jobs/${id}`), assembled.forbidden)
      same(yield* get("/jobs/job:1"), assembled.notFound)
    }).pipe(inMemory()))

  it.effect("of creates, waited for or not, and of its lists, with a closing slash and without", () =>
    Effect.gen(function*() {
      same(yield* get("/jobs"), assembled.listEmpty)
      like(yield* post("/music", { prompt: "rain", model: "lyria-3.5", mode: "async" }), assembled.submitted)
      const stems = yield* post("/music/edit", { operation: "stems", clip, mode: "async" })
      assert.deepStrictEqual([stems.status, Object(stems.json).clips.length], [200, 4])
      assert.strictEqual((yield* post("/music", { prompt: "rain", mode: true })).status, 400)
      for (const slash of ["", "/"]) {
        like(yield* get(`/jobs${slash}`), assembled.list)
        like(yield* get(`/accounts${slash}`), assembled.accounts)
        assert.lengthOf(Object((yield* get(`/music${slash}?email=${account}&limit=1`)).json).clips, 1)
      }
    }).pipe(inMemory()))
})
