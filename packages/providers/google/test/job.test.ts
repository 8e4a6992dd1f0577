import { assert, describe, it } from "@effect/vitest"
import type * as Job from "@media-jobs/core/Job"
import type * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import type * as JobState from "@media-jobs/core/JobState"
import * as Vertex from "@media-jobs/google/Vertex"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { done, fileUrl, gemini, id, interaction, made, oldId, passing, veo, vertexId } from "./support.ts"

const data = "AAAAIGZ0eXBpc29t"
const inline = { type: "video", mime_type: "video/mp4", data }
const linked = { type: "video", mime_type: "video/mp4", uri: fileUrl }
const refusal = { type: "text", text: "I can't make videos of that person." }
const tokens = (modality: string) => ({
  usage: { total_tokens: 7, output_tokens_by_modality: [{ modality, tokens: 7 }] }
})
const withoutFile = { _tag: "Failed", reason: "Completed without a file", cause: "service" } as const
const blocked = "Veo could not generate 1 videos. Support codes: 42237218"

/** What is left of a state once the artifacts are named by label and kind of link. */
const plain = (state: JobState.JobState) =>
  state._tag !== "Succeeded" ? state : {
    ...state,
    artifacts: state.artifacts.map(({ label, url }) => `${label} ${url.replace(/^(data:[\w/]+|\w+).*/s, "$1")}`)
  }

describe("each status of an interaction", () => {
  const rows: ReadonlyArray<readonly [word: string, record: Record<string, unknown>, expected: unknown]> = [
    ["queued", {}, { _tag: "Queued" }],
    ["in_progress", {}, { _tag: "Running" }],
    ["requires_continuation", { continuation_token: "next" }, { _tag: "Running" }],
    ["pondering", {}, { _tag: "Running" }],
    ["cancelled", {}, { _tag: "Cancelled" }],
    ["requires_action", {}, {
      _tag: "Failed",
      cause: "input",
      reason: "It waits for the result of a tool, which no job has"
    }],
    ["incomplete", {}, { _tag: "Failed", cause: "unknown", reason: "Stopped early, at a limit of the model" }],
    ["budget_exceeded", {}, { _tag: "Failed", cause: "credits", reason: "The spending limit is reached" }],
    [
      "failed",
      { errors: [{ code: "internal", message: "The model broke" }] },
      { _tag: "Failed", cause: "unknown", reason: "The model broke", code: "internal" }
    ],
    ["failed", { error: { code: 13, message: "Temporarily unavailable" } }, {
      _tag: "Failed",
      cause: "service",
      reason: "Temporarily unavailable"
    }],
    ["failed", { finish_reason: "PROHIBITED_CONTENT" }, {
      _tag: "Failed",
      cause: "content",
      reason: "PROHIBITED_CONTENT",
      code: "PROHIBITED_CONTENT"
    }],
    ["failed", {}, { _tag: "Failed", cause: "unknown" }]
  ]
  for (const [word, record, expected] of rows) {
    it.effect(`${word} ${JSON.stringify(record)} is ${JSON.stringify(expected)}`, () =>
      Effect.gen(function*() {
        const { provider } = yield* gemini(() => [200, interaction({ status: word, ...record })])
        const job = yield* provider.get(JobId.make(id))
        assert.deepStrictEqual<unknown>(job.state, expected)
        assert.deepStrictEqual([job.providerStatus, job.model, job.kind], [word, "gemini-omni-1.1-flash", "video"])
        assert.strictEqual(job.createdAt && DateTime.formatIso(job.createdAt), "2026-09-26T14:05:30.000Z")
      }))
  }
})

