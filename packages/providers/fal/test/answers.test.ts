import { assert, describe, it } from "@effect/vitest"
import type * as JobError from "@media-jobs/core/JobError"
import type { JobState } from "@media-jobs/core/JobState"
import { sentences } from "@media-jobs/testing/fal"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { type Answer, answered, got, id, rain, request, status } from "./support.ts"

const html = "<html><head><title>502 Bad Gateway</title></head></html>"
const locked = { detail: "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing." }
const listed = (type: string, msg = "No") => ({ detail: [{ loc: ["body", "prompt"], msg, type, url: "" }] })
const lost = { model: rain.model, submittedAt: DateTime.makeUnsafe(0) }

type Op = "get" | "cancel" | "submit" | "upload" | "recover"

/** Every answer that a page prints or that was seen, and what it means to whom. */
const rows: ReadonlyArray<
  readonly [what: string, ops: ReadonlyArray<Op>, answer: Answer, tag: JobError.JobError["_tag"], remedy: string]
> = [
  [
    "a key that is none",
    ["get", "cancel", "submit", "upload", "recover"],
    [401, { detail: "No user found for Key ID and Secret" }],
    "Unauthorized",
    "Reauthenticate"
  ],
  [
    "a key of a wrong form",
    ["submit"],
    [401, { detail: "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'." }],
    "Unauthorized",
    "Reauthenticate"
  ],
  ["no money", ["submit", "upload", "recover", "cancel"], [403, locked], "PaymentRequired", "Pay"],
  [
    "no money for another reason",
    ["submit"],
    [403, { detail: "User is locked. Reason: TOP_UP." }],
    "PaymentRequired",
    "Pay"
  ],
  ["no money to look with", ["get"], [403, locked], "Unavailable", "Retry"],
  ["a key without the right", ["submit", "upload"], [403, { detail: "Forbidden" }], "Unauthorized", "Reauthenticate"],
  [
    "a key that may not read the history",
    ["recover"],
    [403, { error: { type: "authorization_error", message: "Admin key needed", docs_url: "", request_id: "" } }],
    "Unauthorized",
    "Reauthenticate"
  ],
  ["someone else's job", ["get", "cancel"], [403, { detail: "Forbidden" }], "Forbidden", "None"],
  ["a 403 of something between", ["get", "cancel", "submit"], [403, html], "UnexpectedResponse", "None"],
  ["no such job", ["get", "cancel"], [404, { status: "NOT_FOUND" }], "NotFound", "None"],
  ["no such application", ["submit"], [404, { detail: "Application \"fog\" not found" }], "InvalidRequest", "Fix"],
  ["a 404 of something between", ["get", "cancel", "submit"], [404, html], "UnexpectedResponse", "None"],
  [
    "a path that is not allowed",
    ["get", "cancel"],
    [405, { detail: "Method Not Allowed" }],
    "UnexpectedResponse",
    "None"
  ],
  ["a conflict of some other kind", ["cancel"], [409, { status: "CONFLICT" }], "UnexpectedResponse", "None"],
  ["a bad request that none is", ["get"], [400, { detail: "Bad Request" }], "UnexpectedResponse", "None"],
  ["an id of no form", ["get"], [422, listed("uuid_parsing")], "InvalidJobId", "Fix"],
  ["a bad length of the queue", ["submit"], [400, { error: "Invalid fal_max_queue_length" }], "InvalidRequest", "Fix"],
  ["a bad input", ["submit", "upload"], [422, listed("missing", "Field required")], "InvalidRequest", "Fix"],
  ["a queue that is too long", ["submit"], [429, { detail: "Too many" }], "RateLimited", "Retry"],
  [
    "too many calls",
    ["get", "cancel", "upload", "recover"],
    [429, listed("concurrent_requests_limit"), { "x-fal-needs-retry": "1" }],
    "RateLimited",
    "Retry"
  ],
  ["a broken service", ["get", "cancel", "upload", "recover"], [500, "{}"], "Unavailable", "Retry"],
  ["a broken service", ["submit"], [500, "{}"], "SubmissionUncertain", "None"],
  ["a gateway", ["get"], [502, html], "Unavailable", "Retry"],
  ["a gateway", ["submit"], [504, html], "SubmissionUncertain", "None"],
  ["a success that is none", ["get", "recover", "upload"], [200, html], "UnexpectedResponse", "None"],
  ["a status without a word", ["get"], [200, { request_id: request }], "UnexpectedResponse", "None"],
  ["another job", ["get"], [200, status("IN_QUEUE", { request_id: `1${request}` })], "UnexpectedResponse", "None"],
  ["a success without an id", ["submit"], [200, { status: "IN_QUEUE" }], "SubmissionUncertain", "None"],
  ["a page without entries", ["recover"], [200, {}], "UnexpectedResponse", "None"],
  ["a page with an odd entry", ["recover"], [200, { items: [{ request_id: 7 }] }], "UnexpectedResponse", "None"],
  ["no address for the upload", ["upload"], [200, { upload_url: "here", file_url: "x" }], "UnexpectedResponse", "None"]
]

