import type * as Schema from "effect/Schema"
import { assembled } from "../../internal/fixture.ts"

const ids = {
  live: "j0903180709650836584v-u12345-email:user@example.com-bot:google-flow",
  liveImage: "j0903180709650836584i-u12345-email:user@example.com-bot:google-flow",
  masked: "j1731859234567v-u12345-email:us***@example.com-bot:google-flow"
} as const

const hex = "75736572406578616d706c652e636f6d"
const mediaId = (type: string, n: number) => `user:12345-email:${hex}-${type}:ff9aa5cc-0000-4000-8000-00000000000${n}`

const videoRequest = (more?: Schema.JsonObject): Schema.JsonObject => ({
  email: "us***@example.com",
  prompt: "a lighthouse in the rain",
  model: "veo-3.1-fast",
  aspectRatio: "landscape",
  count: 1,
  seed: 123456,
  async: true,
  ...more
})
const imageRequest: Schema.JsonObject = {
  email: "us***@example.com",
  prompt: "a lighthouse in the rain",
  model: "nano-banana-2-lite",
  aspectRatio: "16:9",
  count: 2
}

const metadata = (word: string): Schema.JsonObject => ({
  mediaMetadata: {
    createTime: "2026-09-03T18:07:09.650Z",
    mediaTitle: "A lighthouse",
    mediaStatus: { mediaGenerationStatus: `MEDIA_GENERATION_STATUS_${word}` },
    visibility: "PRIVATE"
  }
})

const videoEntry = (n: number): Schema.JsonObject => ({
  name: `ff9aa5cc-${n}`,
  projectId: "5c37e988",
  workflowId: "69603881",
  workflowStepId: "CAE",
  ...metadata("SUCCESSFUL"),
  video: {
    generatedVideo: { seed: 123456, prompt: "a lighthouse in the rain", model: "veo_3_1_t2v_fast", isLooped: false },
    dimensions: { length: "8s" },
    operation: { name: `operations/${n}` }
  },
  mediaGenerationId: mediaId("video", n),
  videoUrl: "https://flow-content.google/video/...",
  thumbnailUrl: "https://flow-content.google/image/..."
})
const failedEntry: Schema.JsonObject = {
  name: "ff9aa5cc-9",
  ...metadata("FAILED"),
  error: { code: 3, message: "PUBLIC_ERROR_UNSAFE_GENERATION" }
}
const imageEntry = (n: number): Schema.JsonObject => ({
  name: `ff9aa5cc-${n}`,
  workflowId: "69603881",
  image: {
    generatedImage: {
      seed: 123456,
      mediaGenerationId: mediaId("image", n),
      mediaVisibility: "PRIVATE",
      prompt: "a lighthouse in the rain",
      modelNameType: "NARWHAL",
      fifeUrl: "https://flow-content.google/image/...",
      aspectRatio: "IMAGE_ASPECT_RATIO_LANDSCAPE"
    }
  }
})
const withheldEntry: Schema.JsonObject = {
  name: "ff9aa5cc-9",
  image: { generatedImage: { seed: 123456, prompt: "a lighthouse in the rain" } }
}
const captcha: Schema.JsonObject = { service: "CapSolver", taskId: "a1b2c3", durationMs: 9000, attempts: [] }
const pending: Schema.JsonObject = {
  operations: [{ operation: { name: "operations/1" }, sceneId: "a1b2", status: "MEDIA_GENERATION_STATUS_PENDING" }],
  captcha
}

const video = (status: string, response?: Schema.Json, rest?: Schema.JsonObject): Schema.JsonObject => ({
  jobid: ids.live,
  type: "video",
  status,
  created: "2026-09-03T18:07:09.650Z",
  ...(status === "created" ? undefined : { updated: "2026-09-03T18:08:39.650Z" }),
  request: videoRequest(),
  ...(response === undefined ? undefined : { response }),
  ...rest
})
const image = (media: ReadonlyArray<Schema.Json>): Schema.JsonObject => ({
  jobid: ids.liveImage,
  type: "image",
  status: "completed",
  created: "2026-09-03T18:07:09.650Z",
  updated: "2026-09-03T18:07:39.650Z",
  request: imageRequest,
  response: { media, captcha }
})

const page = "get-google-flow-jobs-jobid"
const get = (json: Schema.Json, document: string = page, status = 200) =>
  assembled(document, "useapi-google-flow.get", status, json)
const created = (status: number, json: Schema.Json, document = "post-google-flow-videos") =>
  assembled(document, "useapi-google-flow.video", status, json)
const google = (code: number, status: string, reason?: string): Schema.JsonObject => ({
  error: {
    code,
    message: "Request contains an invalid argument.",
    status,
    ...(reason === undefined ? undefined : { details: [{ "@type": "google.rpc.ErrorInfo", reason }] })
  }
})
const summary = (executing: number): Schema.JsonObject => ({
  "user@example.com": { executing, completed: 1, failed: 0, rateLimited: 0, avgResponseTime: 65000, score: 2 }
})
const running = { email: "user@example.com", timestamp: 1788458829650, elapsed: "01:30" }
const ended = { email: "user@example.com", timestamp: 1788458829650, httpStatus: 200, responseTime: 65000 }