describe("what a completed interaction made", () => {
  const rows: ReadonlyArray<readonly [what: string, record: Record<string, unknown>, expected: unknown]> = [
    ["a video in itself", made([inline]), { _tag: "Succeeded", artifacts: ["video data:video/mp4"] }],
    ["images and a text", made([refusal, { type: "image", mime_type: "image/png", data }, { type: "image", data }]), {
      _tag: "Succeeded",
      artifacts: ["image data:image/png", "image-2 data:image/png"],
      output: refusal.text
    }],
    ["one that can't be read beside one that can", made([{ type: "video", uri: 7 }, inline]), {
      _tag: "Succeeded",
      artifacts: ["video-2 data:video/mp4"]
    }],
    [
      "music in the older form",
      interaction({ status: "completed", outputs: [{ type: "audio", mime_type: "audio/mpeg", data }] }),
      {
        _tag: "Succeeded",
        artifacts: ["audio data:audio/mpeg"]
      }
    ],
    ["a refusal", made([refusal], tokens("text")), { _tag: "Failed", cause: "content", reason: refusal.text }],
    ["a text, though video was counted", made([refusal], tokens("VIDEO")), withoutFile],
    ["nothing", made([]), withoutFile]
  ]
  for (const [what, record, expected] of rows) {
    it.effect(`${what} is ${JSON.stringify(expected)}`, () =>
      Effect.gen(function*() {
        const { provider } = yield* gemini(() => [200, record])
        assert.deepStrictEqual<unknown>(plain((yield* passing(provider.get(JobId.make(id)))).state), expected)
      }))
  }

  it.effect("costs tokens", () =>
    Effect.gen(function*() {
      const { provider } = yield* gemini(() => [200, made([inline], tokens("video"))])
      const { cost } = yield* provider.get(JobId.make(id))
      assert.deepStrictEqual(cost, { amount: 7, unit: "google-tokens", basis: "charged" })
    }))
})

describe("what an incomplete interaction made", () => {
  const reason = "Stopped early, at a limit of the model"
  for (
    const [what, contents, expected] of [
      ["a file", [inline], {
        _tag: "Succeeded",
        artifacts: ["video data:video/mp4"],
        missing: [{ cause: "unknown", reason }]
      }],
      ["a text alone", [refusal], { _tag: "Failed", cause: "unknown", reason }]
    ] as const
  ) {
    it.effect(`of ${what} is ${JSON.stringify(expected)}`, () =>
      Effect.gen(function*() {
        const { provider } = yield* gemini(() => [200, { ...made(contents), status: "incomplete" }])
        assert.deepStrictEqual<unknown>(plain((yield* provider.get(JobId.make(id))).state), expected)
      }))
  }
})

describe("a completed interaction whose file", () => {
  const file = (state: unknown, more: object = {}) =>
    [200, { name: "files/a1b2c3d4e5f6", uri: fileUrl, state, ...more }] as const
  const succeeded = { _tag: "Succeeded", artifacts: ["video https"] }
  const rows = [
    ["is being made ready runs", file("PROCESSING"), { _tag: "Running" }],
    ["is there has succeeded", file("ACTIVE"), succeeded],
    ["is broken has failed", file("FAILED", { error: { message: "It can't be processed" } }), {
      _tag: "Failed",
      cause: "service",
      reason: "It can't be processed"
    }],
    ["is in a state that is not known has succeeded", file(7), succeeded],
    ["is not told of has succeeded", [200, "[]"], succeeded],
    ["is another's has succeeded", [403, { error: { code: 403, message: "No" } }], succeeded],
    ["is not there yet runs", [404, { error: { code: 404, message: "No" } }], { _tag: "Running" }]
  ] as const
  for (const [what, answer, expected] of rows) {
    it.effect(what, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(Date.parse("2026-09-26T14:07:00Z"))
        const { provider, sent } = yield* gemini(({ url }) =>
          url.pathname.includes("/files/") ? answer : [200, made([linked])]
        )
        const job = yield* provider.get(JobId.make(id))
        assert.deepStrictEqual<unknown>(plain(job.state), expected)
        assert.strictEqual(job.providerStatus, "completed")
        assert.deepStrictEqual(sent.map(({ url }) => url.pathname), [
          `/v1/interactions/${id}`,
          "/v1/files/a1b2c3d4e5f6"
        ])
      }))
  }

  it.effect("is not there any more has expired, and one that can't be asked about fails the look", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-09-28T14:06:31Z"))
      const asked = (answer: readonly [number, unknown]) =>
        Effect.flatMap(
          gemini(({ url }) => url.pathname.includes("/files/") ? answer : [200, made([linked])]),
          ({ provider }) => Effect.result(provider.get(JobId.make(id)))
        )
      const gone = yield* asked([404, { error: { code: 404, message: "No" } }])
      assert.strictEqual(gone._tag === "Success" && gone.success.state._tag, "Expired")
      const broken = yield* asked([503, ""])
      assert.strictEqual(broken._tag === "Failure" && broken.failure._tag, "Unavailable")
    }))

  it.effect("stands at another host is not asked about", () =>
    Effect.gen(function*() {
      const uri = "https://elsewhere.test/v1beta/files/a1b2c3d4e5f6"
      const { provider, sent } = yield* gemini(() => [200, made([{ ...linked, uri }])])
      assert.isTrue((yield* provider.get(JobId.make(id))).is("Succeeded"))
      assert.lengthOf(sent, 1)
    }))

  it.effect("is kept for two days", () =>
    Effect.gen(function*() {
      const { provider } = yield* gemini(({ url }) =>
        url.pathname.includes("/files/") ? file("ACTIVE") : [200, made([linked])]
      )
      const { state } = yield* provider.get(JobId.make(id))
      const [artifact] = state._tag === "Succeeded" ? state.artifacts : []
      assert.strictEqual(artifact?.expiresAt && DateTime.formatIso(artifact.expiresAt), "2026-09-28T14:06:30.000Z")
    }))
})

