import type * as Schema from "effect/Schema"
import { assembled } from "../../internal/fixture.ts"

const operation =
  "projects/emulator/locations/global/publishers/google/models/veo-3.1-generate-001/operations/0c3364c4-1f0b-4b7e-9a52-7a2d5e0f8c11"
const ids = { operation } as const

const get = (json: Schema.JsonObject) =>
  assembled("fetchPredictOperation", "google-vertex.get", 200, { name: operation, ...json })
const done = (response: Schema.JsonObject) =>
  get({
    done: true,
    response: {
      "@type": "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse",
      ...response
    }
  })
const failed = (code: number, message: string) => get({ done: true, error: { code, message, details: [] } })
const refusal = (operation: "get" | "submit", code: number, status: string, message: string) =>
  assembled(
    operation === "get" ? "fetchPredictOperation" : "predictLongRunning",
    `google-vertex.${operation}`,
    code,
    { error: { code, message, status } }
  )

const filtered = "Veo could not generate 1 videos based on the prompt provided. Support codes: 42237218"

const answers = {
  submitted: assembled("predictLongRunning", "google-vertex.submit", 200, { name: operation }),
  getRunning: get({}),
  getRunningTold: get({ done: false, metadata: { "@type": "type.googleapis.com/google.rpc.Metadata" } }),
  getInline: done({ videos: [{ bytesBase64Encoded: "AAAAIGZ0eXBpc29t", mimeType: "video/mp4" }] }),
  getStored: done({
    raiMediaFilteredCount: 0,
    videos: [{ gcsUri: "gs://emulator/rain/sample_0.mp4", mimeType: "video/mp4" }]
  }),
  getFiltered: done({ raiMediaFilteredCount: 1, raiMediaFilteredReasons: [filtered] }),
  getPartlyFiltered: done({
    raiMediaFilteredCount: 1,
    raiMediaFilteredReasons: [filtered],
    videos: [{ bytesBase64Encoded: "AAAAIGZ0eXBpc29t", mimeType: "video/mp4" }]
  }),
  getInvalid: failed(3, "The prompt violates Responsible AI practices. Support codes: 58061214"),
  getInternal: failed(13, "Internal error"),
  getNotFound: refusal("get", 404, "NOT_FOUND", "Operation not found."),
  unauthenticated: refusal("submit", 401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
  retired: refusal("submit", 404, "NOT_FOUND", "Publisher model veo-2.0-generate-001 is no longer available.")
} as const

export const fixtures = { documented: {}, assembled: answers, ids, vital: ["name", "done"], samples: {} }
