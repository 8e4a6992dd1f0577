import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Emulator, Faults, UseapiLumaEmulator, UseapiMidjourneyEmulator } from "@media-jobs/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
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
const executing = Effect.flatMap(
  Emulator.Emulator,
  ({ services: { "useapi-luma": luma } }) => Effect.map(luma.jobs, (jobs) => jobs.length)
)

describe("Emulator.layerServer", () => {
  it.live("answers over a socket, and keeps the path as it came", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.services["useapi-luma"].add({
        id: UseapiLumaEmulator.fixtures.ids.polled,
        account: "broken@example.com"
      })
      const answer = yield* fetched(`/v1/luma/jobs/${UseapiLumaEmulator.fixtures.ids.polled}`)
      assert.deepStrictEqual([answer.status, JSON.parse(answer.text)], [
        596,
        UseapiLumaEmulator.fixtures.documented.getSessionError.json
      ])
      assert.deepStrictEqual(
        (yield* emulator.journal).map(({ operation, url }) => [operation, url]),
        [["useapi-luma.get", `/v1/luma/jobs/${UseapiLumaEmulator.fixtures.ids.polled.replace("\u00a0", "%C2%A0")}`]]
      )
    }).pipe(
      served({
        services: {
          "useapi-luma": UseapiLumaEmulator.service({
            accounts: [{ email: "broken@example.com", concurrency: 1, error: "Expired" }]
          })
        }
      })
    ))

  it.live("answers at the root and at each service's own URL, to which its links lead back", () =>
    Effect.gen(function*() {
      const { services } = yield* Emulator.Emulator
      const { id } = yield* services["useapi-luma"].add()
      const path = `/v1/luma/jobs/${id}`
      const answers = yield* Effect.forEach([path, `/useapi-luma${path}`], (path) => fetched(path))
      assert.strictEqual(answers[0]?.status, 200)
      assert.deepStrictEqual(answers[1], answers[0])
      for (const list of ["/v1/luma/jobs", "/v1/luma/accounts", "/v1/dreamina/scheduler"]) {
        const [bare, slashed] = [yield* fetched(list), yield* fetched(`${list}/`)]
        assert.strictEqual(bare.status, 200)
        // Each tells the second that it is.
        const timeless = ({ text }: { readonly text: string }) => text.replaceAll(/\d\d:\d\d:\d\d/g, "")
        assert.deepStrictEqual([slashed.status, timeless(slashed)], [bare.status, timeless(bare)])
      }
      assert.strictEqual((yield* fetched(`${path}/`)).status, 404)
      for (const elsewhere of ["/useapi-luma/v1/dreamina/scheduler", "/useapi-luma", "/none/v1/luma/jobs"]) {
        const { status, text } = yield* fetched(elsewhere)
        assert.strictEqual(status, 404)
        assert.include(text, "Endpoint not found")
      }
      const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
      const body = JSON.stringify({ version: "a/b", input: {} })
      for (const base of ["", "/replicate"]) {
        const { text } = yield* fetched(`${base}/v1/predictions`, { method: "POST", body })
        const get: string = JSON.parse(text).urls.get
        assert.isTrue(get.startsWith(`${url}${base}/v1/predictions/`), get)
        assert.strictEqual((yield* fetched(get.slice(url.length))).status, 200)
      }
    }).pipe(served()))

  it.live("answers for a service beside another in the folder of that one too, and there alone", () =>
    Effect.gen(function*() {
      const ping = "/dream-machine/v1/ping"
      for (const folder of ["/luma", "/luma-dream-machine"]) {
        assert.strictEqual((yield* fetched(folder + ping)).status, 200)
      }
      for (const path of [ping, `/replicate${ping}`, "/luma-dream-machine/v1/generations/0"]) {
        assert.strictEqual((yield* fetched(path)).status, 404)
      }
      const { text } = yield* fetched("/luma/v1/generations/0")
      assert.deepStrictEqual(JSON.parse(text), { detail: "Generation not found" })
    }).pipe(served()))

  it.live("takes a large file as it comes, and keeps none of it", () =>
    Effect.gen(function*() {
      const size = 20 * 1_048_576
      const chunk = new Uint8Array(65_536)
      let left = size / chunk.length
      const content = () =>
        new ReadableStream<Uint8Array>({
          pull: (controller) => left-- > 0 ? controller.enqueue(chunk) : controller.close()
        })
      const sent = { method: "POST", headers: { ...headers, "content-type": "image/png" }, duplex: "half" } as const
      const taken = yield* fetched("/v1/luma/assets/user@example.com", { ...sent, body: content() })
      assert.strictEqual(taken.status, 200)
      left = size / chunk.length
      const refused = yield* fetched("/v1/dreamina/assets/US:user@example.com", { ...sent, body: content() })
      assert.strictEqual(refused.status, 400)
      const journal = yield* (yield* Emulator.Emulator).journal
      assert.deepStrictEqual(journal.map(({ body, bytes }) => [body, bytes]), [["", size], ["", size]])
    }).pipe(served()))

  const imagine = fetched("/v3/midjourney/jobs/imagine", { method: "POST", body: JSON.stringify({ prompt: "p" }) })

  it.live("streams a job's events", () =>
    Effect.gen(function*() {
      const { text } = yield* imagine
      assert.match(text, /^data: \{"event":"initialized"[^]*\n\ndata: \{"event":"midjourney_completed"[^]*\n\n$/)
    }).pipe(
      served({ services: { "useapi-midjourney": UseapiMidjourneyEmulator.service({ imageLife: "100 millis" }) } })
    ))

  it.live("notices who leaves a stream", () =>
    Effect.gen(function*() {
      const { services: { "useapi-midjourney": midjourney } } = yield* Emulator.Emulator
      const first = (is: (job: UseapiMidjourneyEmulator.Job) => boolean) =>
        Effect.repeat(midjourney.jobs, { until: (jobs) => jobs.some(is), schedule: Schedule.spaced("10 millis") })
      const fiber = yield* Effect.forkChild(imagine)
      yield* first(() => true)
      yield* Fiber.interrupt(fiber)
      yield* first(({ stuck }) => stuck)
    }).pipe(served()))

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
