import * as Result from "effect/Result"
import type { StoredJob } from "../../JobStore.ts"
import * as Creates from "../../useapi/internal/creates.ts"

/** One endpoint that makes something of this type. */
interface Endpoint extends Creates.Endpoint {
  readonly type: StoredJob<string>["type"]
}

const numbered = (name: (n: number) => string, last: number): ReadonlyArray<string> =>
  Array.from({ length: last }, (_, i) => name(i + 1))

const shots = [...numbered((n) => `shot_${n}_prompt`, 6), ...numbered((n) => `shot_${n}_duration`, 6)]
const made = [
  "prompt",
  "negative_prompt",
  "cfg_scale",
  "duration",
  "mode",
  "model_name",
  "aspect_ratio",
  "enable_audio"
]
const elements = numbered((n) => `element_${n}`, 3)
const common = ["email", "maxJobs", "replyUrl", "replyRef"]

export const endpoints = {
  text2video: {
    path: "videos/text2video",
    type: "video",
    needs: [["prompt", "shot_1_prompt"]],
    takes: [...made, ...shots]
  },
  frames: {
    path: "videos/image2video-frames",
    type: "video",
    needs: [["image", "image_tail"]],
    takes: [...made, ...shots, ...elements]
  },
  elements: {
    path: "videos/image2video-elements",
    type: "video",
    needs: [["image_0"], ["prompt"]],
    takes: [...made, "image_1", "image_2", "image_3", ...elements]
  },
  effects: {
    path: "videos/image2video-effects",
    type: "video",
    needs: [["effect"], ["image"]],
    takes: ["mode", "prompt"]
  },
  omni: {
    path: "videos/omni",
    type: "video",
    needs: [["prompt", "shot_1_prompt"]],
    takes: [
      "prompt",
      "duration",
      "mode",
      "aspect_ratio",
      "omni_version",
      "frame_start",
      "frame_end",
      "video_1",
      "video_mode",
      "keep_audio",
      "enable_audio",
      "count",
      ...shots,
      ...numbered((n) => `image_${n}`, 7),
      ...numbered((n) => `element_${n}`, 7)
    ]
  },
  extend: {
    path: "videos/extend",
    type: "video",
    needs: [["task_id"]],
    takes: ["prompt", "negative_prompt", "cfg_scale", "enable_audio"]
  },
  lipsync: { path: "videos/lipsync", type: "video", needs: [["video"], ["audio"]], takes: [] },
  motion: {
    path: "videos/motion-create",
    type: "video",
    needs: [["imageUrl"], ["motionUrl"]],
    takes: ["prompt", "model_name", "keepAudio", "motionDirection", "mode", "element_1"]
  },
  sound: { path: "videos/add-sound", type: "audio", needs: [["video"]], takes: ["cropVideoOriginalSound"] },
  kolors: {
    path: "images/kolors",
    type: "image",
    needs: [["prompt"]],
    takes: [
      "version",
      "resolution",
      "reference",
      "imageReference",
      "aspect_ratio",
      "imageCount",
      "faceStrength",
      "subjectStrength",
      "faceNo",
      ...numbered((n) => `image_${n}`, 10)
    ]
  },
  upscale: { path: "images/upscale", type: "image", needs: [["task_id"], ["workId"]], takes: [] },
  avatar: {
    path: "avatars/video",
    type: "video",
    needs: [["avatarId", "imageUrl"], ["audioUrl", "text"]],
    takes: ["speakerId", "emotion", "speed", "mode"]
  }
} as const satisfies { readonly [operation: string]: Endpoint }

/**
 * What a submit asks for, once it is known to be one that the service takes.
 */
export interface ParsedRequest {
  readonly type: Endpoint["type"]
  readonly count: number
  readonly email: string | undefined
  readonly maxJobs: number | undefined
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
  readonly arguments: ReadonlyArray<{ readonly name: string; readonly value: string }>
}

/** The body of a submit to this endpoint, or what is wrong with it. */
export const parse = (endpoint: Endpoint, body: string): Result.Result<ParsedRequest, string> => {
  const read = Creates.read(endpoint, common, body)
  if (Result.isFailure(read)) return Result.fail(read.failure)
  const { asked, fields } = read.success
  if ((Creates.text(fields["prompt"]) ?? "").length > 2500) return Result.fail("Parameter prompt is too long")
  return Result.succeed({
    ...asked,
    type: endpoint.type,
    count: Number(fields["imageCount"] ?? fields["count"] ?? 1),
    arguments: Object.entries(fields).flatMap(([name, value]) =>
      common.includes(name) ? [] : [{ name, value: String(value) }]
    )
  })
}
