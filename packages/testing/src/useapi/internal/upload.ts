import type { Call } from "../../EmulatedService.ts"
import * as Reply from "../../Reply.ts"

/**
 * What a service says of a file that it does not take.
 */
export const refuse = (
  { bytes, contentType }: Call,
  takes: { readonly mediaTypes: ReadonlyArray<string>; readonly maxBytes: number; readonly valid: string }
): Reply.Reply | undefined => {
  if (!takes.mediaTypes.includes(contentType)) {
    return Reply.error(
      400,
      `Content-Type (${contentType}) not supported. ${takes.valid}: ${takes.mediaTypes.join(", ")}`
    )
  }
  if (bytes === 0) return Reply.error(400, "Content is empty")
  if (bytes > takes.maxBytes) return Reply.error(400, `Content is too large. Max: ${takes.maxBytes} bytes`)
  return undefined
}
