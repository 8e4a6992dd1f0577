import { assert, it } from "@effect/vitest"
import type * as Provider from "@media-jobs/core/Provider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import * as Content from "../src/internal/content.ts"

const file = (content: Provider.Upload["content"], length?: number): Provider.Upload => ({
  mediaType: "image/png",
  content,
  ...(length === undefined ? undefined : { length })
})
const bytes = (n: number) => Stream.make(new Uint8Array(n))

for (
  const [name, upload, megabytes, expected] of [
    ["that is as it was described", file(bytes(3), 3), undefined, undefined],
    ["of unknown length", file(bytes(3)), 1, undefined],
    ["that is empty", file(Stream.empty), undefined, "Expected at least one byte"],
    ["that is shorter than was said", file(bytes(2), 3), undefined, "Expected 3 bytes, as its length says"],
    ["that grows too long", file(bytes(1_048_577)), 1, "Expected at most 1 MB of image/png"],
    [
      "that fails",
      file(Stream.fail(new Error("someone@example.com is gone"))),
      undefined,
      "Expected content that can be read to its end: [e-mail] is gone"
    ]
  ] as const
) {
  it.effect(`content ${name} ${expected === undefined ? "passes" : "breaks off, and says why"}`, () =>
    Effect.gen(function*() {
      const content = Content.make(upload, megabytes)
      const exit = yield* Effect.exit(Stream.runDrain(content.stream))
      assert.strictEqual(Exit.isSuccess(exit), expected === undefined)
      assert.strictEqual(content.issue()?.message, expected)
    }))
}

it("a length that can't be is refused before the first byte", () => {
  for (const length of [0, -1, 0.5, NaN]) assert.strictEqual(Content.issues(file(bytes(1), length))[0]?.field, "length")
  assert.deepStrictEqual(Content.issues(file(bytes(1), 1_048_576), 1), [])
  assert.strictEqual(Content.issues(file(bytes(1), 1_048_577), 1)[0]?.message, "Expected at most 1 MB of image/png")
})
