import type * as Schema from "effect/Schema"
import { assembled } from "../../internal/fixture.ts"

const account = "user@example.com"
const uuid = "6f1b2c3d-0000-4000-8000-000000000001"

const ids = {
  account,
  task: `user:12345-runwayml:${account}-task:${uuid}`,
  asset: `user:12345-runwayml:${account}-asset:${uuid}`
} as const

const task: Schema.JsonObject = {
  taskId: ids.task,
  id: uuid,
  name: "Gen-4.5 123456, a lighthouse in the rain",
  image: null,
  createdAt: "2026-07-16T01:02:03.456Z",
  updatedAt: "2026-07-16T01:02:53.456Z",
  taskType: "gen4.5",
  options: { text_prompt: "a lighthouse in the rain", seed: 123456, exploreMode: false, watermark: false },
  status: "SUCCEEDED",
  error: null,
  progressText: null,
  progressRatio: "1",
  estimatedTimeToStartSeconds: null,
  artifacts: [{
    assetId: ids.asset,
    id: uuid,
    createdAt: "2026-07-16T01:02:53.456Z",
    updatedAt: "2026-07-16T01:02:53.456Z",
    userId: 1234567,
    createdBy: 1234567,
    taskId: ids.task,
    parentAssetGroupId: uuid,
    filename: "Gen-4.5 123456, a lighthouse in the rain",
    url: "https://dnznrvs05pmza.cloudfront.net/a/video.mp4",
    fileSize: "12345678",
    previewUrls: ["https://dnznrvs05pmza.cloudfront.net/a/preview.jpg"],
    metadata: { duration: 5.2, dimensions: [1280, 720] }
  }]
}

const get = (status: number, json: Schema.Json) =>
  assembled("get-runwayml-tasks-taskId", "useapi-runway.get", status, json)
const now = { artifacts: [], updatedAt: "2026-07-16T01:02:03.456Z" }

const answers = {
  pending: get(200, { ...task, ...now, status: "PENDING", progressRatio: null, estimatedTimeToStartSeconds: 12 }),
  throttled: get(200, { ...task, ...now, status: "THROTTLED", progressRatio: null }),
  running: get(200, { ...task, ...now, status: "RUNNING", progressRatio: "0.42" }),
  succeeded: get(200, task),
  failed: get(200, { ...task, artifacts: [], status: "FAILED", error: "Generation failed" }),
  getNotFound: get(404, { error: "Task not found", code: 404 }),
  getUnauthorized: get(401, { error: "Unauthorized", code: 401 }),
  list: assembled("get-runwayml-scheduler", "useapi-runway.list", 200, [
    { taskId: ids.task, replyUrl: "https://your-domain.com/webhook", replyRef: "order-7" }
  ]),
  removed: assembled("del-runwayml-tasks-taskId", "useapi-runway.remove", 200, { success: true }),
  uploaded: assembled("post-runwayml-assets", "useapi-runway.upload", 200, {
    assetId: ids.asset,
    url: "https://dnznrvs05pmza.cloudfront.net/a/upload.png"
  }),
  accounts: assembled("get-runwayml-accounts", "useapi-runway.accounts", 200, {
    [account]: { email: account, maxJobs: 5 }
  })
} as const

export const fixtures = { documented: {}, assembled: answers, ids, vital: ["/taskId", "/status"] }
