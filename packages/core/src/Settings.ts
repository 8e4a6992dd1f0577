/**
 * The options of adapters, signers and stores, checked before anything is sent.
 *
 * **Details**
 *
 * No message says what was given: a wrong token is still a secret, and a URL may hold a password.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { defined } from "./internal/defined.ts"
import * as ProviderId from "./ProviderId.ts"

/** A value, or what to do about the key that it stands under. */
type Checked<A> = Effect.Effect<A, Config.ConfigError>

/**
 * Fails with a sentence that says what to set.
 *
 * @since 0.1.0
 * @category constructors
 */
export const refuse = (message: string): Effect.Effect<never, Config.ConfigError> =>
  Effect.fail(new Config.ConfigError(new ConfigProvider.SourceError({ message })))

/**
 * A token, whole; where it changes, as OAuth tokens do within an hour, a function that gives the one that holds now.
 *
 * **Details**
 *
 * The function is called before each try, so one that asks a server should keep what it has, as the vendors' libraries do.
 *
 * @since 0.1.0
 * @category models
 */
export type Token = Redacted.Redacted | (() => Promise<string | null | undefined>)

/**
 * A token that a header can carry: with any other, `fetch` throws an error that quotes it.
 *
 * **Details**
 *
 * `what` is what to set it to, as in "the API token of useapi.net".
 *
 * @since 0.1.0
 * @category checks
 */
export const token = (key: string, value: Redacted.Redacted, what: string): Checked<Redacted.Redacted> =>
  !Redacted.isRedacted(value)
    ? refuse(`${key} must be ${what}, in Redacted.make(…), which keeps it out of every log`)
    : Redacted.value(value) === ""
    ? refuse(`${key} is empty: set it to ${what}`)
    : /^[\x21-\x7e]+$/.test(Redacted.value(value))
    ? Effect.succeed(value)
    : refuse(`${key} holds a space, a line break or a letter outside ASCII: set it to ${what}, bare`)

/**
 * The base of a service, without a slash at its end.
 *
 * @since 0.1.0
 * @category checks
 */
export const baseUrl = (key: string, text: string, example: string): Checked<string> => {
  const parsed = Result.try(() => new URL(text))
  return Result.isSuccess(parsed) && /^https?:\/\//i.test(text) && parsed.success.username === "" &&
      parsed.success.password === "" && !/[?#]/.test(text)
    ? Effect.succeed(parsed.success.href.replace(/\/+$/, ""))
    : refuse(
      `${key} is no base URL: give an absolute http or https URL without user name, query and fragment, ` +
        `such as ${example}`
    )
}

/**
 * The application's own name for a token.
 *
 * @since 0.1.0
 * @category checks
 */
export const instance = (key: string, name: string | undefined): Checked<ProviderId.Instance> =>
  name === undefined
    ? Effect.succeed(ProviderId.defaultInstance)
    : typeof name !== "string" || name === ""
    ? refuse(`${key} is empty or no text: leave it out, or name the token`)
    : Effect.succeed(ProviderId.Instance.make(name))

/**
 * A number above 0, as of requests a second.
 *
 * @since 0.1.0
 * @category checks
 */
export const rate = (key: string, value: number): Checked<number> =>
  Number.isFinite(value) && value > 0 ? Effect.succeed(value) : refuse(`${key} must be a number greater than 0`)

/**
 * A whole number, as of tries.
 *
 * @since 0.1.0
 * @category checks
 */
export const count = (key: string, value: number, least: number): Checked<number> =>
  Number.isInteger(value) && value >= least
    ? Effect.succeed(value)
    : refuse(`${key} must be a whole number, ${least} or more`)

/**
 * A time that passes.
 *
 * @since 0.1.0
 * @category checks
 */
export const duration = (key: string, input: Duration.Input): Checked<Duration.Duration> =>
  Option.match(Duration.fromInput(input), {
    onNone: () => refuse(`${key} is no duration: give one such as "30 seconds"`),
    onSome: (duration) =>
      Duration.toMillis(duration) > 0 ? Effect.succeed(duration) : refuse(`${key} must be longer than 0`)
  })

/**
 * Options as `layerConfig` takes them: `Config.Wrap` of any of them, in which plain values may stand too.
 *
 * @since 0.1.0
 * @category config
 */
export type Given<O> =
  | Config.Config<Partial<O>>
  | { readonly [K in keyof O]?: O[K] | Config.Config<O[K]> | undefined }

/**
 * The options that are given, and for those of `defaults` that are not, what the environment says.
 *
 * @since 0.1.0
 * @category config
 */
export const withDefaults = /* @__PURE__ */ Effect.fnUntraced(function*<O, D>(
  given: Given<O>,
  defaults: { readonly [K in keyof D]: Checked<D[K]> }
): Effect.fn.Return<Partial<O> & D, Config.ConfigError> {
  const found: Record<string, unknown> = { ...defaults, ...defined(Effect.isEffect(given) ? yield* given : given) }
  for (const [key, option] of Object.entries(found)) {
    // No option is an effect by itself.
    if (Effect.isEffect(option)) found[key] = yield* (option as Checked<unknown>)
  }
  return found as Partial<O> & D // the keys of both, each with its value
})

/**
 * What a variable says, if it is set.
 *
 * @since 0.1.0
 * @category config
 */
export const optional = (key: string): Checked<string | undefined> =>
  // `Config.String` says the same by schemas, which weigh more than an engine's loop.
  Effect.flatMap(ConfigProvider.ConfigProvider, (provider) =>
    Effect.map(
      Effect.mapError(provider.load([key]), (error) => new Config.ConfigError(error)),
      (node) => node?.value
    ))

/**
 * What a variable says, checked; where it is not set, a sentence that says to what: `what` is that, as for `token`.
 *
 * @since 0.1.0
 * @category config
 */
export const required = <A>(key: string, what: string, check: (value: string) => Checked<A>): Checked<A> =>
  Effect.flatMap(
    optional(key),
    (found) => found === undefined ? refuse(`${key} is not set: set it to ${what}`) : check(found)
  )

/**
 * Token and base from the environment, by the names of their variables; what is given is not looked up under these.
 *
 * @since 0.1.0
 * @category config
 */
export const config = <O extends { readonly token: Token; readonly baseUrl?: string | undefined }>(
  given: Given<O>,
  names: { readonly token: string; readonly what: string; readonly baseUrl: string; readonly defaultBaseUrl: string }
): Checked<Partial<O> & { readonly token: Token; readonly baseUrl: string }> =>
  withDefaults<O, { readonly token: Token; readonly baseUrl: string }>(given, {
    token: required(names.token, names.what, (value) => token(names.token, Redacted.make(value), names.what)),
    baseUrl: Effect.flatMap(
      optional(names.baseUrl),
      (url = names.defaultBaseUrl) => baseUrl(names.baseUrl, url, names.defaultBaseUrl)
    )
  })
