import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

type Checked<A> = Effect.Effect<A, Config.ConfigError>

/** No message says what was given: a wrong token is still a secret, and a URL may hold a password. */
export const refuse = (message: string): Effect.Effect<never, Config.ConfigError> =>
  Effect.fail(new Config.ConfigError(new ConfigProvider.SourceError({ message })))

export const checkToken = (key: string, token: Redacted.Redacted): Checked<Redacted.Redacted> => {
  const value = Redacted.value(token)
  if (value === "") return refuse(`${key} is empty: set it to the API token of useapi.net`)
  // What a header can't carry makes `fetch` throw an error that quotes it.
  return /^[\x21-\x7e]+$/.test(value)
    ? Effect.succeed(token)
    : refuse(`${key} holds a space, a line break or a letter outside ASCII: set it to the bare API token of useapi.net`)
}

/** The base without a slash at its end. */
export const checkBaseUrl = (key: string, text: string): Checked<string> => {
  const parsed = Result.try(() => new URL(text))
  return Result.isSuccess(parsed) && /^https?:\/\//i.test(text) && parsed.success.username === "" &&
      parsed.success.password === "" && !/[?#]/.test(text)
    ? Effect.succeed(parsed.success.href.replace(/\/+$/, ""))
    : refuse(
      `${key} is no base URL: give an absolute http or https URL without user name, query and fragment, ` +
        "such as https://api.useapi.net"
    )
}

export const checkInstance = (key: string, name: string | undefined): Checked<ProviderId.Instance> =>
  name === undefined
    ? Effect.succeed(ProviderId.defaultInstance)
    : name === ""
    ? refuse(`${key} is empty: leave it out, or name the token`)
    : Effect.succeed(ProviderId.Instance.make(name))

export const checkLimit = (key: string, limit: number): Checked<number> =>
  limit > 0 && limit < Infinity ? Effect.succeed(limit) : refuse(`${key} must be a number of requests greater than 0`)

export const checkRetries = (key: string, retries: number): Checked<number> =>
  Number.isInteger(retries) && retries >= 0
    ? Effect.succeed(retries)
    : refuse(`${key} must be a whole number, 0 or more`)

export const checkDuration = (key: string, input: Duration.Input): Checked<Duration.Duration> =>
  Option.match(Duration.fromInput(input), {
    onNone: () => refuse(`${key} is no duration: give one such as "30 seconds"`),
    onSome: (duration) =>
      Duration.toMillis(duration) > 0
        ? Effect.succeed(duration)
        : refuse(`${key} must be longer than 0`)
  })
