import * as Result from "effect/Result"
import type { StoredJob } from "../../JobStore.ts"
import * as Creates from "../../useapi/internal/creates.ts"

/** One endpoint that makes something of this type. */
interface Endpoint extends Creates.Endpoint {
  readonly type: StoredJob<string>["type"]
}

const numbered = (name: string, first: number, last: number): ReadonlyArray<string> =>
  Array.from({ length: last - first + 1 }, (_, i) => `${name}${first + i}`)

const common = ["replyUrl", "replyRef", "maxJobs"]
const chosen = ["email", "aspect_ratio", "seed", "exploreMode"]
const made = [...chosen, "resolution"]
const images = ["num_images", "diversity", "style"]

export const endpoints = {
  video: {
    path: "videos/create",
    type: "video",
    needs: [["model"]],
    takes: [
      ...made,
      "text_prompt",
      "duration",
      "audio",
      "startFrameAssetId",
      "endFrameAssetId",
      "videoAssetId",
      "characterOrientation",
      ...numbered("imageAssetId", 1, 11),
      ...numbered("videoAssetId", 2, 3),
      ...numbered("audioAssetId", 1, 3),
      ...numbered("multishot_prompt_", 1, 6),
      ...numbered("multishot_duration_", 1, 6)
    ]
  },
  upscale: { path: "videos/upscale", type: "video", needs: [["videoAssetId"]], takes: [] },
  image: {
    path: "images/create",
    type: "image",
    needs: [["model"], ["text_prompt"]],
    takes: [...made, ...images, ...numbered("imageAssetId", 1, 14)]
  },
  frames: {
    path: "frames/create",
    type: "image",
    needs: [["text_prompt"]],
    takes: [...chosen, ...images, ...numbered("imageAssetId", 1, 3)]
  },
  slowMotion: {
    path: "super_slow_motion",
    type: "video",
    needs: [["assetId"], ["speed"]],
    takes: ["duration", "width", "height"]
  }
} as const satisfies { readonly [operation: string]: Endpoint }

/**
 * What a submit asks for, once it is known to be one that the service takes; `options` is what its record repeats.
 */
export interface ParsedRequest {
  readonly type: Endpoint["type"]
  readonly count: number
  readonly maxJobs: number | undefined
  readonly email: string | undefined
  readonly replyUrl: string | undefined
  readonly replyRef: string | undefined
  readonly options: { readonly [name: string]: string | number | boolean }
}

/** The body of a submit to this endpoint, or what is wrong with it; its account is that of its assets, or the one that it names. */
export const parse = (endpoint: Endpoint, body: string): Result.Result<ParsedRequest, string> => {
  const read = Creates.read(endpoint, common, body)
  if (Result.isFailure(read)) return Result.fail(read.failure)
  const { asked, fields } = read.success
  if ((Creates.text(fields["text_prompt"]) ?? "").length > 5000) return Result.fail("Parameter text_prompt is too long")
  const assets = Object.entries(fields).filter(([name]) => /assetId\d*$/i.test(name)).map(([, value]) => String(value))
  const owners = new Set(assets.map((asset) => /^user:\d+-runwayml:(.+)-asset:/.exec(asset)?.[1]))
  if (owners.size > 1) return Result.fail("All assets must be of one account")
  return Result.succeed({
    ...asked,
    type: endpoint.type,
    count: typeof fields["num_images"] === "number" ? fields["num_images"] : 1,
    email: [...owners][0] ?? asked.email,
    options: Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]) =>
        !common.includes(name) && (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
          ? [[name, value]]
          : []
      )
    )
  })
}
