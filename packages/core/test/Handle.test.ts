import { assert, describe, it } from "@effect/vitest"
import * as Handle from "@media-jobs/core/Handle"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Schema from "effect/Schema"
import { inspect } from "node:util"

const AnyHandle = Schema.toType(Handle.Handle)
const known = new Handle.Handle({
  provider: ProviderId.make("luma"),
  instance: ProviderId.defaultInstance,
  id: JobId.make("j0326140530123456789v-u12345-email:user@example.com-x:uuid-bot:luma"),
  submittedAt: DateTime.makeUnsafe(1_774_533_930_123)
})

describe("Handle", () => {
  it.effect.prop("survives its text", [AnyHandle], ([handle]) =>
    Effect.gen(function*() {
      const text = Handle.toText(handle)
      assert.match(text, /^[\w.-]+$/)
      assert.isTrue(Equal.equals(yield* Handle.fromText(text), handle))
    }))

  it.effect.prop(
    "is refused when any one letter of it changed",
    [AnyHandle, Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))],
    ([handle, n]) =>
      Effect.gen(function*() {
        const text = Handle.toText(handle)
        const at = n % text.length
        const changed = text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1)
        assert.strictEqual((yield* Effect.flip(Handle.fromText(changed)))._tag, "InvalidHandle")
      })
  )

  it.effect("says how a text is wrong", () =>
    Effect.gen(function*() {
      const text = Handle.toText(known)
      const reason = (text: string) => Effect.map(Effect.flip(Handle.fromText(text)), (error) => error.reason)
      assert.strictEqual(yield* reason(""), "foreign")
      assert.strictEqual(yield* reason(known.id), "foreign")
      assert.strictEqual(yield* reason(text.replace("mj1", "mj2")), "version")
      assert.strictEqual(yield* reason(text.slice(0, -1)), "corrupt")
      assert.strictEqual(yield* reason(text.replace(".W", ".X")), "corrupt")
    }))

  it("is shown without its id", () => {
    for (const shown of [String(known), inspect(known)]) assert.notInclude(shown, "example.com")
  })
})