describe("an answer means the same to all that can meet it", () => {
  for (const [what, ops, answer, tag, remedy] of rows) {
    for (const op of ops) {
      it.effect(`${what} (${answer[0]}) to ${op} is ${tag}`, () =>
        Effect.gen(function*() {
          const { fal, sent } = yield* answered(() => answer)
          const calls = {
            get: fal.get(id),
            cancel: fal.cancel(id),
            submit: fal.submit(rain),
            upload: fal.upload({ mediaType: "image/png", content: Stream.succeed(new Uint8Array(3)), length: 3 }),
            recover: fal.recover(lost)
          }
          const error = yield* Effect.flip(calls[op] as Effect.Effect<unknown, JobError.JobError>) // of different operations
          assert.deepStrictEqual([error._tag, error.remedy._tag, error.operation], [tag, remedy, op])
          assert.strictEqual(sent.length, 1)
          assert.notInclude(error.message, request)
        }))
    }
  }

  it.effect.each([400, 409])("a cancel of what has ended (%i) changes nothing", (code) =>
    Effect.gen(function*() {
      const { fal, sent } = yield* answered(() => [code, { status: "ALREADY_COMPLETED" }])
      yield* fal.cancel(id)
      assert.deepStrictEqual(sent.map(({ method, url }) => [method, url.href]), [
        ["PUT", `https://queue.fal.run/fal-ai/flux/requests/${request}/cancel`]
      ])
    }))

  it.effect("a refused submit names the fields of its input", () =>
    Effect.gen(function*() {
      const { fal } = yield* answered(() => [422, listed("missing", "Field required")])
      const error = yield* Effect.flip(fal.submit(rain))
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues, [
        { field: "input.prompt", message: "Field required" }
      ])
    }))
})

const failed = (cause: string, code?: string, reason = "No"): unknown => ({
  _tag: "Failed",
  cause,
  reason,
  ...(code === undefined ? undefined : { code })
})
const typed = (error_type: string) => ({ detail: "No", error_type })
const cancelled = { _tag: "Cancelled" }
const image = { url: "https://v3b.fal.media/files/b/0a/a.png", width: 8, height: 6, content_type: "image/png" }
const video = { url: "https://v3b.fal.media/files/b/0a/a.mp4", content_type: "video/mp4", duration: 5.5 }

