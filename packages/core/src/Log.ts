/**
 * What the library says, to the application's loggers.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as References from "effect/References"

/** Effect's own reference, by its key, but with no default: that one is a logger which weighs more than an adapter. */
const CurrentLoggers = Context.Reference<ReadonlySet<Logger.Logger<unknown, unknown>> | undefined>(
  "effect/Logger/CurrentLoggers",
  { defaultValue: () => undefined }
)

const log = (
  logLevel: "Warn" | "Debug",
  toConsole: (...message: ReadonlyArray<unknown>) => Effect.Effect<void>
) =>
(...message: readonly [string, error?: unknown]): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    if (LogLevel.isGreaterThan(fiber.getRef(References.MinimumLogLevel), logLevel)) return Effect.void
    const loggers = fiber.getRef(CurrentLoggers)
    if (loggers === undefined) return toConsole(...message)
    const date = DateTime.toDateUtc(DateTime.makeUnsafe(fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()))
    for (const logger of loggers) logger.log({ cause: Cause.empty, date, fiber, logLevel, message })
    return Effect.void
  })

/**
 * `Effect.logWarning`, without Effect's default loggers in every bundle.
 *
 * **Details**
 *
 * The application's loggers get it, if it has set any and its minimum level allows warnings; else the console does. An error
 * beside the message is logged with it.
 *
 * @since 0.1.0
 * @category logging
 */
export const warning = /* @__PURE__ */ log("Warn", Console.warn)

/**
 * `Effect.logDebug`, as `warning` is `Effect.logWarning`.
 *
 * @since 0.1.0
 * @category logging
 */
export const debug = /* @__PURE__ */ log("Debug", Console.debug)
