import { assert, describe, it } from "@effect/vitest"
import * as Wire from "@media-jobs/adapter/Wire"

const odd = [undefined, null, true, NaN, "", {}, () => 1]

it("Wire.labelAt counts from the first, which has the name itself", () => {
  assert.deepStrictEqual([0, 1, 9].map((i) => Wire.labelAt("primary", i)), ["primary", "primary-2", "primary-10"])
})

describe("Wire reads an odd field as absent", () => {
  it("object", () => {
    assert.deepStrictEqual(Wire.object({ a: 1 }), { a: 1 })
    for (const value of [undefined, null, 7, "a", [1]]) assert.deepStrictEqual(Wire.object(value), {})
  })

  it("text", () => {
    assert.strictEqual(Wire.text(" "), " ")
    for (const value of [...odd, 7]) assert.isUndefined(Wire.text(value))
  })

  it("number", () => {
    assert.deepStrictEqual(["0", " 7.5 ", -1].map(Wire.number), [0, 7.5, -1])
    for (const value of [...odd, " ", "7 px", Infinity, "Infinity"]) assert.isUndefined(Wire.number(value))
  })

  it("link", () => {
    const links = ["https://x.test/a?b=c#d", "HTTP://x.test", "data:image/png;base64,AAAA", "data:,"]
    assert.deepStrictEqual(links.map(Wire.link), links)
    for (
      const value of [
        ...odd,
        " ",
        "x",
        "12",
        "null",
        "about:blank",
        "//x.test",
        "https://",
        "https:///a",
        "/a",
        "see https://x.test",
        "https://x.test/a b",
        "javascript:0"
      ]
    ) {
      assert.isUndefined(Wire.link(value))
    }
  })

  it("array", () => {
    assert.deepStrictEqual(Wire.array([1, null]), [1, null])
    for (const value of [...odd, { length: 1 }]) assert.deepStrictEqual(Wire.array(value), [])
  })
})
