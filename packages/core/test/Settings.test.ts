import { assert, it } from "@effect/vitest"
import * as Settings from "@media-jobs/core/Settings"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const names = {
  token: "ACME_KEY",
  what: "the key of Acme",
  baseUrl: "ACME_URL",
  defaultBaseUrl: "https://acme.test"
}
const told = <A>(checked: Effect.Effect<A, Config.ConfigError>) =>
  Effect.map(Effect.flip(checked), ({ message }) => message)

it.effect("a setting that can't be is refused by its key, with what to do, and without what was given", () =>
  Effect.gen(function*() {
    const secret = "hunter2 "
    const messages = [
      yield* told(Settings.token("key", Redacted.make(""), "the key of Acme")),
      yield* told(Settings.token("key", Redacted.make(secret), "the key of Acme")),
      yield* told(Settings.baseUrl("url", `https://a:${secret}@acme.test`, "https://acme.test")),
      yield* told(Settings.instance("instance", "")),
      yield* told(Settings.rate("limit", 0)),
      yield* told(Settings.count("retries", 0.5, 0)),
      yield* told(Settings.count("pages", 0, 1)),
      yield* told(Settings.duration("timeout", -1))
    ]
    assert.deepStrictEqual(messages.map((message) => /\w+(?= (?:is|holds|must))/.exec(message)?.[0]), [
      "key",
      "key",
      "url",
      "instance",
      "limit",
      "retries",
      "pages",
      "timeout"
    ])
    assert.notInclude(messages.join(), "hunter2")
    assert.include(messages[0], "set it to the key of Acme")
    assert.include(messages[2], "such as https://acme.test")
    assert.include(messages[6], "1 or more")
  }))

it.effect("what JavaScript lets through is refused in a sentence too, not in a defect", () =>
  Effect.gen(function*() {
    const odd = (value: unknown) => value as never // as it comes from JavaScript
    for (const token of ["hunter2", undefined, null, 7, { value: "hunter2" }]) {
      const message = yield* told(Settings.token("token", odd(token), "the key of Acme"))
      assert.include(message, "token must be the key of Acme, in Redacted.make(…)")
      assert.notInclude(message, "hunter2")
    }
    for (const value of [5, null, {}]) {
      assert.include(
        yield* told(Settings.baseUrl("baseUrl", odd(value), "https://acme.test")),
        "baseUrl is no base URL"
      )
      assert.include(yield* told(Settings.instance("instance", odd(value))), "instance is empty or no text")
    }
    for (const value of ["10", null, NaN, [3]]) {
      assert.include(yield* told(Settings.rate("limit", odd(value))), "limit must be a number")
      assert.include(yield* told(Settings.count("retries", odd(value), 0)), "retries must be a whole number")
    }
    for (const value of ["30", "soon", null, {}]) {
      assert.include(yield* told(Settings.duration("timeout", odd(value))), "timeout ")
    }
  }))

it.effect("what is given is not looked up, and what is looked up is checked", () =>
  Effect.gen(function*() {
    const from = (
      env: Record<string, string>,
      given: { readonly token?: Redacted.Redacted; readonly baseUrl?: string } = {}
    ) => Effect.provide(Settings.config(given, names), ConfigProvider.layer(ConfigProvider.fromUnknown(env)))
    const found = yield* from({ ACME_KEY: "k" })
    assert.deepStrictEqual([Redacted.value(found.token), found.baseUrl], ["k", "https://acme.test"])
    const token = Redacted.make("given")
    assert.deepStrictEqual(yield* from({ ACME_URL: "nowhere" }, { token, baseUrl: "http://127.0.0.1" }), {
      token,
      baseUrl: "http://127.0.0.1"
    })
    assert.include((yield* Effect.flip(from({}))).message, "ACME_KEY is not set: set it to the key of Acme")
    assert.include(
      (yield* Effect.flip(from({ ACME_KEY: "k", ACME_URL: "nowhere" }))).message,
      "ACME_URL is no base URL"
    )
  }))

it.effect("a variable is read from whatever the environment is, and what fails there is told", () =>
  Effect.gen(function*() {
    const from = (provider: ConfigProvider.ConfigProvider) =>
      Effect.provide(Settings.config({}, names), ConfigProvider.layer(provider))
    for (
      const provider of [
        ConfigProvider.fromEnv({ env: { ACME_KEY: "k" } }),
        // Others begin with its name.
        ConfigProvider.fromEnv({ env: { ACME_KEY: "k", ACME_KEY_OLD: "o" } }),
        ConfigProvider.fromDotEnvContents("ACME_KEY=k"),
        ConfigProvider.nested(ConfigProvider.fromUnknown({ app: { ACME_KEY: "k" } }), "app")
      ]
    ) {
      assert.strictEqual(Redacted.value((yield* from(provider)).token as Redacted.Redacted), "k")
    }
    for (const env of [{}, { ACME_KEY: "" }]) {
      assert.include((yield* Effect.flip(from(ConfigProvider.fromEnv({ env })))).message, "ACME_KEY is ")
    }
    const sealed = ConfigProvider.make(() =>
      Effect.fail(new ConfigProvider.SourceError({ message: "The vault is sealed" }))
    )
    const error = yield* Effect.flip(from(sealed))
    assert.strictEqual(error._tag, "ConfigError")
    assert.include(error.message, "The vault is sealed")
  }))

interface Options {
  readonly token: Redacted.Redacted
  readonly baseUrl?: string | undefined
  readonly instance?: string | undefined
  readonly timeout?: Duration.Input | undefined
}

it.effect("an option is a value, or a Config that stands for the usual variable", () =>
  Effect.gen(function*() {
    const from = (env: Record<string, string>, given: Settings.Given<Options>) =>
      Effect.provide(Settings.config(given, names), ConfigProvider.layer(ConfigProvider.fromUnknown(env)))
    const env = {
      ACME_KEY: "first",
      ACME_URL: "nowhere",
      SECOND: "second",
      URL: "https://second.test",
      WAIT: "5 seconds"
    }
    const found = yield* from(env, {
      token: Config.Redacted("SECOND"),
      baseUrl: Config.String("URL"),
      instance: "second",
      timeout: Config.Duration("WAIT")
    })
    assert.deepStrictEqual({ ...found, token: Redacted.value(found.token) }, {
      token: "second",
      baseUrl: "https://second.test",
      instance: "second",
      timeout: Duration.seconds(5)
    })
    assert.include((yield* Effect.flip(from({}, { token: Config.Redacted("SECOND") }))).message, "SECOND")

    // What is there and not known is not given.
    const usual = yield* from({ ACME_KEY: "first" }, { token: undefined, baseUrl: undefined, instance: undefined })
    assert.deepStrictEqual([Redacted.value(usual.token), usual.baseUrl], ["first", names.defaultBaseUrl])

    // All of them as one Config, as `Config.Wrap` has it, still leaves what it does not tell to the usual variables.
    const wrapped: Config.Wrap<Partial<Options>> = Config.all({ instance: Config.String("SECOND") })
    const { instance, token } = yield* from({ ...env, ACME_URL: "https://acme.test" }, wrapped)
    assert.deepStrictEqual([instance, Redacted.value(token)], ["second", "first"])
    // @ts-expect-error no instance
    void from(env, { instance: 2 })
    // @ts-expect-error no Config of an instance
    void from(env, { instance: Config.Int("SECOND") })
  }))
