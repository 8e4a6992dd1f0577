import { createLuma } from "@ai-sdk/luma"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as LumaEmulator from "@media-jobs/testing/luma"
import * as DreamMachineEmulator from "@media-jobs/testing/luma-dream-machine"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import LumaAI, { APIError } from "lumaai"
import { createServer } from "node:http"

const address = HttpServer.addressFormattedWith((url) => Effect.succeed(`${url}/luma`))

/** The vendor's own client, which knows nothing of this project, before the emulator on a socket. */
const client = Effect.map(
  address,
  (url) => new LumaAI({ authToken: Emulator.token, baseURL: `${url}/dream-machine/v1`, maxRetries: 0 })
)

const served = (options?: DreamMachineEmulator.Options) =>
  Effect.provide(
    Emulator.layerServer.pipe(
      Layer.provideMerge(
        Emulator.layer({
          services: {
            luma: LumaEmulator.service({ life: "300 millis", startup: "100 millis" }),
            "luma-dream-machine": DreamMachineEmulator.service({
              life: "300 millis",
              startup: "100 millis",
              ...options
            })
          }
        })
      ),
      Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
      Layer.provideMerge(FetchHttpClient.layer)
    )
  )

const url = "https://example.com/a.png"
const hosted = /^http:\/\/127\.0\.0\.1:\d+\/media\/emulator\/[0-9a-f-]{36}\/(?:video\.mp4|image\.jpg)$/

/** Asks until a generation has ended, as the client leaves it to its caller. */
const ended = (luma: LumaAI, { id = "" }: LumaAI.Generation) =>
  Effect.repeat(Effect.promise(() => luma.generations.get(id)), {
    until: ({ state }) => state === "completed" || state === "failed",
    schedule: Schedule.spaced("20 millis")
  })

const failure = (call: () => Promise<unknown>) =>
  Effect.map(
    Effect.flip(Effect.tryPromise(call)),
    ({ cause }) => cause instanceof APIError ? [cause.status, cause.error] : [cause]
  )

