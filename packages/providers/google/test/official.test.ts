import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { GoogleGenAI } from "@google/genai"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as GoogleEmulator from "@media-jobs/testing/google"
import * as GoogleVertexEmulator from "@media-jobs/testing/google-vertex"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"

const url = HttpServer.addressFormattedWith(Effect.succeed)

/** The vendor's own client, which knows nothing of this project, before the emulator on a socket. */
const client = Effect.map(
  url,
  (url) => new GoogleGenAI({ apiKey: Emulator.token, httpOptions: { baseUrl: `${url}/google` } })
)
const onVertex = Effect.map(
  url,
  (url) =>
    new GoogleGenAI({
      vertexai: true,
      apiKey: Emulator.token,
      httpOptions: { baseUrl: `${url}/google-vertex` }
    })
)

const served = (options?: GoogleEmulator.Options) =>
  Effect.provide(
    Emulator.layerServer.pipe(
      Layer.provideMerge(
        Emulator.layer({
          services: {
            google: GoogleEmulator.service({ life: "300 millis", startup: "100 millis", ...options }),
            "google-vertex": GoogleVertexEmulator.service({ life: "300 millis" })
          }
        })
      ),
      Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
      Layer.provideMerge(FetchHttpClient.layer)
    )
  )

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "google-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const until = <A>(ask: () => Promise<A>, holds: (value: A) => boolean) =>
  Effect.repeat(Effect.delay(Effect.promise(ask), "20 millis"), { until: holds }).pipe(Effect.timeout("5 seconds"))