/** Every status, and of a completed job every result, and the state that they mean. */
const states: ReadonlyArray<readonly [what: string, status: Answer, result: Answer, state: unknown]> = [
  ["waiting", [202, status("IN_QUEUE", { queue_position: 3 })], [500, ""], { _tag: "Queued" }],
  ["running", [202, status("IN_PROGRESS")], [500, ""], { _tag: "Running" }],
  ["running, by a 200", [200, status("IN_PROGRESS", { logs: {} })], [500, ""], { _tag: "Running" }],
  [
    "running, with a bar",
    [202, status("IN_PROGRESS", { logs: [{ message: " 40%|██  | 8/20 [00:03<00:05]" }, { message: "saving" }, 7] })],
    [500, ""],
    { _tag: "Running", progress: 0.4 }
  ],
  ["an unknown word", [200, status("PONDERING")], [500, ""], { _tag: "Running" }],
  ["completed, while its result is not", [200, status("COMPLETED")], [400, {
    detail: "Request is still in progress",
    request_id: request,
    status_url: "https://queue.fal.run/x"
  }], { _tag: "Running" }],
  ["a result that is gone", [200, status("COMPLETED")], [404, { detail: "Request not found" }], { _tag: "Expired" }],
  [
    "a failure whose result is gone",
    [200, status("COMPLETED", { error: "No", error_type: "runner_server_error" })],
    [404, { detail: "Request not found" }],
    failed("service", "runner_server_error")
  ],
  [
    "a failure whose result does not come",
    [200, status("COMPLETED", { error: "No" })],
    [502, html],
    failed("unknown")
  ],
  [
    "a failure that the result tells more of",
    [200, status("COMPLETED", { error: "Invalid status code: 422" })],
    [422, listed("content_policy_violation")],
    failed("content", "content_policy_violation")
  ],
  [
    "an error beside a result",
    [200, status("COMPLETED", { error: "No" })],
    [200, { text: "It rains." }],
    { _tag: "Succeeded", artifacts: [], output: { text: "It rains." } }
  ],
  ...([
    ["internal_server_error", 500, "service"],
    ["generation_timeout", 504, "service"],
    ["downstream_service_error", 400, "service"],
    ["downstream_service_error", 500, "service"],
    ["downstream_service_unavailable", 500, "service"],
    ["content_policy_violation", 422, "content"],
    ["no_media_generated", 422, "unknown"],
    ["image_too_small", 422, "input"],
    ["image_too_large", 422, "input"],
    ["image_load_error", 422, "input"],
    ["file_download_error", 422, "input"],
    ["file_download_error", 404, "input"],
    ["face_detection_error", 422, "input"],
    ["file_too_large", 422, "input"],
    ["unsupported_image_format", 422, "input"],
    ["unsupported_audio_format", 422, "input"],
    ["unsupported_video_format", 422, "input"],
    ["audio_duration_too_long", 422, "input"],
    ["audio_duration_too_short", 422, "input"],
    ["video_duration_too_long", 422, "input"],
    ["video_duration_too_short", 422, "input"],
    ["invalid_archive", 422, "input"],
    ["archive_file_count_below_minimum", 422, "input"],
    ["archive_file_count_exceeds_maximum", 422, "input"],
    ["greater_than", 422, "input"],
    ["greater_than_equal", 422, "input"],
    ["less_than", 422, "input"],
    ["less_than_equal", 422, "input"],
    ["multiple_of", 422, "input"],
    ["sequence_too_short", 422, "input"],
    ["sequence_too_long", 422, "input"],
    ["one_of", 422, "input"],
    ["feature_not_supported", 422, "input"],
    ["missing", 422, "input"],
    ["value_error.missing", 422, "input"]
  ] as const).map(([type, code, cause]) =>
    [`a model's ${type} (${code})`, [200, status("COMPLETED")], [code, listed(type)], failed(cause, type)] as const
  ),
  ...([
    ["request_timeout", 504, "service"],
    ["startup_timeout", 504, "service"],
    ["runner_scheduling_failure", 503, "service"],
    ["runner_connection_timeout", 503, "service"],
    ["runner_disconnected", 503, "service"],
    ["runner_connection_refused", 503, "service"],
    ["runner_connection_error", 503, "service"],
    ["runner_incomplete_response", 502, "service"],
    ["runner_server_error", 500, "service"],
    ["internal_error", 500, "service"],
    ["client_disconnected", 499, "service"],
    ["bad_request", 400, "input"]
  ] as const).map(([type, code, cause]) =>
    [`the platform's ${type} (${code})`, [200, status("COMPLETED")], [code, typed(type)], failed(cause, type)] as const
  ),
  ["cancelled", [200, status("COMPLETED")], [499, typed("client_cancelled")], cancelled],
  [
    "cancelled, its result gone",
    [200, status("COMPLETED", { error: "Cancelled", error_type: "client_cancelled" })],
    [404, { detail: "No" }],
    cancelled
  ],
  [
    "not begun by the caller's deadline",
    [200, status("COMPLETED")],
    [504, typed("request_timeout"), { "x-fal-request-timeout-type": "user" }],
    cancelled
  ],
  ["a refusal in words", [200, status("COMPLETED")], [422, { detail: "No" }], failed("input")],
  ["flagged, in words", [200, status("COMPLETED")], [400, {
    detail: "Prompt was flagged by moderation: content policy violation"
  }], {
    _tag: "Failed",
    cause: "content",
    reason: "Prompt was flagged by moderation: content policy violation"
  }],
  ["a refusal in a form of the model's own", [200, status("COMPLETED")], [422, { error: "No" }], failed("input")],
  ["a bad request in such a form", [200, status("COMPLETED")], [400, { error: "No" }], failed("unknown")],
  ["a refusal in no known form", [200, status("COMPLETED")], [422, { reason: "No" }], failed("input")],
  ["a result that is gone for good", [200, status("COMPLETED")], [410, { detail: "Gone" }], { _tag: "Expired" }],
  ["no images", [200, status("COMPLETED")], [200, { images: [], seed: 7 }], {
    _tag: "Failed",
    cause: "service",
    reason: "Completed without a file"
  }],
  ["a black image", [200, status("COMPLETED")], [200, { images: [image], has_nsfw_concepts: [true] }], {
    _tag: "Failed",
    cause: "content",
    code: "has_nsfw_concepts",
    reason: "It was flagged as not safe for work"
  }],
  ["a black image alone", [200, status("COMPLETED")], [200, { image, has_nsfw_concepts: [true] }], {
    _tag: "Failed",
    cause: "content",
    code: "has_nsfw_concepts",
    reason: "It was flagged as not safe for work"
  }]
]

