import type * as Schema from "effect/Schema"
import { assembled } from "../../internal/fixture.ts"

const account = "923847293472394000"
const ids = {
  video: `user:12345-minimax:${account}-video:998877665544332211`,
  image: `user:12345-minimax:${account}-image:998877665544332212`,
  music: `user:12345-minimax:${account}-music:998877665544332213`,
  audio: `user:12345-minimax:${account}-audio:998877665544332214`,
  agent: `p1126164840872159341-u12345-a${account}-bot:minimax`
} as const

const video = (status: number, statusLabel: string, more?: Schema.JsonObject): Schema.JsonObject => ({
  id: "998877665544332211",
  desc: "a lighthouse in the rain",
  coverURL: "",
  videoURL: "",
  status,
  statusLabel,
  statusFinal: ![0, 1, 11, 12].includes(status),
  percent: 40,
  width: 1366,
  height: 768,
  originFiles: [{ id: "1", url: "https://cdn.hailuoai.video/...", type: 0 }],
  canAppeal: false,
  canRetry: false,
  videoId: ids.video,
  ...more
})
const made = {
  percent: 100,
  coverURL: "https://cdn.hailuoai.video/cover...",
  videoURL: "https://cdn.hailuoai.video/marked...",
  downloadURL: "https://cdn.hailuoai.video/clean..."
}
const { videoId: _, ...imageBase } = video(2, "completed", made)
const image: Schema.JsonObject = {
  ...imageBase,
  modelID: "image-01",
  createTime: 1764172800000,
  userID: 923847293472394000,
  userIDStr: account,
  batchID: "998877665544332299",
  aspectRatio: "16:9",
  fileID: "1",
  tags: [],
  imageId: ids.image
}
const agent = (status: string, more?: Schema.JsonObject): Schema.JsonObject => ({
  jobId: ids.agent,
  status,
  created: "2025-11-26T10:00:00.000Z",
  request: { prompt: "a lighthouse in the rain", models: "02", async: true },
  ...more
})
const attachment = (type: number, n: number): Schema.JsonObject => ({
  attachmentID: `${n}`,
  type,
  status: 3,
  file: {
    fileName: "lighthouse",
    fileUrl: "https://cdn.hailuoai.video/marked...",
    type,
    extra: { width: "1280", height: "720", duration: "5.0", no_watermark_url: "https://cdn.hailuoai.video/clean..." }
  }
})

const get = (json: Schema.Json, status = 200) =>
  assembled("get-minimax-videos-videoId", "useapi-minimax.get", status, json)
const row = {
  started: "2026-11-26T10:00:00.000Z",
  elapsed: "03:57",
  replyUrl: "https://example.com",
  replyRef: "order-7"
}

