import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { NoSpace } from "../src/ArtifactError.ts"
import * as FileHash from "../src/internal/fileHash.ts"
import * as Writer from "../src/internal/writer.ts"
import type * as Sink from "../src/Sink.ts"
import { media, sha256 } from "./support.ts"

/** A draft that takes a second for each write, and has room for so many bytes. */
const slow = (room = Infinity) => {
  const writes: Array<Uint8Array> = []
  const draft: Sink.Draft = {
    kept: 0,
    read: Stream.empty,
    write: (bytes) =>
      Effect.suspend(() => {
        room -= bytes.length
        // The array is the writer's to use again.
        writes.push(bytes.slice())
        return Effect.andThen(
          Effect.sleep("1 second"),
          room < 0 ? Effect.fail(new NoSpace({ file: "a" })) : Effect.void
        )
      }),
    restart: Effect.void,
    commit: () => Effect.void
  }
  return { draft, writes, bytes: () => Uint8Array.from(writes.flatMap((write) => [...write])) }
}

const bytes = media(1_000)

describe("a writer", () => {
  it.effect("takes what comes while it writes, and writes that in one piece, in its order", () =>
    Effect.scoped(Effect.gen(function*() {
      const { bytes: written, draft, writes } = slow()
      const writer = yield* Writer.make(draft, [])
      // No time passes: none of these waits for a write.
      for (let at = 0; at < 1_000; at += 100) yield* writer.add(bytes.subarray(at, at + 100))
      assert.deepStrictEqual(writes.map(({ length }) => length), [100])
      const flushing = yield* Effect.forkChild(writer.flush)
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(flushing)
      assert.deepStrictEqual(writes.map(({ length }) => length), [100, 900])
      assert.deepStrictEqual(written(), bytes)
    })))

  it.effect("lets its reader wait where a megabyte waits already", () =>
    Effect.scoped(Effect.gen(function*() {
      const { draft, writes } = slow()
      const buffers: Array<Uint8Array> = []
      yield* Effect.scoped(Effect.gen(function*() {
        const writer = yield* Writer.make(draft, buffers)
        const reading = yield* Effect.forkChild(
          Effect.forEach(Array.from({ length: 6 }), () => writer.add(new Uint8Array(500_000)), { discard: true })
        )
        yield* TestClock.adjust("500 millis")
        assert.isUndefined(reading.pollUnsafe())
        yield* TestClock.adjust("10 seconds")
        yield* Fiber.join(reading)
        yield* writer.flush
        assert.strictEqual(writes.reduce((sum, { length }) => sum + length, 0), 3_000_000)
        assert.isAtMost(Math.max(...writes.map(({ length }) => length)), 1_048_576)
      }))
      assert.strictEqual(buffers.length, 1)
    })))

  it.effect("fails the next that is added, and the flush, as a write has failed", () =>
    Effect.scoped(Effect.gen(function*() {
      const { draft, writes } = slow(150)
      const writer = yield* Writer.make(draft, [])
      for (let n = 0; n < 3; n++) yield* writer.add(bytes.subarray(0, 100))
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual((yield* Effect.flip(writer.add(bytes)))._tag, "NoSpace")
      assert.strictEqual((yield* Effect.flip(writer.flush))._tag, "NoSpace")
      assert.strictEqual(writes.length, 2)
    })))
})

describe("a hash", () => {
  const made = () => {
    const hash = FileHash.make()
    for (let at = 0; at < 1_000; at += 77) hash.update(bytes.subarray(at, at + 77))
    return FileHash.hexOf(hash)
  }

  for (
    const [what, value] of [
      ["the platform's", process.getBuiltinModule],
      ["core's where the platform has no modules", undefined],
      ["core's where it has not this one", () => undefined],
      ["core's where its module lacks it", () => ({})]
    ] as const
  ) {
    it.effect(`is the same: ${what}`, () =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          const before = process.getBuiltinModule
          Object.defineProperty(process, "getBuiltinModule", { value, configurable: true, writable: true })
          return before
        }),
        () => Effect.sync(() => assert.strictEqual(made(), sha256(bytes))),
        (before) =>
          Effect.sync(() =>
            Object.defineProperty(process, "getBuiltinModule", { value: before, configurable: true, writable: true })
          )
      ))
  }
})
