import type * as Schema from "effect/Schema"
import { assembled } from "../../internal/fixture.ts"

const account = "12345678901234"

const ids = {
  account,
  music: `j0121061432017475905m-u12345-a${account}-bot:mureka`,
  speech: `j0121061432017475905t-u12345-a${account}-bot:mureka`
} as const

const songs: ReadonlyArray<Schema.JsonObject> = ["1", "2"].map((version) => ({
  song_id: `user:12345-mureka:${account}-song:9123456789012${version}`,
  title: "The lighthouse",
  version,
  duration_milliseconds: 151_480,
  mp3_url: `https://cos.mureka.ai/song-${version}.mp3`,
  cover: `https://cos.mureka.ai/cover-${version}.jpg`,
  genres: ["waltz"],
  moods: ["calm"],
  share_link: `https://www.mureka.ai/song-detail/${version}`
}))

const result: Schema.JsonObject = { feed_id: 91234567890123, state: 3, songs }

const music: Schema.JsonObject = {
  jobid: ids.music,
  verb: "music/create",
  jobType: "music",
  status: "created",
  created: "2026-01-21T06:14:32.017Z",
  updated: "2026-01-21T06:14:32.017Z",
  request: {
    account,
    prompt: "a slow waltz about a lighthouse",
    model: "V9",
    async: true,
    replyUrl: "https://your-domain.com/webhook",
    replyRef: "order-7"
  }
}

const get = (status: number, json: Schema.Json) => assembled("get-mureka-jobs-jobid", "useapi-mureka.get", status, json)
const error = (document: string, status: number, error: string) =>
  assembled(document, "useapi-mureka.create", status, { error, code: status })
const created = "post-mureka-music-create"
const updated = "2026-01-21T06:15:20.480Z"

const answers = {
  running: get(200, music),
  completed: get(200, { ...music, status: "completed", updated, response: result }),
  failed: get(200, { ...music, status: "failed", updated, error: "Generation failed", errorDetails: "Internal error" }),
  spoken: get(200, {
    ...music,
    jobid: ids.speech,
    verb: "speech",
    jobType: "tts",
    status: "completed",
    updated,
    response: {
      title: "Rain",
      mp3_url: "https://cos.mureka.ai/speech.mp3",
      id: 91234567890125,
      duration_milliseconds: 4210,
      state: 3
    }
  }),
  getNotFound: get(404, { error: "Job not found", code: 404 }),
  getUnauthorized: get(401, { error: "Unauthorized", code: 401 }),
  submitted: assembled(created, "useapi-mureka.create", 201, music),
  submittedAtOnce: assembled(created, "useapi-mureka.create", 200, { jobid: ids.music, ...result }),
  wrongPassword: error(created, 401, "Wrong username/password combination."),
  list: assembled("get-mureka-jobs", "useapi-mureka.list", 200, {
    total: 2,
    music: 1,
    tts: 1,
    accounts: {
      [account]: {
        total: 2,
        music: 1,
        tts: 1,
        jobs: [
          { jobid: ids.music, verb: "music/create", elapsed: "00:24" },
          { jobid: ids.speech, verb: "speech", elapsed: "00:02" }
        ]
      }
    },
    availableAccounts: [account]
  }),
  listEmpty: assembled("get-mureka-jobs", "useapi-mureka.list", 200, {
    total: 0,
    music: 0,
    tts: 0,
    accounts: {},
    availableAccounts: [account]
  }),
  uploaded: assembled("post-mureka-files-motif", "useapi-mureka.motif", 200, {
    id: `user:12345-mureka:${account}-file:91234567890126`,
    url: "https://cos.mureka.ai/upload.mp3",
    duration_milliseconds: 9120
  }),
  accounts: assembled("get-mureka-accounts", "useapi-mureka.accounts", 200, {
    [account]: { account, email: "user@example.com" }
  })
} as const

export const fixtures = { documented: {}, assembled: answers, ids, vital: ["jobid", "status", "accounts", "/id"] }