describe("a status and a result mean a state", () => {
  for (const [what, of, result, state] of states) {
    it.effect(what, () =>
      Effect.gen(function*() {
        const { found } = yield* got(of, result)
        const job = yield* Effect.fromResult(found)
        assert.deepStrictEqual<unknown>(job.state, state)
        assert.strictEqual(job.id, id)
        assert.strictEqual(job.providerStatus, (of[1] as { status: string }).status)
      }))
  }

  for (
    const [what, result, tag] of [
      ["a gateway", [502, html], "Unavailable"],
      ["a 500 without a type", [500, { detail: "Request is still in progress" }], "Unavailable"],
      ["no money", [403, locked], "Unavailable"],
      ["too many calls", [429, listed("concurrent_requests_limit")], "RateLimited"],
      ["a key that is none", [401, { detail: "No user found for Key ID and Secret" }], "Unauthorized"],
      ["a path that is not allowed", [405, { detail: "Method Not Allowed" }], "UnexpectedResponse"],
      ["a bad request of something between", [400, { message: "Bad Request" }], "UnexpectedResponse"]
    ] as const
  ) {
    it.effect(`${what} in place of the result says nothing of the job`, () =>
      Effect.gen(function*() {
        const { found } = yield* got([200, status("COMPLETED")], result)
        assert.strictEqual(Result.isFailure(found) && found.failure._tag, tag)
      }))
  }

  it.effect("a result that is not there at first is asked for once more", () =>
    Effect.gen(function*() {
      const { fal, sent } = yield* answered(({ url }, n) =>
        url.pathname.endsWith("/status")
          ? [200, status("COMPLETED")]
          : n === 1
          ? [404, { detail: "Request not found" }]
          : [200, { text: "It rains." }]
      )
      const fiber = yield* Effect.forkChild(fal.get(id))
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).state._tag, "Succeeded")
      assert.strictEqual(sent.length, 3)
    }))

  it.effect("what is charged stands beside the result", () =>
    Effect.gen(function*() {
      const { found } = yield* got([200, status("COMPLETED")], [200, { text: "x" }, { "x-fal-billable-units": "1.5" }])
      assert.deepStrictEqual((yield* Effect.fromResult(found)).cost, {
        amount: 1.5,
        unit: "fal-billable-units",
        basis: "charged"
      })
    }))

  it.effect("a sentence of the emulator's is what it is named after", () =>
    Effect.gen(function*() {
      const { body, status } = sentences.locked
      const { fal } = yield* answered(() => [status, body])
      assert.strictEqual((yield* Effect.flip(fal.submit(rain)))._tag, "PaymentRequired")
    }))
})

