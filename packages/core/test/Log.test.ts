import { assert, describe, it } from "@effect/vitest"
import * as Log from "@media-jobs/core/Log"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as References from "effect/References"

/** What the application's loggers and its console are given. */
const logged = Effect.fnUntraced(function*(warn: Effect.Effect<void>) {
  const lines: Array<unknown> = []
  const logger = Logger.make(({ cause, date, logLevel, message }) => {
    lines.push({ cause, logLevel, message, millis: date.getTime() })
  })
  yield* Effect.provide(warn, Logger.layer([logger]))
  return lines
})

const printed = Effect.fnUntraced(function*(warn: Effect.Effect<void>) {
  const lines: Array<ReadonlyArray<unknown>> = []
  const console = { ...globalThis.console, warn: (...args: ReadonlyArray<unknown>) => void lines.push(args) }
  yield* Effect.provideService(warn, Console.Console, console)
  return lines
})

describe("Log.warning", () => {
  const error = new Error("full")

  it.effect("gives the application's loggers what Effect.logWarning gives them", () =>
    Effect.gen(function*() {
      const ours = yield* logged(Log.warning("Not written down", error))
      assert.lengthOf(ours, 1)
      assert.deepStrictEqual(ours, yield* logged(Effect.logWarning("Not written down", error)))
    }))

  it("goes to the console where the application has set no loggers", () =>
    Effect.runPromise(printed(Log.warning("Not written down"))).then((lines) =>
      assert.deepStrictEqual(lines, [["Not written down"]])
    ))

  it.effect("is silent below the application's minimum level", () =>
    Effect.gen(function*() {
      const quiet = Effect.provideService(Log.warning("Not written down"), References.MinimumLogLevel, "Error")
      assert.deepStrictEqual(yield* logged(quiet), [])
    }))
})

describe("Log.debug", () => {
  it.effect("gives the application's loggers what Effect.logDebug gives them, where its minimum level allows", () =>
    Effect.gen(function*() {
      const allowed = Effect.provideService(References.MinimumLogLevel, "Debug" as const)
      const ours = yield* logged(allowed(Log.debug("Refused")))
      assert.lengthOf(ours, 1)
      assert.deepStrictEqual(ours, yield* logged(allowed(Effect.logDebug("Refused"))))
      assert.deepStrictEqual(yield* logged(Log.debug("Refused")), [])
    }))
})
