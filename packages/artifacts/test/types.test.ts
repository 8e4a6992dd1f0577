import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ArtifactStore from "../src/ArtifactStore.ts"
import { find } from "../src/internal/mediaType.ts"
import * as support from "./support.ts"
import { artifact, host, job, media, memory, passing, signed } from "./support.ts"

const stem = "luma-b5fd6ffbf1a04fed7bae8b4c64234d51"
const bytesOf = (text: string) => Uint8Array.from([...Buffer.from(text, "latin1"), ...media(1_000)])
const jpeg = bytesOf("\xff\xd8\xff\xe0")
const png = bytesOf("\x89PNG\r\n\x1a\n")
const webm = bytesOf("\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01B\xf7\x81\x01B\x82\x84webm")
const mp4 = bytesOf("\0\0\0 ftypisom\0\0\x02\0isomiso2mp41")
const m4a = bytesOf("\0\0\0 ftypM4A \0\0\0\0")
const zip = bytesOf("PK\x03\x04")
const plain = bytesOf("nothing that a signature knows")

describe("the name and the media type of a file", () => {
  for (
    const [what, bytes, said, path, ending, type] of [
      ["JPEG that the host calls PNG", jpeg, "image/png", "a.png", "jpg", "image/jpeg"],
      ["WebM that is named MP4, with a vague type", webm, "application/octet-stream", "a.mp4", "webm", "video/webm"],
      ["MP4 that the host calls a text", mp4, "text/plain", "a", "mp4", "video/mp4"],
      ["MP4 of which the host says nothing", mp4, undefined, "a", "mp4", "video/mp4"],
      ["PNG from a host of bytes", png, "binary/octet-stream", "a.webp", "png", "image/png"],
      ["sound in what the host calls a film", m4a, "video/mp4", "a.mp4", "m4a", "audio/mp4"],
      ["sound in WebM, rightly called", webm, "audio/webm", "a.webm", "webm", "audio/webm"],
      ["sound in MP4, rightly called", mp4, "audio/mp4", "a.m4a", "m4a", "audio/mp4"],
      ["a scene in an archive, by its type", zip, "model/vnd.usdz+zip", "a", "usdz", "model/vnd.usdz+zip"],
      ["a scene in an archive, by its name", zip, "application/octet-stream", "a.usdz", "usdz", "model/vnd.usdz+zip"],
      ["a document in an archive", zip, "application/vnd.new+zip", "a", "zip", "application/vnd.new+zip"],
      ["an archive that the host calls a picture", zip, "image/png", "a.png", "zip", "application/zip"],
      ["what no signature knows", plain, "image/png", "a.mp4", "png", "image/png"],
      ["what nobody knows", plain, undefined, "a", "bin", undefined]
    ] as const
  ) {
    it.effect(`are those of ${what}`, () =>
      Effect.gen(function*() {
        const sink = memory()
        // In pieces of which the first tells nothing.
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => {
            controller.enqueue(bytes.slice(0, 3))
            controller.enqueue(bytes.slice(3))
            controller.close()
          }
        })
        const client = host(() => new Response(body, { headers: said === undefined ? {} : { "content-type": said } }))
        const [saved] = yield* passing(
          ArtifactStore.save(job([artifact({ kind: "other", url: signed(path) })])).pipe(
            Effect.provide(support.storeOf(sink.service, client.layer))
          )
        )
        assert.deepStrictEqual([saved?.file, saved?.mediaType], [`${stem}-other-primary.${ending}`, type])
        assert.deepStrictEqual(sink.files.get(saved?.file ?? ""), bytes)
        assert.strictEqual(sink.about.get(saved?.file ?? "")?.mediaType, type)
      }))
  }

  it("keep the host's word where the bytes allow it", () => {
    const typeOf = (said: string, bytes: Uint8Array) => find(said, [], bytes).mediaType
    assert.strictEqual(typeOf("image/jpg", jpeg), "image/jpg")
    assert.strictEqual(typeOf("image/x-unheard-of", jpeg), "image/jpeg")
    assert.strictEqual(typeOf("image/x-unheard-of", plain), "image/x-unheard-of")
  })
})
