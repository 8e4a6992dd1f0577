import { assert, describe, it } from "@effect/vitest"
import * as FileType from "@media-jobs/core/FileType"

describe("FileType", () => {
  it("knows a file by the ending of its name, however it is written", () => {
    const types = ["a.mp4", "/b/A.MP4", "a.m4v", "a.jpeg", "a.tif", "x.tar.gz", "mesh.glb", "a.7z"].map(FileType.ofName)
    assert.deepStrictEqual(types.map((type) => `${type?.kind} ${type?.ending}`), [
      "video mp4",
      "video mp4",
      "video mp4",
      "image jpg",
      "image tiff",
      "archive gz",
      "model glb",
      "archive 7z"
    ])
    for (const name of ["", "mp4", "a.", "a.exe", "a.html", "a.mp4/", "a.mp4?x=1", "a.constructor", "a.proto"]) {
      assert.isUndefined(FileType.ofName(name), name)
    }
  })

  it("knows a file by its media type, with or without parameters", () => {
    assert.strictEqual(FileType.ofMediaType("image/jpeg")?.ending, "jpg")
    assert.strictEqual(FileType.ofMediaType(" Video/QuickTime; x=1")?.ending, "mov")
    assert.strictEqual(FileType.ofMediaType("audio/webm;codecs=opus,AAAA")?.ending, "webm")
    for (const type of ["", "image", "image/", "application/octet-stream", "text/html", "constructor"]) {
      assert.isUndefined(FileType.ofMediaType(type), type)
    }
  })

  it("tells the kind of any media type that says it, and of the archives", () => {
    const kinds = ["audio/webm", "VIDEO/ogg", "image/x-new", "text/html", "model/obj", "application/zip;base64,UEs="]
    assert.deepStrictEqual(kinds.map(FileType.kindOf), ["audio", "video", "image", "text", "model", "archive"])
    for (const type of ["", "video", "application/octet-stream", "other-thing/x"]) {
      assert.isUndefined(FileType.kindOf(type), type)
    }
  })
})
