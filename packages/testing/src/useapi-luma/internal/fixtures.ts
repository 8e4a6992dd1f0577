import type * as Schema from "effect/Schema"
import { assembled, documented, sample } from "../../internal/fixture.ts"

const list = (text: string, status = 200) => documented("luma-list-jobs", "useapi-luma.list", status, text)
const get = (text: string, status = 200) => documented("luma-get-job", "useapi-luma.get", status, text)
const remove = (text: string, status = 200) => documented("luma-delete-job", "useapi-luma.remove", status, text)
const upload = (json: Schema.Json, status = 200) => assembled("post-luma-assets", "useapi-luma.upload", status, json)
const accounts = (json: Schema.Json, status = 200) =>
  assembled("get-luma-accounts", "useapi-luma.accounts", status, json)

const printed = {
  list: list(
    `{ "executing": 2, "jobs": [ { "jobid": "j0326140530123456789v-u12345-email:[email protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma", "type": "video", "account": "[email protected]", "model": "ray-v3-flash", "created": "2026-03-26T14:05:30.123Z" }, { "jobid": "j0326140730987654321i-u12345-email:[email protected]:b2c3d4e5-f6a7-8901-bcde-f23456789012-bot:luma", "type": "image", "account": "[email protected]", "model": "photon-v2", "created": "2026-03-26T14:07:30.456Z" } ] }`
  ),
  listUnauthorized: list(`{ "error": "Unauthorized" }`, 401),
  getPending: get(`{
      "jobid": "j0326140530123456789v-u12345-email:[email\u00a0protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma",
      "type": "video",
      "status": "pending",
      "created": "2026-03-26T14:05:30.123Z",
      "updated": null,
      "response": null,
      "credits": null
    }`),
  getCompletedVideo: get(`{
      "jobid": "j0326140530123456789v-u12345-email:[email\u00a0protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma",
      "type": "video",
      "status": "completed",
      "created": "2026-03-26T14:05:30.123Z",
      "updated": "2026-03-26T14:08:45.678Z",
      "response": {
        "video": {
          "media_type": "video",
          "url": "https://storage.cdn-luma.com/...",
          "width": 1280,
          "height": 720,
          "duration": 5.04
        },
        "video_hdr_exr": null,
        "thumbnail": {
          "media_type": "image",
          "url": "https://storage.cdn-luma.com/.../thumbnail.jpg",
          "width": 1280,
          "height": 720
        },
        "last_frame": {
          "media_type": "image",
          "url": "https://storage.cdn-luma.com/.../last_frame.jpg",
          "width": 1280,
          "height": 720
        }
      },
      "credits": {
        "dm_usage": 20,
        "dm_relaxed_usage": null
      }
    }`),
  getCompletedImage: get(`{
      "jobid": "j0326140530123456789i-u12345-email:[email\u00a0protected]:c3d4e5f6-a7b8-9012-cdef-345678901234-bot:luma",
      "type": "image",
      "status": "completed",
      "created": "2026-03-26T14:05:30.123Z",
      "updated": "2026-03-26T14:06:15.234Z",
      "response": {
        "image": {
          "media_type": "image",
          "url": "https://storage.cdn-luma.com/...",
          "width": 1024,
          "height": 1024
        }
      },
      "credits": {
        "dm_usage": 5,
        "dm_relaxed_usage": null
      }
    }`),
  getFailed: get(`{
      "jobid": "j0326140530123456789v-u12345-email:[email\u00a0protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma",
      "type": "video",
      "status": "failed",
      "created": "2026-03-26T14:05:30.123Z",
      "updated": "2026-03-26T14:08:00.000Z",
      "response": null,
      "credits": null
    }`),
  getInvalidId: get(
    `{
      "error": "Invalid jobid"
    }`,
    400
  ),
  getUnauthorized: get(
    `{
      "error": "Unauthorized"
    }`,
    401
  ),
  getForbidden: get(
    `{
      "error": "Job does not belong to this user"
    }`,
    403
  ),
  getNotFound: get(
    `{
      "error": "Job not found"
    }`,
    404
  ),
  getSessionError: get(
    `{
      "error": "Luma account has an error. Please check your account configuration via GET /v1/luma/accounts or re-add the account via POST /v1/luma/accounts",
      "code": 596
    }`,
    596
  ),
  remove: remove(
    `{ "jobid": "j0326140530123456789v-u12345-email:[email protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma", "deleted": true }`
  ),
  removeInvalidId: remove(`{ "error": "Invalid jobid" }`, 400),
  removeUnauthorized: remove(`{ "error": "Unauthorized" }`, 401),
  removeForbidden: remove(`{ "error": "Job does not belong to this user" }`, 403),
  removeNotFound: remove(`{ "error": "Job not found" }`, 404),
  removeNotTerminal: remove(`{ "error": "Cannot delete job in state 'processing'. Wait for completion." }`, 409)
} as const

