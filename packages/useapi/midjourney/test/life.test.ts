import { assert, describe, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as Poller from "@media-jobs/poller/Poller"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Midjourney from "@media-jobs/useapi-midjourney/Midjourney"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { idOf, world } from "./support.ts"

const environment = ConfigProvider.layer(ConfigProvider.fromUnknown({ USEAPI_TOKEN: Emulator.token }))
const live = Midjourney.layerConfig().pipe(Layer.provide(environment), Layer.provideMerge(world()))
const request = Midjourney.imagine({ prompt: "a lighthouse in the rain" })

describe("layerConfig", () => {
  it.effect("takes a second token from a variable of its own", () =>
    Effect.gen(function*() {
      const env = ConfigProvider.layer(
        ConfigProvider.fromUnknown({ USEAPI_TOKEN: "wrong", SECOND_TOKEN: Emulator.token })
      )
      const made = (...options: Parameters<typeof Midjourney.layerConfig>) =>
        Effect.provide(Midjourney.Midjourney, Midjourney.layerConfig(...options).pipe(Layer.provide(env)))
      const [first, second] = [
        yield* made(),
        yield* made({ token: Config.Redacted("SECOND_TOKEN"), instance: "second" })
      ]
      assert.strictEqual((yield* Effect.flip(first.list))._tag, "Unauthorized")
      yield* second.list
      assert.strictEqual(second.instance, "second")
    }).pipe(Effect.provide(world())))
})

describe("a job's life, through the waiting engine", () => {
  it.effect("from its submit to four images and their grid", () =>
    Effect.gen(function*() {
      const midjourney = yield* Midjourney.Midjourney
      const { ids } = yield* midjourney.submit(request)
      const { state } = yield* Answers.timely(Poller.succeed(midjourney, ids[0]))
      assert.deepStrictEqual(
        state.artifacts.map(({ kind, role }) => `${kind} ${role}`),
        ["image primary", "image primary", "image primary", "image primary", "image grid"]
      )
    }).pipe(Effect.provide(live)))

  it.effect("to moderation, which no second submit helps", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const midjourney = yield* Midjourney.Midjourney
      const { id } = yield* emulator.services["useapi-midjourney"].add({ outcome: "moderated" })
      const error = yield* Effect.flip(Answers.timely(Poller.succeed(midjourney, JobId.make(id))))
      assert.strictEqual(error._tag, "JobFailed")
      assert.strictEqual(error.remedy._tag, "Fix")
    }).pipe(Effect.provide(live)))

  it.effect("to its cancelling, when whoever waits gives up", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const midjourney = yield* Midjourney.Midjourney
      const { ids } = yield* midjourney.submit(request)
      const watch = Poller.watch(midjourney, ids[0], { onInterrupt: "cancel" })
      const fiber = yield* Effect.forkChild(Stream.runDrain(watch))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* emulator.count("useapi-midjourney.cancel"), 1)
      assert.isTrue((yield* midjourney.get(ids[0])).is("Cancelled"))
    }).pipe(Effect.provide(live)))
})

describe("whose an id is", () => {
  const rows: ReadonlyArray<readonly [id: string, own: boolean]> = [
    [idOf(), true],
    [idOf("v"), true],
    ["job:20241218021941022-user:1308-channel:1316232391072944131-bot:midjourney", true],
    ["j0223140530123456789v-u12345-US:user@example.com-bot:dreamina", false],
    ["j0326140530123456789v-u12345-email:user@example.com-bot:luma", false],
    ["useapi-midjourney", false]
  ]
  it.effect("tells its end", () =>
    Effect.gen(function*() {
      const midjourney = yield* Midjourney.Midjourney
      for (const [id, own] of rows) {
        const result = yield* Effect.exit(Provider.jobId(midjourney, id))
        assert.strictEqual(result._tag, own ? "Success" : "Failure", id)
      }
    }).pipe(Effect.provide(live)))
})
