import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { Sha256 } from "../src/internal/sha256.ts"
import { media, sha256 } from "./support.ts"

const ascii = (text: string) => new TextEncoder().encode(text)
const hash = (...pieces: ReadonlyArray<Uint8Array>) =>
  pieces.reduce((hash, piece) => hash.update(piece), new Sha256()).hex()

describe("Sha256", () => {
  it("agrees with the vectors of FIPS 180-4 and NIST", () => {
    assert.strictEqual(hash(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    assert.strictEqual(hash(ascii("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    assert.strictEqual(
      hash(ascii("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    )
    assert.strictEqual(
      hash(...Array.from({ length: 1000 }, () => ascii("a".repeat(1000)))),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    )
  })

  it("agrees with node:crypto at every length around a block's end", () => {
    for (let length = 0; length <= 200; length++) {
      const bytes = media(length)
      assert.strictEqual(hash(bytes), sha256(bytes), `${length}`)
    }
  })

  it.effect.prop(
    "agrees with node:crypto however the bytes are cut",
    [Schema.Array(Schema.Uint8Array)],
    ([pieces]) =>
      Effect.sync(() => {
        const whole = createHash("sha256")
        for (const piece of pieces) whole.update(piece)
        assert.strictEqual(hash(...pieces), whole.digest("hex"))
      })
  )

  it.effect.prop(
    "agrees with node:crypto on pieces of any size of one file, offsets into a buffer included",
    [Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 })))],
    ([sizes]) =>
      Effect.sync(() => {
        const file = media(sizes.reduce((sum, size) => sum + size, 0))
        let at = 0
        const pieces = sizes.map((size) => file.subarray(at, at += size))
        assert.strictEqual(hash(...pieces), sha256(file))
      })
  )
})
