import { assert, describe, it } from "@effect/vitest"
import * as Sixel from "../src/sixel.ts"

describe("a picture in sixels", () => {
  it("is made small in both directions, whatever its shape", () => {
    const most = { width: 640, height: 160 }
    for (const [width, height] of [[200_000, 1], [1, 200_000], [300, 300]] as const) {
      const small = Sixel.shrink({ width, height, pixels: new Uint8Array(width * height * 4).fill(255) }, most)
      assert.isTrue(small.width <= most.width && small.height <= most.height, `${small.width} × ${small.height}`)
      assert.match(Sixel.encode(small), new RegExp(`^\u001bP0;1q"1;1;${small.width};${small.height}#215;2;100;100;100`))
    }
  })
})
