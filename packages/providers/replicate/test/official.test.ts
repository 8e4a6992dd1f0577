import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as ReplicateEmulator from "@media-jobs/testing/replicate"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { createServer, type IncomingHttpHeaders } from "node:http"
import Replicate, { type FileOutput, type Prediction, validateWebhook } from "replicate"
import { version } from "./support.ts"

/** The vendor's own client, which knows nothing of this project, before the emulator on a socket. */
const client = HttpServer.addressFormattedWith((url) =>
  Effect.succeed(new Replicate({ auth: Emulator.token, baseUrl: `${url}/v1` }))
)

const served = (options?: ReplicateEmulator.Options) =>
  Effect.provide(
    Emulator.layerServer.pipe(
      Layer.provideMerge(
        Emulator.layer({
          services: { replicate: ReplicateEmulator.service({ life: "400 millis", startup: "100 millis", ...options }) }
        })
      ),
      Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
      Layer.provideMerge(FetchHttpClient.layer)
    )
  )

const input = { prompt: "rain" }
const byModel = { model: "media-jobs/lighthouse", input } as const
const link = /^data:image\/webp;base64,/
const hosted = /^http:\/\/127\.0\.0\.1:\d+\/media\/emulator\/[a-z2-7]{26}\/out-0\.webp$/