describe("each shape of an operation", () => {
  const video = { bytesBase64Encoded: data, mimeType: "video/mp4" }
  const stored = { gcsUri: "gs://emulator/rain/sample_0.mp4", mimeType: "video/mp4" }
  const failed = (code: number, message: string) => ({ done: true, error: { code, message, details: [] } })
  const rows: ReadonlyArray<readonly [what: string, record: Record<string, unknown>, expected: unknown, word: string]> =
    [
      ["nothing but a name", {}, { _tag: "Running" }, "running"],
      ["not done", { done: false, metadata: {} }, { _tag: "Running" }, "running"],
      ["videos in itself", done({ videos: [video, video] }), {
        _tag: "Succeeded",
        artifacts: ["video data:video/mp4", "video-2 data:video/mp4"]
      }, "done"],
      ["one of a media type that is none", done({ videos: [{ ...video, mimeType: "12,x" }] }), {
        _tag: "Succeeded",
        artifacts: ["video data:video/mp4"]
      }, "done"],
      ["a stored one", done({ raiMediaFilteredCount: 0, videos: [stored] }), {
        _tag: "Succeeded",
        artifacts: ["video gs"]
      }, "done"],
      ["all filtered", done({ raiMediaFilteredCount: 1, raiMediaFilteredReasons: [blocked] }), {
        _tag: "Failed",
        cause: "content",
        reason: blocked,
        code: "42237218"
      }, "done"],
      ["filtered without reasons", done({ raiMediaFilteredCount: 2 }), { _tag: "Failed", cause: "content" }, "done"],
      ["some filtered", done({ raiMediaFilteredCount: 2, raiMediaFilteredReasons: [blocked], videos: [video] }), {
        _tag: "Succeeded",
        artifacts: ["video data:video/mp4"],
        missing: [
          { cause: "content", reason: blocked, code: "42237218" },
          { cause: "content", reason: blocked, code: "42237218" }
        ]
      }, "done"],
      ["nothing made, nothing said", done({}), withoutFile, "done"],
      ["no response", { done: true }, withoutFile, "done"],
      ["a refused prompt", failed(3, "It violates Responsible AI practices. Support codes: 58061214"), {
        _tag: "Failed",
        cause: "content",
        reason: "It violates Responsible AI practices. Support codes: 58061214",
        code: "58061214"
      }, "error"],
      ["a bad input", failed(3, "The image is too small"), {
        _tag: "Failed",
        cause: "input",
        reason: "The image is too small",
        code: "3"
      }, "error"],
      ["no right", failed(7, "No right to the bucket"), {
        _tag: "Failed",
        cause: "unknown",
        reason: "No right to the bucket",
        code: "7"
      }, "error"],
      [
        "no capacity",
        failed(8, "Exhausted"),
        { _tag: "Failed", cause: "service", reason: "Exhausted", code: "8" },
        "error"
      ],
      [
        "a broken service",
        failed(13, "Internal"),
        { _tag: "Failed", cause: "service", reason: "Internal", code: "13" },
        "error"
      ],
      ["a service away", failed(14, "Away"), { _tag: "Failed", cause: "service", reason: "Away", code: "14" }, "error"],
      ["a cancelled one", failed(1, "Cancelled"), { _tag: "Cancelled" }, "error"],
      ["an error without done", { error: { code: 13, message: "Internal" } }, {
        _tag: "Failed",
        cause: "service",
        reason: "Internal",
        code: "13"
      }, "error"]
    ]
  for (const [what, record, expected, word] of rows) {
    const check = (job: Job.Job, model: string) => {
      assert.deepStrictEqual<unknown>(plain(job.state), expected)
      assert.deepStrictEqual([job.providerStatus, job.model, job.kind], [word, model, "video"])
    }
    it.effect(`${what} is ${JSON.stringify(expected)}, on Vertex`, () =>
      Effect.gen(function*() {
        const { provider, sent } = yield* veo(() => [200, { name: vertexId, ...record }])
        check(yield* passing(provider.get(JobId.make(vertexId))), "veo-3.1-generate-001")
        const [path = ""] = vertexId.split("/operations/")
        assert.deepStrictEqual(sent[0] && [sent[0].method, sent[0].url.href, sent[0].body], [
          "POST",
          `https://aiplatform.googleapis.com/v1/${path}:fetchPredictOperation`,
          { operationName: vertexId }
        ])
      }))
    it.effect(`${what} is the same in the older part of the Gemini API, which wraps it`, () =>
      Effect.gen(function*() {
        const wrapped = "response" in record
          ? { ...record, response: { generateVideoResponse: record["response"] } }
          : record
        const { provider, sent } = yield* gemini(() => [200, { ...wrapped, name: oldId }])
        check(yield* passing(provider.get(JobId.make(oldId))), "veo-3.1-generate-preview")
        assert.deepStrictEqual(sent[0] && [sent[0].method, sent[0].url.pathname], ["GET", `/v1beta/${oldId}`])
      }))
  }

  it.effect("the older part's samples are links that want the key, and their files must be there", () =>
    Effect.gen(function*() {
      const response = { generateVideoResponse: { generatedSamples: [{ video: { uri: fileUrl } }] } }
      const { provider } = yield* gemini(({ url }) =>
        url.pathname.includes("/files/")
          ? [200, { uri: fileUrl, state: "PROCESSING" }]
          : [200, { name: oldId, done: true, response }]
      )
      assert.isTrue((yield* provider.get(JobId.make(oldId))).is("Running"))
    }))
})

