/**
 * What the services' documents print, word for word.
 *
 * **Details**
 *
 * Texts are byte for byte as on the page, damage included: the pages' e-mail protection has put `[email protected]` into
 * every id, with a no-break space on the page of `GET /jobs/{jobid}` and a plain one on the others.
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import type { Operation } from "./Faults.ts"

/**
 * One answer as a document prints it.
 *
 * **Details**
 *
 * `document` is the page, `operation` the emulator's name of the call. The page of `DELETE /jobs/{jobid}` prints no
 * statuses for its answers; they are the vendor's own.
 *
 * @since 0.1.0
 * @category models
 */
export interface Fixture {
  readonly document: string
  readonly operation: Operation
  readonly status: number
  readonly text: string
  readonly json: Schema.Json
}

/**
 * One JavaScript program as a document prints it.
 *
 * **Details**
 *
 * `text` is verbatim. `script` is the same with the line breaks that two of the pages have lost put back, without which
 * they do not parse.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sample {
  readonly document: string
  readonly text: string
  readonly script: string
}

const fixture = (document: string, operation: Operation, status: number, text: string): Fixture => ({
  document,
  operation,
  status,
  text,
  json: JSON.parse(text)
})

const sample = (document: string, text: string, script = text): Sample => ({ document, text, script })

/**
 * Every JSON answer of the three documents of Luma v1.
 *
 * @since 0.1.0
 * @category fixtures
 */
export const luma = {
  list: fixture(
    "luma-list-jobs",
    "luma.list",
    200,
    `{ "executing": 2, "jobs": [ { "jobid": "j0326140530123456789v-u12345-email:[email protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma", "type": "video", "account": "[email protected]", "model": "ray-v3-flash", "created": "2026-03-26T14:05:30.123Z" }, { "jobid": "j0326140730987654321i-u12345-email:[email protected]:b2c3d4e5-f6a7-8901-bcde-f23456789012-bot:luma", "type": "image", "account": "[email protected]", "model": "photon-v2", "created": "2026-03-26T14:07:30.456Z" } ] }`
  ),
  listUnauthorized: fixture("luma-list-jobs", "luma.list", 401, `{ "error": "Unauthorized" }`),
  getPending: fixture(
    "luma-get-job",
    "luma.get",
    200,
    `{
      "jobid": "j0326140530123456789v-u12345-email:[email\u00a0protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma",
      "type": "video",
      "status": "pending",
      "created": "2026-03-26T14:05:30.123Z",
      "updated": null,
      "response": null,
      "credits": null
    }`
  ),
  getCompletedVideo: fixture(
    "luma-get-job",
    "luma.get",
    200,
    `{
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
    }`
  ),
  getCompletedImage: fixture(
    "luma-get-job",
    "luma.get",
    200,
    `{
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
    }`
  ),
  getFailed: fixture(
    "luma-get-job",
    "luma.get",
    200,
    `{
      "jobid": "j0326140530123456789v-u12345-email:[email\u00a0protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma",
      "type": "video",
      "status": "failed",
      "created": "2026-03-26T14:05:30.123Z",
      "updated": "2026-03-26T14:08:00.000Z",
      "response": null,
      "credits": null
    }`
  ),
  getInvalidId: fixture(
    "luma-get-job",
    "luma.get",
    400,
    `{
      "error": "Invalid jobid"
    }`
  ),
  getUnauthorized: fixture(
    "luma-get-job",
    "luma.get",
    401,
    `{
      "error": "Unauthorized"
    }`
  ),
  getForbidden: fixture(
    "luma-get-job",
    "luma.get",
    403,
    `{
      "error": "Job does not belong to this user"
    }`
  ),
  getNotFound: fixture(
    "luma-get-job",
    "luma.get",
    404,
    `{
      "error": "Job not found"
    }`
  ),
  getSessionError: fixture(
    "luma-get-job",
    "luma.get",
    596,
    `{
      "error": "Luma account has an error. Please check your account configuration via GET /v1/luma/accounts or re-add the account via POST /v1/luma/accounts",
      "code": 596
    }`
  ),
  remove: fixture(
    "luma-delete-job",
    "luma.remove",
    200,
    `{ "jobid": "j0326140530123456789v-u12345-email:[email protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma", "deleted": true }`
  ),
  removeInvalidId: fixture("luma-delete-job", "luma.remove", 400, `{ "error": "Invalid jobid" }`),
  removeUnauthorized: fixture("luma-delete-job", "luma.remove", 401, `{ "error": "Unauthorized" }`),
  removeForbidden: fixture("luma-delete-job", "luma.remove", 403, `{ "error": "Job does not belong to this user" }`),
  removeNotFound: fixture("luma-delete-job", "luma.remove", 404, `{ "error": "Job not found" }`),
  removeNotTerminal: fixture(
    "luma-delete-job",
    "luma.remove",
    409,
    `{ "error": "Cannot delete job in state 'processing'. Wait for completion." }`
  )
} as const

/**
 * The JavaScript programs of the three documents of Luma v1, named after what they do.
 *
 * **Gotchas**
 *
 * They say `https://api.useapi.net` and `YOUR_API_TOKEN`: replace both before running one.
 *
 * @since 0.1.0
 * @category fixtures
 */
export const lumaSamples = {
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

/**
 * The ids that the documents of Luma v1 print.
 *
 * **Details**
 *
 * `polled` and `listed` are one job on the pages; they differ in one byte, the space, and so do their requests.
 *
 * @since 0.1.0
 * @category fixtures
 */
export const lumaIds = {
  polled: "j0326140530123456789v-u12345-email:[email\u00a0protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma",
  completedImage:
    "j0326140530123456789i-u12345-email:[email\u00a0protected]:c3d4e5f6-a7b8-9012-cdef-345678901234-bot:luma",
  listed: "j0326140530123456789v-u12345-email:[email protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma",
  listedImage: "j0326140730987654321i-u12345-email:[email protected]:b2c3d4e5-f6a7-8901-bcde-f23456789012-bot:luma"
} as const