const answers = {
  submitted: created(201, video("created", pending)),
  submittedUpscale: assembled("post-google-flow-videos-upscale", "useapi-google-flow.upscaleVideo", 201, {
    ...video("created", { captcha }),
    request: { mediaGenerationId: mediaId("video", 1), resolution: "1080p", async: true }
  }),
  submittedAtOnce: created(200, { jobId: ids.live, media: [videoEntry(1)], remainingCredits: 12000, captcha }),
  made: assembled("post-google-flow-images", "useapi-google-flow.image", 200, {
    jobId: ids.liveImage,
    media: [imageEntry(1), imageEntry(2)],
    captcha
  }),
  getCreated: get(video("created", pending)),
  getStarted: get(video("started", pending)),
  getCompletedVideo: get(
    video("completed", { media: [videoEntry(1)], remainingCredits: 12000, captcha }, {
      request: videoRequest({ replyUrl: "https://your-domain.com/webhook", replyRef: "order-7" })
    })
  ),
  getPartialVideo: get(
    video("completed", { media: [videoEntry(1), failedEntry, videoEntry(3)] }, { request: videoRequest({ count: 3 }) }),
    "a user's script"
  ),
  getCompletedImage: get(image([imageEntry(1), imageEntry(2)])),
  getPartialImage: get(image([imageEntry(1), withheldEntry]), "a user's script"),
  getOldVideo: get(video("completed", {
    operations: [{
      operation: { name: "operations/1" },
      sceneId: "a1b2",
      status: "VIDEO_GENERATION_STATUS_SUCCEEDED",
      video: {
        seed: 123456,
        mediaGenerationId: mediaId("video", 1),
        fifeUrl: "https://storage.googleapis.com/..."
      }
    }]
  })),
  getUpscaledVideo: get(
    video("completed", {
      media: [{ name: "ff9aa5cc-1", ...metadata("SUCCESSFUL"), mediaGenerationId: mediaId("video", 1) }],
      operations: [{ operation: { metadata: { video: { fifeUrl: "https://storage.googleapis.com/..." } } } }]
    }),
    "a user's schema"
  ),
  getFailed: get(
    video("failed", { error: { code: 500, message: "Internal error encountered.", status: "INTERNAL" } }, {
      error: "API error: 500",
      errorDetails: "Video generation failed",
      code: 500
    })
  ),
  getInvalidId: get({ error: "Invalid job ID format", code: 400 }, "a user's script", 400),
  getForbidden: get({ error: "Job belongs to another user", code: 403 }, page, 403),
  getNotFound: get({ error: "Job not found", code: 404 }, page, 404),
  getExpired: get({ error: "Job has expired", code: 410 }, page, 410),
  list: assembled("get-google-flow-jobs", "useapi-google-flow.list", 200, {
    emails: ["user@example.com"],
    videos: { summary: summary(1), executing: { [ids.live]: running } },
    images: { summary: summary(1), executing: { [ids.liveImage]: running } },
    combined: { summary: summary(2), executing: { [ids.live]: running, [ids.liveImage]: running } }
  }),
  listEmpty: assembled("get-google-flow-jobs", "useapi-google-flow.list", 200, {
    emails: ["user@example.com"],
    videos: { summary: summary(0) },
    images: { summary: summary(0) },
    combined: { summary: summary(0) }
  }),
  listHistory: assembled("get-google-flow-jobs", "useapi-google-flow.list", 200, {
    emails: ["user@example.com"],
    videos: { summary: summary(0), history: { [ids.live]: ended } },
    images: { summary: summary(0), history: {} },
    combined: { summary: summary(0), history: { [ids.live]: ended } }
  }),
  unknownParameter: created(400, { error: "Parameter async not supported", code: 400 }, "a user's script"),
  contentPolicy: created(400, google(400, "INVALID_ARGUMENT", "PUBLIC_ERROR_TRUMP_FACE_DETECTED")),
  emailMismatch: created(400, { error: "Email mismatch: body has 'a', references have 'b'", code: 400 }),
  captchaRejected: created(403, { error: "captcha_quality: rejected", code: 403 }),
  accountNotFound: created(404, { error: "Google Flow account user@example.com not found" }),
  noEligibleAccount: created(429, {
    error: "no_eligible_account",
    message: "No account can take the request now",
    retryAfter: "2026-09-04T00:00:00.000Z",
    skipReasons: [{
      email: "user@example.com",
      reason: "PUBLIC_ERROR_PER_MODEL_DAILY_QUOTA_REACHED",
      model: "veo-3.1-quality"
    }]
  }),
  accounts: assembled("get-google-flow-accounts", "useapi-google-flow.accounts", 200, {
    "user@example.com": {
      health: "OK",
      created: "2026-06-15T10:00:00.000Z",
      sessionData: { expires: "2026-10-15T10:00:00.000Z" },
      project: "5c37e988",
      nextRefresh: "2026-09-04T10:00:00.000Z"
    },
    "other@example.com": { health: "Session expired", created: "2026-06-15T10:00:00.000Z", project: "5c37e989" }
  }),
  uploaded: assembled("post-google-flow-assets-email", "useapi-google-flow.upload", 200, {
    media: { name: "ff9aa5cc-1", projectId: "5c37e988", workflowId: "69603881", workflowStepId: "CAE" },
    workflow: { name: "69603881" },
    mediaGenerationId: { mediaGenerationId: mediaId("image", 1) },
    width: 1024,
    height: 1024,
    email: "user@example.com"
  }),
  uploadedVideo: assembled("post-google-flow-assets-email", "useapi-google-flow.upload", 200, {
    media: { name: "ff9aa5cc-1" },
    mediaGenerationId: { mediaGenerationId: mediaId("video", 1) },
    width: 1280,
    height: 720,
    durationSeconds: 8,
    email: "user@example.com"
  })
} as const

export const fixtures = { documented: {}, assembled: answers, ids, vital: ["jobid", "jobId", "status"], samples: {} }
