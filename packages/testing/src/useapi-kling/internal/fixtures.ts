import type * as Schema from "effect/Schema"
import { assembled } from "../../internal/fixture.ts"

const get = (json: Schema.Json, status = 200) => assembled("get-kling-tasks-task_id", "useapi-kling.get", status, json)
const error = (
  document: string,
  operation: "useapi-kling.untrack" | "useapi-kling.remove",
  status: number,
  error: string
) => assembled(document, operation, status, { error })

const ids = { task: 123456789, work: 234567891 } as const

const task = {
  id: ids.task,
  userId: 1234567,
  type: "m2v_txt2video_hq",
  scene: "NORMAL_CREATION",
  status: 99,
  status_name: "succeed",
  status_final: true,
  taskInfo: { type: "m2v_txt2video_hq", inputs: [], arguments: [{ name: "duration", value: "5" }], extraArgs: {} },
  favored: false,
  deleted: false,
  viewed: false,
  createTime: 1744970730123,
  updateTime: 1744970845678,
  viewTime: 0
} as const

const work = {
  workId: ids.work,
  workItemId: 345678912,
  taskId: ids.task,
  userId: 1234567,
  type: "m2v_txt2video_hq",
  status: 99,
  status_name: "succeed",
  status_final: true,
  contentType: "video",
  resource: {
    resource: "https://cdn.klingai.com/a/video.mp4",
    height: 720,
    width: 1280,
    duration: 5041,
    resourceKey: "a"
  },
  cover: { resource: "https://cdn.klingai.com/a/cover.jpg", height: 720, width: 1280, duration: 0, resourceKey: "b" },
  starNum: 0,
  createTime: 1744970730123,
  taskInfo: task.taskInfo
} as const

const eta = { etaTime: 0, etaTimeOverSla: false, queuingEtaTime: 0, originEtaTime: 0, originQueuingEtaTime: 0 } as const

const answers = {
  created: assembled("post-kling-videos-text2video", "useapi-kling.text2video", 200, {
    task: {
      id: ids.task,
      userId: 1234567,
      type: "m2v_img2video_hq",
      scene: "NORMAL_CREATION",
      status: 5,
      taskInfo: { type: "m2v_img2video_hq", inputs: [], arguments: [], extraArgs: {}, callbackPayloads: [] }
    }
  }),
  succeeded: get({ status: 99, status_name: "succeed", status_final: true, ...eta, message: "", task, works: [work] }),
  getUnauthorized: get({ error: "Unauthorized", code: 401 }, 401),
  removed: assembled("del-kling-tasks-task_id", "useapi-kling.remove", 200, { deleted: 1, workIds: [ids.work] }),
  removeInvalidId: error("del-kling-tasks-task_id", "useapi-kling.remove", 400, "Invalid task_id parameter"),
  removeNotFound: error("del-kling-tasks-task_id", "useapi-kling.remove", 404, `No works found for task ${ids.task}`),
  untrackNotFound: error(
    "del-kling-scheduler-task_id",
    "useapi-kling.untrack",
    404,
    `Unable to locate running task_id ${ids.task}`
  ),
  link: assembled("get-kling-assets-download", "useapi-kling.link", 200, {
    cdnUrl: "https://cdn.klingai.com/a/clean.mp4"
  }),
  listed: assembled("get-kling-scheduler", "useapi-kling.list", 200, [
    {
      id: ids.task,
      email: "user@example.com",
      started: "2026-11-26T10:00:00.000Z",
      elapsed: "03:57",
      replyRef: "order-7"
    }
  ]),
  accounts: assembled("get-kling-accounts", "useapi-kling.accounts", 200, {
    "user@example.com": {
      email: "user@example.com",
      session: { userId: 1234567, ExpireTime: 1747562730, ExpireTimeUTC: "2025-05-18 10:05:30" },
      maxJobs: 5,
      password: "…secured…"
    }
  }),
  uploadedImage: assembled("post-kling-assets", "useapi-kling.upload", 200, {
    status: 3,
    url: "https://cdn.klingai.com/a/upload.png",
    message: "",
    fileName: "upload.png"
  }),
  uploadedVideo: assembled("post-kling-assets", "useapi-kling.upload", 200, {
    status: 1,
    resourceUrl: "https://cdn.klingai.com/a/upload.mp4",
    coverUrl: "https://cdn.klingai.com/a/cover.jpg"
  })
} as const

export const fixtures = {
  documented: {},
  assembled: answers,
  ids,
  vital: ["/status", "/status_name", "/status_final", "task/id", "id", "email"]
}
