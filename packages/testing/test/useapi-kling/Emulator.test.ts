import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing/Emulator"
import { fixtures, service } from "@media-jobs/testing/useapi-kling"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { ask, askJson, inMemory, like, same } from "../support.ts"

const { assembled, ids: { task } } = fixtures
const email = "user@example.com"
const path = `/v1/kling/tasks/${task}?email=user%40example.com`
const create = (body: Schema.Json, to = "videos/text2video") => askJson("POST", `/v1/kling/${to}`, { body })
const controls = Effect.map(Emulator, ({ services }) => services["useapi-kling"])

describe("Kling answers as what is known of it", () => {
  it.effect("of a task, from its start to its end and its removal", () =>
    Effect.gen(function*() {
      yield* (yield* controls).add({ id: `${task}`, duration: "3 minutes" })
      const running = yield* askJson("GET", path)
      assert.deepInclude(running.json, { status: 5, status_final: false, works: [] })
      assert.notProperty(running.json, "status_name")
      same(yield* askJson("DELETE", path), assembled.removeNotFound)
      yield* TestClock.adjust("3 minutes")
      const { json } = yield* askJson("GET", path)
      assert.deepStrictEqual(Object.keys(Object(json)), Object.keys(Object(assembled.succeeded.json)))
      const workId: number = Object(json).works[0].workId
      like(
        yield* askJson("GET", `/v1/kling/assets/download?email=${email}&workIds=${workId}&fileTypes=MP4`),
        assembled.link
      )
      like(yield* askJson("DELETE", path), assembled.removed)
      assert.strictEqual((yield* ask("GET", path)).status, 404)
      same(yield* askJson("DELETE", "/v1/kling/tasks/x"), assembled.removeInvalidId)
      same(yield* askJson("GET", path, { token: "user:12345-wrong" }), assembled.getUnauthorized)
    }).pipe(inMemory()))

  it.effect("of creates, which are tracked and take slots, for an hour at most", () =>
    Effect.gen(function*() {
      const { json, status } = yield* create({ prompt: "rain", email, replyRef: "order-7" })
      assert.deepStrictEqual([status, Object(json).task.status], [200, 5])
      assert.notProperty(Object(json).task, "status_name")
      for (const slash of ["", "/"]) {
        const { json } = yield* askJson("GET", `/v1/kling/scheduler${slash}`)
        const [row] = Object(json)
        assert.deepInclude(row, { email, elapsed: "00:00", replyRef: "order-7" })
      }
      assert.strictEqual((yield* create({ prompt: "rain", email, maxJobs: 1 })).status, 429)
      yield* TestClock.adjust("61 minutes")
      assert.deepStrictEqual((yield* askJson("GET", "/v1/kling/scheduler")).json, [])
      assert.deepStrictEqual(Object((yield* askJson("GET", "/v1/kling/scheduler/available/")).json).available, [
        { email, maxJobs: 2, executing: 0, available: 2 }
      ])
      assert.strictEqual(Object((yield* askJson("GET", `/v1/kling/tasks/?email=${email}`)).json).history.length, 1)
      assert.strictEqual((yield* ask("GET", `/v1/kling/tasks?createdAfter=1&createdBefore=2`)).status, 400)
    }).pipe(
      inMemory({ services: { "useapi-kling": service({ life: "3 hours", accounts: [{ email, maxJobs: 2 }] }) } })
    ))

  it.effect("of creates that it refuses", () =>
    Effect.gen(function*() {
      for (
        const [body, to] of [
          [{ email }],
          [{ email, prompt: "x".repeat(2501) }],
          [{ email, prompt: "rain", seed: 7 }],
          ["text"],
          [{ prompt: "rain" }],
          [{ email }, "videos/image2video-frames"],
          [{ email, avatarId: 7 }, "avatars/video"]
        ] as const
      ) assert.strictEqual((yield* create(body, to)).status, 400, JSON.stringify(body))
      assert.strictEqual((yield* create({ prompt: "rain", email: "no@example.com" })).status, 404)
      assert.strictEqual((yield* create({ prompt: "rain", email: "broken@example.com" })).status, 596)
    }).pipe(inMemory({
      services: {
        "useapi-kling": service({
          accounts: [{ email, maxJobs: 2 }, { email: "broken@example.com", maxJobs: 1, error: "Locked" }]
        })
      }
    })))

  it.effect("of what is let go, which runs on", () =>
    Effect.gen(function*() {
      const { id } = yield* (yield* controls).add({ id: `${task}` })
      assert.deepInclude(yield* ask("DELETE", `/v1/kling/scheduler/${id}`), { status: 204, text: "" })
      same(yield* askJson("DELETE", `/v1/kling/scheduler/${id}`), assembled.untrackNotFound)
      assert.strictEqual((yield* ask("GET", path)).status, 200)
    }).pipe(inMemory()))

  it.effect("of accounts, and of none", () =>
    Effect.gen(function*() {
      like(yield* askJson("GET", "/v1/kling/accounts"), assembled.accounts)
      const none = yield* ask("GET", "/v1/kling/accounts").pipe(
        inMemory({ services: { "useapi-kling": service({ accounts: [] }) } })
      )
      assert.deepInclude(none, { status: 404, text: "" })
    }).pipe(inMemory()))

  it.effect("of uploads, by what they are", () =>
    Effect.gen(function*() {
      const upload = (type: string, size = 8) =>
        askJson("POST", `/v1/kling/assets/?email=${email}`, { file: { type, chunks: [new Uint8Array(size)] } })
      like(yield* upload("image/png"), assembled.uploadedImage)
      like(yield* upload("video/mp4"), assembled.uploadedVideo)
      assert.strictEqual((yield* upload("image/bmp")).status, 400)
      assert.strictEqual((yield* upload("image/png", 0)).status, 400)
    }).pipe(inMemory()))
})
