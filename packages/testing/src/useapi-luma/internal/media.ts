import type * as Schema from "effect/Schema"
import type { ParsedRequest } from "./parsedRequest.ts"

/**
 * The `response` of a finished job; `frames.zip` is what the documents call `video_hdr_exr` and type as a video.
 */
export const media = (
  { exr, height, seconds, type, width }: Pick<ParsedRequest, "exr" | "height" | "seconds" | "type" | "width">,
  url: (file: string) => string
): Schema.Json => {
  const image = (file: string) => ({ media_type: "image", url: url(file), width, height })
  const video = (file: string) => ({ ...image(file), media_type: "video", duration: seconds + 0.04 })
  if (type === "image") return { image: image("image.jpg") }
  return {
    video: video("video.mp4"),
    video_hdr_exr: exr ? video("frames.zip") : null,
    thumbnail: image("thumbnail.jpg"),
    last_frame: image("last_frame.jpg")
  }
}
