import * as Result from "effect/Result"
import * as Creates from "../../useapi/internal/creates.ts"

/** What an endpoint makes, under whose name its ids and statuses stand. */
export const sorts = {
  video: { family: "video", folder: "videos", type: "video" },
  image: { family: "image", folder: "images", type: "image" },
  music: { family: "audio", folder: "music", type: "audio" },
  speech: { family: "audio", folder: "speech", type: "audio" }
} as const

export type Sort = keyof typeof sorts

/** One endpoint that makes something of this sort. */
interface Endpoint extends Creates.Endpoint {
  readonly sort: Sort
}

const numbered = (name: (n: number) => string, last: number): ReadonlyArray<string> =>
  Array.from({ length: last }, (_, i) => name(i + 1))

const made = ["prompt", "model", "duration", "quality", "aspect_ratio", "seed"]
const flags = ["audio", "multi_shot", "preview_mode", "off_peak_mode", "auto_sound"]
const frames = ["first_frame_path", "last_frame_path", ...numbered((n) => `frame_${n}_path`, 5)]
const common = ["email", "maxJobs", "replyUrl", "replyRef"]

export const endpoints = {
  video: {
    path: "videos/create",
    sort: "video",
    // A page and a script want a ratio with a text alone; another script of the vendor's sends none.
    needs: [["prompt", "template_id", ...frames]],
    takes: [...made, ...flags]
  },
  fusion: {
    path: "videos/create-fusion",
    sort: "video",
    needs: [["prompt"], ["frame_1_path"]],
    takes: [
      ...made,
      ...numbered((n) => `frame_${n}_path`, 9),
      ...numbered((n) => `video_${n}_path`, 3),
      ...numbered((n) => `audio_${n}_path`, 3)
    ]
  },
  motion: {
    path: "videos/motion-control",
    sort: "video",
    needs: [["frame_1_path"], ["video_1_path"]],
    takes: ["prompt", "model", "quality"]
  },
  extend: { path: "videos/extend", sort: "video", needs: [["video_id", "video_path"]], takes: made },
  upscale: { path: "videos/upscale", sort: "video", needs: [["video_id"]], takes: [] },
  image: {
    path: "images/create",
    sort: "image",
    needs: [["prompt"]],
    takes: [...made, "create_count", "detail_level", ...numbered((n) => `image_path_${n}`, 14)]
  },
  music: { path: "music/create", sort: "music", needs: [["prompt"]], takes: ["model", "instrumental", "lyrics"] },
  speech: { path: "speech/create", sort: "speech", needs: [["text"]], takes: ["voice_id", "model"] }
} as const satisfies { readonly [operation: string]: Endpoint }

/**
 * What a submit asks for, once it is known to be one that the service takes.
 */
export interface ParsedRequest {
  readonly sort: Sort
  readonly count: number
  readonly model: string
  readonly isOffPeak: boolean
  readonly email: string | undefined
  readonly maxJobs: number | undefined
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
}

/** The body of a submit to this endpoint, or what is wrong with it. */
export const parse = (endpoint: Endpoint, body: string): Result.Result<ParsedRequest, string> => {
  const read = Creates.read(endpoint, common, body)
  if (Result.isFailure(read)) return Result.fail(read.failure)
  const { asked, fields } = read.success
  if (fields["aspect_ratio"] !== undefined && frames.some((name) => fields[name] !== undefined)) {
    return Result.fail("Parameter aspect_ratio is not supported with images")
  }
  return Result.succeed({
    ...asked,
    sort: endpoint.sort,
    count: Number(fields["create_count"] ?? 1),
    model: Creates.text(fields["model"]) ?? "v6",
    isOffPeak: fields["off_peak_mode"] === true
  })
}
