import { assert, describe, it } from "@effect/vitest"
import type * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { account, any, dreamina, world } from "./support.ts"

const megabyte = 1_048_576
const bytes = (...sizes: ReadonlyArray<number>) => Stream.fromIterable(sizes.map((size) => new Uint8Array(size)))
const png = (content: Provider.Upload["content"], more: Partial<Provider.Upload> = {}): Provider.Upload => ({
  account,
  mediaType: "image/png",
  content,
  ...more
})
const fields = (error: JobError.JobError): ReadonlyArray<string> =>
  error._tag === "InvalidRequest" ? error.issues.map(({ field }) => field) : [error._tag]
const issues = (error: JobError.JobError) =>
  error._tag === "InvalidRequest" ? error.issues.map(({ field, message }) => [field, message]) : error._tag

describe("An upload", () => {
  it.effect("sends the bytes as they are, to the account, and tells what they are called now", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const emulator = yield* Emulator.Emulator
      const uploaded = yield* service.upload(png(bytes(3, 4, 5), { length: 12 }))
      assert.strictEqual(uploaded.account, account)
      assert.match(uploaded.reference, /^US:user@example\.com-image:w1280:h720:s12-uri:/)
      const entry = (yield* emulator.journal)[0]
      assert.strictEqual(entry?.url, "/v1/dreamina/assets/US%3Auser%40example.com")
      assert.strictEqual(entry?.headers["content-type"], "image/png")
      assert.strictEqual(entry?.bytes, 12)
    }).pipe(Effect.provide(world())))

  it.effect("takes each media type up to its size, and no further", () =>
    Effect.gen(function*() {
      const service = yield* dreamina({ requestsPerSecond: 1000 })
      for (
        const [most, ...types] of [
          [10, "image/jpeg", "image/png", "image/webp"],
          [50, "video/mp4", "video/quicktime", "video/webm"],
          [15, "audio/mpeg", "audio/mp3", "audio/wav", "audio/mp4", "audio/aac"]
        ] as const
      ) {
        for (const mediaType of types) {
          yield* service.upload(png(bytes(8), { mediaType }))
          const error = yield* Effect.flip(service.upload(png(bytes(8), { mediaType, length: most * megabyte + 1 })))
          assert.deepStrictEqual(issues(error), [["length", `Expected at most ${most} MB of ${mediaType}`]])
          const full = yield* Effect.flip(
            service.upload(png(Stream.fail("read"), { mediaType, length: most * megabyte }))
          )
          assert.deepStrictEqual(issues(full), [["content", "Expected content that can be read to its end: read"]])
        }
      }
    }).pipe(Effect.provide(Answers.layer(200, { assetRef: "a" }))))

  for (
    const [what, file, ...expected] of [
      ["no account", png(bytes(8), { account: undefined }), ["account"]],
      ["an account that no path can hold", png(bytes(8), { account: ".." }), ["account"]],
      ["half a letter for an account", png(bytes(8), { account: "US:\ud800" }), ["account"]],
      ["another media type", png(bytes(8), { mediaType: "image/bmp" }), ["mediaType"]],
      ["no media type", png(bytes(8), { mediaType: "constructor" }), ["mediaType"]],
      ["no length", png(bytes(8), { length: 0 }), ["length"]],
      ["half a byte", png(bytes(8), { length: 1.5 }), ["length"]],
      ["a length that is none", png(bytes(8), { length: NaN }), ["length"]],
      ["too much", png(bytes(8), { length: 10 * megabyte + 1 }), ["length"]],
      ["nothing at all", any<Provider.Upload>({ mediaType: "", length: -1 }), ["account", "mediaType", "length"]]
    ] as const
  ) {
    it.effect(`of ${what} is refused before anything is sent`, () =>
      Effect.gen(function*() {
        const service = yield* dreamina()
        const emulator = yield* Emulator.Emulator
        const error = yield* Effect.flip(service.upload(file))
        assert.deepStrictEqual(fields(error), [...expected[0]])
        assert.strictEqual(yield* emulator.count(), 0)
      }).pipe(Effect.provide(world())))
  }

  it.effect("says what would be taken", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const error = yield* Effect.flip(service.upload(any({ mediaType: "image/gif", length: -1 })))
      assert.deepStrictEqual(issues(error), [
        ["account", "Expected the name of a Dreamina account, as in US:user@example.com"],
        [
          "mediaType",
          "Expected \"image/jpeg\" | \"image/png\" | \"image/webp\" | \"video/mp4\" | \"video/quicktime\" | " +
          "\"video/webm\" | \"audio/mpeg\" | \"audio/mp3\" | \"audio/wav\" | \"audio/mp4\" | \"audio/aac\""
        ],
        ["length", "Expected a whole number of bytes, at least 1"]
      ])
    }).pipe(Effect.provide(world())))

  const broken = Stream.concat(bytes(8), Stream.fail(new Error("disk of user@example.com is gone")))
  const gone = "Expected content that can be read to its end: disk of [e-mail] is gone"
  for (
    const [what, content, length, message] of [
      ["fails half way", broken, undefined, gone],
      ["fails half way, though its length is known", broken, 16, gone],
      [
        "dies",
        Stream.concat(bytes(8), Stream.die("bug")),
        undefined,
        "Expected content that can be read to its end: bug"
      ],
      ["is empty", Stream.empty, undefined, "Expected at least one byte"],
      ["is all empty pieces", bytes(0, 0), undefined, "Expected at least one byte"],
      ["is shorter than was said", bytes(8), 9, "Expected 9 bytes, as its length says"],
      ["is longer than was said", bytes(8), 7, "Expected 7 bytes, as its length says"],
      [
        "grows too long",
        bytes(...Array<number>(10).fill(megabyte), 1),
        undefined,
        "Expected at most 10 MB of image/png"
      ]
    ] as const
  ) {
    it.effect(`whose content ${what} is broken off`, () =>
      Effect.gen(function*() {
        const service = yield* dreamina()
        const emulator = yield* Emulator.Emulator
        const error = yield* Effect.flip(Answers.timely(service.upload(png(content, { length }))))
        assert.deepStrictEqual(issues(error), [["content", message]])
        assert.strictEqual(error.remedy._tag, "Fix")
        // The service saw one request, which never came to its end: it answered nothing.
        const statuses = (yield* emulator.journal).map(({ status }) => status)
        assert.deepStrictEqual(statuses, [undefined])
      }).pipe(Effect.provide(world())))
  }

  it.effect("of content as long as it may be is taken", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const file = png(bytes(...Array<number>(10).fill(megabyte)))
      assert.match((yield* service.upload(file)).reference, /:s10485760-uri:/)
    }).pipe(Effect.provide(world())))

  it.effect("reads no more than the service takes", () =>
    Effect.gen(function*() {
      let read = 0
      const content = Stream.range(1, 1000).pipe(
        Stream.rechunk(1),
        Stream.map(() => {
          read++
          return new Uint8Array(1024)
        })
      )
      const client = HttpClient.make((request) =>
        Effect.as(
          request.body._tag === "Stream"
            ? Effect.orDie(Stream.runDrain(Stream.take(request.body.stream, 3)))
            : Effect.void,
          HttpClientResponse.fromWeb(request, Response.json({ error: "Unauthorized" }, { status: 401 }))
        )
      )
      const service = yield* Effect.provideService(dreamina(), HttpClient.HttpClient, client)
      assert.strictEqual((yield* Effect.flip(service.upload(png(content))))._tag, "Unauthorized")
      assert.isAtLeast(read, 3)
      assert.isAtMost(read, 5)
    }))

  const slow = (pieces: number) =>
    Stream.tap(
      Stream.fromIterable(Array.from({ length: pieces }, () => new Uint8Array(8))),
      () => Effect.sleep("20 seconds")
    )

  it.effect("may take three minutes, and no longer", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      assert.match((yield* Answers.timely(service.upload(png(slow(8))))).reference, /:s64-uri:/)
      const before = yield* Clock.currentTimeMillis
      const error = yield* Effect.flip(Answers.timely(Effect.tapError(service.upload(png(slow(10))), () =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          assert.strictEqual(now - before, 180_000)
        }))))
      assert.deepStrictEqual([error._tag, error.detail], ["Unavailable", "No complete answer within 180 s"])
    }).pipe(Effect.provide(world())))

  it.effect("may take longer where everything may", () =>
    Effect.gen(function*() {
      const service = yield* dreamina({ timeout: Duration.minutes(5) })
      assert.match((yield* Answers.timely(service.upload(png(slow(14))))).reference, /:s112-uri:/)
    }).pipe(Effect.provide(world())))

  for (
    const [what, fault] of [
      ["is refused a connection", Faults.refuse],
      ["loses it", Faults.dropReply],
      ["gets no answer", Faults.hang]
    ] as const
  ) {
    it.effect(`that ${what} is not sent again: its content was read`, () =>
      Effect.gen(function*() {
        const service = yield* dreamina()
        const emulator = yield* Emulator.Emulator
        yield* emulator.inject({ fault })
        const error = yield* Effect.flip(Answers.timely(service.upload(png(bytes(8)))))
        assert.strictEqual(error._tag, "Unavailable")
        assert.strictEqual(yield* emulator.count(), 1)
      }).pipe(Effect.provide(world())))
  }

  it.effect("ends when it is interrupted, and so does the reading", () =>
    Effect.gen(function*() {
      let read = 0
      const content = Stream.tap(slow(100), () => Effect.sync(() => void read++))
      const service = yield* dreamina()
      const fiber = yield* Effect.forkChild(service.upload(png(content)))
      yield* TestClock.adjust("30 seconds")
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(read, 1)
    }).pipe(Effect.provide(world())))

  it.effect("is called what it was called on the page's first day", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      assert.deepStrictEqual(yield* service.upload(png(bytes(8))), { account, reference: "US:x:w685" })
    }).pipe(Effect.provide(Answers.layer(200, { imageRef: "US:x:w685", account, width: 685 }))))

  it.effect("without a name is unexpected", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      assert.strictEqual((yield* Effect.flip(service.upload(png(bytes(8)))))._tag, "UnexpectedResponse")
    }).pipe(Effect.provide(Answers.layer(200, { assetRef: "" }))))

  it.effect("is what a request then refers to", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const emulator = yield* Emulator.Emulator
      const { reference } = yield* service.upload(png(bytes(8)))
      const { ids } = yield* service.submit({ _tag: "Video", firstFrameRef: reference })
      assert.strictEqual((yield* service.get(ids[0])).account, account)
      const sent = (yield* emulator.journal)[1]
      assert.deepStrictEqual(JSON.parse(sent?.body ?? ""), { firstFrameRef: reference })
    }).pipe(Effect.provide(world())))
})
