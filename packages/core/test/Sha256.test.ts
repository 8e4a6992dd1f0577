import { assert, describe, it } from "@effect/vitest"
import * as Sha256 from "@media-jobs/core/Sha256"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { createHash, createHmac } from "node:crypto"

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")
const utf8 = (text: string) => new TextEncoder().encode(text)
const media = (length: number) => Uint8Array.from({ length }, (_, i) => i * 31 + (i >> 8) * 7 & 255)
const hash = (...pieces: ReadonlyArray<Uint8Array>) =>
  hex(pieces.reduce((hash, piece) => hash.update(piece), Sha256.make()).digest())

describe("Sha256", () => {
  it("agrees with the vectors of FIPS 180-4 and NIST", () => {
    assert.strictEqual(hash(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    assert.strictEqual(hash(utf8("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    assert.strictEqual(
      hash(utf8("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    )
    assert.strictEqual(
      hash(...Array.from({ length: 1000 }, () => utf8("a".repeat(1000)))),
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

const expected = (key: Uint8Array, text: string) => createHmac("sha256", key).update(text, "utf8").digest("hex")

describe("HMAC-SHA-256", () => {
  it("the second case of RFC 4231", () => {
    assert.strictEqual(
      hex(Sha256.hmac(utf8("Jefe"))(utf8("what do ya want for nothing?"))),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
  })

  it("every length about the edges of blocks, of key and text, as Node has it", () => {
    for (const size of [0, 1, 31, 32, 54, 55, 56, 57, 63, 64, 65, 118, 119, 120, 128, 1024, 4096, 5000]) {
      const key = Uint8Array.from({ length: size }, (_, i) => i * 7 + size & 255)
      for (const length of [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 1365, 1366, 4096]) {
        const text = "é".repeat(length >> 1) + "x".repeat(length & 1)
        assert.strictEqual(hex(Sha256.hmac(key)(utf8(text))), expected(key, text), `${size} ${length}`)
      }
    }
  })

  it.effect.prop(
    "any key and text, as Node has it",
    [Schema.Uint8Array, Schema.String],
    ([key, text]) => Effect.sync(() => assert.strictEqual(hex(Sha256.hmac(key)(utf8(text))), expected(key, text)))
  )

  it("one key's tags do not depend on another's in between", () => {
    const [one, other] = [Sha256.hmac(new Uint8Array([1])), Sha256.hmac(new Uint8Array([2]))]
    const before = hex(one(utf8("a")))
    assert.notStrictEqual(hex(other(utf8("a"))), before)
    assert.strictEqual(hex(one(utf8("a"))), before)
  })
})
