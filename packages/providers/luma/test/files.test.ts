import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import * as Luma from "@media-jobs/luma/Luma"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as LumaEmulator from "@media-jobs/testing/luma"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { createServer } from "node:http"
import { generation, inMemory, luma, lumaBefore, token } from "./support.ts"

const bytes = new Uint8Array(1234).fill(7)
const file = { mediaType: "image/png", content: Stream.make(bytes.subarray(0, 1000), bytes.subarray(1000)) }
const waited = <A, E, R>(effect: Effect.Effect<A, E, R>, time: "1 minute" | "10 minutes" = "1 minute") =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust(time)
    return yield* Fiber.join(fiber)
  })

describe("luma.upload", () => {
  it.effect("sends a file of known length straight to where files are kept, without the key, and waits until it is taken", () =>
    Effect.gen(function*() {
      const { journal, services } = yield* Emulator.Emulator
      const { reference } = yield* waited(Effect.flatMap(luma(), (_) => _.upload({ ...file, length: 1234 })))
      const [kept] = yield* services.luma.files
      assert.deepStrictEqual([kept?.id, kept?.size, kept?.mediaType, kept?.name], [
        reference,
        1234,
        "image/png",
        "file.png"
      ])
      const sent = yield* journal
      assert.deepStrictEqual([...new Set(sent.map(({ operation }) => operation))], [
        "luma.upload",
        "luma.put",
        "luma.completeFile",
        "luma.getFile"
      ])
      const put = sent.find(({ operation }) => operation === "luma.put")
      assert.strictEqual(put?.headers["authorization"], undefined)
      assert.notInclude(JSON.stringify(put), Emulator.token)
      assert.isAbove(sent.filter(({ operation }) => operation === "luma.getFile").length, 3)
    }).pipe(inMemory({ services: { luma: LumaEmulator.service({ ingest: "5 seconds" }) } })))

  it.effect("sends one of unknown length in a form", () =>
    Effect.gen(function*() {
      const { count, services } = yield* Emulator.Emulator
      const { reference } = yield* waited(Effect.flatMap(luma(), (_) => _.upload(file)))
      const [kept] = yield* services.luma.files
      assert.deepStrictEqual([kept?.id, kept?.size, kept?.mediaType], [reference, 1234, "image/png"])
      assert.strictEqual(yield* count(), 1)
    }).pipe(inMemory()))

  it.effect("gives a reference that a request may hold", () =>
    Effect.gen(function*() {
      const provider = yield* luma()
      const { reference } = yield* provider.upload({ ...file, length: 1234 })
      yield* provider.submit(Luma.imageEdit({ prompt: "snow", source: { file_id: reference } }))
    }).pipe(inMemory()))

  it.effect("fails with the reason where the service does not take the file", () =>
    Effect.gen(function*() {
      const { services } = yield* Emulator.Emulator
      yield* services.luma.failFiles("The image was moderated")
      const error = yield* waited(Effect.flatMap(luma(), (_) => Effect.flip(_.upload({ ...file, length: 1234 }))))
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues, [
        { field: "content", message: "The image was moderated" }
      ])
    }).pipe(inMemory()))

  it.effect("does not wait for ever, and takes a word that it does not know for one that is not the end", () =>
    Effect.gen(function*() {
      const id = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
      const { provider, sent } = yield* lumaBefore(() => [200, { id, state: "digesting" }])
      const error = yield* waited(Effect.flip(provider.upload(file)), "10 minutes")
      assert.deepStrictEqual([error._tag, sent.length], ["UnexpectedResponse", 122])
    }))

  it.effect("takes a length that is not the content's for wrong, and a refusal elsewhere for no trouble with the key", () =>
    Effect.gen(function*() {
      const provider = yield* luma({ retries: 0 })
      const short = yield* Effect.flip(provider.upload({ ...file, length: 2000 }))
      assert.deepStrictEqual(short._tag === "InvalidRequest" && short.issues.map(({ field }) => field), ["content"])
      const { provider: other } = yield* lumaBefore(({ method }) =>
        method === "PUT"
          ? [401, "<Error/>"]
          : [201, { id: "f", state: "pending", upload: { url: "https://s3.test/x?y=1", method: "PUT", headers: {} } }]
      )
      assert.strictEqual((yield* Effect.flip(other.upload({ ...file, length: 1234 })))._tag, "UnexpectedResponse")
    }).pipe(inMemory()))

  it.effect("takes an address that is none for an answer that is not documented", () =>
    Effect.gen(function*() {
      for (const url of [undefined, "", "ftp://s3.test/x", "/uploads/x"]) {
        const { provider, sent } = yield* lumaBefore(() => [201, { id: "f", state: "pending", upload: { url } }])
        assert.strictEqual((yield* Effect.flip(provider.upload({ ...file, length: 1234 })))._tag, "UnexpectedResponse")
        assert.strictEqual(sent.length, 1)
      }
    }))

  it.live("sends the bytes over a socket, with their length, which storage wants to know", () =>
    Effect.gen(function*() {
      const baseUrl = yield* HttpServer.addressFormattedWith((url) => Effect.succeed(`${url}/luma`))
      const provider = yield* Luma.make({ token, baseUrl })
      const { reference } = yield* provider.upload({ ...file, length: 1234 })
      const { journal, services } = yield* Emulator.Emulator
      assert.deepStrictEqual((yield* services.luma.files).map(({ id, size }) => [id, size]), [[reference, 1234]])
      const put = (yield* journal).find(({ operation }) => operation === "luma.put")
      assert.deepStrictEqual([put?.headers["content-length"], put?.headers["transfer-encoding"]], ["1234", undefined])
    }).pipe(
      Effect.provide(
        Emulator.layerServer.pipe(
          Layer.provideMerge(Emulator.layer()),
          Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
          Layer.provideMerge(FetchHttpClient.layer)
        )
      )
    ))
})

describe("luma.link", () => {
  it.effect("signs anew what has died, and says for how long", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-11-26T10:00:00Z"))
      const { services } = yield* Emulator.Emulator
      const provider = yield* luma()
      const { id } = yield* services.luma.add({ state: "completed", exr: true })
      const job = yield* provider.get(JobId.make(id))
      const [video, frames] = job.state._tag === "Succeeded" ? job.state.artifacts : []
      yield* TestClock.adjust("90 minutes")
      for (const artifact of [video, frames]) {
        const link = yield* provider.link(job, artifact ?? assert.fail())
        const path = (url = "") => url.split("?", 1).join()
        assert.strictEqual(path(link.url), path(artifact?.url))
        assert.notStrictEqual(link.url, artifact?.url)
        assert.strictEqual(link.headers, undefined)
        assert.strictEqual(link.expiresAt && DateTime.formatIso(link.expiresAt), "2026-11-26T12:30:00.000Z")
      }
    }).pipe(inMemory()))

  it.effect("tells the files of a generation apart", () =>
    Effect.gen(function*() {
      const id = "d290f1ee-6c54-4b01-90e6-d701748f0851"
      const output = [0, 1].map((i) => ({ type: "image", url: `https://s3.test/${i}.png` }))
      const { provider } = yield* lumaBefore(() => [200, generation({ state: "completed", type: "image", output })])
      const job = yield* provider.get(JobId.make(id))
      for (const artifact of job.state._tag === "Succeeded" ? job.state.artifacts : assert.fail()) {
        assert.strictEqual((yield* provider.link(job, artifact)).url, artifact.url)
      }
    }))
})
