import { assert, describe, it } from "@effect/vitest"
import * as WireFile from "@media-jobs/adapter/WireFile"
import * as Artifact from "@media-jobs/core/Artifact"

const url = "https://example.com/1.mp4"
const about = { kind: "video", role: "primary" } as const

describe("WireFile", () => {
  it("is what is told of a file, read as it came", () =>
    assert.deepStrictEqual(WireFile.of(url, { ...about, index: 1, width: "1280", height: null }), [
      new Artifact.Artifact({ ...about, url, label: "primary-2", width: 1280 })
    ]))

  it("has the label that it is given, or none where there is one of each role", () =>
    assert.deepStrictEqual(
      [
        ...WireFile.of(url, { ...about, label: "hdr" }),
        ...WireFile.of(url, about)
      ].map(({ label }) => label),
      ["hdr", undefined]
    ))

  it("is none where its link leads nowhere", () => {
    for (const link of [undefined, "", "soon", 7]) assert.deepStrictEqual(WireFile.of(link, about), [])
  })

  it("has a thumbnail beside it, and never one alone", () => {
    const [image, files] = ["https://example.com/1.jpg", WireFile.of(url, about)]
    assert.deepStrictEqual(
      WireFile.withThumbnail(files, image, { index: 2 }).map(({ kind, label, role }) => [kind, role, label]),
      [["video", "primary", undefined], ["image", "thumbnail", "thumbnail-3"]]
    )
    assert.deepStrictEqual(WireFile.withThumbnail(files, undefined), files)
    assert.deepStrictEqual(WireFile.withThumbnail([], image), [])
  })
})
