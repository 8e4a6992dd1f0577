import { assert, describe, it } from "@effect/vitest"
import { Handle } from "@media-jobs/core/Handle"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as ConfigProvider from "effect/ConfigProvider"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Seal from "media-jobs/Seal"

const handle = new Handle({
  provider: ProviderId.make("useapi-luma"),
  instance: ProviderId.defaultInstance,
  id: JobId.make("j1-email:user@example.com-bot:luma"),
  submittedAt: DateTime.makeUnsafe(7),
  reference: "order 17"
})
const secret = (letter: string) => Redacted.make(letter.repeat(32))
const [a, b] = [secret("a"), secret("b")]

describe("Seal", () => {
  it.effect("opens what it sealed, which tells its bearer nothing and is another text each time", () =>
    Effect.gen(function*() {
      const { open, seal } = yield* Seal.make([a])
      const [first, second] = [yield* seal(handle), yield* seal(handle)]
      assert.deepStrictEqual(yield* open(first), handle)
      assert.deepStrictEqual(yield* open(second), handle)
      assert.notStrictEqual(first, second)
      assert.match(first, /^mjs1\.[\w-]+$/)
      assert.notInclude(Buffer.from(first.slice(5), "base64url").toString("latin1"), "user")
    }))

  it.effect("seals any other text, which is no handle", () =>
    Effect.gen(function*() {
      const { open, openText, sealText } = yield* Seal.make([a])
      const sealed = yield* sealText("the state of a step")
      assert.strictEqual(yield* openText(sealed), "the state of a step")
      assert.strictEqual((yield* Effect.flip(open(sealed))).reason, "foreign")
      assert.strictEqual((yield* Effect.flip((yield* Seal.make([b])).openText(sealed))).reason, "corrupt")
    }))

  it.effect("opens under two secrets while one takes the other's place", () =>
    Effect.gen(function*() {
      const [before, between, after] = [yield* Seal.make([a]), yield* Seal.make([b, a]), yield* Seal.make([b])]
      const old = yield* before.seal(handle)
      assert.deepStrictEqual(yield* between.open(old), handle)
      assert.deepStrictEqual(yield* after.open(yield* between.seal(handle)), handle)
      assert.strictEqual((yield* Effect.flip(after.open(old))).reason, "corrupt")
    }))

  it.effect.prop(
    "opens nothing that was cut or changed",
    [Schema.Int, Schema.Int],
    ([at, letter]) =>
      Effect.gen(function*() {
        const { open, seal } = yield* Seal.make([a])
        const text = yield* seal(handle)
        const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        const i = 5 + Math.abs(at) % (text.length - 6)
        const other = letters[Math.abs(letter) % letters.length] ?? "A"
        if (other !== text[i]) {
          const changed = `${text.slice(0, i)}${other}${text.slice(i + 1)}`
          assert.strictEqual((yield* Effect.flip(open(changed))).reason, "corrupt")
        }
        assert.strictEqual((yield* Effect.flip(open(text.slice(0, i)))).reason, "corrupt")
      })
  )

  it.effect("refuses to seal without a secret, a short one, and to open a bare handle", () =>
    Effect.gen(function*() {
      const none = yield* Seal.make([])
      const error = yield* Effect.flip(none.seal(handle))
      assert.strictEqual(error._tag, "NoSecret")
      assert.include(error.message, "MEDIA_JOBS_SECRET")
      const short = yield* Effect.flip(Seal.make([Redacted.make("x".repeat(31))]))
      assert.include(String(short), "fewer than 32 bytes")
      const { open } = yield* Seal.make([a])
      assert.strictEqual((yield* Effect.flip(open("mj1.WyJhY21lIl0.9e174aae"))).reason, "foreign")
      assert.strictEqual((yield* Effect.flip(open("mjs1.!"))).reason, "corrupt")
    }))

  it.effect("reads its secrets from MEDIA_JOBS_SECRET, several with commas between", () =>
    Effect.gen(function*() {
      const read = (env: Readonly<Record<string, string>>) =>
        Effect.provide(
          Effect.gen(function*() {
            return (yield* Seal.secrets).map(Redacted.value)
          }),
          ConfigProvider.layer(ConfigProvider.fromUnknown(env))
        )
      assert.deepStrictEqual(yield* read({}), [])
      assert.deepStrictEqual(yield* read({ MEDIA_JOBS_SECRET: "one, two" }), ["one", "two"])
    }))
})
