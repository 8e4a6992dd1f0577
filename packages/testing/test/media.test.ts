import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Emulator, Faults } from "@media-jobs/testing"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import { createServer } from "node:http"
import { ask, inMemory } from "./support.ts"

const served = (options?: Emulator.Options) =>
  Effect.provide(
    Emulator.layerServer.pipe(
      Layer.provideMerge(Emulator.layer(options)),
      Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
    )
  )

const text = (bytes: Uint8Array, from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString("latin1")

/** What a player looks for first, and how its file ends. */
const formats: ReadonlyArray<readonly [ending: string, mediaType: string, opens: (bytes: Uint8Array) => boolean]> = [
  ["mp4", "video/mp4", (bytes) => text(bytes, 4, 8) === "ftyp" && text(bytes, 0, bytes.length).includes("moov")],
  ["png", "image/png", (bytes) => text(bytes, 1, 4) === "PNG" && text(bytes, -8, -4) === "IEND"],
  ["jpg", "image/jpeg", (bytes) => text(bytes, 0, 2) === "\xff\xd8" && text(bytes, -2, bytes.length) === "\xff\xd9"],
  ["webp", "image/webp", (bytes) => text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 12) === "WEBP"],
  ["mp3", "audio/mpeg", (bytes) => bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0],
  ["m4a", "audio/mp4", (bytes) => text(bytes, 4, 8) === "ftyp" && text(bytes, 0, bytes.length).includes("mp4a")],
  ["wav", "audio/wav", (bytes) => text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 16) === "WAVEfmt "],
  ["zip", "application/zip", (bytes) => text(bytes, 0, 4) === "PK\x03\x04" && text(bytes, -22, -20) === "PK"]
]

/** A file as any program in any language gets it. */
const got = Effect.fnUntraced(function*(path: string, headers: Record<string, string> = {}) {
  const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
  return yield* Effect.promise(() =>
    fetch(url + path, { headers }).then(async (response) => ({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      bytes: new Uint8Array(await response.arrayBuffer())
    }))
  )
})
const sha256 = (...parts: ReadonlyArray<Uint8Array>) => {
  const hash = createHash("sha256")
  for (const part of parts) hash.update(part)
  return hash.digest("hex")
}

describe("files", () => {
  it.live("open in a player, each a few kilobytes", () =>
    Effect.gen(function*() {
      for (const [ending, mediaType, opens] of formats) {
        const { bytes, headers, status } = yield* got(`/media/any/file.${ending}`)
        assert.deepStrictEqual([status, headers["content-type"]], [200, mediaType])
        assert.isTrue(opens(bytes), ending)
        assert.isBelow(bytes.length, 10_000)
        assert.strictEqual(headers["content-length"], `${bytes.length}`)
      }
      assert.strictEqual((yield* got("/media/any/file.exe")).status, 404)
      assert.strictEqual(yield* (yield* Emulator.Emulator).count("media.get"), formats.length + 1)
    }).pipe(served()))

  it.live("come in ranges, as long as they are the same file", () =>
    Effect.gen(function*() {
      const whole = yield* got("/media/a/video.mp4")
      const size = whole.bytes.length
      const etag = whole.headers["etag"] ?? ""
      const head = yield* got("/media/a/video.mp4", { range: "bytes=0-999" })
      const tail = yield* got("/media/a/video.mp4", { range: "bytes=1000-", "if-range": etag })
      assert.deepStrictEqual([head.status, tail.status], [206, 206])
      assert.strictEqual(tail.headers["content-range"], `bytes 1000-${size - 1}/${size}`)
      assert.strictEqual(sha256(head.bytes, tail.bytes), sha256(whole.bytes))
      assert.strictEqual((yield* got("/media/a/video.mp4", { range: "bytes=-10" })).bytes.length, 10)
      assert.strictEqual(
        (yield* got("/media/a/video.mp4", { range: "bytes=5-", "if-range": "\"another\"" })).status,
        200
      )
      const beyond = yield* got("/media/a/video.mp4", { range: `bytes=${size}-` })
      assert.deepStrictEqual([beyond.status, beyond.headers["content-range"]], [416, `bytes */${size}`])
    }).pipe(served()))

  it.live("are cut off and refused where that is asked for", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.inject({ fault: Faults.cut, operation: "media.get", times: 1 })
      const cut = yield* Effect.exit(got("/media/a/video.mp4"))
      assert.strictEqual(cut._tag, "Failure")
      yield* emulator.inject({ fault: Faults.page(403), operation: "media.get", times: 1 })
      assert.strictEqual((yield* got("/media/a/video.mp4")).status, 403)
      assert.strictEqual((yield* got("/media/a/video.mp4")).status, 200)
    }).pipe(served()))

  it.effect("are behind every link in memory too, until it expires; asked again, the service has another", () =>
    Effect.gen(function*() {
      const { services: { "useapi-luma": luma } } = yield* Emulator.Emulator
      const { id } = yield* luma.add({ state: "completed" })
      const link = Effect.map(
        ask("GET", `/v1/luma/jobs/${id}`),
        ({ text }) => new URL(JSON.parse(text).response.video.url)
      )
      const first = yield* link
      const file = ({ origin, pathname, search }: URL) => ask("GET", pathname + search, { origin })
      assert.strictEqual((yield* file(first)).status, 200)
      yield* TestClock.adjust("1 hour")
      const expired = yield* file(first)
      assert.strictEqual(expired.status, 403)
      assert.include(expired.text, "AccessDenied")
      const second = yield* link
      assert.notStrictEqual(second.href, first.href)
      assert.strictEqual((yield* file(second)).status, 200)
    }).pipe(inMemory({ mediaLife: "1 hour" })))
})
