import { assert, describe, it } from "@effect/vitest"
import { Emulator, ReplicateEmulator } from "@media-jobs/testing"
import { Effect, Fiber, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { emulator, folder } from "./program.ts"
import { server } from "./server.ts"

/** Long enough for a test to say when a job ends. */
const replicate = ReplicateEmulator.service({ life: "1 hour" })
const services = Layer.merge(emulator({ services: { replicate }, speed: 1 }), FetchHttpClient.layer)

describe("the server", () => {
  it.live("takes an order once by its key, tells of it, and hears of its end by a webhook", () =>
    Effect.gen(function*() {
      const { called, count, deliver, services: { replicate } } = yield* Emulator.Emulator
      yield* Effect.forkScoped(deliver)
      const { events, get, post, start, text } = yield* server(yield* folder)
      const { child, finished } = yield* start

      assert.deepStrictEqual(yield* post("rain", "order-1"), { status: 202, body: { key: "order-1" } })
      assert.deepStrictEqual(yield* post("rain", "order-1"), { status: 202, body: { key: "order-1" } })
      const other = yield* post("snow", "order-1")
      assert.deepStrictEqual([other.status, other.body["error"]], [400, "InvalidRequest"])
      for (const key of ["user@example.com", "k".repeat(65), "a b"]) {
        assert.strictEqual((yield* post("rain", key)).status, 400, key)
      }
      assert.strictEqual((yield* post("", "order-2")).status, 400)
      assert.strictEqual((yield* get("/jobs", { method: "POST", body: "{" })).status, 400)
      assert.strictEqual(yield* count("replicate.model"), 1)

      assert.deepStrictEqual(yield* get("/jobs/order-1"), {
        status: 200,
        body: { key: "order-1", phase: "running", files: [] }
      })
      for (const path of ["/jobs/order-2", "/jobs/order-2/events"]) {
        assert.strictEqual((yield* get(path)).status, 404, path)
      }

      const early = yield* events("order-1")
      const [{ id = "" } = {}] = yield* replicate.jobs
      yield* replicate.change(id, { state: "succeeded" })
      yield* early.ended
      const done = early.heard.at(-1)
      assert.deepStrictEqual([early.heard[0]?.["phase"], done?.["phase"]], ["running", "done"])
      assert.match(`${done?.["files"]}`, /^replicate-[0-9a-f]{32}-image-primary\.webp$/)
      const late = yield* events("order-1")
      yield* late.ended
      assert.deepStrictEqual(late.heard, [done])
      assert.deepStrictEqual((yield* get("/jobs/order-1")).body, done)

      const calls = yield* Effect.repeat(Effect.delay(called, "20 millis"), { until: (calls) => calls.length > 0 })
      assert.deepStrictEqual(calls.map(({ outcome }) => outcome), [200])
      const metrics = yield* text("/metrics")
      assert.match(metrics, /^media_jobs_webhooks\{[^}]*outcome="woken"[^}]*\} 1$/m)
      assert.match(metrics, /^media_jobs_submits\{[^}]*outcome="accepted"[^}]*\} 1$/m)
      for (const secret of [id, Emulator.token, "order-1"]) assert.notInclude(metrics, secret)
      child.kill("SIGTERM")
      const { stderr, stdout } = yield* finished
      for (const secret of [id, Emulator.token]) assert.notInclude(stdout + stderr, secret)
    }).pipe(Effect.provide(services)))

  it.live("finishes the orders of an earlier process", () =>
    Effect.gen(function*() {
      const { count, deliver, services: { replicate } } = yield* Emulator.Emulator
      yield* Effect.forkScoped(deliver)
      const { events, get, post, start } = yield* server(yield* folder)
      const first = yield* start
      yield* post("rain", "order-1")
      first.child.kill("SIGKILL")
      yield* first.finished
      const second = yield* start
      const { ended, heard } = yield* events("order-1")
      assert.strictEqual((yield* get("/jobs/order-1")).body["phase"], "running")
      const [{ id = "" } = {}] = yield* replicate.jobs
      yield* replicate.change(id, { state: "succeeded" })
      yield* ended
      assert.deepStrictEqual([heard[0]?.["phase"], heard.at(-1)?.["phase"]], ["running", "done"])
      second.child.kill("SIGKILL")
      yield* second.finished
      yield* start
      const late = yield* events("order-1")
      yield* late.ended
      assert.deepStrictEqual(late.heard, heard.slice(-1))
      assert.deepStrictEqual([(yield* get("/jobs/order-1")).body], late.heard)
      assert.deepStrictEqual(yield* post("rain", "order-1"), { status: 202, body: { key: "order-1" } })
      assert.strictEqual(yield* count("replicate.model"), 1)
      assert.strictEqual(yield* count("media.get"), 1)
    }).pipe(Effect.provide(services)))

  it.live("ends within a second, also while clients listen", () =>
    Effect.gen(function*() {
      const { events, post, start } = yield* server(yield* folder)
      const { child, finished } = yield* start
      yield* post("rain", "order-1")
      const { ended } = yield* events("order-1")
      const listening = yield* Effect.forkScoped(Effect.exit(ended))
      const began = Date.now()
      child.kill("SIGTERM")
      const { code } = yield* finished
      assert.isBelow(Date.now() - began, 1000)
      assert.strictEqual(code, 130)
      yield* Fiber.join(listening)
    }).pipe(Effect.provide(services)))
})
