import { assembled } from "../../internal/fixture.ts"

const id = (sort: string) =>
  `user:12345-pixverse:user@example.com-${sort}:${sort === "video" ? 3456789012 : 4567890123}`
const ids = { video: id("video"), music: id("music") } as const

const video = {
  video_id: ids.video,
  video_status: 1,
  video_status_name: "COMPLETED",
  video_status_final: true,
  account_id: 345678901234567,
  created_at: "2025-09-22T10:05:30Z",
  output_width: 1280,
  output_height: 720,
  original_video_id: 0,
  prompt: "a lighthouse in the rain",
  model: "v6",
  quality: "720p",
  seed: 7,
  queue_data: { queue_time: 0, queue_count: 0 },
  video_duration: 5,
  url: "https://media.pixverse.ai/a/video.mp4",
  img_id: 307489548427968,
  img_url: "https://media.pixverse.ai/a/cover.jpg",
  aspect_ratio: "16:9"
} as const

const music = {
  audio_id: ids.music,
  asset_id: 307489548427969,
  audio_status: 1,
  status: "finish",
  create_mode: "music",
  provider: "pixverse",
  model: "music-1",
  prompt: "rain",
  url: "https://media.pixverse.ai/a/audio.mp3",
  name: "Rain",
  duration: 60,
  credits: 20,
  created_at: "2026-06-24T10:05:30Z",
  updated_at: "2026-06-24T10:06:30Z",
  audio_status_name: "COMPLETED",
  audio_status_final: true
} as const

const answers = {
  created: assembled("post-pixverse-videos-create-v4", "useapi-pixverse.video", 200, { video_id: ids.video }),
  getVideo: assembled("get-pixverse-videos-video_id", "useapi-pixverse.getVideo", 200, video),
  getMusic: assembled("get-pixverse-music-audio_id", "useapi-pixverse.getMusic", 200, music),
  getMusicFailed: assembled("get-pixverse-music-audio_id", "useapi-pixverse.getMusic", 200, {
    ...music,
    audio_status: 8,
    audio_status_name: "FAILED",
    url: "",
    fail_code: "music_generation_failed",
    fail_reason: "Generation failed"
  }),
  getMusicNotFound: assembled("get-pixverse-music-audio_id", "useapi-pixverse.getMusic", 404, {
    error: `Music ${ids.music} not found`
  }),
  listed: assembled("get-pixverse-scheduler", "useapi-pixverse.list", 200, [
    { id: ids.video, type: "video", started: "2026-11-26T10:00:00.000Z", elapsed: "03:57", replyRef: "order-7" }
  ]),
  unauthorized: assembled("get-pixverse-videos-video_id", "useapi-pixverse.getVideo", 401, {
    error: "Unauthorized",
    code: 401
  }),
  uploadedImage: assembled("post-pixverse-files", "useapi-pixverse.upload", 200, {
    result: [{ path: "upload/image.png" }]
  }),
  uploadedVideo: assembled("post-pixverse-files", "useapi-pixverse.upload", 200, { path: "upload/video.mp4" })
} as const

export const fixtures = {
  documented: {},
  assembled: answers,
  ids,
  vital: [
    "video_id",
    "audio_id",
    "id",
    "/video_status",
    "/video_status_name",
    "/video_status_final",
    "/audio_status",
    "/audio_status_name",
    "/audio_status_final"
  ]
}
