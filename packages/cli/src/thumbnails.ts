/** Saved images, small, below the table of a terminal that shows pictures. */
import type { Saved } from "@media-jobs/artifacts/ArtifactStore"
import * as FileType from "@media-jobs/core/FileType"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as FileSystem from "effect/FileSystem"
import * as Png from "./png.ts"
import * as Sixel from "./sixel.ts"
import { Surface } from "./surface.ts"
import type { Protocol } from "./terminals.ts"

/** In rows of the screen; the width is in proportion. */
const height = 8
/** Of a row, in pixels, as fonts commonly have it: sixels know of no rows. */
const rowHeight = 20
/** Of a picture, in pixels: it may be of any shape. */
const width = 640
/** The largest file that is read, in bytes. */
const most = 8 * 1024 * 1024
/** The longest part that kitty's protocol allows. */
const part = 4096

/** The command that shows a file; none where the protocol can't, which of PNG all can. */
const draw: { readonly [P in Protocol]: (bytes: Uint8Array) => string | undefined } = {
  /** It takes the file, of PNG alone, makes it small, and answers unless it is told not to. */
  kitty: (bytes) => {
    if (!isPng(bytes)) return undefined
    const text = Base64.encode(bytes)
    const parts = Array.from(
      { length: Math.ceil(text.length / part) },
      (_, i) => text.slice(i * part, (i + 1) * part)
    )
    return parts.map((one, i) => {
      const more = `m=${i === parts.length - 1 ? 0 : 1}`
      return `\u001b_G${i === 0 ? `a=T,f=100,r=${height},q=2,${more}` : more};${one}\u001b\\`
    }).join("")
  },
  /** It takes the file, of whatever it reads, and makes it small. */
  iterm: (bytes) =>
    `\u001b]1337;File=inline=1;height=${height};preserveAspectRatio=1;size=${bytes.length}:${
      Base64.encode(bytes)
    }\u0007`,
  /** It takes pixels. */
  sixel: (bytes) => {
    const picture = isPng(bytes) ? Png.decode(bytes) : undefined
    return picture === undefined
      ? undefined
      : Sixel.encode(Sixel.shrink(picture, { height: height * rowHeight, width }))
  }
}

const isPng = (bytes: Uint8Array): boolean =>
  FileType.ofBytes(bytes).some(({ mediaTypes }) => mediaTypes.includes("image/png"))

export const show = Effect.fnUntraced(function*(protocol: Protocol, files: ReadonlyArray<Saved>) {
  const { out } = yield* Surface
  const fs = yield* FileSystem.FileSystem
  for (const { bytes, location, mediaType } of files) {
    if (bytes > most || mediaType !== undefined && FileType.kindOf(mediaType) !== "image") continue
    // What is gone meanwhile has no picture, which is no trouble of the save.
    const content = yield* Effect.orElseSucceed(fs.readFile(location), () => new Uint8Array())
    if (!FileType.ofBytes(content).some(({ kind }) => kind === "image")) continue
    const picture = draw[protocol](content)
    if (picture !== undefined) out(`${picture}\n`)
  }
})
