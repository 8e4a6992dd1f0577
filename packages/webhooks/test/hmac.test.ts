import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { createHmac } from "node:crypto"
import * as Hmac from "../src/internal/hmac.ts"

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
const expected = (key: Uint8Array, text: string) => createHmac("sha256", key).update(text, "utf8").digest("hex")

describe("HMAC-SHA-256", () => {
  it("the second case of RFC 4231", () => {
    assert.strictEqual(
      hex(Hmac.make(new TextEncoder().encode("Jefe"))("what do ya want for nothing?")),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
  })

  it("every length about the edges of blocks, of key and text, as Node has it", () => {
    for (const size of [0, 1, 31, 32, 54, 55, 56, 57, 63, 64, 65, 118, 119, 120, 128, 1024, 4096, 5000]) {
      const key = Uint8Array.from({ length: size }, (_, i) => i * 7 + size & 255)
      for (const length of [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 1365, 1366, 4096]) {
        const text = "é".repeat(length >> 1) + "x".repeat(length & 1)
        assert.strictEqual(hex(Hmac.make(key)(text)), expected(key, text), `${size} ${length}`)
      }
    }
  })

  it.effect.prop(
    "any key and text, as Node has it",
    [Schema.Uint8Array, Schema.String],
    ([key, text]) => Effect.sync(() => assert.strictEqual(hex(Hmac.make(key)(text)), expected(key, text)))
  )

  it("one key's tags do not depend on another's in between", () => {
    const [one, other] = [Hmac.make(new Uint8Array([1])), Hmac.make(new Uint8Array([2]))]
    const before = hex(one("a"))
    assert.notStrictEqual(hex(other("a")), before)
    assert.strictEqual(hex(one("a")), before)
  })
})
