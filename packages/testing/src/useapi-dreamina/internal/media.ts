import type * as Schema from "effect/Schema"
import type { ParsedRequest } from "./parsedRequest.ts"

/**
 * The media in the `response` of a finished job; `digits` are those of the upstream service's own ids.
 */
export const media = (
  { account, height, seconds, source, type, width }: Pick<ParsedRequest, "height" | "seconds" | "type" | "width"> & {
    readonly account: string
    readonly source: string | undefined
  },
  digits: string,
  url: (file: string) => string
): { readonly [field: string]: Schema.Json } => {
  if (type === "video") {
    return {
      assetId: `${account}-video:${digits}`,
      videoUrl: url("video.mp4"),
      videoId: `v${digits}`,
      coverUrl: url("cover.jpg"),
      width,
      height,
      durationMs: seconds * 1000,
      hasAudio: true
    }
  }
  return {
    images: (source === undefined ? [1, 2, 3, 4] : [1]).map((n) => {
      const imageUri = `tos-useast5-i-${digits}/${n}`
      return {
        imageUrl: url(`image-${n}.jpg`),
        imageUri,
        width,
        height,
        format: "jpeg",
        assetId: `${account}-image:${digits}${n}`,
        assetRef: `${account}-image:w${width}:h${height}:s86866-uri:${imageUri}`,
        itemId: `${digits}${n}`
      }
    })
  }
}
