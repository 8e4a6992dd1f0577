import { assert, describe, it } from "@effect/vitest"
import type * as JobState from "@media-jobs/core/JobState"
import { fixtures } from "@media-jobs/testing/useapi-google-flow"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { got, heard, idOf } from "./support.ts"

type State = JobState.JobState

const { assembled: seen, ids } = fixtures
const record = (json: Schema.Json) => json as Schema.JsonObject // a record is one
const completed = (response: Schema.Json, request: Schema.JsonObject = {}) => ({
  jobid: idOf(),
  type: "video",
  status: "completed",
  request,
  response
})
const failed = (rest: Schema.JsonObject) => ({ jobid: idOf(), type: "video", status: "failed", ...rest })

/** What is told of artifacts and of what is missing. */
const outputsOf = (state: State) =>
  state._tag !== "Succeeded" ? [state] : [
    ...state.artifacts.map(({ kind, label, url }) => `${kind} ${label} ${url.slice(0, 40)}`),
    ...(state.missing ?? []).map(({ cause, label, reason = "" }) => `missing ${label} ${cause} ${reason}`)
  ]

describe("a status word", () => {
  for (
    const [status, tag] of [
      ["created", "Queued"],
      ["started", "Running"],
      ["completed", "Failed"], // without a file, as here
      ["failed", "Failed"],
      ["processing", "Running"]
    ] as const
  ) {
    it.effect(`${status} is ${tag}`, () =>
      Effect.gen(function*() {
        const job = yield* got({ jobid: idOf(), status })
        assert.strictEqual(job.state._tag, tag)
        assert.strictEqual(job.providerStatus, status)
      }))
  }
})

describe("a record", () => {
  it.effect("tells kind, account, model, times and reference", () =>
    Effect.gen(function*() {
      const [job] = yield* heard(seen.getCompletedVideo.json)
      assert.deepInclude(job, {
        id: idOf(),
        kind: "video",
        account: "user@example.com",
        model: "veo-3.1-fast",
        reference: "order-7",
        createdAt: DateTime.makeUnsafe("2026-09-03T18:07:09.650Z"),
        updatedAt: DateTime.makeUnsafe("2026-09-03T18:08:39.650Z")
      })
      const state = job?.state
      assert.deepStrictEqual(
        state?._tag === "Succeeded" ? state.artifacts.map(({ duration, role }) => [role, duration]) : undefined,
        [["primary", Duration.seconds(8)], ["thumbnail", undefined]]
      )
    }))

  it.effect("of a masked address tells no account, and of no kind the letter's", () =>
    Effect.gen(function*() {
      const [job] = yield* heard({ jobid: ids.masked, status: "started", request: { email: "us***@example.com" } })
      assert.deepStrictEqual([job?.account, job?.kind], [undefined, "video"])
      const [told] = yield* heard({ jobid: ids.masked, status: "started", request: { email: "user@example.com" } })
      assert.strictEqual(told?.account, "user@example.com")
      const [image] = yield* heard({ jobId: ids.liveImage, status: "started", type: "gif" })
      assert.deepStrictEqual([image?.id, image?.kind], [ids.liveImage, "image"])
    }))

  for (
    const [name, outputs] of [
      ["getCompletedVideo", [
        "video primary https://flow-content.google/video/...",
        "image thumbnail https://flow-content.google/image/..."
      ]],
      ["getPartialVideo", [
        "video primary https://flow-content.google/video/...",
        "image thumbnail https://flow-content.google/image/...",
        "video primary-3 https://flow-content.google/video/...",
        "image thumbnail-3 https://flow-content.google/image/...",
        "missing primary-2 content PUBLIC_ERROR_UNSAFE_GENERATION"
      ]],
      ["getCompletedImage", [
        "image primary https://flow-content.google/image/...",
        "image primary-2 https://flow-content.google/image/..."
      ]],
      ["getPartialImage", [
        "image primary https://flow-content.google/image/...",
        "missing primary-2 content Answered without the image"
      ]],
      ["getOldVideo", ["video primary https://storage.googleapis.com/..."]],
      ["getUpscaledVideo", ["video primary https://storage.googleapis.com/..."]]
    ] as const
  ) {
    it.effect(`of ${name} has its outputs`, () =>
      Effect.gen(function*() {
        const [job] = yield* heard(seen[name].json)
        assert.deepStrictEqual(job && outputsOf(job.state), [...outputs])
      }))
  }

  for (
    const [what, response, request, outputs] of [
      [
        "a link beside a word of failure is believed",
        {
          media: [{
            videoUrl: "https://a.test/v",
            mediaMetadata: { mediaStatus: { mediaGenerationStatus: "X_FAILED" } }
          }]
        },
        {},
        ["video primary https://a.test/v"]
      ],
      [
        "an output that is still pending is missing by that word",
        {
          media: [{ videoUrl: "https://a.test/v" }, {
            mediaMetadata: { mediaStatus: { mediaGenerationStatus: "MEDIA_GENERATION_STATUS_PENDING" } }
          }]
        },
        {},
        ["video primary https://a.test/v", "missing primary-2 unknown MEDIA_GENERATION_STATUS_PENDING"]
      ],
      [
        "what was asked for and has no entry is missing",
        { media: [{ videoUrl: "https://a.test/v" }] },
        { count: 3 },
        ["video primary https://a.test/v", "missing primary-2 unknown ", "missing primary-3 unknown "]
      ],
      [
        "a count beyond what there can be asks for four",
        { media: [{ videoUrl: "https://a.test/v" }] },
        { count: 1e9 },
        [
          "video primary https://a.test/v",
          "missing primary-2 unknown ",
          "missing primary-3 unknown ",
          "missing primary-4 unknown "
        ]
      ],
      [
        "odd entries are missing",
        { media: [null, 7, { videoUrl: "https://a.test/v" }, { videoUrl: "" }] },
        {},
        [
          "video primary-3 https://a.test/v",
          "missing primary unknown ",
          "missing primary-2 unknown ",
          "missing primary-4 unknown "
        ]
      ],
      [
        "an image in the answer itself is a link, wherever it stands",
        {
          media: [
            { image: { generatedImage: { encodedImage: "/9j/4AAQ" } } },
            { image: { encodedImage: "/9j/4AAQ" } },
            { encodedImage: "/9j/4AAQ" }
          ]
        },
        {},
        [
          "image primary data:image/jpeg;base64,/9j/4AAQ",
          "image primary-2 data:image/jpeg;base64,/9j/4AAQ",
          "image primary-3 data:image/jpeg;base64,/9j/4AAQ"
        ]
      ],
      [
        "an older link that leads nowhere else is not one",
        { operations: [{ video: { uri: "gs://bucket/v", fifeUrl: "https://a.test/v" } }] },
        {},
        ["video primary https://a.test/v"]
      ]
    ] as const
  ) {
    it.effect(what, () =>
      Effect.gen(function*() {
        const [job] = yield* heard(completed(response, request))
        assert.deepStrictEqual(job && outputsOf(job.state), [...outputs])
      }))
  }
})

