/** The pixels of a PNG: of every sort but the interlaced, which no service is known to make. */
import * as Result from "effect/Result"
import { inflateSync } from "node:zlib"

export interface Picture {
  readonly width: number
  readonly height: number
  /** Red, green, blue and opacity, a byte each. */
  readonly pixels: Uint8Array
}

/** More than any service makes; what claims more may be made to fill the memory. */
const mostPixels = 64 * 1024 * 1024

/** Samples of a pixel, by the colour type; of a palette, the one is an index. */
const samples: { readonly [type: number]: number } = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** The chunks by their names, those of one name joined. */
const chunksOf = (bytes: Uint8Array): ReadonlyMap<string, Buffer> => {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const chunks = new Map<string, Buffer>()
  for (let at = 8; at + 12 <= all.length;) {
    const name = all.toString("latin1", at + 4, at + 8)
    const end = at + 8 + all.readUInt32BE(at)
    chunks.set(name, Buffer.concat([chunks.get(name) ?? Buffer.alloc(0), all.subarray(at + 8, end)]))
    at = end + 4
  }
  return chunks
}

/** The left, the upper or the upper left neighbour, whichever is nearest to what the three foretell. */
const paeth = (left: number, up: number, corner: number): number => {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

/** What each filter takes away of a byte, by its number in the file. */
const foretell: ReadonlyArray<(left: number, up: number, corner: number) => number> = [
  () => 0,
  (left) => left,
  (_, up) => up,
  (left, up) => (left + up) >> 1,
  paeth
]

/** Gives back, row by row, what was taken away to make the bytes easier to compress. */
const unfilter = (data: Buffer, stride: number, height: number, step: number): void => {
  for (let y = 0; y < height; y++) {
    const row = y * (stride + 1) + 1
    const taken = foretell[data[row - 1] ?? 0]
    if (taken === undefined) throw new Error("no filter")
    for (let at = row; at < row + stride; at++) {
      const isFirst = at < row + step
      const left = isFirst ? 0 : data[at - step] ?? 0
      const up = y === 0 ? 0 : data[at - stride - 1] ?? 0
      const corner = isFirst || y === 0 ? 0 : data[at - stride - 1 - step] ?? 0
      data[at] = (data[at] ?? 0) + taken(left, up, corner)
    }
  }
}

const read = (bytes: Uint8Array): Picture | undefined => {
  const chunks = chunksOf(bytes)
  const [header, palette, opacities, packed] = ["IHDR", "PLTE", "tRNS", "IDAT"].map((name) => chunks.get(name))
  if (header === undefined || packed === undefined) return undefined
  const [width, height, depth, type] = [header.readUInt32BE(0), header.readUInt32BE(4), header[8] ?? 0, header[9] ?? 0]
  const count = samples[type]
  if (count === undefined || header[12] !== 0 || width * height > mostPixels) return undefined
  const stride = Math.ceil(width * count * depth / 8)
  const data = inflateSync(packed, { maxOutputLength: (stride + 1) * height })
  unfilter(data, stride, height, Math.max(1, count * depth >> 3))
  const most = 2 ** depth - 1
  const pixels = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y++) {
    const row = y * (stride + 1) + 1
    /** A sample as it stands, of one of two bytes the first. */
    const sample = (i: number): number => {
      if (depth >= 8) return data[row + i * (depth >> 3)] ?? 0
      return (data[row + (i * depth >> 3)] ?? 0) >> (8 - depth - i * depth % 8) & most
    }
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * 4
      const first = sample(x * count)
      if (type === 3) {
        for (let i = 0; i < 3; i++) pixels[to + i] = palette?.[first * 3 + i] ?? 0
        pixels[to + 3] = opacities?.[first] ?? 255
      } else {
        const gray = depth < 8 ? first * 255 / most : first
        for (let i = 0; i < 3; i++) pixels[to + i] = count < 3 ? gray : sample(x * count + i)
        pixels[to + 3] = count % 2 === 0 ? sample(x * count + count - 1) : 255
      }
    }
  }
  return { width, height, pixels }
}

/** `undefined` of what is no PNG, or one that can't be read. */
export const decode = (bytes: Uint8Array): Picture | undefined =>
  Result.getOrElse(Result.try(() => read(bytes)), () => undefined)
