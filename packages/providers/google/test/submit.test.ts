import { assert, describe, it } from "@effect/vitest"
import type * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Gemini from "@media-jobs/google/Gemini"
import type * as GeminiRequest from "@media-jobs/google/GeminiRequest"
import * as Vertex from "@media-jobs/google/Vertex"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as GoogleEmulator from "@media-jobs/testing/google"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import {
  emulated,
  fileUrl,
  gemini,
  id,
  inMemory,
  interaction,
  made,
  passing,
  rain,
  veo,
  vertex,
  vertexId
} from "./support.ts"

describe("gemini.submit", () => {
  const format = (type: string, more: object = {}) => ({ type, delivery: "uri", ...more })
  const usual = { background: true, store: true }
  const rows: ReadonlyArray<readonly [what: string, request: GeminiRequest.Request, body: object]> = [
    ["a video", rain, { ...usual, model: "gemini-omni-1.1-flash", input: "rain", response_format: format("video") }],
    [
      "a longer one of an earlier one",
      Gemini.video({
        model: "gemini-omni-1.2-flash",
        input: [{ type: "text", text: "more" }, { type: "document", uri: fileUrl }],
        previous_interaction_id: id,
        task: "extend",
        seed: 7,
        duration: 8,
        aspect_ratio: "16:9",
        resolution: "1080p",
        labels: { team: "rain" },
        service_tier: "flex",
        webhook: "https://app.test/hook",
        reference: "order-7"
      }),
      {
        ...usual,
        model: "gemini-omni-1.2-flash",
        input: [{ type: "text", text: "more" }, { type: "document", uri: fileUrl }],
        previous_interaction_id: id,
        labels: { team: "rain" },
        service_tier: "flex",
        response_format: format("video", { aspect_ratio: "16:9", resolution: "1080p", duration: "8s" }),
        generation_config: { seed: 7, video_config: { task: "extend" } },
        webhook_config: { uris: ["https://app.test/hook"] }
      }
    ],
    ["music", Gemini.music({ input: "rain", mime_type: "audio/mpeg", sample_rate: 48_000 }), {
      ...usual,
      model: "lyria-3.5",
      input: "rain",
      response_format: format("audio", { mime_type: "audio/mpeg", sample_rate: 48_000 })
    }],
    ["an image", Gemini.image({ input: "rain", image_size: "2K", seed: 0 }), {
      ...usual,
      model: "gemini-3.1-flash-image",
      input: "rain",
      response_format: format("image", { image_size: "2K" }),
      generation_config: { seed: 0 }
    }]
  ]
  for (const [what, request, body] of rows) {
    it.effect(`asks for ${what}, in the background and by link`, () =>
      Effect.gen(function*() {
        const { provider, sent } = yield* gemini(() => [200, interaction()])
        const submission = yield* provider.submit(request)
        assert.deepStrictEqual(sent.map(({ body, method, url }) => [method, url.href, body]), [
          ["POST", "https://generativelanguage.googleapis.com/v1/interactions", body]
        ])
        assert.deepStrictEqual([...submission.ids], [JobId.make(id)])
        assert.isTrue(submission.snapshots?.[0]?.is("Running"))
        assert.strictEqual(sent[0]?.headers["x-goog-api-key"], Emulator.token)
        assert.isUndefined(sent[0]?.headers["authorization"])
      }))
  }

  it.effect("knows the id, whatever else of the reply is odd", () =>
    Effect.gen(function*() {
      for (const odd of [{ status: 7 }, { status: null, model: [] }, { created: 0, steps: "x" }]) {
        const { provider } = yield* gemini(() => [200, interaction(odd)])
        assert.deepStrictEqual([...(yield* provider.submit(rain)).ids], [JobId.make(id)])
      }
    }))

  it.effect("goes to a base with its version or without", () =>
    Effect.gen(function*() {
      for (const base of ["", "/v1", "/v1beta", "/v1beta/"]) {
        const { provider, sent } = yield* gemini(() => [200, interaction()], {
          baseUrl: `https://proxy.test/google${base}`
        })
        yield* provider.submit(rain)
        assert.strictEqual(sent[0]?.url.href, "https://proxy.test/google/v1/interactions")
      }
    }))
})

