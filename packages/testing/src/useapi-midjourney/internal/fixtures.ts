import type * as Schema from "effect/Schema"
import { assembled, documented, sample } from "../../internal/fixture.ts"

const printed = {
  list: documented(
    "midjourney-list-jobs",
    "useapi-midjourney.list",
    200,
    `{
      "total": 2,
      "images": 2,
      "videos": 0,
      "channels": {
        "1234567890123456789": {
          "total": 2,
          "images": 2,
          "videos": 0,
          "maxJobs": 3,
          "maxImageJobs": 3,
          "maxVideoJobs": 3,
          "jobs": [
            {
              "jobId": "j1023141520123456789i-u12345-c1234567890123456789-bot:midjourney",
              "channel": "1234567890123456789",
              "jobType": "image",
              "created": "2025-10-23T14:15:20.123Z",
              "elapsed": "00:32"
            },
            {
              "jobId": "j1023141525987654321i-u12345-c1234567890123456789-bot:midjourney",
              "channel": "1234567890123456789",
              "jobType": "image",
              "created": "2025-10-23T14:15:25.987Z",
              "elapsed": "00:27"
            }
          ]
        }
      }
    }`
  ),
  listUnauthorized: documented(
    "midjourney-list-jobs",
    "useapi-midjourney.list",
    401,
    `{
      "error": "Unauthorized"
    }`
  )
} as const

const ids = {
  first: "j1023141520123456789i-u12345-c1234567890123456789-bot:midjourney",
  second: "j1023141525987654321i-u12345-c1234567890123456789-bot:midjourney"
} as const

const record = (status: string, response: Schema.JsonObject, rest?: Schema.JsonObject): Schema.JsonObject => ({
  jobid: ids.first,
  verb: "imagine",
  status,
  created: "2025-10-23T14:15:20.123Z",
  ...(status === "created" ? undefined : { updated: "2025-10-23T14:15:52.456Z" }),
  request: { prompt: "a lighthouse in the rain", channel: "1234567890123456789" },
  response: { content: "**a lighthouse in the rain**", ...response },
  ...rest
})

const get = (json: Schema.Json, status = 200) =>
  assembled("get-midjourney-jobs-jobid", "useapi-midjourney.get", status, json)
const cancel = (status: number, error: string) =>
  assembled("delete-midjourney-jobs-jobid", "useapi-midjourney.cancel", status, { error })

const cdn = "https://cdn.discordapp.com/..."

const answers = {
  submitted: assembled("post-midjourney-jobs-imagine", "useapi-midjourney.imagine", 201, record("created", {})),
  submittedUnauthorized: assembled("post-midjourney-jobs-imagine", "useapi-midjourney.imagine", 401, {
    error: "Unauthorized"
  }),
  getCreated: get(record("created", { replyRef: "your-reference" })),
  getStarted: get(record("started", { replyRef: "your-reference" })),
  getProgress: get(record("progress", { progress_percent: 31, replyRef: "your-reference" })),
  getCompleted: get(record("completed", {
    attachments: [{
      url: cdn,
      proxy_url: cdn,
      filename: "grid.png",
      content_type: "image/png",
      width: 2048,
      height: 2048
    }],
    imageUx: [{ url: cdn }, { url: cdn }, { url: cdn }, { url: cdn }],
    buttons: ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"],
    replyRef: "your-reference"
  })),
  getDescribed: get({
    ...record("completed", { embeds: [{ description: "1️⃣ a lighthouse, rain" }] }, { replyRef: "your-reference" }),
    verb: "describe"
  }),
  getFailed: get(record("failed", {}, { error: "Failed to process your command" })),
  getCancelled: get(record("failed", {}, { error: "Job cancelled by user" })),
  getModerated: get(record("moderated", {}, { error: "Possible content violation" })),
  getUnauthorized: get({ error: "Unauthorized" }, 401),
  getNotFound: get({ error: "Job not found" }, 404),
  getExpired: get({ error: `Job ${ids.first} has expired` }, 410),
  cancelUnauthorized: cancel(401, "Unauthorized"),
  cancelNotFound: cancel(404, "Job not found"),
  cancelExpired: cancel(410, `Job ${ids.first} has expired`)
} as const

const samples = {
  list: sample(
    "midjourney-list-jobs",
    `const response = await fetch('https://api.useapi.net/v3/midjourney/jobs', {
      headers: {
        'Authorization': 'Bearer YOUR_API_TOKEN'
      }
    });
   \x20
    const result = await response.json();
    console.log(\`\${result.total} jobs running (\${result.images} images, \${result.videos} videos)\`);
   \x20
    for (const [channelId, channelData] of Object.entries(result.channels)) {
      console.log(\`Channel \${channelId}: \${channelData.total} jobs\`);
      for (const job of channelData.jobs) {
        console.log(\`  \${job.jobId}: \${job.jobType} (\${job.elapsed})\`);
      }
    }`
  )
} as const

export const fixtures = { documented: printed, assembled: answers, ids, vital: ["jobid", "jobId", "status"], samples }
