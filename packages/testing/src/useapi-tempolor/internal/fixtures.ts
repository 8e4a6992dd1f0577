import type * as Schema from "effect/Schema"
import { assembled } from "../../internal/fixture.ts"

const account = "1234567"

const ids = {
  account,
  song: `user:12345-tempolor:${account}-job:0a1b2c3d4e5f60718293a4b5c6d7e8f9`,
  instrumental: `user:12345-tempolor:${account}-job:1a1b2c3d4e5f60718293a4b5c6d7e8f9`
} as const

const song = (status: number, status_name: string, more?: Schema.JsonObject): Schema.JsonObject => ({
  bizType: "AI_MUSIC",
  childType: "SONG",
  sourceType: "PROMPT",
  itemId: "1900000000000000001",
  job_id: ids.song,
  genItemId: "1900000000000000002",
  userId: account,
  titleEn: "The lighthouse",
  cover: "https://cdn.tempolor.com/cover.jpg",
  mp3OssId: "",
  wavOssId: "",
  status,
  status_name,
  status_final: status !== 0,
  progress: 40,
  musicMaterial: { style: ["Waltz"], mood: ["Calm"], key: "C", bpm: 90 },
  createTime: 1764151200000,
  updateTime: 1764151260000,
  ltmMaterialExtendDto: { lyricsPrompt: "", description: "a slow waltz about a lighthouse" },
  ...more
})

const made = { progress: 100, mp3OssId: "music/mp3/1", wavOssId: "music/wav/1" }

const get = (json: Schema.Json, status = 200) =>
  assembled("get-tempolor-music-job_id", "useapi-tempolor.get", status, json)
const download = (json: Schema.Json, status = 200) =>
  assembled("get-tempolor-music-download-job_id", "useapi-tempolor.download", status, json)
const error = (status: number, error: string) => ({ error, code: status })

const answers = {
  created: assembled("a script of the vendor", "useapi-tempolor.song", 200, { jobs: [ids.song], unlimited: true }),
  createdTwo: assembled("a script of the vendor", "useapi-tempolor.instrumental", 200, {
    jobs: [ids.instrumental, ids.song]
  }),
  generating: get(song(0, "GENERATING")),
  completed: get(song(30, "COMPLETED", made)),
  failed: get(song(10, "FAILED")),
  invalidId: get(error(400, "job_id has incorrect format"), 400),
  unauthorized: get(error(401, "Unauthorized"), 401),
  downloaded: download({ url: "https://cdn.tempolor.com/song.mp3?sign=...", remainSeconds: 0 }),
  notCompleted: download(error(400, "Generation is not completed yet (0)"), 400),
  notFound: download(error(404, `No record found for ${ids.song}`), 404),
  list: assembled("get-tempolor-scheduler", "useapi-tempolor.list", 200, [{
    job_id: ids.song,
    started: "2025-11-26T10:00:00.000Z",
    elapsed: "01:23",
    replyUrl: "https://example.com/callback",
    replyRef: "order-7"
  }]),
  available: assembled("get-tempolor-scheduler-available", "useapi-tempolor.available", 200, {
    executing: [{ job_id: ids.song, started: "2025-11-26T10:00:00.000Z", elapsed: "01:23" }],
    available: [{ user_id: account, maxJobs: 5, executing: 1, available: 4 }]
  }),
  notRunning: assembled(
    "delete-tempolor-scheduler-job_id",
    "useapi-tempolor.untrack",
    404,
    error(404, "Unable to locate running job_id")
  ),
  history: assembled("get-tempolor-music", "useapi-tempolor.history", 200, {
    records: [song(30, "COMPLETED", made)],
    cursor: "2"
  }),
  accounts: assembled("get-tempolor-accounts", "useapi-tempolor.accounts", 200, {
    [account]: { user_id: account, maxJobs: 5 }
  })
} as const

export const fixtures = {
  documented: {},
  assembled: answers,
  ids,
  vital: ["job_id", "jobs", "status", "status_name", "status_final", "url"]
}
