import type * as Schema from "effect/Schema"
import type { StoredJob } from "../../JobStore.ts"

/**
 * The media in the `response` of a finished job: a grid of four images, each of them alone, or one video.
 */
export const media = (
  type: StoredJob<string>["type"],
  url: (file: string) => string
): { readonly [field: string]: Schema.Json } => {
  const attachment = (filename: string, content_type: string, side: number) => ({
    url: url(filename),
    proxy_url: url(filename),
    filename,
    content_type,
    width: side,
    height: side
  })
  if (type === "video") return { attachments: [attachment("video.mp4", "video/mp4", 624)] }
  return {
    attachments: [attachment("grid.png", "image/png", 2048)],
    imageUx: [1, 2, 3, 4].map((n) => ({ url: url(`image-${n}.png`) })),
    buttons: ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]
  }
}
