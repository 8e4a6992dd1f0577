import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { crc32, deflateSync } from "node:zlib"
import { decode as sixelsOf } from "sixel"
import * as Png from "../src/png.ts"
import { Surface } from "../src/surface.ts"
import { pictures, type Protocol } from "../src/terminals.ts"
import * as Thumbnails from "../src/thumbnails.ts"
import { folder } from "./support.ts"

interface Sort {
  readonly type: 0 | 2 | 3 | 4 | 6
  readonly depth: 1 | 2 | 4 | 8 | 16
}
const counts = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** A PNG of samples, each row by another of the five filters, its data in parts. */
const png = (
  { depth, type }: Sort,
  [width, height]: readonly [number, number],
  sample: (x: number, y: number, i: number) => number,
  more: ReadonlyArray<readonly [string, Buffer]> = []
) => {
  const count = counts[type]
  const stride = Math.ceil(width * count * depth / 8)
  const step = Math.max(1, count * depth >> 3)
  const plain = Array.from({ length: height }, (_, y) => {
    const row = Buffer.alloc(stride)
    for (let i = 0; i < width * count; i++) {
      const value = sample(Math.floor(i / count), y, i % count)
      if (depth === 16) row.writeUInt16BE(value, i * 2)
      else row[i * depth >> 3]! |= value << (8 - depth - i * depth % 8)
    }
    return row
  })
  const filtered = plain.map((row, y) => {
    const above = plain[y - 1] ?? Buffer.alloc(stride)
    const at = (from: Buffer, x: number) => x < 0 ? 0 : from[x]!
    const line = Buffer.alloc(stride + 1, y % 5)
    for (let x = 0; x < stride; x++) {
      const [a, b, c] = [at(row, x - step), above[x]!, at(above, x - step)]
      const distances = [b - c, a - c, a + b - 2 * c].map(Math.abs)
      const nearest = [a, b, c][distances.indexOf(Math.min(...distances))]!
      line[x + 1] = row[x]! - [0, a, b, (a + b) >> 1, nearest][y % 5]!
    }
    return line
  })
  const chunk = (name: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(name), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([depth, type], 8)
  const packed = deflateSync(Buffer.concat(filtered))
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    ...more.map(([name, data]) => chunk(name, data)),
    chunk("IDAT", packed.subarray(0, 9)),
    chunk("IDAT", packed.subarray(9)),
    chunk("IEND", Buffer.alloc(0))
  ])
}

/** What a saved file leads to at a terminal of a protocol. */
const shown = (protocol: Protocol, bytes: Uint8Array, mediaType: string, name = "a.png") =>
  Effect.gen(function*() {
    const location = join(yield* folder, name)
    writeFileSync(location, bytes)
    const written: Array<string> = []
    const surface = yield* Surface
    const saved = { artifact: name, name, mediaType, bytes: bytes.length, location }
    yield* Thumbnails.show(protocol, [saved as never]).pipe( // what a manifest has besides, no picture needs
      Effect.provideService(Surface, { ...surface, out: (text) => void written.push(text) }),
      Effect.provide(NodeServices.layer)
    )
    return written.join("")
  })

const noise = (x: number, y: number, i: number) => (x * 7919 + y * 104_729 + i * 1_299_709 ^ x * y * 31) & 255

