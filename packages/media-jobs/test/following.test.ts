import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Following from "../src/internal/following.ts"
import { Runs } from "../src/internal/runs.ts"

it.effect("an engine is followed once, while anything reads", () =>
  Effect.gen(function*() {
    let open = 0
    const changes = Stream.unwrap(Effect.sync(() => {
      open++
      return Stream.ensuring(Stream.never, Effect.sync(() => open--))
    }))
    const poller = { changes, known: () => Effect.undefined }
    const { follow } = yield* Following.make(new Runs(), [{ name: "luma", poller }])
    const read = Effect.tap(
      Effect.forkChild(Stream.runDrain(follow(Stream.never)), { startImmediately: true }),
      Effect.yieldNow
    )

    const first = yield* read
    const second = yield* read
    assert.strictEqual(open, 1)
    yield* Fiber.interrupt(first)
    assert.strictEqual(open, 1)
    yield* Fiber.interrupt(second)
    assert.strictEqual(open, 0)
    yield* read
    assert.strictEqual(open, 1)
  }))
