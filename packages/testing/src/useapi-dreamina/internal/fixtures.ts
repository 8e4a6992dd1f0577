import type * as Schema from "effect/Schema"
import { assembled, documented, sample } from "../../internal/fixture.ts"

const list = (text: string, status = 200) => documented("dreamina-scheduler", "useapi-dreamina.list", status, text)

const printed = {
  list: list(`{
      "executing": {
        "US:[email\u00a0protected]": [
          {
            "jobid": "j0223140530123456789v-u12345-US:[email\u00a0protected]:dreamina",
            "submitId": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
            "model": "seedance-2.0",
            "elapsedSeconds": 45,
            "replyUrl": "https://your-domain.com/webhook"
          }
        ]
      },
      "total": 1
    }`),
  listEmpty: list(`{
      "executing": {},
      "total": 0
    }`),
  listUnauthorized: list(
    `{
      "error": "Unauthorized"
    }`,
    401
  )
} as const

const ids = {
  printed: "j0223140530123456789v-u12345-US:[email\u00a0protected]:dreamina",
  intact: "j0223140530123456789v-u12345-US:user@example.com-bot:dreamina",
  intactImage: "j0302091512345678901i-u12345-CA:user@example.com-bot:dreamina"
} as const

const { intact, intactImage } = ids
const videoRequest = {
  prompt: "a lighthouse in the rain",
  model: "seedance-2.0",
  ratio: "16:9",
  duration: 5,
  inputMode: "prompt",
  replyUrl: "https://your-domain.com/webhook"
}
const imageRequest = {
  prompt: "a lighthouse in the rain",
  model: "seedream-4.0",
  ratio: "auto",
  inputMode: "generate"
}
const media = {
  videoId: "v14044g50000d6abc",
  coverUrl: "https://p9-sign.douyinpic.com/...",
  width: 1280,
  height: 720,
  durationMs: 5000,
  hasAudio: true,
  forecastCost: 50,
  finishTime: 1771855650
}

const videoOf = (status: string, response: Schema.JsonObject, rest?: Schema.JsonObject): Schema.JsonObject => ({
  jobid: intact,
  type: "video",
  status,
  model: "seedance-2.0",
  created: "2026-02-23T14:05:30.123Z",
  ...(status === "created" ? undefined : { updated: "2026-02-23T14:07:30.123Z" }),
  request: videoRequest,
  response,
  ...rest,
  code: 200
})
const imageOf = (status: string, response: Schema.JsonObject): Schema.JsonObject => ({
  jobid: intactImage,
  type: "image",
  status,
  model: "seedream-4.0",
  created: "2026-03-02T09:15:12.345Z",
  ...(status === "created" ? undefined : { updated: "2026-03-02T09:15:42.345Z" }),
  request: imageRequest,
  response,
  code: 200
})
const getVideo = (json: Schema.Json, document = "get-dreamina-videos-jobid") =>
  assembled(document, "useapi-dreamina.getVideo", 200, json)
const getImage = (json: Schema.Json) => assembled("get-dreamina-images-jobid", "useapi-dreamina.getImage", 200, json)

const answers = {
  submitted: assembled("post-dreamina-videos", "useapi-dreamina.video", 200, { jobid: intact }),
  submittedImage: assembled("post-dreamina-images", "useapi-dreamina.image", 200, { jobid: intactImage }),
  getCreatedVideo: getVideo(videoOf("created", { forecastCost: 50 })),
  getCompletedVideo: getVideo(videoOf("completed", {
    assetId: "US:user@example.com-video:7341234567890123456",
    videoUrl: "https://v3-web.douyinvod.com/...",
    ...media
  })),
  getWatermarkedVideo: getVideo(
    videoOf("completed", {
      videoUrlWatermarked: "https://v3-web.douyinvod.com/...",
      watermarked: true,
      ...media
    }),
    "a user's script"
  ),
  getFailedVideo: getVideo(
    videoOf("failed", { forecastCost: 50 }, { error: "fail_code: 2043", errorDetails: "OutputVi..." })
  ),
  getCancelledVideo: getVideo(
    videoOf("failed", { forecastCost: 50 }, { error: "Cancelled by user" }),
    "delete-dreamina-scheduler-jobid"
  ),
  getInvalidId: assembled("a user's script", "useapi-dreamina.getVideo", 400, { error: "Invalid job ID format" }),
  getCreatedImage: getImage(imageOf("created", { forecastCost: 0 })),
  getCompletedImage: getImage(imageOf("completed", {
    images: [1, 2, 3, 4].map((n) => ({
      imageUrl: "https://p9-sign.douyinpic.com/...",
      imageUri: `tos-useast5-i-abc/${n}`,
      width: 1024,
      height: 1024,
      format: "jpeg",
      assetId: `CA:user@example.com-image:734123456789012345${n}`,
      assetRef: `CA:user@example.com-image:w1024:h1024:s86866-uri:tos-useast5-i-abc/${n}`,
      itemId: `734123456789012345${n}`
    })),
    forecastCost: 0,
    finishTime: 1772442942
  })),
  uploaded: assembled("post-dreamina-assets-account", "useapi-dreamina.upload", 200, {
    assetRef: "CA:user@example.com-image:w685:h900:s86866-uri:tos-useast5-abc",
    width: 685,
    height: 900
  }),
  uploadMultipart: assembled("a user's script", "useapi-dreamina.upload", 400, {
    error: "Content-Type (multipart/form-data) not supported. " +
      "Valid values: image/jpeg, image/png, image/webp, video/mp4, ..."
  }),
  uploadNoAccount: assembled("a user's script", "useapi-dreamina.upload", 404, {
    error: "Unable to find configuration for account US:user@example.com"
  }),
  noSubscription: assembled("post-dreamina-accounts", "useapi-dreamina.video", 402, {
    error: "Account has no subscription or subscription expired"
  }),
  noCredits: assembled("a user's script", "useapi-dreamina.video", 412, { error: "Not enough credits" }),
  accounts: assembled("a script of the vendor", "useapi-dreamina.accounts", 200, {
    "US:user@example.com": { account: "US:user@example.com", email: "user@example.com" },
    "CA:user@example.com": { account: "CA:user@example.com", email: "user@example.com", error: "Login failed" }
  })
} as const

const samples = {
  list: sample(
    "dreamina-scheduler",
    `const token = 'YOUR_API_TOKEN';
   \x20
    const response = await fetch('https://api.useapi.net/v1/dreamina/scheduler', {
      headers: {
        'Authorization': \`Bearer \${token}\`
      }
    });
   \x20
    const scheduler = await response.json();
    console.log('Executing jobs:', scheduler.total);
    for (const [account, jobs] of Object.entries(scheduler.executing)) {
      console.log(\`  \${account}: \${jobs.length} jobs\`);
    }`
  )
} as const

export const fixtures = {
  documented: printed,
  assembled: answers,
  ids,
  vital: ["jobid", "status", "executing"],
  samples
}
