import { assert, describe, it } from "@effect/vitest"
import * as Json from "@media-jobs/core/Json"
import * as Result from "effect/Result"

const parsed = (text: string) => Result.getOrThrow(Json.parse(text))

describe("Json.parse", () => {
  for (
    const [what, text, value] of [
      ["a whole number beyond 2^53 becomes its text", "{\"id\":9007199254740993}", { id: "9007199254740993" }],
      ["also one below -2^53", "[ -9007199254740993 ]", ["-9007199254740993"]],
      ["also one that is all there is", "12345678901234567890", "12345678901234567890"],
      ["the largest that is safe stays a number", "[9007199254740991]", [9007199254740991]],
      ["fractions and powers stay numbers", "[0.12345678901234567, 1234567890123456e2, 1e300]", [
        Number("0.12345678901234567"),
        1234567890123456e2,
        1e300
      ]],
      [
        "what stands in a text stays there",
        "[\"a: 12345678901234567890, \\\" [12345678901234567890\\\\\", 12345678901234567890]",
        [
          "a: 12345678901234567890, \" [12345678901234567890\\",
          "12345678901234567890"
        ]
      ],
      ["a key of many digits stays a key", "{\"12345678901234567890\" :12345678901234567890}", {
        "12345678901234567890": "12345678901234567890"
      }]
    ] as const
  ) it(what, () => assert.deepStrictEqual(parsed(text), value))

  it("fails where JSON.parse does, with long numbers and without", () => {
    for (
      const text of [
        "",
        "{",
        "[1,]",
        "[01234567890123456789]",
        "[12345678901234567890",
        "{\"a\":12345678901234567890,\"b"
      ]
    ) {
      assert.isTrue(Result.isFailure(Json.parse(text)), text)
    }
  })

  it("takes a text with a million escapes, and one whose string never ends, in linear time", () => {
    const began = performance.now()
    const long = "\\\"x".repeat(1_000_000)
    assert.deepStrictEqual(parsed(`[12345678901234567890,"${long}"]`), [
      "12345678901234567890",
      "\"x".repeat(1_000_000)
    ])
    assert.isTrue(Result.isFailure(Json.parse(`[12345678901234567890,"${long}`)))
    assert.isBelow(performance.now() - began, 10_000)
  })
})