describe("the official client and the emulator", () => {
  it.live("create by model and by version, and wait by asking", () =>
    Effect.gen(function*() {
      const replicate = yield* client
      for (const what of [byModel, { version, input }]) {
        const begun = yield* Effect.promise(() => replicate.predictions.create(what))
        assert.strictEqual(begun.status, "starting")
        assert.deepStrictEqual(begun.input, input)
        const ended: Prediction = yield* Effect.promise(() => replicate.wait(begun, { interval: 50 }))
        assert.strictEqual(ended.status, "succeeded")
        assert.match(ended.output[0], link)
      }
    }).pipe(served()))

  it.live("hold the answer back for who prefers to wait, as long as that is", () =>
    Effect.gen(function*() {
      const replicate = yield* client
      const ended = yield* Effect.promise(() => replicate.predictions.create({ ...byModel, wait: true }))
      assert.strictEqual(ended.status, "succeeded")
    }).pipe(served()))

  it.live.each(
    [
      ["media-jobs/lighthouse", "image/webp", true],
      ["google/veo-3", "video/mp4", false],
      ["meta/musicgen", "audio/mpeg", false]
    ] as const
  )("run %s to files, whichever way run waits", ([model, mediaType, isList]) =>
    Effect.gen(function*() {
      const replicate = yield* client
      for (const wait of [{ mode: "block" }, { mode: "poll", interval: 50 }] as const) {
        const output = yield* Effect.promise(() => replicate.run(model, { input, wait }))
        assert.strictEqual(Array.isArray(output), isList)
        const [file] = [output].flat() as unknown as [FileOutput]
        assert.include(String(file.url()), `data:${mediaType}`)
        const blob = yield* Effect.promise(() => file.blob())
        assert.deepStrictEqual([blob.type, blob.size > 100], [mediaType, true])
      }
    }).pipe(served()))

  it.live("lead to a hosted file in any other client", () =>
    Effect.gen(function*() {
      const { services: { replicate: hands } } = yield* Emulator.Emulator
      const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
      const { id } = yield* hands.add({ type: "image", state: "succeeded" })
      const headers = { authorization: `Bearer ${Emulator.token}` }
      const record = fetch(`${url}/v1/predictions/${id}`, { headers }).then((answer) => answer.json())
      assert.match((yield* Effect.promise(() => record)).output[0], hosted)
    }).pipe(served()))

  it.live("give up waiting with a prediction that runs", () =>
    Effect.gen(function*() {
      const replicate = yield* client
      const begun = yield* Effect.promise(() => replicate.predictions.create({ ...byModel, wait: 1 }))
      assert.strictEqual(begun.status, "processing")
    }).pipe(served({ life: "1 hour" })))

  it.live("list page by page, newest first", () =>
    Effect.gen(function*() {
      const replicate = yield* client
      const { services: { replicate: hands } } = yield* Emulator.Emulator
      const ids: Array<string> = []
      for (let i = 0; i < 7; i++) ids.unshift((yield* hands.add()).id)
      const pages = yield* Effect.promise(async () => {
        const pages: Array<Array<string>> = []
        for await (const page of replicate.paginate(replicate.predictions.list)) pages.push(page.map(({ id }) => id))
        return pages
      })
      assert.deepStrictEqual(pages.map((page) => page.length), [3, 3, 1])
      assert.deepStrictEqual(pages.flat(), ids)
    }).pipe(served({ pageSize: 3 })))

  it.live("cancel, and get what was cancelled", () =>
    Effect.gen(function*() {
      const replicate = yield* client
      const { id } = yield* Effect.promise(() => replicate.predictions.create(byModel))
      yield* Effect.promise(() => replicate.predictions.cancel(id))
      assert.strictEqual((yield* Effect.promise(() => replicate.predictions.get(id))).status, "canceled")
    }).pipe(served({ life: "1 hour" })))

  it.live("take a file, of the length that it has", () =>
    Effect.gen(function*() {
      const replicate = yield* client
      const file = new File([new Uint8Array(1234).fill(200)], "rain.png", { type: "image/png" })
      const stored = yield* Effect.promise(() => replicate.files.create(file))
      assert.deepStrictEqual([stored.content_type, stored.size], ["image/png", 1234])
      assert.match(stored.urls.get, /^http:\/\/127\.0\.0\.1:\d+\/v1\/files\//)
    }).pipe(served()))

  it.live("agree on errors", () =>
    Effect.gen(function*() {
      const replicate = yield* client
      const failed = (call: () => Promise<unknown>) =>
        Effect.map(Effect.flip(Effect.tryPromise(call)), ({ cause }) => String(cause))
      assert.match(
        yield* failed(() => replicate.predictions.get("m420tb253nrm60cj09c8hwfgxw")),
        /404 Not Found: \{"detail":"The requested resource could not be found\.","status":404\}/
      )
      assert.match(
        yield* failed(() => replicate.predictions.create({ ...byModel, input: {} })),
        /422.*"invalid_fields":\[\{"type":"required","field":"input","description":"prompt is required"\}\]/
      )
    }).pipe(served({ required: ["prompt"] })))

  it.live("hold to the rate that the service allows", () =>
    Effect.gen(function*() {
      const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
      const ask = () =>
        Effect.promise(() =>
          fetch(`${url}/v1/predictions`, { headers: { authorization: `Bearer ${Emulator.token}` } }).then(async (
            one
          ) => [
            one.status,
            one.headers.get("retry-after"),
            (await one.json()).detail
          ])
        )
      yield* ask()
      assert.deepStrictEqual(yield* ask(), [429, "60", "Request was throttled. Your rate limit resets in ~60s."])
    }).pipe(served({ others: 1 })))

  it.live("find the emulator's webhooks genuine, and forged ones not", () =>
    Effect.gen(function*() {
      const replicate = yield* client
      const { services: { replicate: hands } } = yield* Emulator.Emulator
      const { key } = yield* Effect.promise(() => replicate.webhooks.default.secret.get())
      const { id } = yield* hands.add({ state: "succeeded" })
      const { body, headers } = yield* hands.webhook(id)
      const valid = (body: string) => Effect.promise(() => validateWebhook({ headers, body } as never, key))
      assert.isTrue(yield* valid(body))
      assert.isFalse(yield* valid(`${body} `))
    }).pipe(served()))

  it.live("call back at the start and at the end, which is tried again, with what validateWebhook accepts", () =>
    Effect.gen(function*() {
      const replicate = yield* client
      const { deliver } = yield* Emulator.Emulator
      const calls: Array<{ readonly headers: IncomingHttpHeaders; readonly body: string }> = []
      const hook = yield* listen((headers, body) => {
        calls.push({ headers, body })
        return calls.length <= 2 ? 500 : 204
      })
      yield* Effect.forkChild(deliver)
      yield* Effect.promise(() =>
        replicate.predictions.create({ ...byModel, webhook: hook, webhook_events_filter: ["start", "completed"] })
      )
      yield* Effect.repeat(Effect.sleep("20 millis"), { until: () => calls.length >= 3 }).pipe(
        Effect.timeout("5 seconds")
      )
      const statuses = calls.map(({ body }) => JSON.parse(body).status)
      assert.deepStrictEqual(statuses, ["processing", "succeeded", "succeeded"])
      assert.strictEqual(calls[1]?.headers["webhook-id"], calls[2]?.headers["webhook-id"])
      for (const { body, headers } of calls) {
        assert.isTrue(
          yield* Effect.promise(() => validateWebhook({ headers, body } as never, ReplicateEmulator.defaultSecret))
        )
      }
    }).pipe(served()))
})

/** A server for webhooks on a free port, for as long as the test lasts. */
const listen = (answer: (headers: IncomingHttpHeaders, body: string) => number) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<ReturnType<typeof createServer>>((resume) => {
        const server = createServer((request, response) => {
          const chunks: Array<Buffer> = []
          request.on("data", (chunk) => chunks.push(chunk))
          request.on("end", () => {
            response.statusCode = answer(request.headers, Buffer.concat(chunks).toString())
            response.end()
          })
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) => Effect.sync(() => server.close())
    ),
    (server) => {
      const address = server.address()
      return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/hook`
    }
  )
