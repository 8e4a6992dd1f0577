import { assert, describe, it } from "@effect/vitest"
import * as PathSegment from "@media-jobs/adapter/PathSegment"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const damaged = "j0326140530123456789v-u12345-email:[email protected]:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma"
const whole = "j0326140530123456789v-u12345-email:user@example.com-x:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma"

/** The segment as it leaves, after what every URL parser does to it. */
const sent = (segment: string): string => new URL(`https://x.test/v1/luma/jobs/${segment}`).pathname.slice(14)

describe("PathSegment", () => {
  it("leaves `:`, `@` and every other pchar as it is", () => {
    assert.strictEqual(PathSegment.encode(whole), whole)
    const pchar = "AZaz09-._~!$&'()*+,;=:@"
    assert.strictEqual(PathSegment.encode(pchar), pchar)
    assert.strictEqual(sent(pchar), pchar)
  })

  it("keeps the ids of the documents byte for byte, space and brackets and all", () => {
    const segment = PathSegment.encode(damaged)
    assert.strictEqual(segment, damaged.replace("[email protected]", "%5Bemail%20protected%5D"))
    assert.strictEqual(sent(segment ?? ""), segment)
    assert.strictEqual(decodeURIComponent(segment ?? ""), damaged)
  })

  it.effect.prop(
    "is what the URL parser leaves alone, and decodes to the text",
    [Schema.String],
    ([text]) =>
      Effect.sync(() => {
        const segment = PathSegment.encode(text)
        if (segment === undefined) {
          return assert.isTrue(text === "" || text === "." || text === ".." || !text.isWellFormed())
        }
        assert.strictEqual(sent(segment), segment)
        assert.strictEqual(decodeURIComponent(segment), text)
      }),
    { arbitrary: { runs: 1000 } }
  )

  it("keeps what a URL would read as something else", () => {
    for (
      const text of [
        "a/b",
        "a\\b",
        "?x",
        "#x",
        "%2e",
        "%2e%2e",
        "%",
        "a\tb\nc",
        "…",
        "😀",
        "../..",
        " ",
        "a%2Fb",
        "...",
        ".%"
      ]
    ) {
      const segment = PathSegment.encode(text)
      assert.strictEqual(sent(segment ?? ""), segment)
      assert.strictEqual(decodeURIComponent(segment ?? ""), text)
    }
  })

  it("refuses what no segment can carry", () => {
    for (const text of ["", ".", "..", "\ud800", "a\udc00b"]) assert.isUndefined(PathSegment.encode(text))
  })
})
