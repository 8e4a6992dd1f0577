import type * as Schema from "effect/Schema"
import { assembled } from "../../internal/fixture.ts"
import * as sentences from "./sentences.ts"

const request = "764cabcf-b745-4b3e-ae38-1200304cf45b"
const ids = { job: `fal-ai/flux/${request}` } as const
const url = `https://queue.fal.run/fal-ai/flux/requests/${request}`
const addresses = { response_url: url, status_url: `${url}/status`, cancel_url: `${url}/cancel` }

const status = (word: string, rest: Schema.JsonObject) =>
  assembled("queue", "fal.get", word === "COMPLETED" ? 200 : 202, {
    status: word,
    request_id: request,
    ...addresses,
    ...rest
  })

const result = (json: Schema.Json) => assembled("queue", "fal.getResult", 200, json)

/** What the emulator says, as a fixture. */
const said = <Operation extends string>(
  document: string,
  operation: Operation,
  { body, status }: { readonly status: number; readonly body: string }
) => assembled(document, operation, status, JSON.parse(body) as Schema.Json) // it was made of JSON

const file = (name: string) => `https://v3b.fal.media/files/b/0a1b2c3d/${name}`

const answers = {
  submitted: assembled("queue", "fal.submit", 200, {
    status: "IN_QUEUE",
    request_id: request,
    ...addresses,
    logs: null,
    metrics: {},
    queue_position: 0
  }),
  statusQueued: status("IN_QUEUE", { queue_position: 3, logs: null }),
  statusRunning: status("IN_PROGRESS", {
    logs: [
      { message: "Using seed: 7", level: "INFO", source: "USER", timestamp: "2026-03-26T14:05:30.123Z" },
      {
        message: " 40%|████      | 8/20 [00:03<00:05, 2.30it/s]",
        level: "STDERR",
        source: "USER",
        timestamp: "2026-03-26T14:05:33.123Z"
      }
    ]
  }),
  statusCompleted: status("COMPLETED", { logs: null, metrics: { inference_time: 3.7 } }),
  statusFailed: status("COMPLETED", {
    logs: null,
    metrics: { inference_time: 0.4 },
    error: "The runner failed",
    error_type: "runner_server_error"
  }),
  resultImages: result({
    images: [{ url: file("a.png"), width: 1024, height: 768, content_type: "image/png" }],
    timings: { inference: 2.4 },
    seed: 7,
    has_nsfw_concepts: [false],
    prompt: "a lighthouse in the rain"
  }),
  resultVideo: result({
    video: { url: file("a.mp4"), content_type: "video/mp4", file_name: "a.mp4", file_size: 4012 },
    seed: 7
  }),
  resultLinks: result({ video_url: file("b.mp4"), thumbnail_url: file("b.jpg") }),
  resultText: result({ text: "It rains.", chunks: [{ timestamp: [0, 1.2], text: "It rains." }] }),
  resultBroken: said(
    "request-errors",
    "fal.getResult",
    sentences.problem(500, "The runner failed", "runner_server_error")
  ),
  resultRefused: said(
    "errors",
    "fal.getResult",
    sentences.refused(422, "content_policy_violation", "The content was flagged", { loc: ["body", "prompt"] })
  ),
  resultInProgress: assembled("queue", "fal.getResult", 400, {
    detail: "Request is still in progress",
    request_id: request,
    ...addresses
  }),
  resultGone: said("queue", "fal.getResult", sentences.resultGone),
  notFound: said("queue", "fal.get", sentences.notFound),
  cancelled: assembled("queue", "fal.cancel", 202, { status: "CANCELLATION_REQUESTED" }),
  cancelledInQueue: assembled("queue", "fal.cancel", 200, { status: "OK" }),
  alreadyCompleted: said("queue", "fal.cancel", sentences.alreadyCompleted),
  unauthenticated: said("authentication", "fal.submit", sentences.unauthenticated),
  locked: said("request-errors", "fal.submit", sentences.locked),
  appNotFound: said("request-errors", "fal.submit", sentences.appNotFound("fal-ai/fog")),
  history: assembled("platform", "fal.history", 200, {
    items: [{
      request_id: request,
      endpoint_id: "fal-ai/flux/dev",
      started_at: "2026-03-26T14:05:32Z",
      sent_at: "2026-03-26T14:05:30Z",
      ended_at: "2026-03-26T14:05:35Z",
      status_code: 200,
      duration: 3.4
    }],
    next_cursor: null,
    has_more: false
  }),
  initiated: assembled("storage", "fal.initiate", 200, {
    upload_url: "https://v3b.fal.media/files/upload/abc?signature=0123",
    file_url: file("rain.png")
  })
} as const

export const fixtures = { documented: {}, assembled: answers, ids, vital: ["status", "request_id"], samples: {} }