describe("vertex.submit", () => {
  it.effect("asks at the place of its project, with what belongs to the instance and what are parameters", () =>
    Effect.gen(function*() {
      for (
        const [location, host] of [
          [undefined, "aiplatform.googleapis.com"],
          ["us-central1", "us-central1-aiplatform.googleapis.com"],
          ["eu", "aiplatform.eu.rep.googleapis.com"]
        ] as const
      ) {
        const { provider, sent } = yield* veo(() => [200, { name: vertexId }], { project: "rain-7", location })
        yield* provider.submit(Vertex.video({
          prompt: "rain",
          image: { gcsUri: "gs://a/b.png", mimeType: "image/png" },
          sampleCount: 2,
          durationSeconds: 8,
          storageUri: "gs://a/out",
          labels: { team: "rain" }
        }))
        const place = `projects/rain-7/locations/${location ?? "global"}`
        assert.deepStrictEqual(sent.map(({ body, headers, url }) => [url.href, headers["authorization"], body]), [[
          `https://${host}/v1/${place}/publishers/google/models/veo-3.1-generate-001:predictLongRunning`,
          `Bearer ${Emulator.token}`,
          {
            instances: [{ prompt: "rain", image: { gcsUri: "gs://a/b.png", mimeType: "image/png" } }],
            parameters: { sampleCount: 2, durationSeconds: 8, storageUri: "gs://a/out" },
            labels: { team: "rain" }
          }
        ]])
      }
    }))

  it.effect("takes the token from a function, at each request", () =>
    Effect.gen(function*() {
      let n = 0
      const { provider, sent } = yield* veo(() => [200, { name: vertexId }], {
        token: () => Promise.resolve(`ya29.${++n}`)
      })
      yield* provider.submit(Vertex.video({ prompt: "rain" }))
      yield* provider.get(JobId.make(vertexId))
      assert.deepStrictEqual(sent.map(({ headers }) => headers["authorization"]), ["Bearer ya29.1", "Bearer ya29.2"])
    }))

  it.effect("is refused where the project or the location is none", () =>
    Effect.gen(function*() {
      for (const odd of [{ project: "" }, { project: "a/b" }, { project: "a", location: "EU/west" }]) {
        const options = { token: Redacted.make("t"), ...odd }
        const error = yield* Effect.flip(Effect.provide(Vertex.make(options), Emulator.layerClient))
        assert.strictEqual(error._tag, "ConfigError")
      }
    }).pipe(inMemory()))
})

describe("a submit whose reply was lost", () => {
  it.effect("was sent once, may run, and is said to be lost for good", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const submits: ReadonlyArray<readonly [string, Effect.Effect<unknown, JobError.Of<"submit">>]> = [
        ["google.create", (yield* emulated()).submit(rain)],
        ["google-vertex.submit", (yield* vertex()).submit(Vertex.video({ prompt: "rain" }))]
      ]
      for (const [operation, submit] of submits) {
        const before = yield* emulator.count()
        yield* emulator.inject({ fault: Faults.dropReply })
        const error = yield* Effect.flip(passing(submit))
        assert.strictEqual(error._tag === "SubmissionUncertain" && error.recoverable, false)
        assert.include(error.message, "can't be found again")
        assert.notMatch(error.message, /recover|submit again/)
        assert.strictEqual((yield* emulator.count()) - before, 1, operation)
        yield* emulator.heal
      }
      const { services } = emulator
      assert.deepStrictEqual(
        [(yield* services.google.jobs).length, (yield* services["google-vertex"].jobs).length],
        [1, 1]
      )
    }).pipe(inMemory()))
})

describe("gemini.remove", () => {
  it.effect("forgets what has ended, and asks first", () =>
    Effect.gen(function*() {
      const { count, services: { google } } = yield* Emulator.Emulator
      const provider = yield* emulated()
      for (const state of ["completed", "failed", "cancelled", "budget_exceeded"] as const) {
        const { id } = yield* google.add({ state })
        yield* provider.remove(JobId.make(id))
      }
      assert.lengthOf(yield* google.jobs, 0)
      const { id } = yield* google.add()
      const error = yield* Effect.flip(provider.remove(JobId.make(id)))
      assert.deepStrictEqual([error._tag, error.operation], ["NotTerminal", "remove"])
      assert.lengthOf(yield* google.jobs, 1)
      assert.strictEqual(yield* count("google.remove"), 4)
    }).pipe(inMemory()))
})