describe("the official client of Dream Machine and the emulator", () => {
  it.live("create each kind of generation, and get it until it has ended", () =>
    Effect.gen(function*() {
      const luma = yield* client
      const { generations } = luma
      const prompt = "a lighthouse in the rain"
      const creates = [
        () => generations.create({ model: "ray-2", prompt, callback_url: "http://127.0.0.1:9/" }),
        () =>
          generations.video.create({
            model: "ray-2",
            prompt,
            aspect_ratio: "16:9",
            loop: true,
            keyframes: { frame0: { type: "image", url } },
            concepts: [{ key: "dolly_zoom" }]
          }),
        () => generations.image.create({ model: "photon-1", prompt, image_ref: [{ url, weight: 0.5 }] }),
        () =>
          generations.video.modify({ generation_type: "modify_video", model: "ray-2", mode: "flex_1", media: { url } }),
        () =>
          generations.video.reframe({
            generation_type: "reframe_video",
            model: "ray-2",
            aspect_ratio: "21:9",
            media: { url }
          }),
        () =>
          generations.image.reframe({
            generation_type: "reframe_image",
            model: "photon-1",
            aspect_ratio: "1:1",
            media: { url }
          })
      ]
      const check = Effect.fnUntraced(function*(create: () => PromiseLike<LumaAI.Generation>) {
        const begun = yield* Effect.promise(create)
        assert.deepStrictEqual([begun.state, begun.assets, begun.failure_reason], ["queued", null, null] as never)
        const { assets, generation_type, state } = yield* ended(luma, begun)
        assert.strictEqual(state, "completed")
        assert.match(String(generation_type === "image" ? assets?.image : assets?.video), hosted)
      })
      yield* Effect.forEach(creates, check, { concurrency: "unbounded", discard: true })
    }).pipe(served()))

  it.live("upscale a generation, and add audio to it", () =>
    Effect.gen(function*() {
      const luma = yield* client
      const { services } = yield* Emulator.Emulator
      const { id } = yield* services["luma-dream-machine"].add({ state: "completed" })
      const upscaled = yield* Effect.promise(() => luma.generations.upscale(id, { resolution: "4k" }))
      const audible = yield* Effect.promise(() => luma.generations.audio(id, { prompt: "rain" }))
      for (const begun of [upscaled, audible]) {
        assert.notStrictEqual(begun.id, id)
        assert.strictEqual((yield* ended(luma, begun)).state, "completed")
      }
    }).pipe(served()))

  it.live("list by limit and offset, and delete", () =>
    Effect.gen(function*() {
      const luma = yield* client
      const { services } = yield* Emulator.Emulator
      const ids: Array<string> = []
      for (let i = 0; i < 5; i++) ids.unshift((yield* services["luma-dream-machine"].add()).id)
      const pages = yield* Effect.forEach([0, 2, 4], (offset) =>
        Effect.promise(() => luma.generations.list({ limit: 2, offset })))
      assert.deepStrictEqual(
        pages.flatMap(({ generations }) =>
          generations.map(({ id }) => id)
        ),
        ids
      )
      assert.deepStrictEqual(pages.map(({ count, has_more }) => [count, has_more]), [[2, true], [2, true], [1, false]])
      yield* Effect.promise(() => luma.generations.delete(ids[0] ?? ""))
      assert.strictEqual((yield* Effect.promise(() => luma.generations.list())).generations.length, 4)
    }).pipe(served()))

  it.live("tell the credits, the concepts, and that they are there", () =>
    Effect.gen(function*() {
      const luma = yield* client
      assert.deepStrictEqual(yield* Effect.promise(() => luma.credits.get()), { credit_balance: 1234.5 })
      assert.include(yield* Effect.promise(() => luma.generations.concepts.list()), "dolly_zoom")
      assert.deepStrictEqual(yield* Effect.promise(() => luma.ping.check()), { message: "pong" })
    }).pipe(served()))

  it.live("agree on errors", () =>
    Effect.gen(function*() {
      const luma = yield* client
      const other = new LumaAI({ authToken: "luma-other", baseURL: luma.baseURL, maxRetries: 0 })
      assert.deepStrictEqual(yield* failure(() => luma.generations.get("0")), [404, { detail: "Generation not found" }])
      assert.deepStrictEqual(yield* failure(() => other.ping.check()), [401, { detail: "Invalid API key is provided" }])
      assert.deepStrictEqual(
        yield* failure(() => luma.generations.video.create({ model: "ray-2", prompt: "no" })),
        [400, { detail: "Prompt is too short, minimum length is 3 characters" }]
      )
      const [status, error] = yield* failure(() => luma.generations.video.create({ model: "photon-1" as never }))
      assert.deepInclude(error, { detail: (error as { detail: unknown }).detail })
      assert.strictEqual(status, 422)
    }).pipe(served()))

  it.live("repeat a create whose answer was lost, and pay twice", () =>
    Effect.gen(function*() {
      const { baseURL } = yield* client
      const { count, inject, services } = yield* Emulator.Emulator
      yield* inject({
        fault: { _tag: "Drop", code: "UND_ERR_SOCKET", worked: true },
        operation: "luma-dream-machine.video",
        times: 1
      })
      const luma = new LumaAI({ authToken: Emulator.token, baseURL })
      yield* Effect.promise(() => luma.generations.video.create({ model: "ray-2", prompt: "rain" }))
      assert.strictEqual(yield* count("luma-dream-machine.video"), 2)
      assert.strictEqual((yield* services["luma-dream-machine"].jobs).length, 2)
    }).pipe(served()))

  it.live("call back as it dreams and as it ends, with the whole generation", () =>
    Effect.gen(function*() {
      const luma = yield* client
      const { deliver } = yield* Emulator.Emulator
      const calls: Array<LumaAI.Generation> = []
      const callback_url = yield* listen((body) => {
        calls.push(JSON.parse(body))
        return 200
      })
      yield* Effect.forkChild(deliver)
      const begun = yield* Effect.promise(() =>
        luma.generations.video.create({ model: "ray-2", prompt: "rain", callback_url })
      )
      yield* Effect.repeat(Effect.sleep("20 millis"), { until: () => calls.length >= 2 }).pipe(
        Effect.timeout("5 seconds")
      )
      assert.deepStrictEqual(calls.map(({ id, state }) => [id, state]), [[begun.id, "dreaming"], [
        begun.id,
        "completed"
      ]])
      assert.match(String(calls[1]?.assets?.video), hosted)
    }).pipe(served()))
})