describe("files in an output", () => {
  const files = (output: unknown) =>
    Effect.map(
      Effect.flatMap(got([200, status("COMPLETED")], [200, output]), ({ found }) => Effect.fromResult(found)),
      ({ state }): ReadonlyArray<ReadonlyArray<unknown>> =>
        (state as Extract<JobState, { _tag: "Succeeded" }>).artifacts.map((
          { kind, label, role }
        ) => [kind, role, label])
    )
  const at = (name: string) => `https://v3b.fal.media/files/b/0a/${name}`
  it.effect.each(
    [
      ["images", { images: [image, { url: at("b.png") }], seed: 7 }, [
        ["image", "primary", "images"],
        ["image", "primary", "images-2"]
      ]],
      ["a video and its cover", { video, thumbnail: { ...image, file_name: null } }, [
        ["video", "primary", "video"],
        ["image", "thumbnail", "thumbnail"]
      ]],
      ["links by key", { video_url: at("v.mp4"), thumbnail_url: at("t.jpg"), homepage: at("x.png") }, [
        ["video", "primary", "video-url"],
        ["image", "thumbnail-url", "thumbnail-url"]
      ]],
      ["a sound without an ending", { audio: { url: at("speech"), content_type: "application/octet-stream" } }, [
        ["audio", "primary", "audio"]
      ]],
      ["a mesh", { model_mesh: { url: at("m.glb"), content_type: "application/octet-stream" } }, [
        ["model", "primary", "model-mesh"]
      ]],
      ["a bare link where a file is expected", { video: at("v.mp4"), images: [at("a.png"), at("b.png")] }, [
        ["video", "primary", "video"],
        ["image", "images", "images"],
        ["image", "images", "images-2"]
      ]],
      ["a data URL", { images: [{ url: "data:image/png;base64,UEs=" }] }, [["image", "primary", "images"]]]
    ] as const
  )("%s", ([, output, expected]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual<unknown>(yield* files(output), expected)
    }))

  it.effect("tell their sizes, and what is flagged is missing", () =>
    Effect.gen(function*() {
      const output = { images: [image, { url: at("black.png") }], has_nsfw_concepts: [false, true] }
      const { found } = yield* got([200, status("COMPLETED")], [200, output])
      const { state } = yield* Effect.fromResult(found)
      assert(state._tag === "Succeeded")
      assert.deepStrictEqual(state.artifacts.map(({ height, width }) => [width, height]), [[8, 6]])
      assert.deepStrictEqual(state.missing, [{
        label: "images-2",
        cause: "content",
        code: "has_nsfw_concepts",
        reason: "It was flagged as not safe for work"
      }])
      assert.deepStrictEqual<unknown>(state.output, output)
    }))
})