const answers = {
  created: assembled("post-minimax-videos-create", "useapi-minimax.video", 200, video(0, "pending")),
  createdOld: assembled("post-minimax-videos-create", "useapi-minimax.video", 200, {
    data: { id: "998877665544332211" },
    statusInfo: { code: 0, httpCode: 0, message: "" },
    videoId: ids.video
  }),
  createdImages: assembled("post-minimax-images-create", "useapi-minimax.image", 200, {
    imageIds: [ids.image, ids.image.replace("212", "213")]
  }),
  createdMusic: assembled("a script of the vendor", "useapi-minimax.music", 200, [{ musicId: ids.music }]),
  createdSpeech: assembled("post-minimax-speech-create", "useapi-minimax.speech", 201, { audioId: ids.audio }),
  createdAgent: assembled("post-minimax-agent", "useapi-minimax.agent", 200, agent("started")),
  getPending: get(video(0, "pending", { percent: 0 })),
  getQueued: get(video(11, "queued", { percent: 0 })),
  getProcessing: get(video(1, "processing")),
  getProcessingToo: get(video(12, "processing", { videoURL: "https://cdn.hailuoai.video/early..." })),
  getCompleted: get(video(2, "completed", made)),
  getFailed: get(video(3, "failed", { message: "The system is busy" })),
  getModerated: get(video(5, "moderated")),
  getModeratedToo: get(video(14, "moderated", { message: "Violates the guidelines" })),
  getNotFound: get({ error: "Not found.", code: 404 }, 404),
  getImage: assembled("get-minimax-images-imageId", "useapi-minimax.getImage", 200, image),
  getMusic: assembled("a script of the vendor", "useapi-minimax.getMusic", 200, {
    musicId: ids.music,
    statusFinal: true,
    statusLabel: "completed",
    audio_url: "https://cdn.hailuoai.com/song.mp3",
    title: "Lighthouse",
    lyrics: "la"
  }),
  getSpeechPending: assembled("get-minimax-speech_audio_id", "useapi-minimax.getSpeech", 200, {
    statusLabel: "pending",
    statusFinal: false
  }),
  getSpeech: assembled("get-minimax-speech_audio_id", "useapi-minimax.getSpeech", 200, {
    audio_id: ids.audio.replace("214", "219"),
    audio_review: 0,
    voice_info: { voice_id: "209533299589184", voice_name: "Calm Woman" },
    text: "a lighthouse in the rain",
    audio_url: "https://cdn.hailuoai.video/speech.mp3",
    create_time: 1764172800000,
    model: "speech-2.8-hd",
    cost_credit: 24,
    status: 0,
    statusLabel: "completed",
    statusFinal: true
  }),
  getSpeechFailed: assembled("get-minimax-speech_audio_id", "useapi-minimax.getSpeech", 200, {
    statusLabel: "failed",
    statusFinal: true,
    code: 500,
    error: "Generation failed"
  }),
  getAgent: assembled(
    "get-minimax-agent-jobId",
    "useapi-minimax.getAgent",
    200,
    agent("completed", {
      response: {
        projectID: "1",
        sectionID: "2",
        chatID: "3",
        msg_content: "Here you are",
        timestamp: 1764151335000,
        elapsedTime: "02:15",
        attachments: [attachment(1, 1), attachment(2, 2)]
      }
    })
  ),
  getAgentFailed: assembled(
    "get-minimax-agent-jobId",
    "useapi-minimax.getAgent",
    200,
    agent("failed", { error: { message: "Gateway timeout", status: 504 } })
  ),
  list: assembled("get-minimax-scheduler", "useapi-minimax.list", 200, [
    { videoId: ids.video, ...row },
    { videoId: ids.image, ...row },
    { imageId: ids.image.replace("212", "213"), ...row, started: 1764151200000 },
    { musicId: ids.music, started: row.started, elapsed: row.elapsed },
    { audioId: ids.audio, ...row }
  ]),
  available: assembled("get-minimax-scheduler-available", "useapi-minimax.available", 200, {
    executing: [{ videoId: ids.video, ...row }],
    available: [{ account, maxJobs: 5, executing: 1, available: 4, executingAudio: 0 }]
  }),
  agentJobs: assembled("get-minimax-agent-jobs", "useapi-minimax.agentJobs", 200, {
    accounts: [account],
    summary: { [account]: { executing: 1 } },
    executing: { [account]: [{ jobId: ids.agent, elapsed: "00:10" }] }
  }),
  notRunning: assembled("delete-minimax-scheduler-id", "useapi-minimax.untrack", 404, {
    error: `Unable to locate running ${ids.video}`
  }),
  moderated: assembled("post-minimax-videos-create", "useapi-minimax.video", 422, { error: "Moderated prompt" }),
  accounts: assembled("get-minimax-accounts", "useapi-minimax.accounts", 200, {
    [account]: { account, supportVideo: true, supportAudio: true, maxJobs: 5 },
    "923847293472394001": { account: "923847293472394001", maxJobs: 3, error: "Login failed" }
  }),
  uploaded: assembled("post-minimax-files", "useapi-minimax.upload", 200, {
    fileID: `user:12345-minimax:${account}-file:998877665544332200`,
    ossPath: "prod/998877665544332200"
  })
} as const

export const fixtures = {
  documented: {},
  assembled: answers,
  ids,
  vital: [
    "videoId",
    "imageId",
    "imageIds",
    "musicId",
    "audioId",
    "audio_id",
    "jobId",
    "status",
    "statusLabel",
    "statusFinal"
  ],
  samples: {}
}
