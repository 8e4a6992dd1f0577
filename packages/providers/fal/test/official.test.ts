import { createFal } from "@ai-sdk/fal"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { createFalClient, type FalClient, type QueueStatus, ValidationError } from "@fal-ai/client"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as FalEmulator from "@media-jobs/testing/fal"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { createServer } from "node:http"

const cdn = "https://v3b.fal.media"

/** A job that a busy machine meets in each of its states. */
const unhurried = { life: "2 seconds", queued: "800 millis" } as const

/** A live address, at the emulator. */
const moved = (url: string, origin: string) => url.startsWith(origin) ? url : url.replace(/^https:\//, `${origin}/fal`)

/** The vendor's own client, which knows nothing of this project, before the emulator on a socket. */
const client: Effect.Effect<FalClient, never, HttpServer.HttpServer> = HttpServer.addressFormattedWith((origin) =>
  Effect.succeed(createFalClient({
    credentials: Emulator.token,
    requestMiddleware: (request) => Promise.resolve({ ...request, url: moved(request.url, origin) })
  }))
)

/**
 * The models of the AI SDK, which have a client of their own. It takes no address of this machine in an answer: what it is told is
 * put back to what it would be told live.
 */
const models = HttpServer.addressFormattedWith((origin) =>
  Effect.succeed(createFal({
    apiKey: Emulator.token,
    fetch: async (input, init) => {
      const url = String(input).replace(cdn, `${origin}/media`)
      const answer = await fetch(moved(url, origin), init)
      if (answer.headers.get("content-type")?.startsWith("application/json") !== true) return answer
      return new Response((await answer.text()).replaceAll(`${origin}/fal/`, "https://"), answer)
    }
  }))
)

const served = (options?: FalEmulator.Options, mediaOrigin?: string) =>
  Effect.provide(
    Emulator.layerServer.pipe(
      Layer.provideMerge(
        Emulator.layer({
          mediaOrigin,
          services: { fal: FalEmulator.service({ life: "400 millis", queued: "100 millis", ...options }) }
        })
      ),
      Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
      Layer.provideMerge(FetchHttpClient.layer)
    )
  )

const model = "fal-ai/flux/dev"
const input = { prompt: "rain" }
const failure = (call: () => Promise<unknown>) =>
  Effect.map(Effect.flip(Effect.tryPromise(call)), ({ cause }) => cause as Error & { readonly status?: number }) // the client's

describe("the official client and the emulator", () => {
  it.live("submit, look, and fetch the result", () =>
    Effect.gen(function*() {
      const { queue } = yield* client
      const begun = yield* Effect.promise(() => queue.submit(model, { input, priority: "low", startTimeout: 60 }))
      assert.strictEqual(begun.status, "IN_QUEUE")
      const { request_id: requestId } = begun
      const words = new Set<string>()
      yield* Effect.repeat(Effect.promise(() => queue.status(model, { requestId, logs: true })), {
        until: ({ status }) => {
          words.add(status)
          return status === "COMPLETED"
        }
      })
      assert.deepStrictEqual([...words], ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"])
      const { data, requestId: told } = yield* Effect.promise(() => queue.result(model, { requestId }))
      assert.strictEqual(told, requestId)
      assert.match(data.images[0]?.url ?? "", /^http:\/\/127\.0\.0\.1:\d+\/media\/files\/b\/[0-9a-f]{8}\/flux\.webp$/)
      const file = yield* Effect.promise(() => fetch(data.images[0]?.url ?? ""))
      assert.strictEqual(file.headers.get("content-type"), "image/webp")
      const { services: { fal } } = yield* Emulator.Emulator
      const [job] = yield* fal.jobs
      assert.deepStrictEqual(
        [job?.headers["x-fal-queue-priority"], job?.headers["x-fal-request-timeout"]],
        ["low", "60"]
      )
    }).pipe(served(unhurried)))

  it.live.each(["polling", "streaming"] as const)("subscribe by %s, with logs", (mode) =>
    Effect.gen(function*() {
      const fal = yield* client
      const updates: Array<string> = []
      const logs: Array<string> = []
      const options = {
        input,
        logs: true,
        onQueueUpdate: (update: QueueStatus) => {
          updates.push(update.status)
          if (update.status !== "IN_QUEUE") logs.push(...(update.logs ?? []).map(({ message }) => message))
        }
      }
      const { data } = yield* Effect.promise(() =>
        mode === "polling"
          ? fal.subscribe("fal-ai/veo3", { ...options, mode, pollInterval: 50 })
          : fal.subscribe("fal-ai/veo3", { ...options, mode })
      )
      assert.match(data.video.url, /\/veo3\.mp4$/)
      assert.includeMembers(updates, ["IN_PROGRESS", "COMPLETED"])
      assert.include(logs, "Using seed: 7")
    }).pipe(served(unhurried)))

  it.live("cancel what waits and what runs, and not what has ended", () =>
    Effect.gen(function*() {
      const { queue } = yield* client
      const { services: { fal } } = yield* Emulator.Emulator
      const { request_id: requestId } = yield* Effect.promise(() => queue.submit(model, { input }))
      yield* Effect.promise(() => queue.cancel(model, { requestId }))
      const { status } = yield* Effect.promise(() => queue.status(model, { requestId }))
      assert.strictEqual(status, "COMPLETED")
      assert.strictEqual((yield* failure(() => queue.result(model, { requestId }))).status, 499)
      assert.strictEqual((yield* failure(() => queue.cancel(model, { requestId }))).status, 400)
      const { id } = yield* fal.add({ endpoint: model, duration: "1 hour" })
      yield* Effect.promise(() => queue.cancel(model, { requestId: id }))
      assert.strictEqual((yield* failure(() => queue.cancel("fal-ai/other", { requestId: id }))).status, 404)
    }).pipe(served({ life: "1 hour", queued: "1 minute" })))

  it.live("take a file, whole and in parts", () =>
    Effect.gen(function*() {
      const { storage } = yield* client
      const { services: { fal } } = yield* Emulator.Emulator
      for (const size of [1234, 91 * 1024 * 1024]) {
        const url = yield* Effect.promise(() =>
          storage.upload(new File([new Uint8Array(size)], "rain.png", { type: "image/png" }))
        )
        const upload = (yield* fal.uploads).at(-1)
        assert.deepStrictEqual([upload?.url, upload?.bytes, upload?.isComplete], [url, size, true])
        assert.strictEqual((yield* Effect.promise(() => fetch(url))).headers.get("content-type"), "image/png")
      }
    }).pipe(served()), 20_000)

  it.live("run at once, and agree on errors", () =>
    Effect.gen(function*() {
      const fal = yield* client
      const { data } = yield* Effect.promise(() => fal.run("fal-ai/lyria2", { input }))
      assert.match(data.audio.url, /\.mp3$/)
      const invalid = yield* failure(() => fal.run(model, { input: {} as typeof input }))
      assert(invalid instanceof ValidationError)
      assert.deepStrictEqual(invalid.getFieldErrors("prompt").map(({ msg }) => msg), ["field required"])
      const { request_id: requestId } = yield* Effect.promise(() =>
        fal.queue.submit(model, { input: {} as typeof input })
      )
      yield* Effect.promise(() => fal.queue.subscribeToStatus(model, { requestId, pollInterval: 50 }))
      assert.strictEqual((yield* failure(() => fal.queue.result(model, { requestId }))).status, 422)
    }).pipe(served({ required: ["prompt"] })))
})

describe("the AI SDK's models and the emulator", () => {
  it.live("make images", () =>
    Effect.gen(function*() {
      const fal = yield* models
      const { images, providerMetadata } = yield* Effect.promise(() =>
        fal.image(model).doGenerate({
          prompt: "rain",
          n: 2,
          size: undefined,
          aspectRatio: "16:9",
          seed: undefined,
          files: undefined,
          mask: undefined,
          providerOptions: {}
        })
      )
      assert.strictEqual(images.length, 2)
      assert.strictEqual(new TextDecoder().decode((images[0] as Uint8Array).subarray(8, 12)), "WEBP") // as it was fetched
      assert.deepStrictEqual(JSON.parse(JSON.stringify(providerMetadata))["fal"].images[0].width, 1024)
    }).pipe(served(undefined, cdn)))

  it.live("make videos", () =>
    Effect.gen(function*() {
      const fal = yield* models
      const model = fal.video("veo3")
      const asked = {
        prompt: "rain",
        n: 1,
        image: undefined,
        frameImages: undefined,
        inputReferences: undefined,
        aspectRatio: undefined,
        resolution: undefined,
        duration: undefined,
        fps: undefined,
        seed: undefined,
        generateAudio: undefined,
        providerOptions: {}
      }
      const begun = yield* Effect.promise(async () => model.doStart?.(asked))
      const ended = yield* Effect.repeat(
        Effect.promise(async () => model.doStatus?.({ operation: begun?.operation ?? null })),
        { until: (one) => one?.status !== "pending", schedule: Schedule.spaced("50 millis") }
      )
      assert.match(JSON.stringify(ended), /https:\/\/v3b\.fal\.media\/files\/b\/[0-9a-f]{8}\/veo3\.mp4/)
    }).pipe(served(undefined, cdn)))
})
