import { assert, describe, it } from "@effect/vitest"
import * as Wire from "@media-jobs/adapter/Wire"
import * as Schema from "effect/Schema"

const odd = [undefined, null, true, NaN, "", {}, () => 1]

describe("Wire.sentence finds what is said", () => {
  const message = "No such size"
  const nested = (depth: number): unknown => depth === 0 ? message : { error: nested(depth - 1) }
  for (
    const [what, body, said] of [
      ["in a text", message, message],
      ["below an error below an error", { error: { error: { message } } }, message],
      ["beside a code", { code: 400, status: "INVALID_ARGUMENT", message }, message],
      ["in a list of messages", { errors: [{ message }, { message: "Too loud" }] }, `${message}; Too loud`],
      ["in a list of texts", [message, "Too loud"], `${message}; Too loud`],
      ["in JSON within a text", JSON.stringify({ error: { message } }), message],
      [
        "in JSON within a text within JSON",
        { error: JSON.stringify({ error: JSON.stringify({ detail: message }) }) },
        message
      ],
      [
        "behind a preface",
        `Upstream answered 400 Bad Request: ${JSON.stringify({ error: { message } })} (id 7)`,
        message
      ],
      ["behind a long preface", `${"at frame ".repeat(500)}${JSON.stringify({ error: { message } })}`, message],
      ["in a list within a text", JSON.stringify([{ loc: ["body", "size"], msg: message }]), message],
      ["in a text with braces of its own", "Use {size} or [width]", "Use {size} or [width]"],
      ["in an object that says nothing, which is kept", "It broke: {\"a\":1}", "It broke: {\"a\":1}"],
      ["nowhere", { a: 1, error: { code: 7 } }, undefined],
      ["in an empty text", " ", undefined],
      ["too deep", nested(20), undefined]
    ] as const
  ) it(what, () => assert.strictEqual(Wire.sentence(body), said))

  it("in no more than linear time", () => {
    const began = performance.now()
    for (const text of ["{", "}", "[{", "{}"]) Wire.sentence(text.repeat(1_000_000))
    assert.isBelow(performance.now() - began, 10_000)
  })
})

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

describe("Wire.Id", () => {
  it("is a text, also one that came as a whole number", () => {
    const id = (value: unknown) => Schema.decodeUnknownSync(Wire.Id)(value)
    for (const [value, text] of [["a1", "a1"], ["007", "007"], [123456789, "123456789"]]) {
      assert.strictEqual(id(value), text)
    }
    for (const value of [...odd, 1.5, null, []]) assert.throws(() => id(value))
  })
})
