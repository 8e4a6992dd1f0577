import type * as Schema from "effect/Schema"
import { assembled } from "../../internal/fixture.ts"

const ids = {
  interaction: "v1_ChdtZWRpYS1qb2JzLWxpZ2h0aG91c2UtMQ",
  operation: "models/veo-3.1-generate-preview/operations/abc123def456",
  file: "a1b2c3d4e5f6"
} as const

const link = `https://generativelanguage.googleapis.com/v1beta/files/${ids.file}:download?alt=media`

const record = (status: string, rest?: Schema.JsonObject): Schema.JsonObject => ({
  id: ids.interaction,
  object: "interaction",
  status,
  model: "gemini-omni-1.1-flash",
  created: "2026-09-26T14:05:30Z",
  updated: "2026-09-26T14:06:30Z",
  ...rest
})

const prompt: Schema.JsonObject = {
  type: "user_input",
  content: [{ type: "text", text: "a lighthouse in the rain" }]
}

const usage = (modality?: string): Schema.JsonObject => ({
  total_tokens: 46_336,
  total_output_tokens: 46_336,
  output_tokens_by_modality: modality === undefined ? [] : [{ modality, tokens: 46_336 }]
})

const made = (content: ReadonlyArray<Schema.Json>, modality?: string, rest?: Schema.JsonObject): Schema.JsonObject =>
  record("completed", { steps: [prompt, { type: "model_output", content }], usage: usage(modality), ...rest })

const get = (json: Schema.Json, status = 200) => assembled("interactions.get", "google.get", status, json)
const old = (json: Schema.JsonObject) =>
  assembled("operations.get", "google.getOperation", 200, { name: ids.operation, ...json })
const create = (status: number, json: Schema.Json) => assembled("interactions.create", "google.create", status, json)

const classic = (code: number, status: string, message: string, details?: ReadonlyArray<Schema.JsonObject>) => ({
  error: { code, message, status, ...(details === undefined ? undefined : { details }) }
})
const rpc = "type.googleapis.com/google.rpc"

const file = (state: string, rest?: Schema.JsonObject) =>
  assembled("files.get", "google.file", 200, {
    name: `files/${ids.file}`,
    mimeType: "video/mp4",
    sizeBytes: "2097152",
    createTime: "2026-09-26T14:06:30Z",
    updateTime: "2026-09-26T14:06:32Z",
    expirationTime: "2026-09-28T14:06:30Z",
    uri: `https://generativelanguage.googleapis.com/v1beta/files/${ids.file}`,
    downloadUri: link,
    state,
    source: "GENERATED",
    ...rest
  })

const answers = {
  created: create(200, record("in_progress")),
  createdQueued: create(200, record("queued")),
  getQueued: get(record("queued", { steps: [prompt] })),
  getInProgress: get(record("in_progress", { steps: [prompt] })),
  getRequiresContinuation: get(record("requires_continuation", { steps: [prompt], continuation_token: "next" })),
  getCompletedInline: get(made([{ type: "video", mime_type: "video/mp4", data: "AAAAIGZ0eXBpc29t" }], "video")),
  getCompletedImage: get(made([{ type: "image", mime_type: "image/png", data: "iVBORw0KGgo=" }], "image", {
    model: "gemini-3.1-flash-image"
  })),
  getCompletedUri: get(made([{ type: "video", mime_type: "video/mp4", uri: link }], "video")),
  getRefused: get(made([{ type: "text", text: "I can't make videos of that person." }])),
  getFailed: get(record("failed", { errors: [{ code: "internal", message: "The model broke" }] })),
  getCancelled: get(record("cancelled")),
  getIncomplete: get(record("incomplete")),
  getBudgetExceeded: get(record("budget_exceeded")),
  getRequiresAction: get(record("requires_action")),
  getNoInteraction: get({ error: { code: "invalid_request", message: "Invalid interaction name" } }, 400),
  oldRunning: old({}),
  oldDone: old({ done: true, response: { generateVideoResponse: { generatedSamples: [{ video: { uri: link } }] } } }),
  oldFiltered: old({
    done: true,
    response: {
      generateVideoResponse: {
        raiMediaFilteredCount: 1,
        raiMediaFilteredReasons: ["Veo could not generate 1 videos. Support codes: 42237218"]
      }
    }
  }),
  oldFailed: old({ done: true, error: { code: 13, message: "Internal error", details: [] } }),
  fileProcessing: file("PROCESSING"),
  fileActive: file("ACTIVE"),
  fileFailed: file("FAILED", { error: { code: 13, message: "The file can't be processed" } }),
  invalidKey: create(
    400,
    classic(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
      { "@type": `${rpc}.ErrorInfo`, reason: "API_KEY_INVALID", domain: "googleapis.com" }
    ])
  ),
  invalidDuration: create(400, {
    error: { code: "invalid_request", message: "Invalid value at 'response_format.duration'" }
  }),
  billingOff: create(400, classic(400, "FAILED_PRECONDITION", "Billing is off. Please enable billing.")),
  denied: create(403, classic(403, "PERMISSION_DENIED", "The key has no right to this API.")),
  retired: create(404, classic(404, "NOT_FOUND", "models/veo-3.1-generate-preview is no longer available.")),
  perMinute: create(
    429,
    classic(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", [
      { "@type": `${rpc}.QuotaFailure`, violations: [{ quotaId: "GenerateRequestsPerMinutePerProjectPerModel" }] },
      { "@type": `${rpc}.RetryInfo`, retryDelay: "37.5s" }
    ])
  ),
  perDay: create(
    429,
    classic(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", [
      { "@type": `${rpc}.QuotaFailure`, violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel" }] },
      { "@type": `${rpc}.RetryInfo`, retryDelay: "37s" }
    ])
  )
} as const

export const fixtures = {
  documented: {},
  assembled: answers,
  ids,
  vital: ["/id", "/status", "/name", "/done", "/state"],
  samples: {}
}
