import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Emulator, Faults, Fixtures } from "@media-jobs/testing"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { createServer } from "node:http"

const served = (options?: Emulator.Options) =>
  Effect.provide(
    Emulator.layerServer.pipe(
      Layer.provideMerge(Emulator.layer(options)),
      Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
    )
  )

const headers = { authorization: `Bearer ${Emulator.token}` }

/** What any program in any language sees, not Effect's client. */
const fetched = Effect.fnUntraced(function*(path: string, init?: RequestInit) {
  const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
  return yield* Effect.tryPromise((signal) =>
    fetch(url + path, { signal, headers, ...init }).then(async (response) => ({
      status: response.status,
      text: await response.text()
    }))
  )
})

const submit = fetched("/v1/luma/videos", { method: "POST", body: JSON.stringify({ prompt: "p" }) })
const executing = Effect.flatMap(Emulator.Emulator, ({ luma }) => Effect.map(luma.jobs, (jobs) => jobs.length))

describe("Emulator.layerServer", () => {
  it.live("answers over a socket, and keeps the path as it came", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.luma.add({ id: Fixtures.lumaIds.polled, account: "broken@example.com" })
      const answer = yield* fetched(`/v1/luma/jobs/${Fixtures.lumaIds.polled}`)
      assert.deepStrictEqual([answer.status, JSON.parse(answer.text)], [596, Fixtures.luma.getSessionError.json])
      assert.deepStrictEqual(
        (yield* emulator.journal).map(({ operation, url }) => [operation, url]),
        [["luma.get", `/v1/luma/jobs/${Fixtures.lumaIds.polled.replace("\u00a0", "%C2%A0")}`]]
      )
    }).pipe(served({ luma: { accounts: [{ email: "broken@example.com", concurrency: 1, error: "Expired" }] } })))

  it.live.each([["dropRequest", Faults.dropRequest, 0], ["dropReply", Faults.dropReply, 1]] as const)(
    "%s closes the socket with nothing sent",
    ([, fault, jobs]) =>
      Effect.gen(function*() {
        const { cause } = yield* Effect.flip(submit)
        assert.nestedPropertyVal(cause, "cause.code", "UND_ERR_SOCKET")
        assert.strictEqual(yield* executing, jobs)
        assert.strictEqual((yield* fetched("/v1/luma/jobs")).status, 200)
      }).pipe(served({ faults: [{ fault, times: 1 }] }))
  )

  it.live("hangs until the client leaves", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.timeoutOption(submit, "50 millis"))._tag, "None")
      assert.strictEqual(yield* executing, 0)
    }).pipe(served({ faults: [{ fault: Faults.hang }] })))

  it.live("sends what is slow, and what is huge", () =>
    Effect.gen(function*() {
      const slow = yield* fetched("/v1/luma/jobs")
      assert.deepStrictEqual(JSON.parse(slow.text), { executing: 0, jobs: [] })
      assert.lengthOf((yield* fetched("/v1/luma/jobs")).text, 10_000_000)
    }).pipe(served({ faults: [{ fault: Faults.slow("50 millis"), times: 1 }, { fault: Faults.hugeBody() }] })))
})
