import { assert, describe, it } from "@effect/vitest"
import * as Form from "@media-jobs/adapter/Form"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const bytes = (size: number) => Stream.make(new Uint8Array(size).fill(7))

/** What a platform's own parser reads of a form, and the length that was announced. */
const parsed = Effect.fnUntraced(function*(...[name, upload, fields]: Parameters<typeof Form.file>) {
  const body = Form.file(name, upload, fields)(bytes(100))
  if (body._tag !== "Stream") return yield* Effect.die("The form does not stream")
  const chunks = yield* Stream.runCollect(body.stream)
  const blob = new Blob(chunks.map((chunk) => new Uint8Array(chunk)))
  const form = yield* Effect.promise(() =>
    new Response(blob, { headers: { "content-type": body.contentType } }).formData()
  )
  return { entries: [...form], announced: body.contentLength, size: blob.size }
})

describe("Form.file", () => {
  it.effect("has the fields first, then the file, under a name that only its type tells", () =>
    Effect.gen(function*() {
      const fields = { key: "a/b", "x-amz-\"meta\"": "one\r\ntwo" }
      const { announced, entries, size } = yield* parsed("file", { mediaType: "video/mp4", length: 100 }, fields)
      assert.deepStrictEqual(entries.slice(0, 2), Object.entries(fields))
      const [name, file] = entries[2] ?? []
      assert.deepStrictEqual([name, entries.length, announced], ["file", 3, size])
      assert.isTrue(file instanceof File)
      if (file instanceof File) {
        assert.deepStrictEqual([file.name, file.type, file.size], ["file.mp4", "video/mp4", 100])
      }
    }))

  it.effect("announces no length that it does not know, and a type grows no header", () =>
    Effect.gen(function*() {
      const { announced, entries } = yield* parsed("content", { mediaType: "image/x\r\nx: y" })
      assert.deepStrictEqual([announced, entries.map(([name]) => name)], [undefined, ["content"]])
    }))

  it("names what it does not know by its subtype", () => {
    const names = ["image/jpeg", "audio/x-unheard", "strange/!"].map((mediaType) => Form.nameOf({ mediaType }))
    assert.deepStrictEqual(names, ["file.jpg", "file.unheard", "file.bin"])
  })
})