describe("the official client and the emulator", () => {
  it.live("create an interaction in the background, get it until it is completed, and download what it made", () =>
    Effect.gen(function*() {
      const ai = yield* client
      const begun = yield* Effect.promise(() =>
        ai.interactions.create({
          model: "gemini-omni-1.1-flash",
          input: "rain",
          background: true,
          response_format: { type: "video", delivery: "uri", duration: "8s" }
        })
      )
      assert.include(["queued", "in_progress"], begun.status)
      const ended = yield* until(() => ai.interactions.get(begun.id), ({ status }) => status === "completed")
      const [output] = (ended.steps ?? []).flatMap((step) => step.type === "model_output" ? step.content ?? [] : [])
      const uri = output?.type === "video" ? output.uri ?? "" : ""
      const base = yield* url
      assert.match(uri, new RegExp(`^${base}/google/v1beta/files/[a-z0-9]{12}:download\\?alt=media$`))
      const file = yield* Effect.promise(() => ai.files.get({ name: `files/${/files\/(\w+)/.exec(uri)?.[1]}` }))
      assert.deepStrictEqual([file.state, file.mimeType, file.source], ["ACTIVE", "video/mp4", "GENERATED"])
      const path = join(yield* directory, "rain.mp4")
      // By its name: of a file with its address the client recognizes https alone.
      yield* Effect.promise(() => ai.files.download({ file: file.name ?? "", downloadPath: path }))
      yield* until(() => Promise.resolve(readFileSync(path).length), (length) => length === Number(file.sizeBytes))
      assert.include(readFileSync(path).subarray(0, 12).toString("latin1"), "ftyp")
    }).pipe(Effect.scoped, served()))

  it.live("cancel one that runs, and delete it", () =>
    Effect.gen(function*() {
      const ai = yield* client
      const create = () => ai.interactions.create({ model: "gemini-omni-1.1-flash", input: "rain", background: true })
      const { id } = yield* Effect.promise(create)
      assert.strictEqual((yield* Effect.promise(() => ai.interactions.cancel(id))).status, "cancelled")
      assert.strictEqual((yield* Effect.promise(() => ai.interactions.get(id))).status, "cancelled")
      yield* Effect.promise(() => ai.interactions.delete(id))
      const error = yield* Effect.flip(Effect.tryPromise(() => ai.interactions.get(id)))
      assert.match(String(error.cause), /400.*Invalid interaction name/s)
    }).pipe(served({ life: "1 hour" })))

  it.live("upload a file in chunks, until it is ready", () =>
    Effect.gen(function*() {
      const ai = yield* client
      const size = 9 * 1024 * 1024
      const file = yield* Effect.promise(() =>
        ai.files.upload({
          file: new Blob([new Uint8Array(size)]),
          config: { mimeType: "image/png", displayName: "rain" }
        })
      )
      assert.deepStrictEqual([file.state, file.sizeBytes, file.displayName], ["PROCESSING", String(size), "rain"])
      const ready = yield* until(() => ai.files.get({ name: file.name ?? "" }), ({ state }) => state === "ACTIVE")
      assert.strictEqual(ready.mimeType, "image/png")
      const listed = yield* Effect.promise(async () => {
        const names: Array<string | undefined> = []
        for await (const { name } of await ai.files.list()) names.push(name)
        return names
      })
      assert.deepStrictEqual(listed, [file.name])
      yield* Effect.promise(() => ai.files.delete({ name: file.name ?? "" }))
      const error = yield* Effect.flip(Effect.tryPromise(() => ai.files.get({ name: file.name ?? "" })))
      assert.match(String(error.cause), /NOT_FOUND/)
    }).pipe(served({ processing: "200 millis" })))

  it.live("register a webhook, which is told its secret once", () =>
    Effect.gen(function*() {
      const ai = yield* client
      const hook = yield* Effect.promise(() =>
        ai.webhooks.create({
          name: "rain",
          uri: "https://app.test/hook",
          subscribed_events: ["interaction.completed", "interaction.failed"]
        })
      )
      assert.match(hook.new_signing_secret ?? "", /^whsec_/)
      const id = hook.id ?? ""
      const got = yield* Effect.promise(() => ai.webhooks.get(id))
      assert.deepStrictEqual([got.uri, got.state, got.new_signing_secret], [
        "https://app.test/hook",
        "enabled",
        undefined
      ])
      const { secret } = yield* Effect.promise(() => ai.webhooks.rotateSigningSecret(id))
      assert.notStrictEqual(secret, hook.new_signing_secret)
      yield* Effect.promise(() => ai.webhooks.delete(id))
      const { webhooks } = yield* Effect.promise(() => ai.webhooks.list())
      assert.deepStrictEqual(webhooks, [])
    }).pipe(served()))

  it.live("make videos on Vertex, and wait for them", () =>
    Effect.gen(function*() {
      const ai = yield* onVertex
      const begun = yield* Effect.promise(() =>
        ai.models.generateVideos({
          model: "veo-3.1-generate-001",
          source: { prompt: "rain" },
          config: { numberOfVideos: 2 }
        })
      )
      assert.match(begun.name ?? "", /^projects\/.+\/models\/veo-3\.1-generate-001\/operations\/[0-9a-f-]{36}$/)
      const ended = yield* until(
        () => ai.operations.getVideosOperation({ operation: begun }),
        ({ done }) => done === true
      )
      const videos = ended.response?.generatedVideos ?? []
      assert.deepStrictEqual(videos.map(({ video }) => video?.mimeType), ["video/mp4", "video/mp4"])
      assert.isAbove(videos[0]?.video?.videoBytes?.length ?? 0, 1000)
    }).pipe(served()))

  it.live("agree on errors", () =>
    Effect.gen(function*() {
      const ai = yield* client
      const failed = (call: () => Promise<unknown>) =>
        Effect.map(Effect.flip(Effect.tryPromise(call)), ({ cause }) => String(cause))
      const odd = { model: "veo-3.1-generate-preview", input: "rain", background: true }
      assert.match(yield* failed(() => ai.interactions.create(odd, { maxRetries: 0 })), /no longer available/)
      const stranger = new GoogleGenAI({ apiKey: "none", httpOptions: { baseUrl: `${yield* url}/google` } })
      assert.match(yield* failed(() => stranger.files.get({ name: "files/a" })), /API key not valid/)
    }).pipe(served()))
})