describe("a job that made nothing has failed", () => {
  for (
    const [what, json, state] of [
      [
        "Google's words are the reason, and the code is kept",
        record(seen.getFailed.json),
        {
          _tag: "Failed",
          reason: "API error: 500: Video generation failed: Internal error encountered.",
          cause: "unknown",
          code: "500"
        }
      ],
      ["without words", failed({}), { _tag: "Failed", cause: "unknown" }],
      [
        "an error that is an object",
        failed({
          error: { code: 400, message: "No", details: [{ reason: "PUBLIC_ERROR_MINOR_DETECTED" }] },
          code: 400
        }),
        { _tag: "Failed", reason: "No: PUBLIC_ERROR_MINOR_DETECTED", cause: "content", code: "400" }
      ],
      [
        "a quota is the service's",
        failed({ error: "PUBLIC_ERROR_USER_QUOTA_REACHED" }),
        { _tag: "Failed", reason: "PUBLIC_ERROR_USER_QUOTA_REACHED", cause: "service" }
      ],
      [
        "all of its images were refused",
        completed({ media: [{ image: { generatedImage: { seed: 7 } } }] }),
        { _tag: "Failed", reason: "Answered without the image", cause: "content" }
      ],
      [
        "all of its videos failed",
        completed({ media: [{ error: "Timed out" }, { error: "x" }] }),
        { _tag: "Failed", reason: "Timed out", cause: "service" }
      ],
      [
        "it has no output at all",
        completed({ media: [] }, { count: 2 }),
        { _tag: "Failed", reason: "Completed without a file", cause: "service" }
      ],
      [
        "it has no response",
        completed(null),
        { _tag: "Failed", reason: "Completed without a file", cause: "service" }
      ]
    ] as ReadonlyArray<readonly [string, Schema.JsonObject, State]>
  ) {
    it.effect(what, () =>
      Effect.gen(function*() {
        const [job] = yield* heard(json)
        assert.deepStrictEqual(job?.state, state)
      }))
  }
})

describe("a webhook", () => {
  it.effect("of another service is none, and shows nothing of it", () =>
    Effect.gen(function*() {
      for (
        const body of [
          { jobid: "", status: "failed", error: "user@example.com" },
          { jobid: 7, status: "failed" },
          { error: "user@example.com has no session" }
        ]
      ) {
        const error = yield* Effect.flip(heard(body))
        assert.notInclude(String(error), "user@example.com")
      }
    }))
})
