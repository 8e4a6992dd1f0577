/** Pictures as terminals with sixels take them: bands of six rows, a pass over each for every colour in it. */
import type { Picture } from "./png.ts"

/** The picture made so small, each pixel the mean of those that it stands for. */
export const shrink = ({ height, pixels, width }: Picture, most: Omit<Picture, "pixels">): Picture => {
  const part = Math.min(1, most.height / height, most.width / width)
  const [columns, rows] = [Math.max(1, Math.round(width * part)), Math.max(1, Math.round(height * part))]
  const small = new Uint8Array(columns * rows * 4)
  for (let y = 0; y < rows; y++) {
    const [top, bottom] = [Math.floor(y * height / rows), Math.ceil((y + 1) * height / rows)]
    for (let x = 0; x < columns; x++) {
      const [left, right] = [Math.floor(x * width / columns), Math.ceil((x + 1) * width / columns)]
      const sums = [0, 0, 0, 0]
      for (let from = top; from < bottom; from++) {
        for (let at = (from * width + left) * 4; at < (from * width + right) * 4; at++) {
          sums[at % 4] = (sums[at % 4] ?? 0) + (pixels[at] ?? 0)
        }
      }
      small.set(sums.map((sum) => sum / ((bottom - top) * (right - left))), (y * columns + x) * 4)
    }
  }
  return { width: columns, height: rows, pixels: small }
}

/** Six of each colour: what every terminal with sixels has registers for. */
const levels = 6
/** What is added before a colour is rounded, by the place of its pixel, so that between two colours are others. */
const dither = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5].map((rank) => (rank + 0.5) / 16)

/** The colour of a pixel among those there are; none where it is clear. */
const colorOf = ({ pixels, width }: Picture, x: number, y: number): number | undefined => {
  const at = (y * width + x) * 4
  if ((pixels[at + 3] ?? 0) < 128) return undefined
  const more = dither[y % 4 * 4 + x % 4] ?? 0
  const level = (i: number) => Math.min(levels - 1, Math.floor((pixels[at + i] ?? 0) / 255 * (levels - 1) + more))
  return (level(0) * levels + level(1)) * levels + level(2)
}

/** A row of sixels, with what is repeated said once. */
const packed = (row: ReadonlyArray<number>): string =>
  row.map((six) => String.fromCharCode(six + 63)).join("").replaceAll(/(.)\1{3,}/g, (run) => `!${run.length}${run[0]}`)

export const encode = (picture: Picture): string => {
  const { height, width } = picture
  const used = new Set<number>()
  const bands = Array.from({ length: Math.ceil(height / 6) }, (_, band) => {
    const passes = new Map<number, Array<number>>()
    for (let y = band * 6; y < Math.min(height, band * 6 + 6); y++) {
      for (let x = 0; x < width; x++) {
        const color = colorOf(picture, x, y)
        if (color === undefined) continue
        const pass = passes.get(color) ?? Array.from({ length: width }, () => 0)
        pass[x] = (pass[x] ?? 0) | 1 << y % 6
        passes.set(color, pass)
        used.add(color)
      }
    }
    return Array.from(passes, ([color, row]) => `#${color}${packed(row)}`).join("$")
  })
  const percent = (level: number) => Math.round(level % levels * 100 / (levels - 1))
  const colors = Array.from(
    used,
    (color) =>
      `#${color};2;${percent(Math.floor(color / levels ** 2))};${percent(Math.floor(color / levels))};${percent(color)}`
  )
  return `\u001bP0;1q"1;1;${width};${height}${colors.join("")}${bands.join("-")}\u001b\\`
}
