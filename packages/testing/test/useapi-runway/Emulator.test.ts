import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing/Emulator"
import { fixtures, service } from "@media-jobs/testing/useapi-runway"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { ask, askJson, inMemory, like, same } from "../support.ts"

const { assembled, ids: { account, asset, task } } = fixtures
const root = "/v1/runwayml"
const post = (path: string, body: Schema.Json) => askJson("POST", `${root}${path}`, { body })
const controls = Effect.map(Emulator, ({ services }) => services["useapi-runway"])
const keys = (json: Schema.Json) => Object.keys(Object(json)).toSorted()
const model = "gen4.5"

describe("Runway answers as what is known of it", () => {
  it.effect("of a task, from its start to its end and its removal", () =>
    Effect.gen(function*() {
      const emulated = yield* controls
      yield* emulated.add({ id: task })
      const at = `${root}/tasks/${task}`
      assert.deepInclude(Object((yield* askJson("GET", at)).json), { status: "PENDING", progressRatio: null })
      yield* TestClock.adjust("25 seconds")
      assert.deepInclude(Object((yield* askJson("GET", at)).json), { status: "RUNNING", progressRatio: "0.5" })
      yield* TestClock.adjust("25 seconds")
      const { json } = yield* askJson("GET", at)
      assert.deepInclude(Object(json), { status: "SUCCEEDED", progressRatio: "1" })
      assert.deepStrictEqual(keys(json), keys(assembled.succeeded.json))
      assert.deepStrictEqual(
        keys(Object(json).artifacts[0]),
        keys(Object(assembled.succeeded.json).artifacts[0])
      )
      yield* emulated.change(task, { state: "FAILED", reason: "Too dark" })
      assert.deepInclude(Object((yield* askJson("GET", at)).json), { status: "FAILED", error: "Too dark" })
      same(yield* askJson("DELETE", at), assembled.removed)
      same(yield* askJson("GET", at), assembled.getNotFound)
      assert.strictEqual((yield* ask("GET", `${root}/tasks/${encodeURIComponent(task)}`)).status, 400)
      same(yield* askJson("GET", at, { token: "user:12345-wrong" }), assembled.getUnauthorized)
    }).pipe(inMemory()))

  it.effect("of creates, by the account of their files, and of those that it refuses", () =>
    Effect.gen(function*() {
      const { json, status } = yield* post("/videos/create", { model, imageAssetId1: asset, replyRef: "order-7" })
      assert.deepStrictEqual([status, Object(json).status], [200, "PENDING"])
      assert.include(Object(json).taskId, account)
      assert.strictEqual((yield* post("/images/create", { model, text_prompt: "a", num_images: 4 })).status, 200)
      assert.strictEqual((yield* post("/frames/create", { text_prompt: "a", imageAssetId3: asset })).status, 200)
      for (
        const [path, body] of [
          ["/frames/create", { text_prompt: "a", model }],
          ["/frames/create", {}],
          ["/videos/create", {}],
          ["/videos/create", { model, text_prompt: "x".repeat(5001) }],
          ["/videos/create", { model, negative_prompt: "sun" }],
          ["/videos/create", { model, imageAssetId1: asset, videoAssetId: asset.replace("user@", "other@") }],
          ["/images/create", { model }],
          ["/videos/upscale", {}],
          ["/super_slow_motion", { assetId: asset }]
        ] as const
      ) assert.strictEqual((yield* post(path, body)).status, 400, JSON.stringify(body))
      assert.strictEqual((yield* post("/videos/create", { model, maxJobs: 1, email: account })).status, 429)
      assert.strictEqual((yield* post("/videos/create", { model, email: "broken@example.com" })).status, 596)
      assert.strictEqual((yield* post("/videos/create", { model, email: "no@example.com" })).status, 404)
    }).pipe(inMemory({
      services: {
        "useapi-runway": service({
          accounts: [{ email: account, maxJobs: 9 }, { email: "broken@example.com", maxJobs: 9, error: "Locked" }]
        })
      }
    })))

  it.effect("of its lists, with a closing slash and without, and of what is let go", () =>
    Effect.gen(function*() {
      const emulated = yield* controls
      yield* emulated.add({ id: task, replyUrl: "https://your-domain.com/webhook", replyRef: "order-7" })
      yield* TestClock.adjust("1 second")
      const done = yield* emulated.add({ state: "SUCCEEDED" })
      for (const slash of ["", "/"]) {
        same(yield* askJson("GET", `${root}/scheduler${slash}`), assembled.list)
        const history = `${root}/tasks${slash}?email=${account}`
        const all = Object((yield* askJson("GET", `${history}&offset=0&limit=10`)).json)
        assert.deepStrictEqual(all.tasks.map(({ taskId }: { taskId: string }) => taskId), [done.id, task])
        const ended = Object((yield* askJson("GET", `${history}&offset=0&limit=10&statuses=SUCCEEDED,FAILED`)).json)
        assert.lengthOf(ended.tasks, 1)
        assert.lengthOf(Object((yield* askJson("GET", `${history}&offset=1&limit=10`)).json).tasks, 1)
        assert.strictEqual((yield* ask("GET", history)).status, 400)
        like(yield* askJson("GET", `${root}/accounts${slash}`), assembled.accounts)
      }
      assert.deepInclude(yield* ask("DELETE", `${root}/scheduler/${task}`), { status: 204, text: "" })
      assert.strictEqual((yield* ask("DELETE", `${root}/scheduler/${task}`)).status, 404)
      assert.deepStrictEqual((yield* askJson("GET", `${root}/scheduler`)).json, [])
      assert.strictEqual((yield* ask("GET", `${root}/tasks/${task}`)).status, 200)
    }).pipe(inMemory()))

  it.effect("of uploads, which have a name, and of accounts, where there are none", () =>
    Effect.gen(function*() {
      const upload = (query: string, type = "image/png", size = 8) =>
        askJson("POST", `${root}/assets/?${query}`, { file: { type, chunks: [new Uint8Array(size)] } })
      like(yield* upload("email=user@example.com&name=a.png"), assembled.uploaded)
      for (const odd of [upload("email="), upload("name=a", "image/webp"), upload("name=a", "image/png", 0)]) {
        assert.notStrictEqual((yield* odd).status, 200)
      }
      const none = yield* ask("GET", `${root}/accounts`).pipe(
        inMemory({ services: { "useapi-runway": service({ accounts: [] }) } })
      )
      assert.deepInclude(none, { status: 404, text: "" })
    }).pipe(inMemory()))
})
