import type * as Schema from "effect/Schema"
import { assembled } from "../../internal/fixture.ts"

const ids = {
  text: "abcdefghijklmnopqrstuvwxyz",
  image: "a1b2c3d4e5f6g7h8j9k0m1n2p3"
} as const

const version = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
const url = `https://api.replicate.com/v1/predictions/${ids.image}`

const record = (status: string, rest?: Schema.JsonObject): Schema.JsonObject => ({
  id: ids.image,
  model: "media-jobs/lighthouse",
  version,
  input: { prompt: "a lighthouse in the rain" },
  logs: "",
  output: null,
  data_removed: false,
  error: null,
  source: "api",
  status,
  created_at: "2026-03-26T14:05:30.123456Z",
  started_at: "2026-03-26T14:05:32.223456Z",
  completed_at: null,
  urls: { get: url, cancel: `${url}/cancel` },
  metrics: {},
  ...rest
})

const ended = (status: string, rest?: Schema.JsonObject): Schema.JsonObject =>
  record(status, { completed_at: "2026-03-26T14:05:40.923456Z", metrics: { predict_time: 8.7 }, ...rest })

const get = (json: Schema.Json) => assembled("predictions.get", "replicate.get", 200, json)
const failed = (title: string | undefined, detail: string, status: number, rest?: Schema.JsonObject) =>
  assembled("predictions.create", "replicate.create", status, {
    ...(title === undefined ? undefined : { title }),
    detail,
    status,
    ...rest
  })

const file = "https://replicate.delivery/xezq/abc/out-0.webp"

const answers = {
  created: assembled("predictions.create", "replicate.create", 201, record("starting", { started_at: null })),
  listed: assembled("predictions.list", "replicate.list", 200, {
    next: "https://api.replicate.com/v1/predictions?cursor=cD0yMDI2",
    previous: null,
    results: [
      record("processing"),
      ended("succeeded", { id: ids.text, output: "It rains.", source: "web" })
    ]
  }),
  listedLast: assembled("predictions.list", "replicate.list", 200, { next: null, previous: null, results: [] }),
  getStarting: get(record("starting", { started_at: null })),
  getProcessing: get(record("processing", {
    logs: "Using seed: 7\n  0%|          | 0/20 [00:00<?, ?it/s]\r 40%|████      | 8/20 [00:03<00:05, 2.30it/s]"
  })),
  getSucceeded: get(ended("succeeded", { output: [file] })),
  getSucceededObject: get(ended("succeeded", {
    output: { video: "https://replicate.delivery/xezq/abc/out.mp4", thumbnail: file, seed: 7 }
  })),
  getSucceededText: get(ended("succeeded", { output: ["It", " rains", "."] })),
  getRemoved: get(ended("succeeded", { input: {}, logs: "", data_removed: true })),
  getFailed: get(ended("failed", { error: "The model broke" })),
  getFlagged: get(ended("failed", { error: "The input or output was flagged as sensitive. (E005)" })),
  getCanceled: get(ended("canceled")),
  getAborted: get(record("aborted", { started_at: null, completed_at: "2026-03-26T14:06:30.123456Z" })),
  getNotFound: assembled("predictions.get", "replicate.get", 404, {
    detail: "The requested resource could not be found.",
    status: 404
  }),
  unauthenticated: failed("Unauthenticated", "You did not pass a valid authentication token", 401),
  insufficientCredit: failed("Insufficient credit", "You have insufficient credit to run this model.", 402),
  invalidInput: failed("Input validation failed", "- input: prompt is required\n", 422, {
    invalid_fields: [{ type: "required", field: "input", description: "prompt is required" }]
  }),
  throttled: failed(undefined, "Request was throttled. Your rate limit resets in ~30s.", 429, { retry_after: 30 }),
  stored: assembled("files.create", "replicate.file", 201, {
    id: ids.text,
    name: "rain.png",
    content_type: "image/png",
    size: 1234,
    metadata: {},
    created_at: "2026-03-26T14:05:30.123Z",
    expires_at: "2026-03-27T14:05:30.123Z",
    urls: { get: `https://api.replicate.com/v1/files/${ids.text}` }
  })
} as const

export const fixtures = {
  documented: {},
  assembled: answers,
  ids,
  vital: ["id", "status", "next", "results"],
  samples: {}
}
