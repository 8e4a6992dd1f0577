import type * as Schema from "effect/Schema"
import { assembled } from "../../internal/fixture.ts"

const ids = {
  video: "d290f1ee-6c54-4b01-90e6-d701748f0851",
  file: "7c9e6679-7425-40de-944b-e07fc1f90ae7"
} as const

const record = (state: string, rest?: Schema.JsonObject): Schema.JsonObject => ({
  id: ids.video,
  type: "video",
  state,
  model: "ray-3.2",
  created_at: "2026-04-08T12:00:00Z",
  output: [],
  failure_reason: null,
  failure_code: null,
  ...rest
})

const link = (file: string) =>
  `https://luma-agents-output.s3.us-west-2.amazonaws.com/${file}?X-Amz-Date=20260408T120130Z&X-Amz-Expires=3600&X-Amz-Signature=0`

const get = (json: Schema.Json) => assembled("generations.get", "luma.get", 200, json)
const failed = (code: string, reason: string) => get(record("failed", { failure_reason: reason, failure_code: code }))
const refused = (operation: "luma.create" | "luma.get" | "luma.upload", status: number, detail: string) =>
  assembled("errors", operation, status, { detail })

const file = (state: string, rest?: Schema.JsonObject): Schema.JsonObject => ({
  id: ids.file,
  state,
  mime_type: "image/png",
  size_bytes: 1234,
  purpose: "input",
  created_at: "2026-04-08T12:00:00Z",
  ...rest
})

const answers = {
  created: assembled("generations.create", "luma.create", 201, record("queued")),
  getQueued: get(record("queued")),
  getProcessing: get(record("processing")),
  getCompleted: get(record("completed", { output: [{ type: "video", url: link("output.mp4") }] })),
  getCompletedImage: get(
    record("completed", { type: "image", model: "uni-1", output: [{ type: "image", url: link("output.png") }] })
  ),
  getModerated: failed("content_moderated", "The prompt was refused"),
  getFailed: failed("generation_failed", "The model failed"),
  getOutputLost: failed("output_not_found", "The output could not be fetched"),
  getLimited: failed("rate_limited", "The upstream limit was reached"),
  getUnpaid: failed("budget_exhausted", "The budget ran out"),
  getTooLarge: failed("image_too_large", "The image is too large"),
  getUnsupported: failed("unsupported_format", "The format is not supported"),
  getCorrupt: failed("corrupt_input", "The input can't be read"),
  getInvalid: failed("invalid_request", "The request is not valid"),
  getNotFound: refused("luma.get", 404, "Generation not found"),
  unauthorized: refused("luma.get", 401, "Invalid API key"),
  suspended: refused("luma.create", 403, "API client is suspended"),
  insufficientCredits: refused("luma.create", 402, "Insufficient credits. Please add credits to continue."),
  unknownModel: refused("luma.create", 400, "Unknown model: ray-9"),
  invalidPrompt: refused("luma.create", 400, "Prompt must be between 1 and 6000 characters"),
  invalidImage: refused("luma.create", 422, "image_ref[0]: invalid base64 data"),
  tooLarge: refused("luma.create", 413, "Image exceeds 50 MB size limit"),
  rateLimited: refused("luma.create", 429, "Rate limit exceeded"),
  tooManyJobs: refused("luma.create", 429, "Too many concurrent jobs"),
  unavailable: refused("luma.get", 502, "Upstream service unavailable"),
  stored: assembled("files.create", "luma.upload", 201, {
    id: ids.file,
    state: "ready",
    file: file("ready", { filename: "file.png" }),
    upload: null
  })
} as const

export const fixtures = { documented: {}, assembled: answers, ids, vital: ["id", "state"], samples: {} }