const answers = {
  uploaded: upload({
    assetRef: "u12345-email:user@example.com-image:7a34b821-1c2d-4e3f-8a4b-5c6d7e8f9a0b",
    email: "user@example.com",
    upload: {
      id: "7a34b821-1c2d-4e3f-8a4b-5c6d7e8f9a0b",
      media: { url: "https://storage.cdn-luma.com/..." }
    }
  }),
  uploadUnsupported: upload({
    error: "Content-Type (image/bmp) not supported. Valid: image/jpeg, image/png, image/webp"
  }, 400),
  uploadEmpty: upload({ error: "Content is empty" }, 400),
  uploadNoAccount: upload({
    error: "Unable to find configuration for email user@example.com"
  }, 404),
  accounts: accounts({
    "user@example.com": {
      account: "user@example.com",
      email: "user@example.com",
      user_id: "0f1e2d3c-4b5a-4697-8877-665544332211",
      concurrency: 4,
      luma_session_expires: "2026-05-27 00:28:17 UTC",
      updated: "2026-03-28",
      refresh_count: 0,
      executing: 1
    }
  }),
  accountsUnauthorized: accounts({ error: "Unauthorized" }, 401)
} as const

const samples = {
  list: sample(
    "luma-list-jobs",
    `const token = 'YOUR_API_TOKEN' const response = await fetch('https://api.useapi.net/v1/luma/jobs', { headers: { 'Authorization': \`Bearer \${token}\` } }) const result = await response.json() console.log(\`Executing: \${result.executing} jobs\`) result.jobs.forEach(job => { console.log(\` \${job.jobid} (\${job.type}, \${job.model})\`) })`,
    `const token = 'YOUR_API_TOKEN'
const response = await fetch('https://api.useapi.net/v1/luma/jobs', { headers: { 'Authorization': \`Bearer \${token}\` } })
const result = await response.json()
console.log(\`Executing: \${result.executing} jobs\`)
result.jobs.forEach(job => { console.log(\` \${job.jobid} (\${job.type}, \${job.model})\`) })`
  ),
  get: sample(
    "luma-get-job",
    `const apiToken = 'YOUR_API_TOKEN'
    const jobId = 'j0326140530123456789v-u12345-email:[email\u00a0protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma'
   \x20
    const getJobStatus = async (jobId) => {
      const response = await fetch(\`https://api.useapi.net/v1/luma/jobs/\${jobId}\`, {
        headers: {
          'Authorization': \`Bearer \${apiToken}\`
        }
      })
      return await response.json()
    }
   \x20
    // Poll until completion
    const waitForCompletion = async (jobId, intervalMs = 10000) => {
      while (true) {
        const job = await getJobStatus(jobId)
        console.log(\`Status: \${job.status}\`)
   \x20
        if (job.status === 'completed') {
          if (job.type === 'video') {
            console.log('Video URL:', job.response.video.url)
            console.log('Dimensions:', \`\${job.response.video.width}x\${job.response.video.height}\`)
          } else {
            console.log('Image URL:', job.response.image.url)
            console.log('Dimensions:', \`\${job.response.image.width}x\${job.response.image.height}\`)
          }
          return job
        }
   \x20
        if (job.status === 'failed') {
          console.error('Job failed:', job.error)
          throw new Error(job.error)
        }
   \x20
        await new Promise(resolve => setTimeout(resolve, intervalMs))
      }
    }
   \x20
    const job = await waitForCompletion(jobId)`
  ),
  remove: sample(
    "luma-delete-job",
    `const token = 'YOUR_API_TOKEN' const jobId = 'j0326140530123456789v-u12345-email:[email protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma' const response = await fetch(\`https://api.useapi.net/v1/luma/jobs/\${jobId}\`, { method: 'DELETE', headers: { 'Authorization': \`Bearer \${token}\` } }) const result = await response.json() console.log('Deleted:', result.deleted)`,
    `const token = 'YOUR_API_TOKEN'
const jobId = 'j0326140530123456789v-u12345-email:[email protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma'
const response = await fetch(\`https://api.useapi.net/v1/luma/jobs/\${jobId}\`, { method: 'DELETE', headers: { 'Authorization': \`Bearer \${token}\` } })
const result = await response.json()
console.log('Deleted:', result.deleted)`
  )
} as const

const ids = {
  polled: "j0326140530123456789v-u12345-email:[email\u00a0protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma",
  completedImage:
    "j0326140530123456789i-u12345-email:[email\u00a0protected]:c3d4e5f6-a7b8-9012-cdef-345678901234-bot:luma",
  listed: "j0326140530123456789v-u12345-email:[email protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma",
  listedImage: "j0326140730987654321i-u12345-email:[email protected]:b2c3d4e5-f6a7-8901-bcde-f23456789012-bot:luma"
} as const

export const fixtures = { documented: printed, assembled: answers, ids, vital: ["jobid", "jobId", "status"], samples }