describe("thumbnails", () => {
  it.effect("go to kitty in parts of 4,096 characters, which are the file again when they are put together", () =>
    Effect.gen(function*() {
      const bytes = png({ type: 6, depth: 8 }, [120, 90], noise)
      assert.isAbove(bytes.length, 3 * 4096)
      const text = yield* shown("kitty", bytes, "image/png")
      // oxlint-disable-next-line no-control-regex -- the protocol's own frame
      const parts = [...text.matchAll(/\u001b_G([^;]*);([A-Za-z0-9+/=]*)\u001b\\/g)]
      assert.strictEqual(parts.map(([whole]) => whole).join("") + "\n", text)
      assert.deepStrictEqual(Buffer.from(parts.map(([, , part]) => part).join(""), "base64"), bytes)
      for (const [i, [, keys, part = ""]] of parts.entries()) {
        const isLast = i === parts.length - 1
        assert.strictEqual(keys, `${i === 0 ? "a=T,f=100,r=8,q=2," : ""}m=${isLast ? 0 : 1}`)
        assert.isTrue(isLast ? part.length <= 4096 && part.length > 0 : part.length === 4096)
      }
      assert.isAbove(parts.length, 4)
    }))

  it.effect("go to iTerm2 whole, whatever image it is", () =>
    Effect.gen(function*() {
      const jpeg = Buffer.concat([Buffer.from("ffd8ffe000104a464946", "hex"), Buffer.alloc(9000, 7)])
      const text = yield* shown("iterm", jpeg, "image/jpeg", "a.jpg")
      assert.strictEqual(
        text,
        `\u001b]1337;File=inline=1;height=8;preserveAspectRatio=1;size=${jpeg.length}:${
          jpeg.toString("base64")
        }\u0007\n`
      )
      for (const protocol of ["kitty", "sixel"] as const) {
        assert.strictEqual(yield* shown(protocol, jpeg, "image/jpeg", "a.jpg"), "")
      }
      assert.strictEqual(yield* shown("iterm", Buffer.from("no image"), "image/png"), "")
      assert.strictEqual(yield* shown("iterm", jpeg, "video/mp4"), "")
    }))

  it.effect("go as sixels, small, in colours near to those of the file", () =>
    Effect.gen(function*() {
      const [width, height] = [400, 320]
      const colour = (x: number, y: number) => [x * 255 / (width - 1), y * 255 / (height - 1), 120].map(Math.floor)
      const clear = (x: number, y: number) => x >= 300 && y < 80
      const bytes = png(
        { type: 6, depth: 8 },
        [width, height],
        (x, y, i) => i === 3 ? clear(x, y) ? 0 : 255 : colour(x, y)[i]!
      )
      const text = yield* shown("sixel", bytes, "image/png")
      // oxlint-disable-next-line no-control-regex -- the protocol's own frame
      const [, sixels = ""] = /^\u001bP0;1q([ -~]*)\u001b\\\n$/.exec(text) ?? []
      const image = sixelsOf(sixels, { fillColor: 0 })
      assert.deepStrictEqual([image.width, image.height], [200, 160])
      let [far, worst] = [0, 0]
      for (let y = 0; y < 160; y++) {
        for (let x = 0; x < 200; x++) {
          const pixel = image.data32[y * 200 + x]!
          assert.strictEqual(pixel >>> 24 === 0, clear(x * 2, y * 2), `${x} ${y}`)
          if (clear(x * 2, y * 2)) continue
          const differences = colour(x * 2, y * 2).map((value, i) => Math.abs(value - (pixel >>> 8 * i & 255)))
          far += Math.max(...differences)
          worst = Math.max(worst, ...differences)
        }
      }
      // Six levels are 51 apart: dithered, a pixel is no further off than that, and all of them much nearer.
      assert.isBelow(worst, 53)
      assert.isBelow(far / (200 * 160), 36)
      assert.isBelow(text.length, 60_000)
    }))

  it("are of PNGs of each sort", () => {
    const size = [9, 10] as const
    const pixelsOf = (bytes: Buffer) => Array.from(Png.decode(bytes)?.pixels ?? [])
    const expected = (pixel: (x: number, y: number) => ReadonlyArray<number>) =>
      Array.from({ length: 90 }, (_, i) => pixel(i % 9, Math.floor(i / 9))).flat()
    for (const depth of [1, 2, 4, 8, 16] as const) {
      const most = 2 ** depth - 1
      const sample = (x: number, y: number) => (x * 5 + y * 3) % (most + 1)
      const gray = (x: number, y: number) => Math.floor(sample(x, y) * 255 / most)
      const bytes = png({ type: 0, depth }, size, sample)
      assert.deepStrictEqual(pixelsOf(bytes), expected((x, y) => [gray(x, y), gray(x, y), gray(x, y), 255]), `${depth}`)
    }
    const palette = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])
    const index = (x: number, y: number) => (x + y) % 4
    for (const depth of [2, 4, 8] as const) {
      const more = [["PLTE", palette], ["tRNS", Buffer.from([255, 128])]] as const
      assert.deepStrictEqual(
        pixelsOf(png({ type: 3, depth }, size, index, more)),
        expected((x, y) => [...palette.subarray(index(x, y) * 3, index(x, y) * 3 + 3), [255, 128][index(x, y)] ?? 255])
      )
    }
    const all = (x: number, y: number) => [0, 1, 2, 3].map((i) => noise(x, y, i))
    assert.deepStrictEqual(
      pixelsOf(png({ type: 2, depth: 8 }, size, noise)),
      expected((x, y) => [...all(x, y).slice(0, 3), 255])
    )
    assert.deepStrictEqual(pixelsOf(png({ type: 6, depth: 8 }, size, noise)), expected(all))
    assert.deepStrictEqual(
      pixelsOf(png({ type: 6, depth: 16 }, size, (x, y, i) => noise(x, y, i) << 8 | 7)),
      expected(all)
    )
    assert.deepStrictEqual(
      pixelsOf(png({ type: 4, depth: 8 }, size, noise)),
      expected((x, y) => [noise(x, y, 0), noise(x, y, 0), noise(x, y, 0), noise(x, y, 1)])
    )
  })

  it("are not of what is cut, claims too much or is no PNG", () => {
    const bytes = png({ type: 6, depth: 8 }, [9, 10], noise)
    assert.isDefined(Png.decode(bytes))
    for (const length of [0, 8, 20, 40, bytes.length - 30]) assert.isUndefined(Png.decode(bytes.subarray(0, length)))
    const huge = Buffer.from(bytes)
    huge.writeUInt32BE(2 ** 31 - 1, 16)
    assert.isUndefined(Png.decode(huge))
    const bomb = png({ type: 0, depth: 8 }, [300, 300], () => 0)
    const claims = Buffer.from(bomb)
    claims.writeUInt32BE(4, 16)
    claims.writeUInt32BE(4, 20)
    assert.isUndefined(Png.decode(claims))
    assert.isUndefined(Png.decode(readFileSync(import.meta.filename)))
  })

  it.effect("are asked for by a terminal's answer where its environment tells nothing", () =>
    Effect.gen(function*() {
      const at = (env: Record<string, string>, answer?: string) =>
        pictures({
          env,
          ask: (_, pattern) => Effect.succeed(answer === undefined ? answer : pattern.exec(answer)?.[0])
        })
      assert.strictEqual(yield* at({ KITTY_WINDOW_ID: "1" }, "\u001b[?62;4c"), "kitty")
      assert.strictEqual(yield* at({ TERM: "xterm-ghostty" }), "kitty")
      assert.strictEqual(yield* at({ TERM_PROGRAM: "WezTerm" }), "iterm")
      assert.strictEqual(yield* at({ LC_TERMINAL: "iTerm2", TERM: "xterm-256color" }), "iterm")
      assert.strictEqual(yield* at({ TERM: "xterm" }, "\u001b[?63;1;2;4;6c"), "sixel")
      assert.strictEqual(yield* at({ TERM: "xterm" }, "\u001b[?64;14;44c"), undefined)
      assert.strictEqual(yield* at({ TERM: "xterm" }, "\u001b[?4c"), undefined)
      assert.strictEqual(yield* at({ TERM: "xterm" }), undefined)
      // A tmux that passes sixels on says so itself; of the terminal around it, nothing goes through.
      assert.strictEqual(yield* at({ TERM: "tmux-256color", KITTY_WINDOW_ID: "1" }, "\u001b[?1;2;4c"), "sixel")
      assert.strictEqual(yield* at({ TERM: "screen", TERM_PROGRAM: "iTerm.app" }, "\u001b[?1;2c"), undefined)
    }))
})