describe("@ai-sdk/luma and the emulator", () => {
  const options = (extra: object = {}) => ({
    prompt: "a lighthouse in the rain",
    n: 1,
    size: undefined,
    aspectRatio: "16:9" as const,
    seed: undefined,
    files: undefined,
    mask: undefined,
    providerOptions: { luma: { pollIntervalMillis: 20, ...extra } }
  })
  const model = Effect.map(address, (baseURL) => createLuma({ apiKey: Emulator.token, baseURL }).image("photon-1"))

  it.live("make an image, from submit to bytes", () =>
    Effect.gen(function*() {
      const image = yield* model
      const { images: [bytes] } = yield* Effect.promise(() => Promise.resolve(image.doGenerate(options())))
      assert.deepStrictEqual(Array.from((bytes as Uint8Array).subarray(0, 3)), [0xff, 0xd8, 0xff])
    }).pipe(served()))

  it.live("agree on what is wrong with a request", () =>
    Effect.gen(function*() {
      const image = yield* model
      const { cause } = yield* Effect.flip(
        Effect.tryPromise(() => Promise.resolve(image.doGenerate(options({ format: "tiff" }))))
      )
      assert.match(String(cause), /Input should be 'jpg' or 'png'/)
    }).pipe(served()))
})

describe("the current API, as its official client asks it", () => {
  // The client is in no registry: what it sends, by hand.
  const ask = (method: string, path: string, init: RequestInit = {}) =>
    Effect.flatMap(address, (url) =>
      Effect.promise(async () => {
        const response = await fetch(path.startsWith("http") ? path : `${url}/v1${path}`, {
          method,
          ...init,
          headers: { authorization: `Bearer ${Emulator.token}`, accept: "application/json", ...init.headers }
        })
        const text = await response.text()
        return { status: response.status, headers: response.headers, json: text === "" ? undefined : JSON.parse(text) }
      }))
  const json = (body: object): RequestInit => ({
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" }
  })

  it.live("creates and gets, at the same address as Dream Machine", () =>
    Effect.gen(function*() {
      const { headers, json: begun, status } = yield* ask(
        "POST",
        "/generations",
        json({ prompt: "rain", model: "ray-3.2", type: "video" })
      )
      assert.deepStrictEqual([status, begun.state, begun.output], [201, "queued", []])
      assert.strictEqual(headers.get("x-api-version"), "2026-04-01")
      assert.isDefined(headers.get("x-request-id"))
      yield* Effect.sleep("400 millis")
      const { json: { output, state } } = yield* ask("GET", `/generations/${begun.id}`)
      assert.strictEqual(state, "completed")
      const file = yield* Effect.promise(() => fetch(output[0].url))
      assert.deepStrictEqual([file.status, file.headers.get("content-type")], [200, "video/mp4"])
    }).pipe(served()))

  it.live("takes files, in a form and straight to where they are kept", () =>
    Effect.gen(function*() {
      const bytes = new Uint8Array(1234).fill(200)
      const form = new FormData()
      form.set("file", new File([bytes], "rain.png", { type: "image/png" }))
      const inline = (yield* ask("POST", "/files", { body: form })).json
      assert.deepStrictEqual([inline.upload, inline.file.size_bytes, inline.file.mime_type], [null, 1234, "image/png"])
      const { json: { id, state, upload } } = yield* ask(
        "POST",
        "/files",
        json({ mime_type: "image/png", size_bytes: 1234 })
      )
      assert.strictEqual(state, "pending")
      const put = yield* Effect.promise(() =>
        fetch(upload.url, { method: upload.method, headers: upload.headers, body: bytes })
      )
      assert.strictEqual(put.status, 200)
      assert.strictEqual((yield* ask("POST", `/files/${id}/complete`)).json.state, "ready")
      const { json: { data, has_more } } = yield* ask("GET", "/files?limit=1")
      assert.deepStrictEqual([data.length, has_more], [1, true])
      assert.strictEqual((yield* ask("DELETE", `/files/${id}`)).status, 204)
      assert.strictEqual((yield* ask("GET", `/files/${id}`)).json.state, "deleted")
    }).pipe(served()))
})

/** A server for webhooks on a free port, for as long as the test lasts. */
const listen = (answer: (body: string) => number) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<ReturnType<typeof createServer>>((resume) => {
        const server = createServer((request, response) => {
          const chunks: Array<Buffer> = []
          request.on("data", (chunk) => chunks.push(chunk))
          request.on("end", () => {
            response.statusCode = answer(Buffer.concat(chunks).toString())
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
