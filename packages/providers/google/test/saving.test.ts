/** Files that open with the key alone. */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as ArtifactStore from "@media-jobs/artifacts/ArtifactStore"
import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { emulated, fileUrl, gemini, inMemory, vertex } from "./support.ts"

const key = "x-goog-api-key"

const Store = Layer.unwrap(
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "google-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true }))
    ),
    (directory) => ArtifactStore.layer({ directory })
  )
).pipe(Layer.provide(NodeServices.layer))

describe("a file that the key alone opens", () => {
  const made = Effect.gen(function*() {
    const { services: { google } } = yield* Emulator.Emulator
    const { id } = yield* google.add({ state: "completed", delivery: "uri" })
    const provider = yield* emulated()
    const job = (yield* provider.get(JobId.make(id))) as Job.Succeeded // it is completed
    return { provider, job }
  })
  it.live("is saved by the provider's link, and the key went nowhere along a redirect", () =>
    Effect.gen(function*() {
      const { inject, journal } = yield* Emulator.Emulator
      const { job, provider } = yield* made
      yield* inject({
        operation: "google.download",
        fault: Faults.redirect("https://replicate.delivery/emulator/rain/out.mp4"),
        skip: 1
      })
      const [saved] = yield* ArtifactStore.save(job, { providers: [provider] })
      assert.deepStrictEqual([saved?.mediaType, saved?.label], ["video/mp4", "video-video"])
      const sent = (yield* journal).filter(({ url }) => url.includes(":download") || url.includes("out.mp4"))
      assert.deepStrictEqual(sent.map(({ headers, host }) => [host, headers[key]]), [
        // At first as any link is tried; then as the provider opens it; then where that leads.
        ["generativelanguage.googleapis.com", undefined],
        ["generativelanguage.googleapis.com", Emulator.token],
        ["replicate.delivery", undefined]
      ])
      for (const text of [JSON.stringify(saved), saved?.location ?? ""]) assert.notInclude(text, "12345-emulator")
    }).pipe(Effect.provide(Store), inMemory()))

  it.live("can't be had without the provider", () =>
    Effect.gen(function*() {
      const { job } = yield* made
      const error = yield* Effect.flip(ArtifactStore.save(job))
      assert.strictEqual(error._tag, "LinkDead")
    }).pipe(Effect.provide(Store), inMemory()))
})

describe("google's link", () => {
  const linked = (url: string, baseUrl?: string) =>
    Effect.gen(function*() {
      const { provider } = yield* gemini(() => [200, ""], { baseUrl })
      const link = yield* provider.link({} as Job.Job, { url } as never) // the link is all that is looked at
      return [link.url, Object.entries(link.headers ?? {}).map(([name, value]) => [name, Redacted.value(value)])]
    })
  const opened = (base: string) => [`${base}/v1/files/a1b2c3d4e5f6:download?alt=media`, [[key, Emulator.token]]]

  it.effect("gives the key to its own base alone", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual<unknown>(yield* linked(fileUrl), opened("https://generativelanguage.googleapis.com"))
      assert.deepStrictEqual<unknown>(yield* linked(fileUrl, "https://proxy.test/g"), opened("https://proxy.test/g"))
      for (
        const other of [
          "https://elsewhere.test/v1beta/files/a1b2c3d4e5f6:download?alt=media",
          "https://generativelanguage.googleapis.com.elsewhere.test/v1/files/a",
          "http://generativelanguage.googleapis.com/v1/files/a",
          "data:video/mp4;base64,AAAA"
        ]
      ) assert.deepStrictEqual<unknown>(yield* linked(other), [other, []])
    }))

  it.effect("of Vertex opens Google's storage with the token, and nothing else", () =>
    Effect.gen(function*() {
      const provider = yield* vertex({ token: () => Promise.resolve("ya29.now") })
      const of = (url: string) =>
        Effect.map(provider.link({} as Job.Job, { url } as never), ({ headers = {}, url }) => [ // the link is all that is looked at
          url,
          Object.entries(headers).map(([name, value]) => [name, Redacted.value(value)])
        ])
      assert.deepStrictEqual<unknown>(yield* of("gs://rain/out/a b#.mp4"), [
        "https://storage.googleapis.com/rain/out/a%20b%23.mp4",
        [["authorization", "Bearer ya29.now"]]
      ])
      for (const other of ["data:video/mp4;base64,AAAA", "https://storage.googleapis.com/rain/out.mp4"]) {
        assert.deepStrictEqual<unknown>(yield* of(other), [other, []])
      }
    }).pipe(inMemory()))

  it.live("of Vertex has a stored file saved", () =>
    Effect.gen(function*() {
      const { services } = yield* Emulator.Emulator
      const provider = yield* vertex()
      const { id } = yield* services["google-vertex"].add({ state: "succeeded", storageUri: "gs://rain/out" })
      const job = (yield* provider.get(JobId.make(id))) as Job.Succeeded // it is done
      const [saved] = yield* ArtifactStore.save(job, { providers: [provider] })
      assert.strictEqual(saved?.mediaType, "video/mp4")
    }).pipe(Effect.provide(Store), inMemory()))
})