describe("an operation's answer", () => {
  const other = vertexId.replace("projects/emulator", "projects/123456789012")

  it.effect("that calls the project by its number, or has no name, is of the job that was asked for", () =>
    Effect.gen(function*() {
      for (const name of [other, undefined, ""]) {
        const { provider } = yield* veo(() => [200, { name, done: false }])
        const { id, model } = yield* provider.get(JobId.make(vertexId))
        assert.deepStrictEqual([id, model], [JobId.make(vertexId), "veo-3.1-generate-001"])
      }
    }))

  it.effect("of another operation is refused", () =>
    Effect.gen(function*() {
      const { provider } = yield* veo(() => [200, { name: vertexId.replace(/.$/, "2"), done: true }])
      assert.strictEqual((yield* Effect.flip(passing(provider.get(JobId.make(vertexId)))))._tag, "UnexpectedResponse")
    }))

  it.effect("of the older part, whose file is not there any more, means that the job has expired", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-11-26T12:00:00Z"))
      const response = { generateVideoResponse: { generatedSamples: [{ video: { uri: fileUrl } }] } }
      const { provider } = yield* gemini(({ url }) =>
        url.pathname.includes("/files/")
          ? [404, { error: { code: 404, message: "No" } }]
          : [200, { name: oldId, done: true, response }]
      )
      assert.strictEqual((yield* provider.get(JobId.make(oldId))).state._tag, "Expired")
    }))
})

describe("an id", () => {
  it("of Vertex can be made of its parts, and holds them all", () => {
    const made = Vertex.jobId({
      project: "emulator",
      location: "global",
      model: "veo-3.1-generate-001",
      operation: "0c3364c4-1f0b-4b7e-9a52-7a2d5e0f8c11"
    })
    assert.strictEqual(made, vertexId)
  })

  it.effect("of the one is never the other's, and none of another location is asked about", () =>
    Effect.gen(function*() {
      const one = yield* gemini(() => [200, ""])
      const two = yield* veo(() => [200, ""])
      for (const mine of [id, oldId]) {
        assert.deepStrictEqual([one.provider.owns(JobId.make(mine)), two.provider.owns(JobId.make(mine))], [
          true,
          false
        ])
      }
      assert.deepStrictEqual([one.provider.owns(JobId.make(vertexId)), two.provider.owns(JobId.make(vertexId))], [
        false,
        true
      ])
      const refused: ReadonlyArray<Effect.Effect<unknown, JobError.JobError>> = [
        one.provider.get(JobId.make(vertexId)),
        one.provider.get(JobId.make("models/../operations/x")),
        one.provider.cancel(JobId.make(oldId)),
        one.provider.remove(JobId.make(oldId)),
        two.provider.get(JobId.make(id)),
        two.provider.get(JobId.make(vertexId.replace("global", "us-central1"))),
        two.provider.get(JobId.make(vertexId.replace("emulator", "..")))
      ]
      for (const call of refused) assert.strictEqual((yield* Effect.flip(call))._tag, "InvalidJobId")
      assert.lengthOf([...one.sent, ...two.sent], 0)
    }))
})
