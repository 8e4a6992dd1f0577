import type * as Schema from "effect/Schema"
import { assembled } from "../../internal/fixture.ts"

const account = "user@example.com"
const uuid = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"

const ids = {
  account,
  job: `job:${uuid}-user:12345-${account}-bot:flowmusic`,
  clip: `user:12345-${account}-clip:${uuid}`
} as const

const clips: ReadonlyArray<Schema.JsonObject> = ["1", "2"].map((n) => ({
  clip: `${ids.clip.slice(0, -1)}${n}`,
  title: "The lighthouse",
  duration_s: 151.5,
  lyrics: "Light in the rain",
  seed: 7,
  lyrics_timing: [[0, 1.5]],
  created_at: "2026-06-03T10:01:30.000Z",
  audio_url: `https://cdn.flowmusic.app/clip-${n}.m4a`,
  wav_url: `https://cdn.flowmusic.app/clip-${n}.wav`,
  image_url: `https://cdn.flowmusic.app/clip-${n}.jpg`
}))

const pending: Schema.JsonObject = {
  jobid: ids.job,
  email: account,
  request: { prompt: "a slow waltz about a lighthouse", model: "lyria-3.5", mode: "async" },
  status: "pending",
  created_at: "2026-06-03T10:00:00.000Z"
}
const ended: Schema.JsonObject = { ...pending, completed_at: "2026-06-03T10:01:30.000Z", duration_ms: 90_000 }

const get = (status: number, json: Schema.Json) =>
  assembled("get-flowmusic-jobs-jobid", "useapi-flow-music.get", status, json)

const answers = {
  pending: get(200, pending),
  completed: get(200, { ...ended, status: "completed", clips }),
  failed: get(200, {
    ...ended,
    status: "failed",
    error: { code: "generation_failed", message: "Prompt was moderated" }
  }),
  cancelled: get(200, { ...ended, status: "failed", error: { code: "user_cancelled", message: "Cancelled" } }),
  unauthorized: get(401, { error: "Unauthorized", code: 401 }),
  forbidden: get(403, { error: "Job does not belong to this user", code: 403 }),
  notFound: get(404, { error: "Job not found", code: 404 }),
  submitted: assembled("post-flowmusic-music", "useapi-flow-music.music", 201, pending),
  stems: assembled("post-flowmusic-music-edit", "useapi-flow-music.edit", 200, {
    ...ended,
    status: "completed",
    clips
  }),
  list: assembled("get-flowmusic-jobs", "useapi-flow-music.list", 200, {
    [account]: {
      running: 1,
      maxJobs: 4,
      jobs: [{ jobid: ids.job, status: "pending", created_at: "2026-06-03T10:00:00.000Z" }]
    }
  }),
  listEmpty: assembled("get-flowmusic-jobs", "useapi-flow-music.list", 200, {}),
  uploaded: assembled("post-flowmusic-files", "useapi-flow-music.upload", 200, {
    id: `user:12345-${account}-image:${uuid}`,
    url: "https://cdn.flowmusic.app/image.png",
    kind: "image",
    assetType: "image/png",
    email: account,
    metadata_stripped: false
  }),
  accounts: assembled("get-flowmusic-accounts", "useapi-flow-music.accounts", 200, {
    [account]: { email: account, tier: "plus", maxJobs: 4 }
  })
} as const

export const fixtures = { documented: {}, assembled: answers, ids, vital: ["jobid", "status"] }
