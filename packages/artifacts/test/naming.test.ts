import { assert, describe, it } from "@effect/vitest"
import * as Artifact from "@media-jobs/core/Artifact"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { parseUrl } from "../src/internal/address.ts"
import { find, parse } from "../src/internal/mediaType.ts"
import { keyOf, labelsOf, stemOf } from "../src/internal/naming.ts"
import { artifact, job } from "./support.ts"

const hostile = [
  "../../etc/passwd",
  "/",
  "..",
  ".",
  "a/b\\c",
  "C:\\x",
  "con",
  "\0",
  "é\u202e",
  "%2e%2e%2f",
  "a\n",
  "\ud800"
]
const Any = Schema.Union([Schema.Literals(hostile), Schema.NonEmptyString])

describe("stemOf", () => {
  it.effect.prop("is a plain name for any provider, instance and id, and shows none of the latter", [Any, Any, Any], (
    [provider, instance, id]
  ) =>
    Effect.sync(() => {
      const stem = stemOf(job([], {
        provider: ProviderId.make(provider),
        instance: ProviderId.Instance.make(instance),
        id: JobId.make(id)
      }))
      assert.match(stem, /^[a-z0-9][a-z0-9-]{0,23}-[0-9a-f]{32}$/)
    }))

  it("tells identities apart that would be one text if they were strung together", () => {
    const of = (provider: string, instance: string, id: string) =>
      keyOf(
        job([], {
          provider: ProviderId.make(provider),
          instance: ProviderId.Instance.make(instance),
          id: JobId.make(id)
        })
      )
    const keys = [
      of("a", "b", "c"),
      of("ab", "c", "c"),
      of("a", "bc", "c"),
      of("a", "b", "\ud800"),
      of("a", "b", "\ud801")
    ]
    assert.strictEqual(new Set(keys).size, keys.length)
    assert.match(keys[0] ?? "", /^[0-9a-f]{64}$/)
  })

  it("stays the same from release to release: it finds what was saved before", () => {
    assert.strictEqual(stemOf(job()), "luma-b5fd6ffbf1a04fed7bae8b4c64234d51")
  })
})

describe("labelsOf", () => {
  it("numbers what is the same, and never gives one label twice", () => {
    const roles = ["primary", "primary", "primary-2", "primary", "PRIMARY", "HDR frames", "../x", "¿?"]
    assert.deepStrictEqual(labelsOf(roles.map((role) => artifact({ role }))), [
      "video-primary",
      "video-primary-2",
      "video-primary-2-2",
      "video-primary-3",
      "video-primary-4",
      "video-hdr-frames",
      "video-x",
      "video-x-2"
    ])
  })

  it("takes each artifact's own label, whatever else there is", () => {
    const own = ["primary", "primary-3", "last-frame", "カバー", "表紙", "frames-of-light-and-of-shadow-1", "X"]
    const all = labelsOf(own.map((label) => artifact({ role: "primary", label })))
    assert.deepStrictEqual(all.slice(0, 3), ["video-primary", "video-primary-3", "video-last-frame"])
    assert.match(all.join(), /^[a-z0-9,-]+$/)
    own.forEach((label, i) => assert.deepStrictEqual(labelsOf([artifact({ role: "primary", label })]), [all[i] ?? ""]))
  })

  it.effect.prop(
    "gives as many different plain labels as there are artifacts",
    [Schema.Array(Any)],
    ([roles]) =>
      Effect.sync(() => {
        const labels = labelsOf(roles.map((role) => artifact({ role, kind: "image" })))
        assert.strictEqual(new Set(labels).size, roles.length)
        for (const label of labels) assert.match(label, /^image-[a-z0-9-]+$/)
      })
  )
})

describe("endingOf", () => {
  const endingOf = (said: string | undefined, urls: ReadonlyArray<URL | undefined>): string =>
    find(said, urls, new Uint8Array()).ending
  const at = (path: string) => [parseUrl(path, new URL("https://cdn.example.net"))]

  it("believes a media type that it knows, then the link, then nothing", () => {
    assert.strictEqual(endingOf("image/png", at("/a.jpg")), "png")
    assert.strictEqual(endingOf("application/octet-stream", at("/a.JPEG?x=.exe")), "jpg")
    assert.strictEqual(endingOf(undefined, at("/frames.zip")), "zip")
    assert.strictEqual(endingOf("text/plain", at("/a.mp4")), "mp4")
    assert.strictEqual(endingOf("text/plain", at("/a")), "txt")
    assert.strictEqual(endingOf("application/x-msdownload", at("/a.exe")), "bin")
    assert.strictEqual(endingOf("text/html", at("/a.html")), "bin")
    assert.strictEqual(endingOf(undefined, [undefined, ...at("/b.webp")]), "webp")
    assert.strictEqual(endingOf(undefined, at("/a.constructor")), "bin")
    assert.strictEqual(endingOf("image/svg+xml", at("/a.svg")), "bin")
  })

  it.effect.prop(
    "is one of a closed table for any type and link",
    [Any, Any],
    ([type, path]) =>
      Effect.sync(() => assert.match(endingOf(parse(type), [parseUrl(path), ...at(path)]), /^[a-z0-9]{2,5}$/))
  )

  it("reads media types and nothing else", () => {
    assert.strictEqual(parse("Video/MP4; codecs=\"avc1\""), "video/mp4")
    assert.strictEqual(parse("video"), undefined)
    assert.strictEqual(parse("video/mp4\nx"), undefined)
    assert.strictEqual(parse(undefined), undefined)
  })
})

it("labels follow core's kinds", () => {
  for (const kind of Artifact.MediaKind.literals) {
    assert.deepStrictEqual(labelsOf([artifact({ kind })]), [`${kind}-primary`])
  }
})
