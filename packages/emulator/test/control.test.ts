import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing"
import { Effect, Layer, type Schema } from "effect"
import { FetchHttpClient, HttpServer } from "effect/http"
import { createServer } from "node:http"
import * as Control from "../src/control.ts"

/** An emulator with its control endpoint, on a socket: for it a program in another language is the point. */
const Served = Emulator.layerServer.pipe(
  Layer.provide(Control.layer),
  Layer.provideMerge(Emulator.layer({ speed: 1_000_000 })),
  Layer.provideMerge(
    NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1", disablePreemptiveShutdown: true })
  ),
  Layer.merge(FetchHttpClient.layer)
)

const call = Effect.fnUntraced(function*(method: string, path: string, body?: Schema.Json) {
  const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
  return yield* Effect.tryPromise(async () => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${Emulator.token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
    const text = await response.text()
    return { status: response.status, after: response.headers.get("retry-after"), text }
  })
})
const list = call("GET", "/v1/luma/jobs")

describe("the control endpoint", () => {
  it.live("has requests go wrong as one rule or several say, until they are lifted", () =>
    Effect.gen(function*() {
      const rules = [
        { fault: "status", status: 429, after: "7 seconds", operation: "useapi-luma.list", times: 1 },
        { fault: "withField", name: "executing", value: 9, method: "GET", path: "^/v1/luma", times: 1 },
        { fault: "page", status: 502, skip: 1 }
      ]
      assert.strictEqual((yield* call("POST", "/-/faults", rules)).status, 204)
      assert.deepInclude(yield* list, { status: 429, after: "7" })
      assert.include((yield* list).text, "\"executing\":9")
      assert.strictEqual((yield* list).status, 200)
      assert.include((yield* list).text, "<html")
      assert.strictEqual((yield* call("DELETE", "/-/faults")).status, 204)
      assert.strictEqual((yield* list).status, 200)
    }).pipe(Effect.provide(Served)))

  it.live.each(
    [
      { fault: "dropRequest" },
      { fault: "cut" },
      { fault: "refuse" }
    ] as const
  )("breaks connections: $fault", (rule) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* call("POST", "/-/faults", { ...rule, times: 1 })).status, 204)
      yield* Effect.flip(list)
      assert.strictEqual((yield* list).status, 200)
    }).pipe(Effect.provide(Served)))

  it.live.each(
    [
      ["/-/faults", { fault: "status" }, "status"],
      ["/-/faults", { fault: "cut", timse: 1 }, "timse"],
      ["/-/faults", { fault: "slow", over: "soon" }, "over"],
      ["/-/webhook-faults", { fault: "Lsot" }, "fault"],
      ["/-/webhook-faults", [{ fault: "Late" }], "by"]
    ] as const
  )("refuses at %s what is no rule: %j", ([path, body, names]) =>
    Effect.gen(function*() {
      const { status, text } = yield* call("POST", path, body)
      assert.strictEqual(status, 400)
      assert.include(text, names)
      assert.strictEqual((yield* list).status, 200)
    }).pipe(Effect.provide(Served)))

  it.live("tells what was asked, without a token", () =>
    Effect.gen(function*() {
      yield* list
      yield* call("POST", "/v1/luma/videos", { prompt: "rain" })
      const { text } = yield* call("GET", "/-/requests")
      assert.notInclude(text, Emulator.token)
      assert.notInclude(text, "headers")
      const operations = JSON.parse(text).map((entry: { readonly operation: string }) => entry.operation)
      assert.deepStrictEqual(operations, ["useapi-luma.list", "useapi-luma.video"])
      assert.strictEqual((yield* call("GET", "/-/calls")).text, "[]")
      assert.strictEqual((yield* call("GET", "/-/nothing")).status, 404)
    }).pipe(Effect.provide(Served)))

  it.live("has webhooks of jobs that begin afterwards go wrong", () =>
    Effect.gen(function*() {
      yield* Effect.forkScoped((yield* Emulator.Emulator).deliver)
      assert.strictEqual(
        (yield* call("POST", "/-/webhook-faults", { fault: "Lost", service: "useapi-luma" })).status,
        204
      )
      yield* call("POST", "/v1/luma/videos", { prompt: "rain", replyUrl: "http://127.0.0.1:1/report" })
      const { text } = yield* Effect.repeat(call("GET", "/-/calls"), { until: ({ text }) => text !== "[]" })
      assert.strictEqual(JSON.parse(text)[0].outcome, "lost")
    }).pipe(Effect.provide(Served)))
})