describe("gemini.upload", () => {
  const chunk = new Uint8Array(1000).fill(7)
  const file = (more?: object) => ({ mediaType: "image/png", content: Stream.make(chunk, chunk), ...more })

  it.effect("streams a file, waits until it is ready, and tells where it is", () =>
    Effect.gen(function*() {
      const { journal } = yield* Emulator.Emulator
      const provider = yield* emulated()
      for (const length of [undefined, 2000]) {
        const { reference } = yield* passing(provider.upload(file({ length })))
        assert.match(reference, /^https:\/\/generativelanguage\.googleapis\.com\/v1beta\/files\/[a-z0-9]{12}$/)
        yield* provider.submit(Gemini.video({ input: [{ type: "document", uri: reference }] }))
      }
      const sent = (yield* journal).map(({ headers, operation }) =>
        [operation, headers["x-goog-upload-command"]].join(" ")
      )
      assert.includeMembers(sent, ["google.upload start", "google.upload upload, finalize", "google.file "])
      const [start] = yield* journal
      assert.isUndefined(start?.headers["x-goog-upload-header-content-length"])
    }).pipe(inMemory({ services: { google: GoogleEmulator.service({ processing: "3 seconds" }) } })))

  it.effect("sends key and bytes to its base alone, whatever address it is told to go on at", () =>
    Effect.gen(function*() {
      const answers = (sent: { readonly headers: { readonly [name: string]: string } }) =>
        sent.headers["x-goog-upload-command"] === "start"
          ? [200, "", { "x-goog-upload-url": "https://elsewhere.test/google/upload/v1/files?upload_id=7" }] as const
          : [200, { file: { uri: "https://elsewhere.test/v1/files/a", state: "ACTIVE" } }] as const
      for (const baseUrl of ["https://proxy.test/google", undefined]) {
        const { provider, sent } = yield* gemini(answers, { baseUrl })
        yield* provider.upload(file())
        const host = baseUrl === undefined ? "https://generativelanguage.googleapis.com/google" : baseUrl
        assert.strictEqual(sent[1]?.url.href, `${host}/upload/v1/files?upload_id=7`)
        assert.lengthOf(sent, 2)
      }
    }))

  it.effect("tells of a file that the service can't read", () =>
    Effect.gen(function*() {
      const { provider } = yield* gemini(({ headers, method }) =>
        headers["x-goog-upload-command"] === "start"
          ? [200, "", { "x-goog-upload-url": "https://generativelanguage.googleapis.com/upload/v1/files?upload_id=7" }]
          : method === "POST"
          ? [200, { file: { uri: fileUrl, state: "PROCESSING" } }]
          : [200, { uri: fileUrl, state: "FAILED" }]
      )
      const error = yield* Effect.flip(passing(provider.upload(file())))
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues.map(({ field }) => field), ["content"])
    }))

  for (
    const [what, more, field] of [
      ["no media type", { mediaType: "image/png\r\nx: y" }, "mediaType"],
      ["a length that is none", { length: 1.5 }, "length"],
      ["more than its length", { length: 1999 }, "content"],
      ["nothing", { content: Stream.empty }, "content"]
    ] as const
  ) {
    it.effect(`refuses a file with ${what}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip((yield* emulated()).upload(file(more)))
        assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues.map(({ field }) => field), [field])
      }).pipe(inMemory()))
  }
})

it.effect("a submit that is answered as completed says nothing of the file, which may not be ready", () =>
  Effect.gen(function*() {
    const { provider } = yield* gemini(() => [200, made([{ type: "video", mime_type: "video/mp4", uri: fileUrl }])])
    const submission = yield* provider.submit(rain)
    assert.deepStrictEqual([submission.ids, submission.snapshots ?? []], [[JobId.make(id)], []])
  }))
