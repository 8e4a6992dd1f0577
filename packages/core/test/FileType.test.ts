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

  it("knows a file by its first bytes", () => {
    const first = (text: string) =>
      FileType.ofBytes(new Uint8Array(Buffer.from(text, "latin1"))).map(({ ending }) => ending)
    const files: ReadonlyArray<readonly [string, string]> = [
      ["\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "png"],
      ["\xff\xd8\xff\xe1\0\x10Exif", "jpg"],
      ["RIFF\x24\0\0\0WEBPVP8L", "webp"],
      ["RIFF\x24\0\0\0WAVEfmt ", "wav"],
      ["RIFF\x24\0\0\0AVI LIST", "avi"],
      ["GIF87a\x01", "gif"],
      ["GIF89a\x01", "gif"],
      ["II*\0\x08\0\0\0", "tiff"],
      ["MM\0*\0\0\0\x08", "tiff"],
      ["BM\x46\0\0\0\0\0\0\0\x36", "bmp"],
      ["v/1\x01\x02\0\0\0channels", "exr"],
      ["#?RADIANCE\nFORMAT=", "hdr"],
      ["\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "avif"],
      ["\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "avif"],
      ["\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"],
      ["\0\0\0\x14ftypqt  \0\0\0\0", "mov"],
      ["\0\0\0\x08wide\0\0\0\0mdat", "mov mp4"],
      ["\0\0\0 ftypM4A \0\0\0\0", "m4a"],
      ["\0\0\0 ftypisom\0\0\x02\0", "mp4 m4a"],
      ["\0\0\0\x18ftypmp42\0\0\0\0", "mp4 m4a"],
      ["\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "webm"],
      ["\x1aE\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroska", "mkv"],
      ["OggS\0\x02", "ogg opus"],
      ["fLaC\0\0\0\x22", "flac"],
      ["ID3\x04\0", "mp3 aac"],
      ["\xff\xfb\x90\x64", "mp3 aac"],
      ["\xff\xf1\x50\x80", "aac"],
      ["MThd\0\0\0\x06", "mid"],
      ["PK\x03\x04\x14", "zip usdz"],
      ["\x1f\x8b\x08\0", "gz tgz"],
      ["7z\xbc\xaf'\x1c\0", "7z"],
      [`${"\0".repeat(257)}ustar`, "tar"],
      ["glTF\x02\0\0\0", "glb"],
      ["ply\nformat ascii 1.0", "ply"],
      ["Kaydara FBX Binary  \0", "fbx"]
    ]
    for (const [bytes, endings] of files) assert.strictEqual(first(bytes).join(" "), endings, bytes)
    // What is cut short, or only looks alike, is of no type.
    const none = [
      "",
      "P",
      "\x89PN",
      "RIFF\0\0\0\0XXXX",
      "\xff\xd8",
      "<!DOCTYPE html>",
      "{}",
      " GIF89a",
      "BMW is a car",
      "ID",
      "ftyp"
    ]
    for (const bytes of none) assert.deepStrictEqual(first(bytes), [], bytes)
  })
})
