import { assert, describe, it } from "@effect/vitest"
import type * as Provider from "@media-jobs/core/Provider"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Reply from "@media-jobs/testing/Reply"
import * as UseapiLumaEmulator from "@media-jobs/testing/useapi-luma"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"

const luma = Effect.orDie(Luma.make({ token: Redacted.make(Emulator.token) }))
const world = (options?: Emulator.Options) => Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer(options)))

const megabyte = 1_048_576
const account = "user@example.com"
const png = (sizes: ReadonlyArray<number>, more: Partial<Provider.Upload> = {}): Provider.Upload => ({
  account,
  mediaType: "image/png",
  content: Stream.fromIterable(sizes.map((size) => new Uint8Array(size))),
  ...more
})

const refused = (file: Provider.Upload) =>
  Effect.gen(function*() {
    const { upload } = yield* luma
    const error = yield* Effect.flip(upload(file))
    if (error._tag !== "InvalidRequest") return assert.fail(error._tag)
    const { client: _, ...emulator } = yield* Emulator.Emulator
    return { issues: error.issues.map(({ field, message }) => [field, message]), sent: yield* emulator.count() }
  })

describe("An upload to Luma", () => {
  it.effect("sends the bytes to the account, and makes something to refer to", () =>
    Effect.gen(function*() {
      const { submit, upload } = yield* luma
      const emulator = yield* Emulator.Emulator
      const uploaded = yield* upload(png([3, 4, 5], { length: 12 }))
      assert.strictEqual(uploaded.account, account)
      assert.match(uploaded.reference, /^u12345-email:user@example\.com-image:[0-9a-f-]{36}$/)
      const [entry] = yield* emulator.journal
      assert.strictEqual(entry?.url, "/v1/luma/assets/user%40example.com")
      assert.deepStrictEqual([entry?.headers["content-type"], entry?.bytes], ["image/png", 12])
      yield* submit(Luma.video({ imageStart: uploaded.reference }))
      assert.strictEqual(yield* emulator.count("useapi-luma.video"), 1)
    }).pipe(Effect.provide(world())))

  for (
    const [what, file, ...issues] of [
      ["without an account", png([8], { account: undefined }), ["account", "Expected the address of a Luma account"]],
      ["of a video", png([8], { mediaType: "video/mp4" }), [
        "mediaType",
        "Expected \"image/jpeg\" | \"image/png\" | \"image/webp\""
      ]],
      ["of too much", png([8], { length: 20 * megabyte + 1 }), ["length", "Expected at most 20 MB of image/png"]]
    ] as const
  ) {
    it.effect(`${what} is refused before anything is sent`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* refused(file), { issues: issues.map((issue) => [...issue]), sent: 0 })
      }).pipe(Effect.provide(world())))
  }

  it.effect("that grows too long, or fails half way, is broken off", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* refused(png([...Array<number>(20).fill(megabyte), 1]))).issues, [
        ["content", "Expected at most 20 MB of image/png"]
      ])
      const content = Stream.concat(Stream.succeed(new Uint8Array(8)), Stream.fail(new Error("ENOENT")))
      assert.deepStrictEqual((yield* refused(png([], { content }))).issues, [
        ["content", "Expected content that can be read to its end: ENOENT"]
      ])
    }).pipe(Effect.provide(world())))

  for (
    const [status, error, tag, remedy] of [
      [
        400,
        "Content-Type (image/bmp) not supported. Valid: image/jpeg, image/png, image/webp",
        "InvalidRequest",
        "Fix"
      ],
      [400, "Content is empty", "InvalidRequest", "Fix"],
      [401, "Unauthorized", "Unauthorized", "Reauthenticate"],
      [402, "Account has no subscription or subscription expired", "PaymentRequired", "Pay"],
      [404, `Unable to find configuration for email ${account}`, "AccountNotFound", "Reauthenticate"],
      [429, "Too many requests", "RateLimited", "Retry"],
      [500, "Internal server error", "Unavailable", "Retry"],
      [596, "Luma account has an error", "SessionExpired", "Reauthenticate"]
    ] as const
  ) {
    it.effect(`that is answered ${status} ${error} is ${tag}`, () =>
      Effect.gen(function*() {
        const { upload } = yield* luma
        const emulator = yield* Emulator.Emulator
        const failed = yield* Effect.flip(upload(png([8])))
        assert.deepStrictEqual([failed._tag, failed.remedy._tag, failed.status], [tag, remedy, status])
        assert.notInclude(failed.message, account)
        assert.strictEqual(yield* emulator.count(), 1)
      }).pipe(Effect.provide(world({ faults: [{ fault: Faults.answer(Reply.error(status, error)) }] }))))
  }

  it.effect("of an account that the service does not know says so, and of one with a problem too", () =>
    Effect.gen(function*() {
      const { upload } = yield* luma
      const failed = (account: string) => Effect.map(Effect.flip(upload(png([8], { account }))), ({ _tag }) => _tag)
      assert.strictEqual(yield* failed("nobody@example.com"), "AccountNotFound")
      assert.strictEqual(yield* failed("broken@example.com"), "SessionExpired")
    }).pipe(Effect.provide(world({
      services: {
        "useapi-luma": UseapiLumaEmulator.service({
          accounts: [{ email: "broken@example.com", concurrency: 1, error: "Session expired" }]
        })
      }
    }))))

  it.effect("may take three minutes", () =>
    Effect.gen(function*() {
      const { upload } = yield* luma
      const content = Stream.range(1, 8).pipe(
        Stream.mapEffect(() => Effect.as(Effect.sleep("21 seconds"), new Uint8Array(1)))
      )
      const fiber = yield* Effect.forkChild(upload(png([], { content })))
      yield* TestClock.adjust("170 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).account, account)
    }).pipe(Effect.provide(world())))

  it.effect("whose content hangs ends within the time for a try, and says so", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(refused(png([], { content: Stream.never })))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual((yield* Fiber.join(fiber)).issues, [
        ["content", "Expected content that can be read to its end: none came for 30 s"]
      ])
    }).pipe(Effect.provide(world())))
})
