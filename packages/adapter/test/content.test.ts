import { assert, it } from "@effect/vitest"
import type * as Provider from "@media-jobs/core/Provider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
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
      const content = Content.make(upload, Duration.seconds(30), megabytes)
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

it("a media type that is none, or that would end a header, is refused before the first byte", () => {
  const fieldsOf = (mediaType: string) => Content.issues({ ...file(bytes(1)), mediaType }).map(({ field }) => field)
  for (const type of ["", "png", "image/", "image/png\r\nx-more: 1", "image/png; a\nb"]) {
    assert.deepStrictEqual(fieldsOf(type), ["mediaType"], JSON.stringify(type))
  }
  for (const type of ["image/svg+xml", "model/vnd.mts", "audio/ogg; codecs=opus"]) {
    assert.deepStrictEqual(fieldsOf(type), [])
  }
})

for (
  const [name, content, said] of [
    ["never comes", Stream.never, "none came for 30 s"],
    ["stops coming", Stream.concat(bytes(3), Stream.never), "none came for 30 s"],
    ["interrupts itself", Stream.fromEffect(Effect.interrupt), "it was interrupted"],
    ["interrupts itself half way", Stream.concat(bytes(3), Stream.fromEffect(Effect.interrupt)), "it was interrupted"]
  ] as const
) {
  it.effect(`content that ${name} breaks off within the time for a try, and says why`, () =>
    Effect.gen(function*() {
      const made = Content.make(file(content), Duration.seconds(30))
      const fiber = yield* Effect.forkChild(Effect.exit(Stream.runDrain(made.stream)))
      yield* TestClock.adjust("30 seconds")
      assert.isTrue(Exit.isFailure(yield* Fiber.join(fiber)))
      assert.strictEqual(made.issue()?.message, `Expected content that can be read to its end: ${said}`)
    }))
}

it.effect("content that comes slowly, but comes, may take as long as it likes, and the taker too", () =>
  Effect.gen(function*() {
    const slow = Stream.range(1, 10).pipe(
      Stream.mapEffect(() => Effect.as(Effect.sleep("29 seconds"), new Uint8Array(1)))
    )
    const made = Content.make(file(slow, 10), Duration.seconds(30))
    const taken = Stream.runForEach(made.stream, () => Effect.sleep("1 hour"))
    const fiber = yield* Effect.forkChild(Effect.exit(taken))
    yield* TestClock.adjust("1 day")
    assert.isTrue(Exit.isSuccess(yield* Fiber.join(fiber)))
    assert.isUndefined(made.issue())
  }))

it.effect("content of an upload that is interrupted is not at fault", () =>
  Effect.gen(function*() {
    let released = false
    const held = Stream.ensuring(
      Stream.never,
      Effect.sync(() => {
        released = true
      })
    )
    const made = Content.make(file(held), Duration.seconds(30))
    const fiber = yield* Effect.forkChild(Stream.runDrain(made.stream))
    yield* TestClock.adjust("1 second")
    yield* Fiber.interrupt(fiber)
    assert.isUndefined(made.issue())
    assert.isTrue(released)
  }))
