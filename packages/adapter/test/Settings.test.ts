import { assert, it } from "@effect/vitest"
import * as Settings from "@media-jobs/adapter/Settings"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const names = {
  token: "ACME_KEY",
  what: "the key of Acme",
  baseUrl: "ACME_URL",
  defaultBaseUrl: "https://acme.test"
}
const told = <A>(checked: Settings.Checked<A>) => Effect.map(Effect.flip(checked), ({ message }) => message)

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
