import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import type * as Provider from "@media-jobs/core/Provider"
import * as Runway from "@media-jobs/runway/Runway"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { createServer } from "node:http"
import { answered, emulated, inMemory, token } from "./support.ts"

const chunk = new Uint8Array(1000).fill(7)
const file = (more?: Partial<Provider.Upload>): Provider.Upload => ({
  mediaType: "image/png",
  content: Stream.make(chunk, chunk),
  length: 2000,
  ...more
})
const ofImage = (promptImage: string) =>
  Runway.imageToVideo({ model: "gen4_turbo", promptImage, ratio: "1280:720", seed: 7 })

const socket = Effect.provide(
  Emulator.layerServer.pipe(
    Layer.provideMerge(Emulator.layer()),
    Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
    Layer.provideMerge(FetchHttpClient.layer)
  )
)

describe("runway.upload", () => {
  it.effect("gives a file, of which a video can be made for a day", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const runway = yield* emulated()
      const { reference } = yield* runway.upload(file())
      assert.match(reference, /^runway:\/\//)
      yield* runway.submit(ofImage(reference))
      const [ticket, form] = yield* emulator.journal
      assert.deepStrictEqual(JSON.parse(ticket?.body ?? ""), { filename: "file.png", type: "ephemeral" })
      assert.deepStrictEqual([form?.headers["authorization"], form?.headers["x-runway-version"]], [
        undefined,
        undefined
      ])
      yield* TestClock.adjust("24 hours")
      const error = yield* Effect.flip(runway.submit(ofImage(reference)))
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues.map(({ field }) => field), ["promptImage"])
    }).pipe(inMemory()))

  it.live("tells storage the length over a socket, and no key", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const baseUrl = yield* HttpServer.addressFormattedWith((url) => Effect.succeed(`${url}/runway`))
      const runway = yield* Runway.make({ token, baseUrl })
      const { reference } = yield* runway.upload(file())
      yield* runway.submit(ofImage(reference))
      const [, form] = yield* emulator.journal
      assert.deepStrictEqual(
        [form?.headers["content-length"], form?.headers["transfer-encoding"], form?.headers["authorization"]],
        [`${form?.bytes}`, undefined, undefined]
      )
    }).pipe(socket))

  it.effect("sends the form to the ticket's address, whatever fields it has", () =>
    Effect.gen(function*() {
      const uploadUrl = "https://files.s3.test/bucket?x=1"
      const { runway, sent } = yield* answered(({ url }) =>
        url.host === "files.s3.test"
          ? [201, "<PostResponse/>"]
          : [200, { uploadUrl, fields: { key: "k", size: 7 }, runwayUri: "runway://k" }]
      )
      assert.deepStrictEqual(yield* runway.upload(file()), { reference: "runway://k" })
      assert.deepStrictEqual(sent.map(({ method, url }) => `${method} ${url.href}`), [
        "POST https://api.dev.runwayml.com/v1/uploads",
        `POST ${uploadUrl}`
      ])
      assert.notMatch(JSON.stringify(sent[1]?.headers), /emulator|x-runway|authorization/)
    }))

  for (
    const [what, more, field] of [
      ["no length", { length: undefined }, "length"],
      ["too little", { length: 511 }, "length"],
      ["too much", { length: 200 * 1024 * 1024 + 1 }, "length"],
      ["more than its length", { length: 1999 }, "content"],
      ["less than its length", { length: 2001 }, "content"],
      ["what can't be read", { content: Stream.fail(new Error("EIO")) }, "content"]
    ] as const
  ) {
    it.effect(`refuses a file with ${what}`, () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const error = yield* Effect.flip((yield* emulated()).upload(file(more)))
        assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues.map(({ field }) => field), [field])
        if (field === "length") assert.strictEqual(yield* emulator.count(), 0)
      }).pipe(inMemory()))
  }

  it.effect.each(
    [
      ["upload", Faults.status(401), "Unauthorized"],
      ["store", Faults.status(401), "UnexpectedResponse"],
      ["store", Faults.page(403), "UnexpectedResponse"],
      ["store", Faults.status(503), "Unavailable"],
      ["store", Faults.redirect("https://elsewhere.test/"), "UnexpectedResponse"]
    ] as const
  )("fails where %s does", ([operation, fault, tag]) =>
    Effect.gen(function*() {
      const { inject } = yield* Emulator.Emulator
      yield* inject({ fault, operation: `runway.${operation}` })
      const error = yield* Effect.flip((yield* emulated({ retries: 0 })).upload(file()))
      assert.strictEqual(error._tag, tag)
    }).pipe(inMemory()))
})
